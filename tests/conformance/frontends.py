"""The frontends that were recorded, as local Coprs: their users, groups, chroots and builders.

The data comes from `wire/README.md`. A `Backdoor` does what happened between two exchanges: builders work, by
the rules of the queue, tokens expire, and a file server gets new files. It knows builds only by their ids,
and not what is requested before or after.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NoReturn

from builders import STAGES, Builders

from copr_local.data.database import Transaction
from copr_local.local_copr import APIS, OLD_V3, LocalCopr
from copr_local.rules import chroots, users
from copr_local.rules.errors import NotFound
from copr_local.v3.errors import UNKNOWN_ENDPOINT

LONG_AGO = date(2001, 1, 1)


@dataclass(frozen=True)
class Frontend:
    """The users, groups and chroots of a frontend at the start of its recording.

    `names` maps names of users in transcripts to their real names; the first user owns the service. `address`
    is the URL that it calls itself, if that is not its own. `packages` are the kinds of packages that a
    chroot makes. `unknown` are the names of endpoints that a local Copr has and this frontend did not have
    yet.
    """

    users: tuple[str, ...]
    administrator: str
    groups: Mapping[str, tuple[str, ...]]
    chroots: Mapping[str, str]
    inactive: str
    names: Mapping[str, str] = field(default_factory=dict)
    expired: str | None = None
    proxy: str | None = None
    address: str | None = None
    packages: Collection[str] = ("src", "", "doc")
    apis: Collection[str] = APIS
    unknown: Collection[str] = ()


def _names(*releases: str) -> dict[str, str]:
    """Return chroots without comments: `fedora-42: x86_64 aarch64` are two."""
    pairs = [(release.split(": ")) for release in releases]
    return {f"{name}-{architecture}": "" for name, listed in pairs for architecture in listed.split()}


FRONTEND_2026 = Frontend(
    users=("alice", "bob", "carol", "admin"),
    administrator="admin",
    groups={"devs": ("alice",), "others": ()},
    chroots={
        **_names("fedora-rawhide: x86_64 aarch64", "fedora-42: x86_64 aarch64"),
        **_names("fedora-43: x86_64", "fedora-41: x86_64", "epel-9: x86_64", "epel-8: x86_64"),
        **_names("centos-stream-9: x86_64", "centos-stream-10: x86_64"),
        "fedora-eln-x86_64": "Fedora **ELN** , see [ELN docs](http://127.0.0.1/eln)",
    },
    inactive="fedora-30-x86_64",
    apis=("v3",),
    unknown=("v3.create_from_rpm_upload",),
)
FRONTEND_2020 = Frontend(
    users=("alice", "bob", "adminuser", "expired", "proxybot"),
    administrator="adminuser",
    groups={"devs": ("alice",)},
    chroots={
        **_names("fedora-30: x86_64", "fedora-31: x86_64 i386", "fedora-rawhide: x86_64 i386"),
        **_names("epel-7: x86_64"),
    },
    inactive="fedora-29-x86_64",
    names={"admin": "adminuser", "proxy": "proxybot"},
    expired="expired",
    proxy="proxybot",
    address="https://copr.example.org",
    apis=("v1", "v2", OLD_V3),
    packages=("",),
)


def _unknown() -> NoReturn:
    raise NotFound(UNKNOWN_ENDPOINT)


class Backdoor:
    """What the judge needs in addition to requests: the users' secrets, and a way to carry out events."""

    def __init__(self, frontend: Frontend, database: str | None = None) -> None:
        self.copr = LocalCopr(
            database=database,
            username=frontend.users[0],
            chroots=list(frontend.chroots),
            builders=0,
            public_url=frontend.address,
            apis=frontend.apis,
            remote_user_header="X-Test-Remote-User",
        )
        self._frontend = frontend
        self._secrets: dict[str, tuple[str, str]] = {}
        self._columns: dict[str, tuple[str, str, date]] = {}
        self._running = ExitStack()

    def __enter__(self) -> Backdoor:
        with ExitStack() as stack:
            stack.enter_context(self.copr)
            for name in self._frontend.unknown:
                self.copr.app.view_functions[name] = _unknown
            with self.copr.database.writing() as tx:
                self._furnish(tx)
            self._files = stack.enter_context(FileServer())
            self._builders = Builders(self.copr.database, self._frontend.packages)
            self._running = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._running.close()

    def _furnish(self, tx: Transaction) -> None:
        frontend = self._frontend
        chroots.offer(tx, {frontend.inactive: "", **frontend.chroots})
        chroots.offer(tx, frontend.chroots)
        first, *others = frontend.users
        self._secrets[first] = (self.copr.config["login"], self.copr.config["token"])
        for name in others:
            user, made = users.add(
                tx, name, admin=name == frontend.administrator, proxy=name == frontend.proxy
            )
            self._secrets[name] = (made.login, made.token)
            if name == frontend.expired:
                user.api_token_expiration = LONG_AGO
        for name in frontend.users:
            user = users.get(tx, name)
            self._columns[name] = (user.api_login, user.api_token_hash, user.api_token_expiration)
        for name, members in frontend.groups.items():
            users.add_group(tx, name, f"fas_{name}", [users.get(tx, member) for member in members])

    @property
    def hosts(self) -> dict[str, str]:
        """The file server of the recordings, and ours."""
        return {"results.example.test": self._files.address}

    def credentials(self, user: str) -> tuple[str, str]:
        """Return login and token of a user of the transcripts."""
        return self._secrets[self._frontend.names.get(user, user)]

    def event(self, event: Mapping[str, Any]) -> None:
        """Carry out a line of a transcript that is not an exchange."""
        match event:
            case {"build": build_id, **how}:
                self._drive_2026(build_id, **how)
            case {"step": "actions"} | {"actions": "done"}:
                self._builders.finish_background_work()
            case {"step": step, "args": [build_id, *names], **how}:
                self._drive_2020(build_id, step, *names, **how)
            case {"cancels": "acknowledged"}:
                self._builders.acknowledge_cancels()
            case {"token_of_carol": state}:
                self._set_token("carol", state)
            case {"served": files}:
                self._files.texts.update(files)
            case {"index": "updated"}:
                pass  # there is no index here: new things are found at once
            case _:
                raise ValueError(f"no such event: {event}")

    def _drive_2026(self, build_id: int, until: str = STAGES[-1], fail: str | None = None) -> None:
        stages = STAGES[: STAGES.index(until) + 1]
        self._builders.drive(build_id, stages, fail={fail} if fail else set())

    def _drive_2020(
        self,
        build_id: int,
        step: str,
        names: Collection[str] | None = None,
        *,
        pkg: str = "hello",
        ver: str = "2.10-1",
        stop: str | None = None,
        fail: bool = False,
    ) -> None:
        source = STAGES[:2] if stop == "running" else STAGES[:3]
        stages: dict[str, Iterable[str]] = {
            "source": source,
            "imp": ["pending"],
            "start": ["starting", "running"],
            "finish": ["over"],
            "full": STAGES,
            "fail_source": source,
        }
        failing = {"srpm"} if step == "fail_source" else set(self._frontend.chroots) if fail else set()
        self._builders.drive(build_id, stages[step], names, fail=failing, found=(pkg, ver))

    def _set_token(self, name: str, state: str) -> None:
        with self.copr.database.writing() as tx:
            user = users.get(tx, name)
            user.api_login, user.api_token_hash, user.api_token_expiration = self._columns[name]
            if state == "expired":
                user.api_token_expiration = LONG_AGO


class FileServer:
    """Serves texts by their names, and 404 for all others."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                text = server.texts.get(self.path.removeprefix("/"))
                body = (text or "there is no such file").encode()
                self.send_response(404 if text is None else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FileServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
