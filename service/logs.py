"""Logs: one JSON line per happening on standard output, with no personal data in it.

Tracebacks name files, lines and functions but no values; what looks like a NIK, a KK number or a phone number is struck
out even so.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

_NUMBERS = re.compile(r"(?<![0-9a-fA-F-])(?:\+?62|0)?\d{9,16}(?![0-9a-fA-F-])")
STRUCK = "[angka]"


class JsonLine(logging.Formatter):
    """Formats a record as one JSON object; ``fields`` given as ``extra`` stand beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        from flask import g, has_request_context  # not for every command that starts

        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        if has_request_context() and "request_id" in g:
            line["request_id"] = g.request_id
        line.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            # The exception's text is left out: a driver may put the row it failed on there.
            line["exception"] = kind.__name__
            line["trace"] = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(trace)]
        return json.dumps(line, ensure_ascii=False, default=str)


def redacted(text: str) -> str:
    """Text without long numbers, which may be somebody's."""
    return _NUMBERS.sub(STRUCK, text)


def install(level: str) -> None:
    """Send every log line of this process through `JsonLine`. Raises ``ValueError`` for an unknown level."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # psycopg's pool says where it connects to, with user and host, at every retry.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


@contextmanager
def beside_data(name: str) -> Iterator[None]:
    """While a command runs whose data go to standard output: the lines of the logger ``name`` on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLine())
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
