"""Where the service is and who asks: read once, from an argument, the environment and a file.

Rules: the argument wins over the environment, the environment over the file, field by field; but credentials
of the file are never sent to a service that the file does not name. Each value knows its origin, so that an
error can say where to mend it. A token is never shown.

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

#: The service that is meant where nothing else is configured.
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
    """A configuration as the dict that callers see and change; its `repr` hides the credentials.

    `origins` says where each value came from, for error texts; `expires` is the day ("YYYY-MM-DD", UTC) on
    which the token ends, as far as the file says.

    Raises CoprConfigException where the values are no mapping.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        try:
            super().__init__(values)
        except (TypeError, ValueError) as cause:
            raise CoprConfigException(
                f"A {type(values).__name__} is no configuration; give a dict, or the path of a file to"
                " create_from_config_file."
            ) from cause
        self.origins: dict[str, str] = dict(getattr(values, "origins", {}))
        self.expires: str | None = getattr(values, "expires", None)

    def put(self, name: str, value: Any, origin: str) -> None:
        """Set a value and where it came from."""
        self[name] = value
        self.origins[name] = origin

    def __repr__(self) -> str:
        shown = {name: "***" if name in _SECRETS and value else value for name, value in self.items()}
        return repr(shown)


class Config:
    """One client's configuration, checked and frozen: what calls are made with.

    `values`: a mapping with `copr_url` and, all optional, `username`, `login`, `token`, `encrypted`,
    `gssapi`. `copr_url` loses its trailing slash; `login` and `token` are both set or both None.

    Raises CoprConfigException, naming field and origin, where a value cannot be used.
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
        raise AttributeError(f"a Config does not change ({name})")

    def __repr__(self) -> str:
        return f"<Config {self.copr_url} as {self.username or 'nobody'}>"

    def origin(self, field: str) -> str:
        """Where a value came from, as words for an error text."""
        return self.origins.get(field, "the configuration")

    def _checked_switch(self, values: Mapping[str, Any], name: str) -> bool:
        value = values.get(name)
        # A section of a configuration file that the caller has read holds texts.
        if isinstance(value, str) and value:
            return _switch(value, f"{self.origin(name)}, field {name},")
        return bool(value)

    def _checked_url(self, url: object) -> str:
        from urllib.parse import urlsplit

        where = self.origin("copr_url")
        if not isinstance(url, str) or not url:
            raise CoprConfigException(f"{where} has no copr_url, the address of the Copr service.")
        try:
            parts = urlsplit(url)
            host = parts.hostname
        except ValueError as cause:
            raise CoprConfigException(f"{where}: copr_url {url!r} is no address: {cause}.") from cause
        if parts.scheme not in ("http", "https") or not host or len(url.split()) > 1:
            raise CoprConfigException(
                f"{where}: copr_url {url!r} is no http or https address, such as {PUBLIC_SERVICE!r}."
            )
        if parts.username or parts.password:
            raise CoprConfigException(
                f"{where}: copr_url holds credentials; they belong into login and token."
            )
        if parts.scheme == "http" and self.encrypted and not _is_loopback(host):
            raise CoprConfigException(
                f"{where}: copr_url {url!r} is not encrypted, so whoever listens learns the token. "
                "Use https, or say encrypted = false."
            )
        return url.rstrip("/")


def read_config(path: str | os.PathLike[str] | None = None) -> ConfigDict:
    """Read the configuration from the environment and a file.

    `path`: the file; default: $COPR_CONFIG, then copr in $XDG_CONFIG_HOME, then ~/.config/copr. Only the last
    two may be missing: then the public service is meant, without login.

    Raises CoprConfigException, naming file and field, where a file is missing, cannot be read, has no section
    [copr-cli], or where copr_url is missing or cannot be used.
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

    Raises CoprNoConfException where there is no file, and no COPR_URL instead of one; else what `read_config`
    raises.
    """
    named = path or os.environ.get("COPR_CONFIG")
    file = os.path.expanduser(os.fspath(named)) if named else default_path()
    if not os.path.exists(file) and not os.environ.get("COPR_URL"):
        raise CoprNoConfException(
            f"There is no file {file}. Copy it from the service's page /api, or make the client with values."
        )
    return read_config(path)


def default_path() -> str:
    """The file that is read where none is named: $XDG_CONFIG_HOME/copr if there, else ~/.config/copr."""
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
        # The parser's own text quotes the line, which may hold the token.
        line = getattr(cause, "lineno", None)
        place = f", line {line}," if line else ""
        wrong = "is not in INI format; copy it from the service's page /api."
        if isinstance(cause, DuplicateOptionError):
            wrong = f"has the field {cause.option} once more in its section [{cause.section}]."
        elif isinstance(cause, DuplicateSectionError):
            wrong = f"has the section [{cause.section}] once more."
        raise CoprConfigException(f"The file {file}{place} {wrong}") from None
    if not read:  # ConfigParser passes over what it cannot open
        if os.path.exists(file):
            raise CoprConfigException(f"The file {file} cannot be read; check its permissions.")
        if required:
            raise CoprConfigException(f"File {file} is missing.")
        return None
    if SECTION not in parser:
        raise CoprConfigException(
            f"The file {file} has no section [{SECTION}]; copy it from the service's page /api."
        )
    section = parser[SECTION]
    found: dict[str, Any] = {name: section[name].strip() for name in TEXTS if name in section}
    for name in SWITCHES:
        if name in section:
            found[name] = _switch(section[name], f"The file {file}, field {name},")
    return found


def _expiration(file: str) -> str | None:
    """The day on which a file's token ends: a comment that the service writes into it."""
    import re

    with open(file, encoding=ENCODING) as lines:
        found = re.search(r"^\s*[#;]\s*expiration date:\s*(\d{4}-\d\d-\d\d)\b", lines.read(), re.M | re.I)
    return found[1] if found else None


def read_environment() -> dict[str, Any]:
    """The values that the environment holds. Raises CoprConfigException where a switch is neither true nor
    false."""
    found: dict[str, Any] = {}
    for name, variable in VARIABLES.items():
        if text := os.environ.get(variable):
            found[name] = _switch(text, f"The environment variable {variable}") if name in SWITCHES else text
    return found


def _credentials_do_not_count(in_file: Mapping[str, Any], in_environment: Mapping[str, Any]) -> bool:
    """Whether the file's credentials are of no use: other ones are given, or another service is meant."""
    if "login" in in_environment or "token" in in_environment:
        return True
    if "copr_url" not in in_environment:
        return False
    return _service(in_environment["copr_url"]) != _service(in_file.get("copr_url") or "")


def _service(url: str) -> tuple[str, str]:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url.lower())
    except ValueError:  # no address; that is said where it is checked
        return "", url
    return parts.scheme, parts.netloc


def _switch(text: str, where: str) -> bool:
    value = _SWITCH_WORDS.get(text.strip().lower())
    if value is None:
        raise CoprConfigException(f"{where} is {text!r}, neither true nor false.")
    return value


def _is_loopback(host: str) -> bool:
    if host.startswith("127."):
        return host.replace(".", "").isdigit()
    return host in ("localhost", "::1") or host.endswith(".localhost")
