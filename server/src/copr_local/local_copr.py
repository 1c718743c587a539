"""A Copr build service on one machine.

    from copr_local import LocalCopr

    with LocalCopr() as copr:
        print(copr.url, copr.config_path)

On the command line, `copr-local serve` starts the same service. In pytest, the fixture `local_copr` does.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from flask import Flask

    from .builders.builder import Builder
    from .builders.settings import Settings
    from .data.data_folder import DataFolder
    from .data.database import Database
    from .events.memory import Messages
    from .testing import Clock, Faults, Script, Snapshot
    from .wire.sign_in_links import SignInLinks
    from .worker.dispatcher import Worker
    from .worker.remote_steps import RemoteSteps

__all__ = ["LocalCopr", "LocalCoprError"]

APIS = ("v1", "v2", "v3")
OLD_V3 = "v3-2020"


class LocalCoprError(Exception):
    """An error of a local Copr. Its text is one line that says what is wrong and what to do."""


class _NotRunning(LocalCoprError, AttributeError):
    """An attribute that does not exist now, since the local Copr does not run."""


class LocalCopr:
    """A Copr that runs in this process, inside `with` or between `start` and `stop`.

    Its attributes exist only while it runs. It can be started again after `stop`.

    :param data: the folder where everything is stored; None for a temporary one that `stop` removes.
    :param host: the address to listen on.
    :param port: the port to listen on; 0 for any free one.
    :param username: the first user of a new data folder. An existing folder keeps its own users.
    :param chroots: names of the chroots to offer; None for those of an existing data folder, or else those of
        `copr_local.releases`. A mapping has for each name the path of a dnf configuration with repositories:
        builds for this chroot run in a root that is installed from them. With None instead of the path, they
        run with the programs of this machine.
    :param distgits: names and URLs of the dist-gits to offer, each with packages at `rpms/PACKAGE`; None for
        those of an existing data folder, or else Fedora's.
    :param builders: how many steps of builds run at the same time; None for one per processor core.
    :param public_url: the URL by which clients reach this service, if it is not the address it listens on.
    :param builds: "real" builds run rpmbuild. "scripted" builds do not need rpmbuild: they finish at once, or
        do what `script` says.
    :param builder: a builder of your own, used instead of the real and the scripted one.
    :param apis: the versions of the API to serve, out of "v1", "v2" and "v3". Today's public services serve
        only v3. With "v3-2020" instead of "v3", the service behaves as one of 2020.
    :param remote_user_header: the header in which a web server in front of this service sends the name of the
        user that Kerberos authenticated. That web server must remove the header from requests of clients.
        None if there is no such web server.
    :param remote_user_secret: the secret that this web server sends in the header `X-Copr-Secret`. Without
        it, everybody who can connect to this service can claim to be any user. None only for tests.
    :param events: True to keep the messages about builds in `messages`; the URL of a message broker, such as
        `amqp://guest:guest@localhost/%2F`, to publish them there.
    :param topic_prefix: what the topics of messages begin with, such as `org.fedoraproject.prod`.
    :param broker: the URL of a message broker that carries claims to builders on other machines, such as
        `amqp://guest:guest@localhost/%2F` or `redis://localhost/0`.
    :param settings: where real builds download from, what builds may use, and whether packages are signed.
    :param database: the URL of a PostgreSQL database, such as `postgresql+psycopg://copr@db.example.com/copr`.
        The data folder keeps it. None for the one of an existing data folder, or else a file in the folder.
    :raises LocalCoprError: an argument is not valid.
    """

    url: str
    """The URL by which clients reach the service, without a slash at the end."""
    address: str
    """The URL of the address that it listens on; the same as `url` unless there is a `public_url`."""
    data: Path
    """The data folder."""
    config: dict[str, Any]
    """The first user's client configuration: `copr_url`, `login`, `token`, `username`, `encrypted`."""
    config_path: Path
    """The file with that configuration; only its owner can read it."""
    token_is_new: bool
    """True if this start wrote a new token to `config_path`."""
    app: Flask
    """The WSGI application, for calls without a socket."""
    database: Database
    """The database, for functions of `copr_local.rules`."""
    clock: Clock
    """The service's time, which a test can set."""
    faults: Faults
    """Faults that a test injects: delays, resets, error statuses, cut and slow responses."""

    _data_folder: DataFolder
    _script: Script
    _sign_in_links: SignInLinks
    _builds_with: Builder
    _messages: Messages
    _worker: Worker
    _remote_steps: RemoteSteps

    def __init__(
        self,
        data: str | os.PathLike[str] | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        username: str = "local",
        chroots: Iterable[str] | Mapping[str, str | os.PathLike[str] | None] | None = None,
        distgits: Mapping[str, str] | None = None,
        builders: int | None = None,
        public_url: str | None = None,
        builds: Literal["real", "scripted"] = "real",
        builder: Builder | None = None,
        apis: Collection[str] = APIS,
        remote_user_header: str | None = None,
        remote_user_secret: str | None = None,
        events: bool | str = False,
        topic_prefix: str = "",
        broker: str | None = None,
        settings: Settings | None = None,
        database: str | None = None,
    ) -> None:
        if not apis or not set(apis) <= {*APIS, OLD_V3} or {"v3", OLD_V3} <= set(apis):
            raise LocalCoprError(
                f"apis={apis!r} is not valid: choose from {', '.join(APIS)}, or {OLD_V3} instead of v3"
            )
        if builds not in ("real", "scripted"):
            raise LocalCoprError(f"builds={builds!r} is not valid: use 'real' or 'scripted'")
        if isinstance(chroots, str):
            raise LocalCoprError(f"chroots={chroots!r} is not valid: use a list, [{chroots!r}]")
        if not 0 <= port < 2**16 or (builders is not None and builders < 0):
            raise LocalCoprError(f"port={port!r}, builders={builders!r} is not valid: use numbers from 0")
        self._data = data
        self._host = host
        self._port = port
        self._username = username
        self._chroots = None if chroots is None else dict.fromkeys(chroots, "")
        self._configurations = dict(chroots) if isinstance(chroots, Mapping) else {}
        self._distgits = distgits
        self._builders = os.cpu_count() or 1 if builders is None else builders
        self._public_url = public_url.rstrip("/") if public_url else None
        self._is_scripted = builds == "scripted"
        self._builder = builder
        self._settings = settings
        self._database_url = database
        self._apis = apis
        self._remote_user_header = remote_user_header
        self._remote_user_secret = remote_user_secret
        self._events = events
        self._topic_prefix = topic_prefix
        self._broker = broker
        self._running: ExitStack | None = None

    if not TYPE_CHECKING:  # hidden from type checkers, so that they find misspelled names

        def __getattr__(self, name: str) -> Any:
            """Say what to do when an attribute is used that exists only while the service runs."""
            if name in LocalCopr.__annotations__ or hasattr(LocalCopr, name):
                raise _NotRunning(
                    "this local Copr is not running: use it in `with LocalCopr(...) as copr:`,"
                    " or between start() and stop()"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __enter__(self) -> LocalCopr:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the service. It accepts requests when this returns.

        :raises LocalCoprError: it is already running, or the data folder or the port cannot be used.
        """
        if self._running is not None:
            raise LocalCoprError(
                f"this local Copr is already running at {self.url}: stop() it, or start another LocalCopr()"
            )
        with ExitStack() as stack:
            stack.callback(self._forget)
            self._start(stack)
            self._running = stack.pop_all()

    def stop(self) -> None:
        """Stop the service, if it runs. Running builds are requeued for the next start."""
        if self._running is not None:
            running, self._running = self._running, None
            running.close()

    def _forget(self) -> None:
        """Remove the attributes that exist only while the service runs."""
        for name in LocalCopr.__annotations__:
            vars(self).pop(name, None)

    def add_user(self, name: str, *, admin: bool = False, proxy: bool = False) -> dict[str, Any]:
        """Add a user.

        :param name: the name of the user.
        :param admin: True if the user may do everything in every project.
        :param proxy: True if the user may send requests for other users, in API v1.
        :returns: the user's client configuration, in the form of `config`.
        :raises LocalCoprError: the name is not valid, or is taken.
        """
        from .data.client_configuration import ClientConfiguration
        from .rules import users
        from .rules.errors import Invalid

        try:
            with self.database.writing() as tx:
                user, made = users.add(tx, name, admin=admin, proxy=proxy)
        except Invalid as error:
            raise LocalCoprError(str(error)) from error
        return ClientConfiguration(user.name, made.login, made.token, self.url).as_dict()

    def sign_in_url(self) -> str:
        """Make a link that signs the first user in to the pages once, within ten minutes.

        :returns: the URL.
        :raises LocalCoprError: it is not running.
        """
        key = self._sign_in_links.add(self.config["username"], self.clock())
        return f"{self.url}/login/?key={key}"

    @property
    def script(self) -> Script:
        """The script of scripted builds; see `copr_local.testing.Script`.

        :raises LocalCoprError: builds are real.
        """
        if not self._is_scripted:
            raise LocalCoprError(
                'this local Copr makes real builds: start it as LocalCopr(builds="scripted"), or mark the'
                ' test with @pytest.mark.local_copr(builds="scripted")'
            )
        return self._script

    @property
    def messages(self) -> Messages:
        """The messages about builds, as consumers of a message broker get them.

        :raises LocalCoprError: it was not started with `events=True`.
        """
        if self._events is not True:
            raise LocalCoprError("no messages are kept: use events=True, or the fixture copr_messages")
        return self._messages

    def snapshot(self) -> Snapshot:
        """Store the whole state: users, projects, builds, results, rules of the script, and the time.

        It can be restored any number of times while this service runs. Builds that are running now start
        again after a restore.

        :returns: the state, for `restore`.
        """
        from .testing import snapshots

        with self.database.exclusively():
            return snapshots.take(self.database, self._data_folder, self.clock, self._script)

    def restore(self, snapshot: Snapshot) -> None:
        """Restore the state of a snapshot. Running builds are cancelled, and all faults are removed.

        :param snapshot: what `snapshot` of this service returned.
        :raises OSError: its files cannot be restored, for example on a full disk.
        """
        from .rules import interruptions
        from .testing import snapshots

        self._stop_worker()
        self.faults.clear()
        with self.database.exclusively():
            snapshots.bring_back(snapshot, self.database, self._data_folder, self.clock, self._script)
        self.database.carry_out()
        with self.database.writing() as tx:
            interruptions.recover(tx)
        self._start_worker()

    def _start(self, stack: ExitStack) -> None:
        """Start all parts of the service, and register on the stack how to stop them."""
        from sqlalchemy.exc import DBAPIError

        from . import releases
        from .app import create_app
        from .builder_api import Farm
        from .builders.builder import rpm_builder
        from .data.data_folder import DataFolder, DataFolderError
        from .data.database import Database
        from .http import server as http_server
        from .rules.errors import RuleError
        from .startup import configure_chroots, prepare, temporary_data
        from .testing import Clock, Faults, Script
        from .web.observability import steps_changed
        from .wire import credentials
        from .wire.context import Service
        from .wire.lanes import lane
        from .worker.remote_steps import RemoteSteps

        self.clock, self.faults = Clock(), Faults()
        self._script = Script(self.clock)
        own = self._script.builder(self._settings) if self._is_scripted else rpm_builder(self._settings)
        self._builds_with = self._builder or own
        try:
            path = nullcontext(Path(self._data).absolute()) if self._data is not None else temporary_data()
            self.data = stack.enter_context(path)
            self._data_folder = data_folder = DataFolder(self.data, self._builds_with.update_repository)
            data_folder.open(self._database_url)
            stack.callback(data_folder.close)
            listener = http_server.bind(self._host, self._port)
            stack.callback(listener.close)
            default = releases.TIMEOUT_OF_2020 if OLD_V3 in self._apis else releases.TIMEOUT
            timeout = self._builds_with.settings.timeout or default
            self.address = http_server.url(listener)
            self.url = self._public_url or self.address
            sender = self.url if self._events else None
            self.database = Database(data_folder, self.clock, timeout, self._database_url, sender)
            stack.callback(self.database.close)
            self.database.join()
            data_folder.make_folders()
            self._remote_steps = RemoteSteps()
            self._start_brokers(stack)
            configuration, self.token_is_new = prepare(
                self.database, data_folder, self.url, self._username, self._chroots, self._distgits
            )
            configure_chroots(data_folder, self._configurations)
            data_folder.share()
        except (DataFolderError, http_server.AddressError, RuleError, OSError, ValueError) as error:
            raise LocalCoprError(str(error)) from error
        except DBAPIError as error:
            raise LocalCoprError(f"the database cannot be used ({error.orig})") from error
        self.config = configuration.as_dict()
        self.config_path = data_folder.client_configuration
        service = Service(
            self.database,
            data_folder,
            self.url,
            self.clock,
            self._remote_user_header,
            self._remote_user_secret,
            is_worker_alive=lambda: self._worker.is_alive,
        )
        self.database.steps_changed = partial(steps_changed, service.metrics)
        self._sign_in_links = service.sign_in_links
        self.app = create_app(service, self._apis, Farm(self._remote_steps, self._builds_with.settings))
        self._start_worker()
        stack.callback(self._stop_worker)
        known = partial(credentials.is_known, self.database, self.url)
        server = http_server.HttpServer(self.app, listener, data_folder.incoming, self.faults, known, lane)
        server.start()
        stack.callback(server.stop)

    def _start_brokers(self, stack: ExitStack) -> None:
        """Start what becomes of messages about builds, and what sends claims to builders elsewhere."""
        if self._events is True:
            from .events.memory import Messages

            self._messages = Messages(self.database, self._topic_prefix)
        elif self._events:
            from .events.publisher import Publisher

            publisher = Publisher(self.database, self._events, self._topic_prefix)
            publisher.start()
            stack.callback(publisher.stop)
        if self._broker is not None:
            from .broker.sender import Sender
            from .rules.leases import LEASE

            self._remote_steps.carrier = sender = Sender(self._broker, self._remote_steps.wake, LEASE)
            sender.start()
            stack.callback(sender.stop)

    def _start_worker(self) -> None:
        """Start the worker, which runs the builds."""
        from .worker.dispatcher import Worker

        self._worker = Worker(self.database, self._builds_with, self._builders, self._remote_steps)
        self.clock.changed = self._worker.wake
        self._worker.start()

    def _stop_worker(self) -> None:
        """Stop the worker. Running builds are requeued."""
        self._worker.stop()
