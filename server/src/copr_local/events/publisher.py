"""Publishes the messages about builds: one thread, which sends the rows of the database to a broker.

- The messages are in the form of fedora-messaging, to the exchange `amq.topic`. They are sent with pika,
  since fedora-messaging needs Twisted, whose event loop can be started only once in a process.
- A row is deleted when the broker has confirmed its message. So each message is delivered at least once, and
  always with the same id; messages of a build are delivered in their order.
- Of several service processes, only the leader publishes. If another one takes over, messages may come twice.
- While the broker cannot be reached, messages stay in the database.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from sqlalchemy import delete, select

from ..data.database import Database
from ..data.outages import Outage
from ..data.pending_work import OutgoingMessage
from .message import Message, message_of

if TYPE_CHECKING:
    from pika import BlockingConnection
    from pika.adapters.blocking_connection import BlockingChannel
    from pika.connection import URLParameters

EXCHANGE = "amq.topic"
ROWS = 100  # messages that are sent before their rows are deleted
POLL_INTERVAL = 5.0  # seconds; also how often the broker hears of an idle connection
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0  # seconds between two attempts to reach the broker
TIME_TO_STOP = 2.0  # seconds
HEARTBEAT, BLOCKED = 30, 60  # seconds after which a silent, or a blocked, connection is given up
NEEDED = "messages about builds need `pip install 'copr-local[events]'`"
FILES = ("cacertfile", "certfile", "keyfile")

log = logging.getLogger(__name__)


class Publisher:
    """The thread that publishes the messages of one database.

    :param database: database of the service.
    :param url: URL of the broker, `amqp://USER:PASSWORD@HOST/VHOST` or `amqps://`. As in RabbitMQ's own
        programs, the files of a TLS connection follow as `?cacertfile=...&certfile=...&keyfile=...`.
    :param topic_prefix: what topics begin with; empty for nothing.
    :raises ValueError: the URL is not valid, pika is not installed, or a file cannot be read.
    """

    def __init__(self, database: Database, url: str, topic_prefix: str = "") -> None:
        self._database = database
        self._parameters = parameters(url)
        self._topic_prefix = topic_prefix
        self._connection: BlockingConnection | None = None
        self._channel: BlockingChannel | None = None
        self._pause = FIRST_PAUSE
        self._stopping = threading.Event()
        self._work = threading.Event()
        self._work.set()  # an earlier process may have left messages
        logging.getLogger("pika").setLevel(logging.CRITICAL)  # it logs each attempt in seven lines
        self._thread = threading.Thread(target=self._run, name="copr-local-events", daemon=True)
        database.sent = self._sent

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread. Messages that are not published yet stay for the next start."""
        self._stopping.set()
        self._work.set()
        self._thread.join(TIME_TO_STOP)

    def _sent(self, _rows: Sequence[OutgoingMessage]) -> None:
        self._work.set()

    def _run(self) -> None:
        from pika.exceptions import AMQPError

        wait, said = 0.0, ""
        while not self._stopping.wait(wait):
            try:
                self._connect()  # without messages, too: so a broker that is away is noticed at the start
                self._publish()
                self._keep_alive()  # also of a process that does not lead: it may have to in a moment
                self._pause, wait, said = FIRST_PAUSE, 0.0, ""
                self._work.wait(POLL_INTERVAL)
                self._work.clear()
            except (AMQPError, OSError) as error:
                self._disconnect()
                wait, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
                if repr(error) != said:
                    log.warning("messages cannot be published to %s: %r", self._where, error)
                said = repr(error)
            except Outage as error:
                wait = FIRST_PAUSE
                log.warning("messages cannot be read yet: %s", error.orig)
            except Exception:
                wait = LONGEST_PAUSE
                log.exception("an error in the publisher of messages; it continues")
        self._disconnect()

    def _publish(self) -> None:
        """Publish all messages, and delete their rows, as long as this process leads."""
        while self._database.is_leading() and not self._stopping.is_set():
            with self._database.reading() as tx:
                oldest = select(OutgoingMessage).order_by(OutgoingMessage.id).limit(ROWS)
                rows = tx.session.scalars(oldest).all()
            if not rows:
                return
            for row in rows:
                self._send(message_of(row, self._topic_prefix))
            with self._database.writing() as tx:
                ids = [row.id for row in rows]
                tx.session.execute(delete(OutgoingMessage).where(OutgoingMessage.id.in_(ids)))

    def _connect(self) -> None:
        from pika import BlockingConnection

        if self._channel is None:
            self._connection = BlockingConnection(self._parameters)
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()
            log.info("connected to %s", self._where)

    def _send(self, message: Message) -> None:
        """Send a message, and wait until the broker has confirmed it."""
        from pika import BasicProperties, DeliveryMode

        assert self._channel is not None
        properties = BasicProperties(
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=DeliveryMode.Persistent.value,
            headers=dict(message.headers),
            message_id=message.id,
        )
        body = json.dumps(message.body).encode()
        self._channel.basic_publish(EXCHANGE, message.topic, body, properties)

    def _keep_alive(self) -> None:
        """Answer what the broker has sent meanwhile, so that it does not close an idle connection."""
        if self._connection is not None:
            self._connection.process_data_events(0)

    def _disconnect(self) -> None:
        from pika.exceptions import AMQPError

        connection, self._connection, self._channel = self._connection, None, None
        try:
            if connection is not None:
                connection.close()
        except (AMQPError, OSError) as error:
            log.debug("the connection to %s was lost: %r", self._where, error)

    @property
    def _where(self) -> str:
        """The address of the broker, without passwords."""
        return f"{self._parameters.host}:{self._parameters.port}"


