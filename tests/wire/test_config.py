"""Configuration from the argument, the environment and the file; errors name what to correct."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copr._config import VARIABLES, Config, ConfigDict
from copr.v3 import BuildProxy, Client, CoprConfigException, config_from_file

FILE = """\
[copr-cli]
login = lo
username = alice
token = se:c%ret
copr_url = https://copr.example.org/
# expiration date: 2027-05-22
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for variable in (*VARIABLES.values(), "COPR_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def write(path, text=FILE):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_file_is_read_whole(home):
    assert config_from_file(write(home / "copr.conf")) == {
        "username": "alice",
        "login": "lo",
        "token": "se:c%ret",
        "copr_url": "https://copr.example.org/",
        "gssapi": None,
        "encrypted": True,
    }


def test_a_percent_sign_may_be_written_twice_as_for_the_released_client(home):
    text = FILE.replace("se:c%ret", "a%%b%c%%%%d")
    assert config_from_file(write(home / "copr.conf", text))["token"] == "a%b%c%%d"


def test_a_byte_order_mark_is_no_part_of_a_file(home):
    file = write(home / "copr.conf", "\ufeff" + FILE)
    assert config_from_file(file)["username"] == "alice"


def test_the_default_file_is_in_the_home(home):
    write(home / ".config" / "copr")
    assert config_from_file()["username"] == "alice"


def test_the_users_configuration_folder_comes_first(home, monkeypatch):
    write(home / ".config" / "copr")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "xdg"))
    assert config_from_file()["username"] == "alice"
    write(home / "xdg" / "copr", FILE.replace("alice", "bob"))
    assert config_from_file()["username"] == "bob"


def test_a_tilde_is_the_home(home):
    write(home / "mine")
    assert Client.create_from_config_file("~/mine").config["username"] == "alice"


def test_the_environment_names_the_file(home, monkeypatch):
    monkeypatch.setenv("COPR_CONFIG", str(write(home / "mine")))
    assert config_from_file()["username"] == "alice"
    other = write(home / "other", FILE.replace("alice", "bob"))
    assert config_from_file(other)["username"] == "bob"


def test_without_a_file_the_public_service_is_meant_and_nobody_asks():
    found = config_from_file()
    assert found["copr_url"] == "https://copr.fedorainfracloud.org"
    assert found["login"] is found["token"] is found["username"] is None


def test_the_environment_wins_over_the_file(home, monkeypatch):
    write(home / ".config" / "copr")
    monkeypatch.setenv("COPR_LOGIN", "other")
    monkeypatch.setenv("COPR_TOKEN", "word")
    monkeypatch.setenv("COPR_ENCRYPTED", "no")
    found = config_from_file()
    assert (found["login"], found["token"], found["encrypted"]) == ("other", "word", False)
    assert found["copr_url"] == "https://copr.example.org/"


def test_a_files_token_is_not_sent_to_another_service(home, monkeypatch):
    write(home / ".config" / "copr")
    monkeypatch.setenv("COPR_URL", "https://elsewhere.example.org")
    found = config_from_file()
    assert found["copr_url"] == "https://elsewhere.example.org"
    assert found["token"] is found["login"] is None


def test_half_a_login_from_the_environment_is_not_completed_from_the_file(home, monkeypatch):
    write(home / ".config" / "copr")
    monkeypatch.setenv("COPR_TOKEN", "word")
    found = config_from_file()
    assert (found["login"], found["token"]) == (None, "word")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[other]\nx = 1\n", r"mine has no section \[copr-cli\]"),
        ("", r"mine has no section \[copr-cli\]"),
        ("[copr-cli]\nlogin = lo\ntoken = to\n", "mine has no field copr_url"),
        ("[copr-cli]\ncopr_url =\n", "mine has no field copr_url"),
        ("garbage\n", "mine, line 1, is not in INI format"),
        ("[copr-cli]\ncopr_url = http://x\nencrypted = maybe\n", "mine, field encrypted, is 'maybe'"),
        ("[copr-cli]\ncopr_url = x.example.org\n", "mine: copr_url 'x.example.org' is not an http"),
        (
            FILE + "token = other\n",
            r"mine, line 7, has the field token twice in its section \[copr-cli\]",
        ),
        (FILE + FILE, r"mine, line 7, has the section \[copr-cli\] twice"),
    ],
)
def test_an_unusable_file_is_an_error_that_names_file_and_field(home, text, words):
    with pytest.raises(CoprConfigException, match=words):
        config_from_file(write(home / "mine", text))


def test_a_broken_line_is_not_quoted_for_it_may_hold_the_token(home):
    path = write(home / "mine", "[copr-cli]\ntoken secretword\n")
    with pytest.raises(CoprConfigException) as caught:
        config_from_file(path)
    assert "secretword" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_named_file_that_is_missing_is_an_error(home):
    with pytest.raises(CoprConfigException, match="nothing is missing"):
        config_from_file(home / "nothing")


