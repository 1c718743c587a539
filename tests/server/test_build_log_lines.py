"""Lines of a log on a page: which are shown, which are errors, and their colours."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from copr_local.web import build_logs
from copr_local.web.build_logs import Line


@pytest.fixture(params=["plain", "compressed"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    content = b"".join(b"line %d\n" % number for number in range(1, 1001)) + b"fatal error: x.h\nthe end"
    if request.param == "plain":
        (tmp_path / build_logs.LIVE).write_bytes(content)
    else:
        (tmp_path / f"{build_logs.LIVE}.gz").write_bytes(gzip.compress(content))
    return tmp_path


def test_any_part_of_a_log_can_be_shown(folder: Path) -> None:
    assert build_logs.count(folder) == 1002
    assert build_logs.window(folder, 10, 2) == [Line(10, "line 10"), Line(11, "line 11")]
    assert build_logs.window(folder, 1002, 5) == [Line(1002, "the end")]
    assert build_logs.window(folder, 2000, 5) == []
    assert build_logs.window(folder, 1001, 5, grows=True) == [Line(1001, "fatal error: x.h")]


def test_a_log_is_searched(folder: Path) -> None:
    assert build_logs.first_error(folder) == Line(1001, "fatal error: x.h")
    assert [line.number for line in build_logs.matching(folder, "LINE 99", 3)] == [99, 990, 991]


def test_a_step_without_a_log_has_no_lines(tmp_path: Path) -> None:
    assert build_logs.count(tmp_path) == 0
    assert build_logs.window(tmp_path, 1, 5) == []
    assert build_logs.first_error(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x.c:3:10: fatal error: wchar.h: No such file or directory", "error"),
        ("make: *** [Makefile:3: x.o] Error 1", "error"),
        ("RPM build errors:", "error"),
        ("Build failed: it took too long", "error"),
        ("FAILED tests/test_x.py", "error"),
        ("gcc -O2 -Werror=format-security -c x.c", ""),
        ("checking for error.h... yes", ""),
        ("cc -c src/error.c", ""),
        ("=== 5 tests, 0 errors ===", ""),
        ("warning: it is old", "warning"),
        ("gcc -Wno-warning x.c", ""),
        ("Executing(%build): /bin/sh -e", "step"),
        ("checking for gcc... yes", ""),
    ],
)
def test_lines_have_the_kind_that_a_reader_sees(text: str, kind: str) -> None:
    assert Line(1, text).kind == kind


def test_escape_sequences_become_colours_or_nothing() -> None:
    text = "\x1b[1mx.c:\x1b[0m \x1b[01;31merror\x1b[m\x1b[K \x1b]0;title\x07a\x00b\x1b"
    assert Line(1, text).parts == [("", "x.c:"), ("", " "), ("c1", "error"), ("", " ab")]


def test_a_very_long_line_is_cut() -> None:
    assert len(Line(1, "x" * 10_000).parts[0][1]) == build_logs.LONGEST_LINE