def check(url: str) -> str:
    """Connect to a broker, and publish nothing.

    :param url: URL of the broker, see `Publisher`.
    :returns: one line about the broker.
    :raises ValueError: the URL is not valid, pika is not installed, the broker cannot be reached, or it
        refuses the user.
    """
    wanted = parameters(url)
    from pika import BlockingConnection
    from pika.exceptions import AMQPError

    logging.getLogger("pika").setLevel(logging.CRITICAL)
    where = f"{wanted.host}:{wanted.port}"
    try:
        connection = BlockingConnection(wanted)
        connection.channel().exchange_declare(EXCHANGE, passive=True)
        connection.close()
    except (AMQPError, OSError) as error:
        raise ValueError(f"the broker at {where} cannot be used: {error!r}") from error
    transport = "with TLS" if wanted.ssl_options else "without TLS"
    return f"broker at {where}, {transport}; messages go to the exchange {EXCHANGE}"


def parameters(url: str) -> URLParameters:
    """Return the parameters of a connection to a broker.

    :param url: URL of the broker, see `Publisher`.
    :returns: the parameters. With a client's certificate, it is also the login.
    :raises ValueError: the URL is not valid, pika is not installed, or a file cannot be read.
    """
    try:
        from pika import SSLOptions, URLParameters
        from pika.credentials import ExternalCredentials
    except ImportError as error:
        raise ValueError(NEEDED) from error
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    files = {name: query.pop(name) for name in FILES if name in query}
    query = {"heartbeat": str(HEARTBEAT), "blocked_connection_timeout": str(BLOCKED), **query}
    if files and parts.scheme != "amqps":
        raise ValueError(f"{', '.join(files)} of the broker need a URL with the scheme amqps")
    try:
        found = URLParameters(parts._replace(query=urlencode(query)).geturl())
        if files:
            context = ssl.create_default_context(cafile=files.get("cacertfile"))
            if "certfile" in files:
                context.load_cert_chain(files["certfile"], files.get("keyfile"))
                found.credentials = ExternalCredentials()
            found.ssl_options = SSLOptions(context, found.host)
    except (ValueError, TypeError, OSError) as error:
        host = parts.hostname or ""
        raise ValueError(f"the URL of the broker {host} cannot be used: {error}") from error
    found.client_properties = {"app": "copr-local", "product": "copr-local"}
    return found
