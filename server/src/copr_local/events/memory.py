"""The messages of a local Copr that tests of bots read, without a broker."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import overload

from sqlalchemy import delete, select

from ..data.database import Database
from ..data.pending_work import OutgoingMessage
from .message import Message, message_of

__all__ = ["Message", "Messages"]

log = logging.getLogger(__name__)


class Messages(Sequence[Message]):
    """All messages since the start of a local Copr, oldest first; new ones appear in it.

    They are rows of its database, in the transactions that change the states of builds. So whoever has seen
    the new state of a build finds its messages here.

    :param database: database of the service.
    :param topic_prefix: what topics begin with; empty for nothing.
    """

    def __init__(self, database: Database, topic_prefix: str = "") -> None:
        self._database = database
        self._topic_prefix = topic_prefix
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[Message], object]] = []
        self.clear()
        database.sent = self._sent

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | list[Message]:
        return self._all()[index]

    def __iter__(self) -> Iterator[Message]:
        return iter(self._all())

    def __repr__(self) -> str:
        return repr(self._all())

    def clear(self) -> None:
        """Remove all messages."""
        with self._database.writing() as tx:
            tx.session.execute(delete(OutgoingMessage))

    def subscribe(self, callback: Callable[[Message], object]) -> Callable[[], None]:
        """Call a function with each new message, as a consumer of a broker does.

        :param callback: the function. It is called by a thread of the service, which waits for it. Its
            exceptions are logged.
        :returns: a function that ends this.
        """
        with self._lock:
            self._callbacks.append(callback)

        def unsubscribe() -> None:
            with self._lock, suppress(ValueError):
                self._callbacks.remove(callback)

        return unsubscribe

    def _sent(self, rows: Sequence[OutgoingMessage]) -> None:
        """Give new messages to those who have subscribed."""
        with self._lock:
            callbacks = list(self._callbacks)
        for row in rows if callbacks else ():
            message = message_of(row, self._topic_prefix)
            for callback in callbacks:
                try:
                    callback(message)
                except Exception:
                    log.exception("an error in a function that has subscribed to messages")

    def _all(self) -> list[Message]:
        with self._database.reading() as tx:
            rows = tx.session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)).all()
        return [message_of(row, self._topic_prefix) for row in rows]
