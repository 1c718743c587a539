"""What another website, and a file of a user, can do with a session in the Chromium of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import make_pictures
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response

from copr.v3 import Client
from copr_local import LocalCopr

PATIENCE = 60_000  # milliseconds
FOLDER = "/results/alice/greetings/fedora-45-x86_64/"
SCRIPT = "new Image().src = '{website}ran'; fetch('/api_3/api-token', {{method: 'POST'}})"
FILES = {
    "comps.xml": "<x xmlns:h='http://www.w3.org/1999/xhtml'><h:script>{script}</h:script></x>",
    "page.html": "<script>{script}</script>",
    "image.svg": "<svg xmlns='http://www.w3.org/2000/svg'><script>{script}</script></svg>",
}
TYPES = {"comps.xml": "application/xml", "page.html": "text/html", "image.svg": "image/svg+xml"}


class Website:
    """Another website on this machine. A browser counts it as the same site: it sends `SameSite` cookies."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[str, str]] = {}
        self.requests: list[str] = []
        website = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                website.requests.append(self.path)
                mimetype, text = website.documents.get(self.path, ("text/plain", ""))
                self.send_response(200)
                self.send_header("Content-Type", mimetype)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with make_pictures.chromium() as started:
        yield started


@pytest.fixture(scope="module")
def copr() -> Iterator[LocalCopr]:
    with LocalCopr(username="alice", chroots=make_pictures.CHROOTS, builders=0) as running:
        Client(running.config).project_proxy.add("alice", "greetings", ["fedora-45-x86_64"])
        yield running


@pytest.fixture
def website() -> Iterator[Website]:
    website = Website()
    yield website
    website.server.shutdown()
    website.server.server_close()


@pytest.fixture(scope="module")
def session(browser: Browser, copr: LocalCopr) -> BrowserContext:
    """Windows in which alice is signed in."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    make_pictures.sign_in(context.new_page(), copr)
    return context


@pytest.fixture
def page(session: BrowserContext) -> Iterator[Page]:
    page = session.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("name", FILES)
def test_a_script_in_a_file_of_a_user_does_not_run(
    page: Page, copr: LocalCopr, website: Website, name: str
) -> None:
    text = FILES[name].format(script=SCRIPT.format(website=website.url))
    website.documents["/" + name] = (TYPES[name], text)
    with page.expect_event("requestfinished", lambda sent: sent.url.endswith("/ran")):
        page.goto(website.url + name)  # the script works
    website.requests.clear()

    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    (copr.data / FOLDER[1:] / name).write_text(text)
    with contextlib.suppress(Error):  # a browser saves what is not a document
        page.goto(copr.url + FOLDER + name)
    page.goto(copr.url)  # what the file had to say has been said
    assert "/ran" not in website.requests
    assert [url for url in sent if "api" in url] == []


def test_a_page_is_not_shown_in_a_frame_of_another_website(
    page: Page, copr: LocalCopr, website: Website
) -> None:
    website.documents["/"] = ("text/html", f"<iframe src='{copr.url}/'></iframe>")
    page.goto(website.url)
    (frame,) = page.main_frame.child_frames
    frame.wait_for_url("chrome-error:**")
    assert "Copr" not in frame.content()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/new-project/", "<input name=name value=stolen><input name=chroots value=fedora-45-x86_64>"),
        ("/coprs/alice/greetings/delete/", "<input name=verify value='alice/greetings'>"),
        ("/api/new/", ""),
        ("/logout/", ""),
        ("/api_3/api-token", ""),
        ("/api_3/project/delete/alice/greetings", ""),
    ],
)
def test_a_form_of_another_website_changes_nothing(
    page: Page, copr: LocalCopr, website: Website, path: str, field: str
) -> None:
    form = f"<form method=post action='{copr.url}{path}'>{field}</form>"
    website.documents["/"] = ("text/html", f"{form}<script>document.forms[0].submit()</script>")

    def is_answer(response: Response) -> bool:
        return response.request.method == "POST"

    with page.expect_response(is_answer) as answer:
        page.goto(website.url)
    sent = answer.value.request.all_headers()["cookie"]
    assert all(cookie["name"] in sent for cookie in page.context.cookies())
    assert answer.value.status in (400, 401, 403)
    client = Client(copr.config)
    assert [project.name for project in client.project_proxy.get_list("alice")] == ["greetings"]
    page.goto(copr.url)
    page.get_by_role("button", name="Sign out").wait_for()
    assert client.project_proxy.auth_check().name == "alice"  # with the same token


def test_a_script_of_our_own_pages_cannot_read_the_session(page: Page, copr: LocalCopr) -> None:
    page.goto(copr.url)
    assert page.evaluate("document.cookie") == ""
    assert {cookie["httpOnly"] for cookie in page.context.cookies()} == {True}
