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
        "CoprNoConfigException",
        "CoprNoResultException",
        "CoprRequestException",
        "CoprTimeoutException",
        "CoprValidationException",
    ],
    "copr.exceptions",
)

_REQUESTS = dict.fromkeys(["DELETE", "FileRequest", "POST", "PUT", "munchify"], "copr.v3.requests")

#: What the modules of proxies have.
_PROXIES = {**_REQUESTS, **_EXCEPTIONS, **dict.fromkeys(["bind_proxy", "for_all_methods"], "copr.v3.helpers")}

#: What the modules of the old clients have.
_OLD_EXCEPTIONS = dict.fromkeys(
    ["CoprNoConfException", "CoprRequestException", "CoprUnknownResponseException"], "copr.exceptions"
)
_OLD_RESPONSES = dict.fromkeys(
    ["BaseHandle", "BuildHandle", "CoprResponse", "ProjectChrootHandle", "ProjectHandle"],
    "copr.client.responses",
)

#: The module that has a name, by the module of the client and the name; "" if the name is a module.
NAMES: dict[str, dict[str, str]] = {
    "copr.client.client": {**_OLD_EXCEPTIONS, **_OLD_RESPONSES},
    "copr.client_v2.client": _OLD_EXCEPTIONS,
    "copr.v3.auth.base": {"errno": "", "json": "", "os": "", "urlparse": "urllib.parse"},
    "copr.v3.auth.gssapi": {**_REQUESTS, "handle_errors": "copr.v3.requests"},
    "copr.v3.exceptions": {"Munch": "munch"},
    "copr.v3.helpers": {**_EXCEPTIONS, "Munch": "munch", "configparser": "", "wraps": "functools"},
    "copr.v3.pagination": {
        "munchify": "copr.v3.requests",
        "requests": "",
        "urlencode": "urllib.parse",
    },
    "copr.v3.proxies": {"os": ""},
    "copr.v3.proxies.build": {**_PROXIES, "os": ""},
    "copr.v3.proxies.build_chroot": _PROXIES,
    "copr.v3.proxies.mock_chroot": _PROXIES,
    "copr.v3.proxies.monitor": {**_PROXIES, "proxies": "copr.v3"},
    "copr.v3.proxies.package": {**_PROXIES, "BuildProxy": "copr.v3.proxies.build"},
    "copr.v3.proxies.project": {**_PROXIES, "warnings": ""},
    "copr.v3.proxies.project_chroot": {**_PROXIES, "os": ""},
    "copr.v3.proxies.webhook": _PROXIES,
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
