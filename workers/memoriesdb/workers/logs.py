"""JSON logs on stderr: what happened, to which job and owner; never a text or a secret."""

import logging
import sys
import traceback

from pythonjsonlogger.json import JsonFormatter

LOGGER = "memoriesdb.worker"


def configure(level: str, *, duty: str, worker: str) -> logging.Logger:
    """Write this process's log as JSON lines that carry the duty and the worker's name."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(
            "{levelname}{message}",
            style="{",
            timestamp="time",
            rename_fields={"levelname": "level", "message": "event"},
            static_fields={"duty": duty, "worker": worker},
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # urllib3 logs addresses with their query; nothing in them belongs here.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    return logging.getLogger(LOGGER)


def where(error: BaseException) -> str:
    """Name an unforeseen error and where it was raised, without its message.

    Messages of Python's own errors quote values (UnicodeEncodeError quotes the whole text).
    """
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__} at {places}"
