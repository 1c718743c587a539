"""Messages about builds, for `wait(..., events=...)`: waiting without polling.

    with Broker("amqps://...") as events:
        wait(builds, events=events)

A message that is lost, or a broker that cannot be reached, never hinders `wait`: then it polls.
"""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

__all__ = ["Broker", "Events", "Feed", "Message"]

TOPICS = ("#.copr.build.start", "#.copr.build.end")
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds between two attempts to reach the broker
HEARTBEAT = "30"  # seconds; a connection that is silent for twice as long is given up
TIME_TO_CLOSE = 5.0  # seconds
FILES = ("cacertfile", "certfile", "keyfile")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """A message of a broker. The messages of fedora-messaging have these attributes, too.

    :param topic: topic, such as `org.fedoraproject.prod.copr.build.end`.
    :param body: what happened: `build`, `chroot`, `status` and others.
    :param id: id of the message.
    """

    topic: str
    body: Mapping[str, Any]
    id: str = ""


class Events(Protocol):
    """Anything that delivers messages about builds, such as `Broker`, `Feed`, and `LocalCopr.messages`."""

    def subscribe(self, callback: Callable[[Any], object], /) -> Callable[[], object]:
        """Call a function with each message from now on.

        :param callback: the function; any thread may call it. It gets objects with `topic` and `body`, or
            None: messages may have been lost.
        :returns: a function that ends this.
        """

    if not TYPE_CHECKING:  # for type checkers, this would be something that each implementation needs

        @classmethod
        def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
            # pydantic then takes any object.
            from pydantic_core.core_schema import any_schema

            return any_schema()


class Feed:
    """Messages that your program gets itself. A feed can be the callback of a consumer of fedora-messaging.

    For each message, call the feed with it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[Any], object]] = []

    def __call__(self, message: Any) -> None:
        """Give a message to all who have subscribed.

        :param message: the message, with the attributes `topic` and `body`. None says that messages may have
            been lost: then every `wait` polls its builds.
        """
        with self._lock:
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback(message)

    def subscribe(self, callback: Callable[[Any], object], /) -> Callable[[], object]:
        """Call a function with each message from now on.

        :param callback: the function; it must not block.
        :returns: a function that ends this.
        """
        with self._lock:
            self._callbacks.append(callback)

        def unsubscribe() -> None:
            with self._lock, suppress(ValueError):
                self._callbacks.remove(callback)

        return unsubscribe


class Broker(Feed):
    """The messages of a broker that speaks AMQP 0-9-1, such as RabbitMQ, or Fedora's public broker.

    A thread connects as soon as this is entered by `with`, or somebody subscribes. It connects again after
    each loss. Any number of threads and tasks may wait with one broker. Needs `pip install 'copr[events]'`.

    :param url: `amqp://USER:PASSWORD@HOST/VHOST`, or `amqps://` for TLS, then with
        `?cacertfile=FILE&certfile=FILE&keyfile=FILE` as in RabbitMQ's own programs. With a client's
        certificate, it is the login.
    :param topics: topics to get; `#` stands for any words.
    :param exchange: the exchange that messages are published to.
    :raises ImportError: pika is not installed.
    :raises ValueError: the URL is not valid.
    :raises OSError: a file of the URL cannot be read.
    """

    def __init__(self, url: str, topics: Iterable[str] = TOPICS, exchange: str = "amq.topic") -> None:
        super().__init__()
        self._parameters = _parameters(url)
        self._topics = tuple(topics)
        self._exchange = exchange
        self._connected: tuple[Any, Any] | None = None  # the connection and its channel
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()
        if not logging.getLogger("pika").level:
            logging.getLogger("pika").setLevel(logging.CRITICAL)  # it logs each attempt in seven lines

    def __enter__(self) -> Broker:
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def subscribe(self, callback: Callable[[Any], object], /) -> Callable[[], object]:
        """Call a function with each message from now on.

        :param callback: the function; it must not block. It gets None when messages may have been lost.
        :returns: a function that ends this.
        """
        unsubscribe = super().subscribe(callback)
        self._start()
        return unsubscribe

    def close(self) -> None:
        """End the connection. Whoever still waits polls from then on."""
        self._closed.set()
        connected, thread = self._connected, self._thread
        if connected is not None:
            connection, channel = connected
            with suppress(Exception):  # it may be lost at this moment
                connection.add_callback_threadsafe(channel.stop_consuming)
        if thread is not None:
            thread.join(TIME_TO_CLOSE)

    def _start(self) -> None:
        with self._lock:
            if self._thread is not None or self._closed.is_set():
                return
            self._thread = threading.Thread(target=self._run, name="copr-events", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        from pika import BlockingConnection

        pause = 0.0
        while not self._closed.wait(pause):
            pause = min(2 * pause or FIRST_PAUSE, LONGEST_PAUSE)
            try:
                with BlockingConnection(self._parameters) as connection:
                    channel = self._queue(connection)
                    self._connected = connection, channel
                    self(None)  # what was sent before is not in the queue
                    pause = FIRST_PAUSE
                    if not self._closed.is_set():
                        channel.start_consuming()
            except Exception as error:
                log.warning("no messages about builds, so builds are polled: %r", error)
            if self._connected is not None:
                self._connected = None
                self(None)

    def _queue(self, connection: Any) -> Any:
        """Return a channel with a queue of the messages, which ends with the connection."""
        channel = connection.channel()
        queue = str(uuid4())  # Fedora's broker allows no other names
        channel.queue_declare(queue, exclusive=True, auto_delete=True)
        for topic in self._topics:
            channel.queue_bind(queue, self._exchange, topic)
        channel.basic_consume(queue, self._got, auto_ack=True)
        return channel

    def _got(self, _channel: object, delivery: Any, properties: Any, body: bytes) -> None:
        try:
            content = json.loads(body)
        except ValueError:
            log.debug("a message on %s is not JSON", delivery.routing_key)
            return
        self(Message(delivery.routing_key, content, properties.message_id or ""))


def _parameters(url: str) -> Any:
    """Return pika's parameters of a connection."""
    from pika import SSLOptions, URLParameters
    from pika.credentials import ExternalCredentials

    parts = urlsplit(url)
    if parts.scheme not in ("amqp", "amqps"):
        raise ValueError(f"the URL of a broker begins with amqp:// or amqps://, not with {parts.scheme}://")
    query = dict(parse_qsl(parts.query))
    files = {name: query.pop(name) for name in FILES if name in query}
    found = URLParameters(parts._replace(query=urlencode({"heartbeat": HEARTBEAT, **query})).geturl())
    if files:
        context = ssl.create_default_context(cafile=files.get("cacertfile"))
        if "certfile" in files:
            context.load_cert_chain(files["certfile"], files.get("keyfile"))
            found.credentials = ExternalCredentials()
        found.ssl_options = SSLOptions(context, found.host)
    found.client_properties = {"app": "copr", "product": "copr"}
    return found
