"""HTML pages: their content, that no script in them can run, and the URLs that clients print."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from sqlalchemy import event

from copr_local import LocalCopr
from copr_local.rules import groups, users
from copr_local.web.display import markdown

X86, ARM = "fedora-45-x86_64", "epel-10-aarch64"
URL = "https://example.com/{}-1.0-1.src.rpm"
EVIL = "<script>alert('x')</script>&\"'"


@pytest.fixture
def copr(scripted_copr: LocalCopr) -> LocalCopr:
    with scripted_copr.database.writing() as tx:
        groups.add(tx, "devs", [users.get(tx, "local")])
    return scripted_copr


@pytest.fixture
def project(api: Any) -> Any:
    return api.project(chroots=[X86, ARM], description="A project.", instructions="Use it.")


class Page(HTMLParser):
    """The tags, links and text of a page; its own script file is no tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: set[str] = set()
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag != "script" or not dict(attrs).get("src", "").startswith("/static/"):
            self.tags.add(tag)
        self.links |= {value for name, value in attrs if name == "href"}

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self.words)


def page(copr: LocalCopr, path: str, status: int = 200) -> Page:
    answer = copr.app.test_client().get(path, follow_redirects=True)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "text/html"
    if not path.startswith("/results"):
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return Page(answer.text)


def submit(api: Any, owner: str = "local", **options: Any) -> int:
    body = {"ownername": owner, "projectname": "hello", "pkgs": [URL.format("hello")], **options}
    build_id: int = api.call("POST", "/build/create/url", body)["items"][0]["id"]
    return build_id


def test_an_empty_home_says_so(copr: LocalCopr) -> None:
    assert "No builds yet." in page(copr, "/").text


@pytest.mark.usefixtures("project")
def test_home_shows_the_newest_builds_and_projects(copr: LocalCopr, api: Any) -> None:
    api.project("hidden", chroots=[X86], unlisted_on_hp=True)
    api.wait(submit(api))
    copr.script(fails="no")
    api.wait(submit(api))
    home = page(copr, "/")
    assert "2 failed local/hello hello 1.0-1" in home.text
    assert "1 succeeded local/hello hello 1.0-1" in home.text
    assert {"/coprs/build/2/", "/coprs/local/hello/", "/api/"} <= home.links
    assert "hidden" not in home.text
    assert "local/hidden" in page(copr, "/coprs/local/").text


@pytest.mark.usefixtures("project")
def test_a_project_says_what_it_is_and_how_to_use_it(copr: LocalCopr, api: Any) -> None:
    api.wait(submit(api))
    shown = page(copr, "/coprs/local/hello/")
    assert "A project." in shown.text
    assert "Use it." in shown.text
    (repository,) = re.findall(r"curl -o /etc/yum.repos.d/local-hello-fedora-45.repo (\S+)", shown.text)
    text = copr.app.test_client().get(repository.removeprefix(copr.url)).text
    assert text.startswith("[copr:")
    assert "hello 1.0-1" in shown.text


@pytest.mark.usefixtures("project")
def test_a_build_shows_its_chroots_logs_and_packages(copr: LocalCopr, api: Any) -> None:
    copr.script(chroot=ARM, fails="no header", log="checking...")
    api.wait(submit(api))
    shown = page(copr, "/coprs/build/1")
    assert f"{X86} succeeded" in shown.text
    assert f"{ARM} failed" in shown.text
    assert "hello.x86_64 hello.src" in shown.text
    assert "meta" in shown.tags
    logs = [link for link in shown.links if "builder-live.log" in link]
    assert len(logs) == 3
    client = copr.app.test_client()
    for link in shown.links - {"/", "/api/"}:
        answer = client.get(link.removeprefix(copr.url))
        assert answer.status_code == 200, link
        answer.close()


