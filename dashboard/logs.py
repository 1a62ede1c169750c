"""What the server writes down: a line of JSON an event, for a person with a number from the screen.

Messages name what failed and where, never who: no user names, passwords, tokens or rows.
"""

import json
import logging
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """Keys: time (UTC), level, logger, message; reference where the screen shows one; error, the
    traceback."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        reference = getattr(record, "reference", None)
        if reference:
            told["reference"] = reference
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def begin() -> None:
    """Every logger of the process writes so, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
