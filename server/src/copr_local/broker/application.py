"""The Celery application of a broker: what the service and its builders have to agree on."""

from __future__ import annotations

import logging
import ssl
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from celery import Celery
    from kombu import Queue

SCHEMES = ("amqp", "amqps", "redis", "rediss")
TASK = "copr_local.take"  # its argument is the path of a claim
NEEDED = "a message broker for builders needs `pip install 'copr-local[builders]'`"
TLS_FILES = {"cacertfile": "ca_certs", "certfile": "certfile", "keyfile": "keyfile"}
ANSWER = 10  # seconds until a broker that does not answer is given up
HEARTBEAT = 20  # seconds between signs of life of a connection
UNUSED = 7 * 24 * 3600.0  # seconds until RabbitMQ removes a queue that no builder uses
_SETTINGS = {
    "accept_content": ["json"],
    "broker_connection_max_retries": None,  # a builder outlives a broker that is away for a day
    "broker_connection_retry_on_startup": True,
    "broker_heartbeat": HEARTBEAT,
    "task_default_delivery_mode": "transient",  # RabbitMQ confirms at once, and not when the disk has it
    "task_acks_late": False,  # a message has done its work when it was read
    "task_ignore_result": True,
    "worker_enable_remote_control": False,  # whoever can write to the broker cannot control builders
    "worker_prefetch_multiplier": 0,  # no limit: the service sends one message for each free slot
}
# A publisher waits until RabbitMQ has confirmed a message.
_AMQP = {"confirm_publish": True}
_AMQP_TIMEOUTS = ("read_timeout", "write_timeout")
# The keys are apart from those of other programs. Connections that are cut off are noticed.
_REDIS = {
    "global_keyprefix": "copr-local:",
    "health_check_interval": HEARTBEAT,
    "socket_connect_timeout": 4,
    "socket_keepalive": True,
}
_REDIS_TIMEOUTS = ("socket_timeout",)


def application(url: str, timeout: float | None = None) -> Celery:
    """Return the Celery application for a broker. Nothing is connected yet.

    :param url: URL of the broker, such as `amqp://USER:PASSWORD@HOST/VHOST` or `redis://:PASSWORD@HOST/0`;
        with TLS `amqps://` and `rediss://`. The files of a TLS connection follow as
        `?cacertfile=...&certfile=...&keyfile=...`.
    :param timeout: seconds without a response after which the broker is given up; None for programs that
        wait for messages, since a connection may be silent for long.
    :returns: the application.
    :raises ValueError: Celery is not installed, or the URL is not valid.
    """
    try:
        from celery import Celery
    except ImportError as error:
        raise ValueError(NEEDED) from error
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    files = {TLS_FILES[name]: query.pop(name) for name in TLS_FILES if name in query}
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(f"the URL of the broker does not begin with {', '.join(SCHEMES)} and a host")
    is_redis = parts.scheme.startswith("redis")
    if files and parts.scheme not in ("amqps", "rediss"):
        raise ValueError(f"{', '.join(files)} of the broker need a URL with the scheme amqps or rediss")
    # Celery takes the path of a URL as the name of the virtual host, `//` as `/`.
    app = Celery("copr-local", broker=parts._replace(query=urlencode(query)).geturl(), set_as_current=False)
    options, names = (_REDIS, _REDIS_TIMEOUTS) if is_redis else (_AMQP, _AMQP_TIMEOUTS)
    limits = {} if timeout is None else dict.fromkeys(names, timeout)
    app.conf.update(_SETTINGS, broker_transport_options={**options, **limits})
    if parts.scheme == "amqps":
        app.conf.broker_use_ssl = {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": parts.hostname, **files}
        if "certfile" in files:
            app.conf.broker_login_method = "EXTERNAL"
    elif parts.scheme == "rediss":
        app.conf.broker_use_ssl = {
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
            "ssl_check_hostname": True,
            **{f"ssl_{name}": file for name, file in files.items()},
        }
    logging.getLogger("celery").setLevel(logging.WARNING)  # it logs each message
    return app


def queue_of(name: str) -> Queue:
    """Return the queue of a builder, as both sides have to declare it.

    :param name: name of the queue.
    :returns: the queue.
    """
    from kombu import Exchange, Queue

    return Queue(name, Exchange(""), routing_key=name, expires=UNUSED)


def host_of(url: str) -> str:
    """Return what messages name a broker by: its host and port, without passwords.

    :param url: URL of the broker.
    :returns: the host, with the port if the URL has one.
    """
    return urlsplit(url).netloc.rpartition("@")[2]