@pytest.mark.usefixtures("project")
def test_a_running_build_is_looked_at_again(copr: LocalCopr, api: Any) -> None:
    copr.script(takes=3600)
    api.wait(submit(api), "running")
    assert "refresh" in copr.app.test_client().get("/coprs/build/1/").text
    assert "<b>1</b> running" in copr.app.test_client().get("/").text, "its source RPM is being made"
    copr.script(takes=0)
    api.wait(1)
    assert "refresh" not in copr.app.test_client().get("/coprs/build/1/").text


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/coprs/", "Newest builds"),
        ("/coprs/local/hello", "local/hello"),
        ("/coprs/local/hello/builds/", "1 succeeded"),
        ("/coprs/local/hello/packages/", "hello succeeded 1.0-1"),
        ("/coprs/local/hello/monitor/", "hello succeeded 1.0-1 succeeded 1.0-1"),
        ("/coprs/local/hello/package/hello/", "1 succeeded"),
        ("/coprs/local/hello/build/1/", "Build 1"),
        ("/coprs/build/1/", "Build 1"),
        ("/coprs/g/devs/hello/", "@devs/hello"),
        ("/coprs/g/devs/hello/builds/", "2 succeeded"),
        ("/coprs/g/devs/hello/build/2/", "Build 2"),
        ("/coprs/g/devs/coprs/", "@devs/hello"),
        ("/api", "copr-local user token"),
    ],
)
def test_addresses_are_those_of_the_original(path: str, text: str, copr: LocalCopr, api: Any) -> None:
    api.project(owner="@devs", chroots=[X86])
    for owner in ("local", "@devs"):
        api.wait(submit(api, owner))
    assert text in page(copr, path).text


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/coprs/build/99/", "Build 99 does not exist."),
        ("/coprs/build/99999999999999999999/", "does not exist."),
        ("/coprs/local/nope/", "Project local/nope does not exist."),
        ("/coprs/nobody/", "No such user `nobody'"),
        ("/coprs/g/none/x/", "Group none does not exist."),
        ("/coprs/local/hello/package/nope/", "No package with name nope in copr hello"),
        ("/coprs/local/hello/build/99/", "Build 99 does not exist."),
        (f"/coprs/local/{EVIL}/", "Not Found"),
        ("/nothing", "Not Found"),
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(path: str, text: str, copr: LocalCopr) -> None:
    answer = copr.app.test_client().get(path)
    assert answer.status_code == 404
    assert text in Page(answer.text).text
    assert "script" not in Page(answer.text).tags


def test_a_build_is_not_shown_as_another_projects(copr: LocalCopr, api: Any, project: Any) -> None:
    api.project("other", chroots=[X86])
    api.wait(submit(api))
    page(copr, "/coprs/local/other/build/1/", status=404)


def test_what_users_write_is_text(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86], description=EVIL, instructions=EVIL, homepage="https://example.com/")
    shown = page(copr, "/coprs/local/hello/")
    assert shown.text.count(EVIL) == 2
    assert "script" not in shown.tags


@pytest.mark.usefixtures("project")
def test_builds_come_page_by_page(copr: LocalCopr, api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("copr_local.web.pages.ON_PAGE", 2)
    for _ in range(5):
        api.wait(submit(api))
    seen = []
    path = "/coprs/local/hello/builds/"
    link: str | None = ""
    while link is not None:
        shown = page(copr, path + link)
        seen += sorted((int(one.split("/")[3]) for one in shown.links if "/build/" in one), reverse=True)
        offset = len(seen)
        link = next((one for one in shown.links if one == f"?offset={offset}"), None)
    assert seen == [5, 4, 3, 2, 1]
    for strange in ("-1", "x", "9" * 30):
        page(copr, f"{path}?offset={strange}")


@pytest.mark.usefixtures("project")
def test_a_page_asks_as_little_of_a_large_database_as_of_a_small_one(
    copr: LocalCopr, api: Any, log_in: Callable[..., Any]
) -> None:
    queries: list[str] = []
    here = threading.get_ident()

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if threading.get_ident() == here:
            queries.append(statement)

    with copr.database.reading() as tx:
        engine = tx.session.get_bind()

    def ask(path: str) -> int:
        queries.clear()
        page(copr, path)
        return len(queries)

    paths = ("/", "/coprs/local/hello/", "/coprs/local/hello/builds/", "/coprs/build/1/")
    event.listen(engine, "before_cursor_execute", count)
    try:
        api.wait(submit(api))
        few = [ask(path) for path in paths]
        for name in ("a", "b", "c"):
            user = log_in(name)
            user.project(name, owner=name, chroots=[X86])
            for owner, project in ((name, name), ("local", "hello")):
                api.wait(
                    submit(
                        user if owner == name else api, owner, projectname=project, pkgs=[URL.format(name)]
                    )
                )
        assert [ask(path) for path in paths] == few
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert max(few) <= 10


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and `code`", "<strong>bold</strong> and <code>code</code>"),
        ("# Title", "<h3>Title</h3>"),
        ("[x](https://example.com)", '<a href="https://example.com" rel="noopener noreferrer">x</a>'),
        ("[x](javascript:alert(1))", "[x](javascript:alert(1))"),
        ("[x](data:text/html,x)", "[x](data:text/html,x)"),
        ("![a picture](https://example.com/x.png)", "<p>a picture</p>"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("|a|\n|-|\n|b|", "<td>b</td>"),
        ("**bold**" + "[" * 100_000, "<pre>**bold**["),
        ("<script>" * 3000, "<pre>&lt;script&gt;"),
    ],
    ids=lambda text: text[:40],
)
def test_descriptions_are_markdown_without_harm(text: str, html: str) -> None:
    assert html in markdown(text)


