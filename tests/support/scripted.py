"""For flows: a scripted service, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import json
from email.utils import formatdate

from copr._drive import drive
from copr._errors import CoprConnectionException, CoprTimeoutException
from copr._wire import Reply

EPOCH = 1_795_000_000


class Clock:
    """The time of client and service. It passes only by sleeping."""

    def __init__(self):
        self.time = 100.0
        self.slept = []

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.time += seconds


def reply(status=200, body=None, headers=None, clock=None):
    sent = {"Date": formatdate(EPOCH + clock.time, usegmt=True)} if clock else {}
    return Reply(
        status, "Reason", "http://service/", {**sent, **(headers or {})}, json.dumps(body or {}).encode()
    )


def lost(*, unsent=False, timeout=False):
    error = CoprTimeoutException("too slow") if timeout else CoprConnectionException("Unable to connect.")
    error.unsent = unsent
    return error


class ScriptedTransport:
    """Answers calls in turn, with replies or by raising exceptions, and stores the calls."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    def __call__(self, call):
        self.calls.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def run(plan, send, clock=None):
    return drive(plan, send, clock or Clock())
