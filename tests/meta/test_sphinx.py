"""A project that documents its use of the client with Sphinx gets no warning from our docstrings."""

from __future__ import annotations

import subprocess
import sys

import pytest

MODULES = ("copr", "copr.v3", "copr.client", "copr.client_v2")


@pytest.mark.slow
def test_autodoc_of_the_public_modules_has_no_warning(tmp_path):
    (tmp_path / "conf.py").write_text('extensions = ["sphinx.ext.autodoc"]\n')
    chapters = [f".. automodule:: {name}\n   :members:\n   :imported-members:\n" for name in MODULES]
    (tmp_path / "index.rst").write_text("The client\n==========\n\n" + "\n".join(chapters))
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "dummy"]
    done = subprocess.run(
        [*command, tmp_path, tmp_path / "out"], capture_output=True, text=True, timeout=250, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
