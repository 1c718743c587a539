"""What the README of the service says is so: its paths, files and examples, and what has no endpoint."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from copr_local import LocalCopr

README = (Path(__file__).parents[2] / "server" / "README.md").read_text()
PATHS = re.findall(r"^\| `(/[^`]*)` \|", README, re.MULTILINE)
FILES = re.findall(r"^\| `([a-z.]+/?)` \|", README, re.MULTILINE)
PROGRAM, TESTS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("path", PATHS)
def test_the_paths_of_the_table_are_served(copr: LocalCopr, api: Any, path: str) -> None:
    api.project()
    found = path.replace("OWNER/PROJECT", "local/hello")
    assert copr.app.test_client().get(found, follow_redirects=True, buffered=True).status_code == 200


@pytest.mark.sqlite("the table names the file")
def test_the_data_folder_has_the_files_of_the_table(copr: LocalCopr) -> None:
    assert FILES == ["copr.db", "results/", "client.conf"]
    assert all((copr.data / name).exists() for name in FILES)
    assert copr.config["token"].encode() not in (copr.data / "copr.db").read_bytes()
    assert copr.config["token"] in (copr.data / "client.conf").read_text()


def test_the_examples_run(copr: LocalCopr, capsys: pytest.CaptureFixture[str]) -> None:
    exec(PROGRAM, {})
    assert "http://127.0.0.1:" in capsys.readouterr().out
    names: dict[str, Any] = {}
    exec(TESTS, names)
    names["test_my_program"](copr)
    assert copr.add_user("bob")["username"] == "bob"


@pytest.mark.parametrize("api", ["api", "api_2", "api_3"])
def test_all_apis_are_served_and_what_has_no_endpoint_is_404(copr: LocalCopr, api: str) -> None:
    client = copr.app.test_client()
    assert client.get(f"/{api}/", follow_redirects=True).status_code == 200
    answer = client.get(f"/{api}/no-endpoint")
    assert answer.status_code == 404
    assert answer.text
