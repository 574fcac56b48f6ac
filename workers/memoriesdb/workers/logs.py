"""JSON logs on stderr: what happened, to which job and owner; never a text or a secret."""

import logging
import sys
import traceback

from pythonjsonlogger.json import JsonFormatter

LOGGER = "memoriesdb.worker"


class _Origin(logging.Filter):
    """Adds to each line which duty, and which worker, wrote it."""

    def __init__(self, duty: str, worker: str) -> None:
        super().__init__()
        self._fields = {"duty": duty, "worker": worker}

    def filter(self, record: logging.LogRecord) -> bool:
        vars(record).update(self._fields)
        return True


def configure(level: str, *, duty: str, worker: str) -> logging.Logger:
    """Write this process's log as JSON lines; this duty's carry its name and the worker's."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "{levelname}{message}",
            style="{",
            timestamp="time",
            rename_fields={"levelname": "level", "message": "event"},
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # urllib3 logs addresses with their query; nothing in them belongs here.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    logger = logging.getLogger(f"{LOGGER}.{duty}")
    logger.setLevel(level.upper())
    logger.filters[:] = [_Origin(duty, worker)]
    return logger


def where(error: BaseException) -> str:
    """Name an unforeseen error and where it was raised, without its message.

    Messages of Python's own errors quote values (UnicodeEncodeError quotes the whole text).
    """
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places}"