@pytest.mark.usefixtures("project")
def test_projects_and_packages_are_found(copr: LocalCopr, api: Any) -> None:
    api.wait(submit(api))
    found = page(copr, "/search/?q=hell")
    assert {"/coprs/local/hello/", "/coprs/local/hello/package/hello/"} <= found.links
    assert "No package matches." in page(copr, "/search/?q=nothing").text
    assert "at least 3 characters" in page(copr, "/search/?q=a").text
    assert page(copr, "/search/").links
    assert EVIL.split()[0] in page(copr, f"/search/?q={quote(EVIL)}").text


@pytest.mark.usefixtures("project")
def test_the_monitor_has_pages_and_shows_what_failed(
    copr: LocalCopr, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copr_local.web.pages.CELLS", 2)
    copr.script("beta", chroot=ARM, fails="no")
    for name in ("alpha", "beta"):
        url = f"https://example.com/{name}-1.0-1.src.rpm"
        body = {"ownername": "local", "projectname": "hello", "pkgs": [url]}
        api.wait(api.call("POST", "/build/create/url", body)["items"][0]["id"])
    path = "/coprs/local/hello/monitor/"
    first = page(copr, path)
    assert "alpha succeeded 1.0-1 succeeded 1.0-1" in first.text
    assert "?offset=1" in first.links
    assert "beta succeeded 1.0-1 failed 1.0-1" in page(copr, f"{path}?offset=1").text
    failed = page(copr, f"{path}?state=failed")
    assert "beta" in failed.text
    assert "alpha" not in failed.text
    assert "No package is in this state." in page(copr, f"{path}?state=canceled").text


@pytest.mark.usefixtures("project")
def test_a_build_says_why_it_failed_and_where(copr: LocalCopr, api: Any) -> None:
    lines = [f"line {number}" for number in range(400)]
    copr.script(chroot=ARM, fails="no header", log="\n".join([*lines[:50], "x.c:1: error: y", *lines[50:]]))
    api.wait(submit(api))
    shown = page(copr, "/coprs/build/1/")
    assert f"{ARM}: no header" in shown.text
    log = f"/coprs/build/1/log/{ARM}/"
    (error,) = [link for link in shown.links if link.startswith(f"{log}?first=")]
    number = error.partition("#L")[2]
    assert f"{number} x.c:1: error: y" in page(copr, error).text
    assert "Build failed: no header" in page(copr, log).text
    assert "line 42 " in page(copr, f"{log}?first=1").text
    assert "1 line with error: Y" in page(copr, f"{log}?q=error: Y").text
    page(copr, "/coprs/build/1/log/nope/", status=404)
    page(copr, "/coprs/build/9/log/source/", status=404)
    rest = copr.app.test_client().get(f"{log}?after=300")
    assert rest.headers["Log-Finished"] == "yes"
    assert rest.text.startswith('<div id="L301"')
    assert f"{ARM} succeeded" not in shown.text


@pytest.mark.usefixtures("project")
def test_feeds_and_badges_show_the_newest_builds(copr: LocalCopr, api: Any) -> None:
    client = copr.app.test_client()
    assert "copr: no builds" in client.get("/coprs/local/hello/badge.svg").text
    api.wait(submit(api))
    feed = client.get("/coprs/local/hello/rss/")
    assert feed.mimetype == "application/rss+xml"
    (item,) = ElementTree.fromstring(feed.text).iter("item")
    assert item.findtext("title") == "hello 1.0-1: succeeded"
    assert item.findtext("link") == f"{copr.url}/coprs/build/1/"
    for path, text in (("badge.svg", "copr: succeeded"), ("package/hello/badge.svg", "hello: succeeded")):
        badge = client.get(f"/coprs/local/hello/{path}")
        assert badge.mimetype == "image/svg+xml"
        assert ElementTree.fromstring(badge.text).get("aria-label") == text
