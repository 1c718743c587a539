"""Names that modules of the released client have because they import them; programs import them from there.

Rules: imported when somebody asks for such a name. Nothing of the client uses them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_EXCEPTIONS = dict.fromkeys(
    [
        "CoprAuthException",
        "CoprConfigException",
        "CoprException",
        "CoprNoResultException",
        "CoprRequestException",
        "CoprTimeoutException",
    ],
    "copr.exceptions",
)

#: The module that has a name, by the module of the client and the name; "" if the name is a module.
NAMES: dict[str, dict[str, str]] = {
    "copr.v3.helpers": {**_EXCEPTIONS, "Munch": "munch", "configparser": "", "wraps": "functools"},
    "copr.v3.requests": {
        **_EXCEPTIONS,
        "List": "copr.v3.helpers",
        "MultipartEncoder": "requests_toolbelt",
        "MultipartEncoderMonitor": "requests_toolbelt",
        "Munch": "munch",
        "json": "",
        "os": "",
        "requests": "",
        "time": "",
    },
}


def find(module: str, name: str) -> Any:
    """Return what a name of a module stands for.

    Raise AttributeError if the released module has no such name either.
    """
    origin = NAMES[module].get(name)
    if origin is None:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return getattr(import_module(origin), name) if origin else import_module(name)
