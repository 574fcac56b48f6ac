"""The client over a psycopg ``Connection``."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

import psycopg
from psycopg import Connection, IsolationLevel
from psycopg.pq import TransactionStatus

from memoriesdb.client import turns
from memoriesdb.client.api import AdminApi, UserApi
from memoriesdb.client.call import Call, Notices, options
from memoriesdb.client.steps import drive
from memoriesdb.errors import translated

if TYPE_CHECKING:
    from memoriesdb.encryption import Encryption

T = TypeVar("T")


def _run(connection: Connection[Any], call: Call[T]) -> T:
    with translated(call.denied), connection.cursor(row_factory=call.query.row_factory) as cursor:
        return call.result(cursor.execute(call.query.sql, call.parameters).fetchall())


class Session(UserApi):
    """One transaction as one user, made by ``Client.as_user``; it ends with its block."""

    def __init__(
        self, connection: Connection[Any], user_id: UUID, encryption: Encryption | None = None
    ) -> None:
        self.id = user_id
        self._cipher = None if encryption is None else encryption.cipher(user_id)
        self._connection: Connection[Any] | None = connection
        self._notices = Notices()

    @property
    def connection(self) -> Connection[Any]:
        """psycopg's connection, for SQL of one's own in the same transaction."""
        if self._connection is None:
            raise turns.ended()
        return self._connection

    def run(self, call: Call[T], /) -> T:
        """Make a call of the API in this transaction."""
        steps = None if self._cipher is None else self._cipher.steps(call)
        if steps is None:
            result = _run(self.connection, call)
        else:
            result = drive(steps, partial(_run, self.connection))
        if call.finish is not None:
            result = call.finish(result, self._notices)
        self._notices.warn()
        return result

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo the block alone when it raises, so that the transaction can go on."""
        with translated(), self.connection.transaction():
            yield

    @contextmanager
    def _open(self) -> Iterator[Self]:
        connection = self.connection
        connection.add_notice_handler(self._notices.hear)
        try:
            yield self
        finally:
            connection.remove_notice_handler(self._notices.hear)
            self._connection = None


class Client(AdminApi):
    """A connection that acts for one user after another; made by ``memoriesdb.connect``.

    Nothing is kept in the database's session, so any pool in between is fine. Each thread has a
    client of its own: behind PgBouncer they are cheap. A connection that was lost is opened again
    by the next transaction.
    """

    def __init__(
        self,
        dsn: str,
        *,
        token: str | None = None,
        encryption: Encryption | None = None,
        isolation_level: IsolationLevel | None = None,
        **psycopg_options: Any,
    ) -> None:
        self._dsn = dsn
        self._token = token
        self._encryption = encryption
        self._isolation_level = isolation_level
        self._options = options(psycopg_options)
        self._turn = threading.Lock()
        self._closed = False
        self._connection = self._connect()

    def _connect(self) -> Connection[Any]:
        with translated():
            connection = psycopg.connect(self._dsn, **self._options)
        if self._isolation_level is not None:
            connection.isolation_level = self._isolation_level
        return connection

    @contextmanager
    def as_user(
        self, user_id: UUID | str, *, reason: str | None = None, act_for: UUID | str | None = None
    ) -> Iterator[Session]:
        """Act as this user in one transaction: commit at the end, roll back on an exception.

        For logins of memoriesdb_app. ``reason`` is recorded in the audit of what is changed. With
        ``act_for`` the user is a service, and acts for one to whom it was assigned.
        """
        with self._session(turns.act_as(user_id, reason), act_for) as session:
            yield session

    @contextmanager
    def as_login(
        self, *, reason: str | None = None, act_for: UUID | str | None = None
    ) -> Iterator[Session]:
        """Act as the user that this connection's login is mapped to, as ``as_user`` otherwise."""
        with self._session(turns.act_as_login(reason), act_for) as session:
            yield session

    @contextmanager
    def as_token(
        self,
        token: str | None = None,
        *,
        reason: str | None = None,
        act_for: UUID | str | None = None,
    ) -> Iterator[Session]:
        """Act as the user of a token, this client's by default, as ``as_user`` otherwise."""
        call = turns.act_as_token(token or self._token, reason)
        with self._session(call, act_for) as session:
            yield session

    @contextmanager
    def _session(self, act: Call[UUID], act_for: UUID | str | None) -> Iterator[Session]:
        with self._transaction() as connection:
            user = _run(connection, act)
            if act_for is not None:
                user = _run(connection, turns.act_for(act_for))
            with Session(connection, user, self._encryption)._open() as session:
                yield session

    def run(self, call: Call[T], /) -> T:
        """Make a call of the admins' API in a transaction of its own, with the client's token."""
        with self._transaction() as connection:
            if self._token is not None:
                _run(connection, turns.act_as_token(self._token, None))
            return _run(connection, call)

    @contextmanager
    def _transaction(self) -> Iterator[Connection[Any]]:
        with turns.turn(self._turn, self._closed), translated(), ExitStack() as stack:
            try:
                stack.enter_context(self._connection.transaction())
            except psycopg.OperationalError:
                # It died while nobody used it, and nothing was begun: a new one will do.
                if not self._connection.closed:
                    raise
                self._connection = self._connect()
                stack.enter_context(self._connection.transaction())
            yield self._connection
            if self._connection.info.transaction_status == TransactionStatus.INERROR:
                # COMMIT would answer ROLLBACK, and nobody would know.
                raise turns.rolled_back()

    def close(self) -> None:
        """Close the connection."""
        self._closed = True
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    dsn: str,
    *,
    token: str | None = None,
    encryption: Encryption | None = None,
    isolation_level: IsolationLevel | None = None,
    **psycopg_options: Any,
) -> Client:
    """Connect to a database, through PgBouncer or directly.

    With a ``token`` (see ``issue_token``) ``client.as_token()`` acts as its user; it is sent as a
    parameter, and so stays out of the server's views and, as shipped, out of its logs.

    With ``encryption`` (see memoriesdb.encryption) contents are encrypted on their way to the
    database and decrypted on their way back.

    ``isolation_level`` is psycopg's, of every transaction; where none is given, the
    server's default.

    Options are psycopg's own, such as ``connect_timeout`` or ``application_name``. Statements are
    not prepared, unless ``prepare_threshold`` is given (direct, or PgBouncer 1.21 and newer).
    """
    return Client(
        dsn,
        token=token,
        encryption=encryption,
        isolation_level=isolation_level,
        **psycopg_options,
    )
