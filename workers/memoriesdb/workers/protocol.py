"""Whether this worker and the database speak the same protocol."""

import psycopg

from memoriesdb import queries
from memoriesdb.workers.db import Db

# How workers and the queues' functions speak with each other. Raised together with
# memoriesdb.worker_protocol() where workers of the last release would do harm.
PROTOCOL = 1


class ProtocolError(Exception):
    """The database speaks another protocol than this worker: it must stop."""

    def __init__(self, event: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.event = event
        self.hint = hint


def check(db: Db) -> None:
    """Raise ProtocolError unless the database speaks this worker's protocol."""
    try:
        found = db.value(queries.worker_protocol)
    except psycopg.errors.UndefinedFunction:
        found = 0  # from before there was a number
    said = f"it speaks protocol {PROTOCOL} and the database {found}"
    if found > PROTOCOL:
        raise ProtocolError(
            "this worker is too old for the database",
            said,
            "Install the database's version of memoriesdb here (pip install --upgrade memoriesdb) "
            "and start the worker again.",
        )
    if found < PROTOCOL:
        raise ProtocolError(
            "this worker is too new for the database",
            said,
            "Upgrade the database (memoriesdb upgrade DSN), or install its version of memoriesdb "
            "here, and start the worker again.",
        )
