"""Takes the pictures of the local Copr's pages that the documentation shows.

    .venv/bin/python docs/make_pictures.py     writes docs/assets/*-page.png

It needs the browser Chromium (`apt-get install chromium`, `dnf install chromium-headless`). The builds are
scripted, so nothing else is needed.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from copr.v3 import Client, wait
from copr_local import LocalCopr

ASSETS = Path(__file__).resolve().parent / "assets"
CHROOTS = ["fedora-45-x86_64", "fedora-44-x86_64", "epel-10-x86_64"]
WIDTH = 980  # pixels
PICTURES = {  # name of the file: the path of the page, and the height of the picture
    "builds-page": ("/coprs/alice/greetings/builds/", 385),
    "build-page": ("/coprs/build/4/", 385),
}
LARGEST = 150_000  # bytes


def fill(copr: LocalCopr) -> None:
    """Make a project with some packages and builds."""
    client = Client(copr.config)
    client.project_proxy.add(
        "alice",
        "greetings",
        CHROOTS,
        description="Programs that greet the world.",
        instructions="dnf install hello",
    )
    copr.script("hello", packages=["hello", "hello-doc.noarch"])
    copr.script("welcome", chroot="epel-*", fails="no such header: wchar.h")
    for package in ("hello-2.12-1", "ahoy-0.9-3", "hello-2.12.1-1", "welcome-1.4-2"):
        url = f"https://example.com/{package}.src.rpm"
        copr.clock.advance(minutes=7)
        wait(client.build_proxy.create_from_url("alice", "greetings", url), interval=0.05, timeout=60)


def photograph(url: str, file: Path, height: int) -> None:
    """Take a picture of a page with Chromium."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("headless_shell")
    if browser is None:
        sys.exit("This needs Chromium: apt-get install chromium, or dnf install chromium-headless")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(  # noqa: S603
            [
                browser,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--window-size={WIDTH},{height}",
                f"--screenshot={file}",
                url,
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
    size = file.stat().st_size
    print(f"{file.name}: {size:,} bytes")
    if size > LARGEST:
        sys.exit(f"{file} is larger than {LARGEST:,} bytes.")


def main() -> None:
    """Start a local Copr, fill it, and take the pictures."""
    with LocalCopr(username="alice", port=2677, chroots=CHROOTS, builds="scripted") as copr:
        fill(copr)
        for name, (path, height) in PICTURES.items():
            photograph(copr.url + path, ASSETS / f"{name}.png", height)


if __name__ == "__main__":
    main()
