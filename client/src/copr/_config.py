"""The configuration of a client, read once: from an argument, the environment and a file.

Rules: the argument wins over the environment, the environment over the file, field by field. But credentials
of the file are never sent to a service that the file does not name. Each value knows its origin, so that an
error can say where to fix it. A token is never shown.

The file is INI, as the service's page /api offers it:

    [copr-cli]
    login = ...
    username = ...
    token = ...
    copr_url = https://copr.fedorainfracloud.org
    # expiration date: 2027-05-22

The environment: COPR_CONFIG (the file), COPR_URL, COPR_LOGIN, COPR_TOKEN, COPR_USERNAME, COPR_ENCRYPTED,
COPR_GSSAPI, COPR_LOGIN_FOR_READS, COPR_BRIDGE (for the clients of the old APIs; see `_bridge`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from ._errors import CoprConfigException, CoprNoConfException
from ._typing import Any

#: The service that is used by default.
PUBLIC_SERVICE = "https://copr.fedorainfracloud.org"

SECTION = "copr-cli"
ENCODING = "utf-8-sig"  # some editors put a byte order mark first
TEXTS = ("username", "login", "token", "copr_url")
FIELDS = (*TEXTS, "gssapi", "encrypted")
SWITCHES = ("gssapi", "encrypted", "login_for_reads", "bridge")
VARIABLES = {
    "username": "COPR_USERNAME",
    "login": "COPR_LOGIN",
    "token": "COPR_TOKEN",
    "copr_url": "COPR_URL",
    "gssapi": "COPR_GSSAPI",
    "encrypted": "COPR_ENCRYPTED",
    "login_for_reads": "COPR_LOGIN_FOR_READS",
    "bridge": "COPR_BRIDGE",
}
CREDENTIALS = ("username", "login", "token")
_SECRETS = ("login", "token")
_SWITCH_WORDS = {
    **dict.fromkeys(("1", "yes", "true", "on"), True),
    **dict.fromkeys(("0", "no", "false", "off"), False),
}


class ConfigDict(dict[str, Any]):
    """A configuration as a dict, which callers see and change; its `repr` hides the credentials.

    `origins` says where each value comes from, for error texts. `expires` is the day ("YYYY-MM-DD", UTC) on
    which the token expires, if the file says so.

    Raise CoprConfigException if the values are not a mapping.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        try:
            super().__init__(values)
        except (TypeError, ValueError) as cause:
            raise CoprConfigException(
                f"A {type(values).__name__} is not a configuration. Give a dict, or use "
                "create_from_config_file with the path of a file."
            ) from cause
        self.origins: dict[str, str] = dict(getattr(values, "origins", {}))
        self.expires: str | None = getattr(values, "expires", None)

    def put(self, name: str, value: Any, origin: str) -> None:
        """Set a value and its origin."""
        self[name] = value
        self.origins[name] = origin

    def __repr__(self) -> str:
        shown = {name: "***" if name in _SECRETS and value else value for name, value in self.items()}
        return repr(shown)


