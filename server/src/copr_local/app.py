"""The Flask application: the APIs, the web pages and the published files."""

from __future__ import annotations

from collections.abc import Collection
from copy import copy
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Config, Flask, Request, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed, NotFound

from . import builder_api, v1, v2, v3
from .builder_api import Farm
from .builders.settings import DEFAULTS
from .http import form_body
from .http.form_body import FormBody
from .http.routing import LazyRule
from .rules import limits
from .rules.errors import Invalid
from .v3 import as_of_2020
from .v3.errors import UNKNOWN_ENDPOINT, answer
from .web import observability, security_headers, site
from .web.pages import error_page
from .wire.context import LARGEST_BODY, LARGEST_TEXT, Service, attach, service
from .wire.storage_errors import as_storage_error
from .worker.remote_steps import RemoteSteps


class CoprRequest(Request):
    """A request. Its uploaded files are written to the data folder, and later moved instead of copied."""

    form_body: FormBody | None = None

    def make_form_data_parser(self) -> Any:
        """Return the parser of the body. That of a large form has been used while the body arrived.

        :returns: the parser.
        """
        self.form_body = self.environ.get(form_body.KEY)
        if self.form_body is None and self.mimetype == form_body.FORM:
            self.form_body = FormBody.for_type(self.content_type or "", service().data_folder.incoming)
        return super().make_form_data_parser() if self.form_body is None else self.form_body

    def close(self) -> None:
        """Remove uploaded files that no build has taken over, and those of an incomplete body."""
        super().close()
        if self.form_body is not None:
            self.form_body.close()


LONGEST_NUMBER = 500  # digits in JSON; converting thousands of them takes long


class CoprJson(DefaultJSONProvider):
    """JSON that keeps the order of members.

    JSON that is nested too deeply, or has a very long number, is invalid. The standard library lets no other
    thread run while it parses. The functions that it calls here for each number and object let them.
    """

    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value of a JSON text.

        :param s: the JSON text.
        :param kwargs: arguments of `json.loads`.
        :returns: the value.
        :raises ValueError: the text is not valid JSON, is nested too deeply, or has a very long number.
        """
        try:
            return super().loads(s, parse_int=_number, object_hook=lambda found: found, **kwargs)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error


def _number(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(f"it has a number with {len(text)} digits")
    return int(text)


class CoprApplication(Flask):
    """A Flask application with statuses of its own for a full disk and a locked database.

    If the public URL has a path, links and redirects begin with it. The web server in front may remove this
    path from requests, or pass it on.
    """

    json_provider_class = CoprJson
    request_class = CoprRequest
    url_rule_class = LazyRule

    prefix = ""  # path of the public URL as in links, without a slash at the end

    def wsgi_app(self, environ: Any, start_response: Any) -> Any:
        """Handle a request.

        :param environ: the WSGI environment.
        :param start_response: the WSGI function that begins the response.
        :returns: the body of the response.
        :source: PEP 3333 (`SCRIPT_NAME`)
        """
        if self.prefix:
            path, own = environ.get("PATH_INFO", ""), unquote(self.prefix, "latin-1")
            if path == own or path.startswith(f"{own}/"):
                path = path.removeprefix(own) or "/"
            environ = {**environ, "SCRIPT_NAME": self.prefix, "PATH_INFO": path}
        return super().wsgi_app(environ, start_response)

    def handle_user_exception(self, e: Exception) -> Any:
        """Return the response for an exception in an endpoint. Storage errors become HTTP errors first.

        :param e: the exception.
        :returns: the response of the error handler for its class.
        :raises Exception: no error handler exists for its class; this is the exception itself.
        """
        return super().handle_user_exception(as_storage_error(e) or e)


APIS = {"v1": v1.api, "v2": v2.api, "v3": v3.api, "v3-2020": v3.api}


def create_app(
    running: Service, apis: Collection[str] = ("v1", "v2", "v3"), farm: Farm | None = None
) -> Flask:
    """Return the WSGI application of a running service.

    :param running: the service.
    :param apis: the APIs to serve, keys of `APIS`; paths of the others are not found.
    :param farm: the service's side of builders elsewhere; None for one that gives them nothing.
    :returns: the application, for a WSGI server or a test client.
    :raises KeyError: an API is not in `APIS`.
    """
    app = copy(_endpoints(tuple(apis)))
    app.extensions = {}
    app.config = Config(app.root_path, app.config)
    app.secret_key = running.data_folder.secret()
    app.prefix = urlsplit(running.public_url).path.rstrip("/")
    attach(app, running)
    builder_api.attach(app, farm or Farm(RemoteSteps(), DEFAULTS))
    return app


@cache
def _endpoints(apis: tuple[str, ...]) -> CoprApplication:
    """Return an application without a service.

    Adding the endpoints is most of the work of making an application, and they are the same for all services.
    """
    app = CoprApplication(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.strict_slashes = False
    for name in apis:
        app.register_blueprint(APIS[name])
    if "v3-2020" in apis:
        as_of_2020.attach(app)
    app.register_blueprint(builder_api.api)
    site.attach(app)
    app.register_error_handler(HTTPException, _http_error)
    observability.attach(app)
    app.before_request(_limit_body)
    app.after_request(_date)
    app.after_request(security_headers.add)
    app.teardown_request(lambda _error: request.close())
    return app


def _limit_body() -> None:
    """Refuse a body without files that is very large, or has very many fields, before it is parsed.

    That would take seconds. Forms with files have limits of their own. Forges send long lists of files to
    webhooks, whose secret is checked first.
    """
    if request.mimetype != form_body.FORM and request.blueprint != "webhooks":
        request.max_content_length = LARGEST_TEXT
    if request.mimetype == "application/x-www-form-urlencoded":
        try:
            limits.check("fields in a form", request.get_data().count(b"&") + 1)
        except Invalid as error:
            raise BadRequest(str(error)) from error


def _date(response: Response) -> Response:
    """Set the header `Date` to the time of the service. Clients compare it with the times of builds."""
    response.date = datetime.fromtimestamp(service().clock(), UTC)
    return response


def _http_error(error: HTTPException) -> Response:
    """Return the response for an HTTP error outside the endpoints of an API."""
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
