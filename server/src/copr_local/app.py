"""The Flask application: the wires, the published files, and what they share."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from datetime import UTC, datetime
from typing import IO, Any

from flask import Flask, Request, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from . import v1, v2, v3
from .http.routing import LazyRule
from .v3 import as_of_2020
from .v3.errors import UNKNOWN_ENDPOINT, answer
from .web.pages import error_page, pages
from .web.published_files import files
from .web.repo_files import repo_files
from .web.webhooks import hooks
from .wire.context import LARGEST_BODY, Service, attach, service
from .wire.storage_errors import as_storage_error


class CoprRequest(Request):
    """A request whose files are written to where they may stay: an accepted upload is never copied."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._incoming: list[IO[bytes]] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        file = service().data_folder.incoming_file()
        self._incoming.append(file)
        return file

    def close(self) -> None:
        """Remove the files that nobody adopted, also those of a body that ended too early."""
        super().close()
        for file in self._incoming:
            with contextlib.suppress(OSError):  # what the disk has no room for shall go anyway
                file.close()


class CoprJson(DefaultJSONProvider):
    """JSON whose members stay in their order; what is nested too deeply is as wrong as no JSON."""

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error


class CoprApplication(Flask):
    """An application that answers a full disk and a locked database with a status of their own."""

    json_provider_class = CoprJson
    request_class = CoprRequest
    url_rule_class = LazyRule

    def handle_user_exception(self, e: Exception) -> Any:
        return super().handle_user_exception(as_storage_error(e) or e)


APIS = {"v1": v1.api, "v2": v2.api, "v3": v3.api, "v3-2020": v3.api}


def create_app(running: Service, apis: Collection[str] = ("v1", "v2", "v3")) -> Flask:
    """The application for a running service, ready for any WSGI server or test client.

    :param apis: which of `APIS` it serves; paths of the others are unknown to it.
    """
    app = CoprApplication(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.strict_slashes = False
    attach(app, running)
    for name in apis:
        app.register_blueprint(APIS[name])
    if "v3-2020" in apis:
        as_of_2020.attach(app)
    app.register_blueprint(files)
    app.register_blueprint(repo_files)
    app.register_blueprint(pages)
    app.register_blueprint(hooks)
    app.register_error_handler(HTTPException, _http_error)
    app.after_request(_date)
    app.teardown_request(lambda _error: request.close())
    return app


def _date(response: Response) -> Response:
    """The service's own time: clients compare it with that of builds."""
    response.date = datetime.fromtimestamp(service().clock(), UTC)
    return response


def _http_error(error: HTTPException) -> Response:
    """Errors that no endpoint is responsible for."""
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()  # type: ignore[return-value]
    if request.path.startswith(v3.PREFIX):
        if isinstance(error, NotFound):
            return answer(UNKNOWN_ENDPOINT, 404)
        if isinstance(error, MethodNotAllowed):
            return answer(error.description or error.name, 405)
        return answer(error.description or error.name, error.code or 500)
    page = error_page(error.code or 500, error.name, error.description or "")
    page.headers.extend((name, value) for name, value in error.get_headers() if name != "Content-Type")
    return page
