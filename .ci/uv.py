"""Run the uv of this environment: `python .ci/uv.py pip install ...`.

uv installs in seconds what takes pip minutes. It does not read pip's configuration, so the index and the
certificates that pip uses are passed on. Its cache is in this checkout: what one environment has downloaded
or compiled, the others take from there, and nothing is written anywhere else.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).resolve().parents[1] / ".run"
CONFIGURATION = Path(sys.prefix) / "uv.toml"
VARIABLES = Path(sys.prefix) / "uv.json"

#: Files of an index never change, so none is downloaded or built twice. Not every mirror says so itself.
TEMPLATE = """\
[[index]]
url = {index}
default = true
cache-control = {{ api = "max-age=600", files = "max-age=365000000, immutable" }}
"""


def pip(*arguments: str) -> str:
    """Return what pip prints."""
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603, a fixed command


def ask_pip() -> None:
    """Write what pip says of its index and certificates into this environment, for uv."""
    of_pip = dict(re.findall(r"^[^.\n]+\.([a-z-]+)='(.*)'$", pip("config", "list"), re.MULTILINE))
    default = re.search(r"--index-url.*?default\s+([^\s)]+)\)", pip("install", "--help"), re.DOTALL)
    index = of_pip.get("index-url") or (default and default[1])
    CONFIGURATION.write_text(TEMPLATE.format(index=json.dumps(index)) if index else "")
    VARIABLES.write_text(json.dumps({"SSL_CERT_FILE": of_pip["cert"]} if "cert" in of_pip else {}))


def variables() -> dict[str, str]:
    """Return the environment variables for uv; those that are set already stay."""
    return {
        "UV_CACHE_DIR": str(RUN / "uv"),
        "UV_CONFIG_FILE": str(CONFIGURATION),
        "UV_HTTP_TIMEOUT": "180",
        "UV_PYTHON_DOWNLOADS": "never",
        **json.loads(VARIABLES.read_text()),
        **os.environ,
    }


if __name__ == "__main__":
    if not VARIABLES.exists():
        ask_pip()
    uv = str(Path(sys.executable).with_name("uv"))
    os.execve(uv, [uv, *sys.argv[1:]], variables())  # noqa: S606, its arguments are the caller's