class Config:
    """The configuration of one client, checked and frozen: calls are made with it.

    `values`: a mapping with `copr_url` and, all optional, `username`, `login`, `token`, `encrypted`,
    `gssapi`. The trailing slash of `copr_url` is removed. An empty `login` or `token` is None.

    Raise CoprConfigException for an invalid value; the text names the field and its origin.
    """

    __slots__ = ("copr_url", "encrypted", "gssapi", "login", "origins", "token", "username")

    copr_url: str
    username: str | None
    login: str | None
    token: str | None
    gssapi: bool
    encrypted: bool
    origins: Mapping[str, str]

    def __init__(self, values: Mapping[str, Any]) -> None:
        origins = getattr(values, "origins", {})
        put = super().__setattr__
        put("origins", origins)
        put("copr_url", str(values.get("copr_url")))
        put("encrypted", self._checked_switch(values, "encrypted"))
        put("gssapi", self._checked_switch(values, "gssapi"))
        put("username", values.get("username") or None)
        put("login", values.get("login") or None)
        put("token", values.get("token") or None)
        put("copr_url", self._checked_url(values.get("copr_url")))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Config cannot be changed ({name})")

    def __repr__(self) -> str:
        return f"<Config {self.copr_url} as {self.username or 'nobody'}>"

    def origin(self, field: str) -> str:
        """Return where a value comes from, as words for an error text."""
        return self.origins.get(field, "the configuration")

    def _checked_switch(self, values: Mapping[str, Any], name: str) -> bool:
        value = values.get(name)
        # Programs pass a section that they have read from a file: its values are texts.
        if isinstance(value, str) and value:
            return _switch(value, f"{self.origin(name)}, field {name},")
        return bool(value)

    def _checked_url(self, url: object) -> str:
        from urllib.parse import urlsplit

        where = self.origin("copr_url")
        if not isinstance(url, str) or not url:
            raise CoprConfigException(f"{where} has no copr_url, the URL of the Copr service.")
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError as cause:
            raise CoprConfigException(f"{where}: copr_url {url!r} is not a valid URL: {cause}.") from cause
        if parts.scheme not in ("http", "https") or not host or len(url.split()) > 1:
            raise CoprConfigException(
                f"{where}: copr_url {url!r} is not an http or https URL, such as {PUBLIC_SERVICE!r}."
            )
        if parts.username or parts.password:
            raise CoprConfigException(
                f"{where}: copr_url contains credentials. Use the fields login and token for them."
            )
        if parts.scheme == "http" and self.encrypted and not _is_loopback(host):
            raise CoprConfigException(
                f"{where}: copr_url {url!r} is not encrypted, so others in the network can read the token. "
                "Use https, or set encrypted = false."
            )
        return url.rstrip("/")


def read_config(path: str | os.PathLike[str] | None = None) -> ConfigDict:
    """Read the configuration from the environment and a file.

    `path`: the file; default: $COPR_CONFIG, then copr in $XDG_CONFIG_HOME, then ~/.config/copr. Only the last
    two may be missing: then the public service is used, without login.

    Raise CoprConfigException, naming file and field, if a file is missing, cannot be read or has no section
    [copr-cli], or if copr_url is missing or invalid.
    """
    named = path or os.environ.get("COPR_CONFIG")
    file = os.path.expanduser(os.fspath(named)) if named else default_path()
    config = ConfigDict({**dict.fromkeys(FIELDS), "encrypted": True})
    in_file = _read_file(file, required=bool(named))
    if in_file is not None:
        config.origins.update(dict.fromkeys(CREDENTIALS, f"The file {file}"))
    in_environment = read_environment()
    if in_file is None:
        config.put("copr_url", PUBLIC_SERVICE, f"There is no file {file}, and the default")
    elif _credentials_do_not_count(in_file, in_environment):
        in_file = {name: value for name, value in in_file.items() if name not in CREDENTIALS}
    for name, value in (in_file or {}).items():
        config.put(name, value, f"The file {file}")
    if in_file is not None and "token" in in_file:
        config.expires = _expiration(file)
    for name, value in in_environment.items():
        config.put(name, value, f"The environment variable {VARIABLES[name]}")
    if not config["copr_url"]:
        raise CoprConfigException(f"The file {file} has no field copr_url in its section [{SECTION}].")
    Config(config)
    return config


def read_old_config(path: str | os.PathLike[str] | None = None) -> ConfigDict:
    """Read the configuration as `read_config` does, for the clients of the old APIs.

    Raise CoprNoConfException if there is no file, and no COPR_URL instead of it; otherwise as `read_config`.
    """
    named = path or os.environ.get("COPR_CONFIG")
    file = os.path.expanduser(os.fspath(named)) if named else default_path()
    if not os.path.exists(file) and not os.environ.get("COPR_URL"):
        raise CoprNoConfException(
            f"There is no file {file}. Copy it from the service's page /api, or make the client with values."
        )
    return read_config(path)


