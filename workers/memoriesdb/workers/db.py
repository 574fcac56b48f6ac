"""The workers' connection: safe behind transaction pooling, and patient with the database."""

import contextlib
import math
import time
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from memoriesdb import queries
from memoriesdb.queries import Query
from memoriesdb.workers.backoff import Backoff

Row = TypeVar("Row")

OUTDATED = "MD506"

# Serialization failure, deadlock, lock not available: the same call may work the next moment.
_TRANSIENT = frozenset({"40001", "40P01", "55P03"})
# The server is going down, starting up, or a standby now: another connection is needed.
_LOST = frozenset({"57P01", "57P02", "57P03", "57P05", "25006", "53300"})
_ATTEMPTS = 5

# Found dead within a minute, where the system's own limits are hours.
_DEFAULTS: dict[str, str | int] = {
    "client_encoding": "utf8",
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60000,
}


class DatabaseAwayError(Exception):
    """The database cannot be reached, or the connection was lost during a call."""


def is_lost(error: psycopg.Error) -> bool:
    """Tell whether this error means that the connection cannot be used any more."""
    if error.sqlstate is None:
        # InternalError: what the server said when it went came beside the answer to a statement.
        lost = psycopg.OperationalError | psycopg.InterfaceError | psycopg.InternalError
        return isinstance(error, lost)
    return error.sqlstate.startswith("08") or error.sqlstate in _LOST


def describe(error: psycopg.Error) -> str:
    """Say what the server said, without DETAIL and CONTEXT, which may quote values of rows."""
    message = error.diag.message_primary or str(error).strip().partition("\n")[0]
    return f"{error.sqlstate or 'no SQLSTATE'}: {message[:300]}"


class Db:
    """One autocommit connection, opened when needed and again when lost.

    Nothing is kept in the session, where a pool in transaction mode would leave it with the next
    client: no prepared statements, and the statement timeout is local to each transaction.
    """

    def __init__(
        self,
        dsn: str,
        *,
        application_name: str,
        connect_timeout: int = 5,
        statement_timeout: float = 30.0,
    ) -> None:
        given = conninfo_to_dict(dsn)
        defaults: dict[str, Any] = {
            key: value for key, value in _DEFAULTS.items() if key not in given
        }
        self._conninfo = make_conninfo(
            dsn,
            **defaults,
            application_name=application_name[:63],
            connect_timeout=connect_timeout,
        )
        self._statement_timeout = statement_timeout
        self._connection: psycopg.Connection[Any] | None = None

    def rows(
        self,
        query: Query[Row],
        /,
        *,
        timeout: float | None = None,
        patience: Callable[[], float] = lambda: 0.0,
        **parameters: object,
    ) -> list[Row]:
        """Run the query in a transaction of its own and return its rows.

        Serialization failures and deadlocks are tried again. A lost connection is opened again
        once, and for as long as ``patience()`` is positive; then DatabaseAwayError is raised.
        All the queue's functions may be repeated: what was already done is refused by its token.
        """
        backoff = Backoff(0.05, 2.0)
        attempt = 0
        while True:
            attempt += 1
            reused = self._connection is not None
            try:
                return self._run(query, parameters, timeout or self._statement_timeout)
            except psycopg.Error as error:
                if is_lost(error):
                    self.close()
                    if not reused and patience() <= 0:
                        raise DatabaseAwayError(describe(error)) from error
                elif error.sqlstate not in _TRANSIENT or attempt >= _ATTEMPTS:
                    raise
            time.sleep(backoff.next())

    def value(
        self,
        query: Query[Row],
        /,
        *,
        timeout: float | None = None,
        patience: Callable[[], float] = lambda: 0.0,
        **parameters: object,
    ) -> Row:
        """Run a query that gives one value and return it."""
        (value,) = self.rows(query, timeout=timeout, patience=patience, **parameters)
        return value

    def _run(self, query: Query[Row], parameters: dict[str, object], timeout: float) -> list[Row]:
        connection = self._connect()
        limit = queries.set_statement_timeout
        with connection.transaction(), connection.cursor(row_factory=query.row_factory) as cursor:
            connection.execute(limit.sql, {"milliseconds": str(math.ceil(timeout * 1000))})
            return cursor.execute(query.sql, parameters).fetchall()

    def _connect(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._conninfo, autocommit=True, prepare_threshold=None
            )
        return self._connection

    def cancel(self) -> None:
        """Ask the server, from any thread, to end the statement that is running."""
        if self._connection is not None:
            # A server that cannot be told ends it at the statement timeout.
            with contextlib.suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=2.0)

    def close(self) -> None:
        """Close the connection; the next query opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
