"""What a message broker is, and which of its settings can delay builds.

The claims are in the database, so a broker that loses a message delays a build until its lease has ended,
and does no other harm. Redis does so if it removes keys to get memory. These do not:

- Redis without an append-only file: a message is in it for some milliseconds.
- `consumer_timeout` of RabbitMQ and the visibility timeout of Redis: a builder acknowledges each message as
  soon as it has read it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from .application import ANSWER, application, host_of


def check(url: str) -> tuple[str, str]:
    """Connect to a broker, and send nothing.

    :param url: URL of the broker.
    :returns: one line about the broker, and a warning; empty without one.
    :raises ValueError: Celery is not installed, the URL is not valid, or the broker cannot be used.
    """
    app, host = application(url, ANSWER), host_of(url)
    try:
        with app.connection_for_write(heartbeat=0) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0)
            return f"{_program(connection)} at {host}", warning(connection)
    except Exception as error:  # kombu and its transports have many classes of errors
        raise ValueError(f"the broker at {host} cannot be used: {error}") from error


def warning(connection: Any) -> str:
    """Return what is wrong with the settings of a broker.

    :param connection: kombu's connection, which is connected.
    :returns: one line that says what to change; empty if nothing is wrong, or it is not known.
    """
    memory = _information(connection, "memory")
    policy = str(memory.get("maxmemory_policy", ""))
    if not memory.get("maxmemory") or not policy.startswith("allkeys"):
        return ""
    return (
        f"Redis removes messages when its memory is full (maxmemory-policy {policy}), and their builds begin"
        " 30 seconds late: set `maxmemory-policy noeviction` in redis.conf"
    )


def _program(connection: Any) -> str:
    """Return the name and the version of a broker."""
    if version := _information(connection, "server").get("redis_version"):
        return f"Redis {version}"
    properties = connection.connection.server_properties
    return f"{properties.get('product', 'AMQP broker')} {properties.get('version', '')}".strip()


def _information(connection: Any, section: str) -> dict[str, Any]:
    """Return what Redis says about itself; nothing if it is RabbitMQ, or the user may not ask."""
    if connection.transport.driver_type != "redis":
        return {}
    from redis.exceptions import ResponseError

    found: dict[str, Any] = {}
    with suppress(ResponseError):
        found = connection.default_channel.client.info(section)
    return found