def default_path() -> str:
    """Return the file that is read by default: $XDG_CONFIG_HOME/copr if it exists, else ~/.config/copr."""
    base = os.environ.get("XDG_CONFIG_HOME")
    if base and os.path.exists(file := os.path.join(base, "copr")):
        return file
    return os.path.expanduser(os.path.join("~", ".config", "copr"))


def _read_file(file: str, *, required: bool) -> dict[str, Any] | None:
    from configparser import ConfigParser, DuplicateOptionError, DuplicateSectionError, Error

    parser = ConfigParser(interpolation=None)
    try:
        read = parser.read(file, encoding=ENCODING)
    except (Error, UnicodeDecodeError) as cause:
        # The parser's own text quotes the line, which may contain the token.
        line = getattr(cause, "lineno", None)
        place = f", line {line}," if line else ""
        wrong = "is not in INI format; copy it from the service's page /api."
        if isinstance(cause, DuplicateOptionError):
            wrong = f"has the field {cause.option} twice in its section [{cause.section}]."
        elif isinstance(cause, DuplicateSectionError):
            wrong = f"has the section [{cause.section}] twice."
        raise CoprConfigException(f"The file {file}{place} {wrong}") from None
    if not read:  # ConfigParser ignores files that it cannot open
        if os.path.exists(file):
            raise CoprConfigException(f"The file {file} cannot be read; check its permissions.")
        if required:
            raise CoprConfigException(
                f"File {file} is missing. Copy its content from the service's page /api."
            )
        return None
    if SECTION not in parser:
        raise CoprConfigException(
            f"The file {file} has no section [{SECTION}]; copy it from the service's page /api."
        )
    section = parser[SECTION]
    # Files for the released client have %% for %. A single % is itself, because tokens may have one.
    found: dict[str, Any] = {
        name: section[name].strip().replace("%%", "%") for name in TEXTS if name in section
    }
    for name in SWITCHES:
        if name in section:
            found[name] = _switch(section[name], f"The file {file}, field {name},")
    return found


def _expiration(file: str) -> str | None:
    """Return the day on which a file's token expires: a comment that the service writes into the file."""
    import re

    with open(file, encoding=ENCODING) as lines:
        found = re.search(r"^\s*[#;]\s*expiration date:\s*(\d{4}-\d\d-\d\d)\b", lines.read(), re.M | re.I)
    return found[1] if found else None


def read_environment() -> dict[str, Any]:
    """Return the values of the environment; raise CoprConfigException for an invalid switch."""
    found: dict[str, Any] = {}
    for name, variable in VARIABLES.items():
        if text := os.environ.get(variable):
            found[name] = _switch(text, f"The environment variable {variable}") if name in SWITCHES else text
    return found


def _credentials_do_not_count(in_file: Mapping[str, Any], in_environment: Mapping[str, Any]) -> bool:
    """Return True if the file's credentials are for another service, or others are given."""
    if "login" in in_environment or "token" in in_environment:
        return True
    if "copr_url" not in in_environment:
        return False
    return _service(in_environment["copr_url"]) != _service(in_file.get("copr_url") or "")


def _service(url: str) -> tuple[str, str]:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url.lower())
    except ValueError:  # not a valid URL; Config reports it
        return "", url
    return parts.scheme, parts.netloc


def _switch(text: str, where: str) -> bool:
    value = _SWITCH_WORDS.get(text.strip().lower())
    if value is None:
        raise CoprConfigException(f"{where} is {text!r}, but must be true or false.")
    return value


def _is_loopback(host: str) -> bool:
    if host.startswith("127."):
        return host.replace(".", "").isdigit()
    return host in ("localhost", "::1") or host.endswith(".localhost")
