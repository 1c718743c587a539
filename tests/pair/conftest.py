"""Our client with our service: over a socket, and in one process without a socket."""

from __future__ import annotations

import io

import pytest
import requests
from requests.adapters import BaseAdapter
from srpm import make_srpm
from urllib3 import HTTPResponse
from werkzeug.test import Client as WsgiClient

from copr.v3 import Client, Policy
from copr_local import LocalCopr


class InProcess(BaseAdapter):
    """Passes requests to a WSGI application in this process."""

    def __init__(self, app):
        super().__init__()
        self.app = app

    def send(self, request, **_):
        body = request.body
        if body is not None and not isinstance(body, (bytes, str)):
            body = b"".join(body)
        answer = WsgiClient(self.app).open(
            request.url, method=request.method, headers=dict(request.headers), data=body
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.reason = answer.status.partition(" ")[2]
        response.headers.update(answer.headers)
        response.raw = HTTPResponse(io.BytesIO(answer.get_data()), preload_content=False)
        response.url = request.url
        response.request = request
        answer.close()
        return response

    def close(self):
        pass


@pytest.fixture(scope="module")
def service():
    with LocalCopr(username="alice") as copr:
        yield copr


@pytest.fixture(params=["socket", "in-process"])
def client(service, request):
    client = Client(service.config, policy=Policy(attempts=1))
    if request.param == "in-process":
        session = client.base_proxy._connection.transport()._session
        session.mount(service.url, InProcess(service.app))
    return client


@pytest.fixture(scope="session")
def srpm(tmp_path_factory):
    return make_srpm(tmp_path_factory.mktemp("srpm"))
