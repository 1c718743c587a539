"""Log lines for programs: one JSON object in each line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; those of requests and steps have their fields, too."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record.

        :param record: the record.
        :returns: an object with `time`, `level`, `logger` and `message`; `error` has a traceback, `request`
            has `method`, `path`, `status`, `duration` in seconds, and `user`, `step` has `build`, `chroot`,
            `state`, `builder`, and if it has ended `duration` in seconds.
        """
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        for name in ("request", "step"):
            if (more := getattr(record, name, None)) is not None:
                fields[name] = more
        return json.dumps(fields, ensure_ascii=False)


def configure_logs(is_json: bool) -> None:
    """Write the log of this process to its standard error.

    :param is_json: True for lines of JSON, with one for each request, and for the begin and the end of each
        step; False for a text with warnings only.
    """
    if not is_json:
        logging.basicConfig(level=logging.WARNING, format="copr-local: %(message)s")
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells how it sets itself up
