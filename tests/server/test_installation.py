"""The commands that install the packages of a project, on its page."""

from __future__ import annotations

from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.web import installation

X86, ARM = "fedora-45-x86_64", "epel-10-aarch64"


@pytest.mark.parametrize(
    ("url", "name", "lines"),
    [
        ("https://copr.example.com", "copr.example.com", None),
        ("https://copr.example.com:8443", "local", ["protocol = https", "port = 8443"]),
        ("http://copr.example.com", "local", ["protocol = http"]),
        ("http://127.0.0.1:2677", "local", ["protocol = http", "port = 2677"]),
        ("https://example.com/copr", None, None),
        ("https://[::1]", None, None),
    ],
)
def test_dnf_is_told_what_it_cannot_guess(url: str, name: str | None, lines: list[str] | None) -> None:
    hub = installation.hub(url)
    assert (hub and hub.name) == name
    if hub is not None:
        host = url.split("/")[2].partition(":")[0]
        told = "".join(rf"{line}\n" for line in ["[local]", f"hostname = {host}", *(lines or ())])
        assert hub.command == (lines and f"printf '{told}' > /etc/dnf/plugins/copr.d/local.conf")


def test_each_distribution_installs_what_was_built_for_it(scripted_copr: LocalCopr, api_of: Any) -> None:
    copr, api = scripted_copr, api_of(scripted_copr)
    api.project(chroots=[X86, "fedora-45-aarch64", ARM])
    copr.script("lib", packages=["lib-debuginfo", "python3-lib", "lib-doc.noarch"])
    copr.script("hello", chroot=ARM, fails="no")
    for package, where in (("lib", "hello"), ("hello", "hello"), ("other", "hello:custom:next")):
        url = f"https://example.com/{package}-1.0-1.src.rpm"
        body: dict[str, Any] = {
            "ownername": "local",
            "projectname": "hello",
            "project_dirname": where,
            "pkgs": [url],
        }
        body["chroots"] = [X86, ARM] if where == "hello" else [X86]
        api.wait(api.call("POST", "/build/create/url", body)["items"][0]["id"])
    page = copr.app.test_client().get("/coprs/local/hello/").text
    for text in (
        "dnf install hello python3-lib<",
        "dnf install python3-lib<",
        "dnf copr enable local/local/hello fedora-45-$(uname -m)<",
        f"dnf copr enable local/local/hello {ARM}<",
    ):
        assert page.count(text) == 1, text