def test_a_file_that_cannot_be_read_is_an_error(home):
    (home / "folder").mkdir()
    with pytest.raises(CoprConfigException, match="folder cannot be read"):
        config_from_file(home / "folder")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("copr.example.org", "is not an http or https URL"),
        ("ftp://copr.example.org", "is not an http or https URL"),
        ("https://", "is not an http or https URL"),
        ("https://[", "is not a valid URL"),
        ("https://copr.example.org # the public one", "is not an http or https URL"),
        ("https://alice:word@copr.example.org", "credentials"),
        ("http://copr.example.org", "not encrypted"),
        ("http://127.example.org", "not encrypted"),
        (5, "has no copr_url"),
    ],
)
def test_an_address_that_cannot_be_used_is_an_error(url, words):
    with pytest.raises(CoprConfigException, match=words):
        Config({"copr_url": url, "encrypted": True})


def test_a_file_is_for_encrypted_connections_unless_it_says_otherwise(home):
    open_file = FILE.replace("https://copr.example.org", "http://copr.example.org")
    with pytest.raises(CoprConfigException, match=r"mine: copr_url .* is not encrypted"):
        config_from_file(write(home / "mine", open_file))
    said = config_from_file(write(home / "mine", open_file + "encrypted = false\n"))
    assert said["copr_url"] == "http://copr.example.org/"


def test_an_address_of_the_environment_that_cannot_be_used_is_an_error(home, monkeypatch):
    path = write(home / "mine")
    for url, words in (
        ("http://[bad", "is not a valid URL"),
        ("http://copr.example.org", "is not encrypted"),
    ):
        monkeypatch.setenv("COPR_URL", url)
        with pytest.raises(CoprConfigException, match=f"variable COPR_URL: copr_url .* {words}"):
            config_from_file(path)


def test_a_section_that_the_caller_has_read_may_be_the_configuration(home):
    parser = ConfigParser(interpolation=None)
    parser.read_string(FILE.replace("https", "http") + "encrypted = no\ngssapi = false\n")
    client = Client(parser["copr-cli"])
    config = Config(client.config)
    assert (config.copr_url, config.encrypted, config.gssapi) == ("http://copr.example.org", False, False)
    with pytest.raises(CoprConfigException, match="field gssapi, is 'maybe', but must be true or false"):
        Config({**client.config, "gssapi": "maybe"})


def test_no_path_at_all_is_the_default_file(home):
    write(home / ".config" / "copr")
    assert Client.create_from_config_file("").config["username"] == "alice"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:5000", "http://localhost", "http://[::1]:1", "https://x.example"]
)
def test_a_safe_address_is_used_without_its_last_slash(url):
    assert Config({"copr_url": url + "/"}).copr_url == url


def test_an_open_connection_can_be_asked_for():
    assert Config({"copr_url": "http://copr.example.org", "encrypted": False}).encrypted is False


def test_a_config_does_not_change():
    with pytest.raises(AttributeError):
        Config({"copr_url": "http://localhost"}).token = "x"


def test_the_clients_configuration_equals_what_it_was_made_with():
    given = {"copr_url": "http://localhost", "login": "lo", "token": "to", "username": "alice", "extra": 1}
    client = Client(given)
    assert client.config == given
    assert isinstance(client.config, dict)
    client.config["more"] = 1
    assert "more" not in given


def test_a_proxy_class_makes_its_own_proxies(home):
    assert type(BuildProxy.create_from_config_file(write(home / "mine"))) is BuildProxy


@pytest.mark.parametrize("config", [None, "~/.config/copr", Path("copr"), 5])
def test_a_client_is_not_made_with_the_path_of_a_file(config):
    with pytest.raises(
        CoprConfigException, match=r"is not a configuration\. Give a dict, or use create_from_config_file"
    ):
        Client(config)


def test_no_address_at_all_is_an_error():
    with pytest.raises(CoprConfigException, match="no copr_url"):
        Client({})


values = st.dictionaries(
    st.sampled_from(["copr_url", "login", "token", "username"]),
    st.text(st.characters(codec="ascii", exclude_categories=["C", "Z"]), min_size=1, max_size=10),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(in_file=values, in_environment=values)
def test_each_field_comes_from_the_environment_or_else_from_the_file(home, in_file, in_environment):
    in_file = {**in_file, "copr_url": "https://copr.example.org"}
    in_environment = {name: text for name, text in in_environment.items() if name != "copr_url"}
    path = write(
        home / "mine", "[copr-cli]\n" + "".join(f"{name} = {text}\n" for name, text in in_file.items())
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, text in in_environment.items():
            patch.setenv(VARIABLES[name], text)
        config = config_from_file(path)
    pair = in_environment if {"login", "token"} & set(in_environment) else in_file
    assert config["login"] == pair.get("login")
    assert config["token"] == pair.get("token")
    assert config["copr_url"] == in_file["copr_url"]
    if "username" in in_environment:
        assert config["username"] == in_environment["username"]


@settings(deadline=None)
@given(st.text(min_size=4))
def test_no_token_is_shown(secret):
    shown = repr(ConfigDict({"copr_url": "", "login": secret, "token": secret}))
    assert shown == repr(ConfigDict({"copr_url": "", "login": "x", "token": "x"}))
