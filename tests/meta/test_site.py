"""The documentation site builds without a warning, has every page, and needs nothing from other hosts."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
LOADED = {"script": "src", "img": "src", "source": "src", "video": "src", "iframe": "src", "object": "data"}


class Page(HTMLParser):
    """The anchors of a built page, its links, and the files that a browser loads with it."""

    def __init__(self, file):
        super().__init__()
        self.anchors, self.links, self.loaded = set(), [], []
        self.feed(file.read_text())

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.anchors |= {values[name] for name in ("id", "name") if values.get(name)}
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        if LOADED.get(tag) and values.get(LOADED[tag]):
            self.loaded.append(values[LOADED[tag]])
        if tag == "link" and values.get("rel") in ("stylesheet", "icon", "preload", "modulepreload"):
            self.loaded.append(values["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    shutil.copy(ROOT / "zensical.toml", folder)
    built = subprocess.run(
        [sys.executable, "-m", "zensical", "build", "--strict"],
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["site_dir"]


def files_of(navigation):
    for entry in navigation:
        for target in entry.values():
            yield from files_of(target) if isinstance(target, list) else [target]


def test_the_navigation_has_every_page_once():
    settings = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]
    pages = sorted(file.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs").rglob("*.md"))
    assert sorted(files_of(settings["nav"])) == pages, "zensical.toml has the navigation, under `nav`"


def test_every_link_and_picture_of_the_site_exists(site):
    pages = {file: Page(file) for file in site.rglob("*.html") if file.name != "404.html"}
    assert len(pages) >= 20
    for file, page in pages.items():
        for target in page.links + page.loaded:
            url = urlsplit(target)
            if url.scheme or url.netloc:
                continue
            found = (file.parent / unquote(url.path)).resolve() if url.path else file
            found = found / "index.html" if found.is_dir() else found
            assert found.is_file(), f"{file.name}: {target}"
            if url.fragment and found in pages:
                assert unquote(url.fragment) in pages[found].anchors, f"{file.name}: {target}"


def test_the_site_loads_nothing_from_other_hosts(site):
    for file in site.rglob("*.html"):
        page = Page(file)
        assert page.loaded
        assert not [target for target in page.loaded if urlsplit(target).netloc], file.name
        assert 'class="mermaid"' not in file.read_text(), "its script would come from another host"


def test_search_knows_every_page(site):
    index = (site / "search.json").read_text()
    for file in site.rglob("*.html"):
        if file.name not in ("404.html", "index.html"):
            assert f'"{file.relative_to(site).as_posix()}' in index, file.name


def test_the_picture_of_the_terminal_shows_the_recording():
    recorder = runpy.run_path(str(ROOT / "docs" / "record_terminal.py"))
    events = recorder["read_cast"]()
    shown = "".join(text for _, text in events)
    for command in recorder["COMMANDS"]:
        assert f"$ {command}\r\n" in shown
    assert "\nsucceeded\r\n" in shown
    assert recorder["PICTURE"].read_text() == recorder["picture"](events), (
        "run docs/record_terminal.py --render"
    )


def test_pictures_are_small():
    for file in (ROOT / "docs" / "assets").iterdir():
        assert file.stat().st_size < 150_000, file.name
