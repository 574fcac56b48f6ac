"""The client over a psycopg ``AsyncConnection``: as ``sync``, with ``await``."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg import AsyncConnection, IsolationLevel
from psycopg.pq import TransactionStatus
from psycopg.rows import AsyncRowFactory

from memoriesdb.client import turns
from memoriesdb.client.api import AdminApi, UserApi
from memoriesdb.client.call import Call, Notices, options
from memoriesdb.client.steps import adrive
from memoriesdb.errors import translated

if TYPE_CHECKING:
    from memoriesdb.encryption import Encryption

T = TypeVar("T")


async def _run(connection: AsyncConnection[Any], call: Call[T]) -> T:
    # psycopg's row factories are for both kinds of cursor, their types for one.
    factory = cast(AsyncRowFactory[Any], call.query.row_factory)
    with translated(call.denied):
        async with connection.cursor(row_factory=factory) as cursor:
            await cursor.execute(call.query.sql, call.parameters)
            return call.result(await cursor.fetchall())


class AsyncSession(UserApi):
    """One transaction as one user, made by ``AsyncClient.as_user``; it ends with its block."""

    def __init__(
        self, connection: AsyncConnection[Any], user_id: UUID, encryption: Encryption | None = None
    ) -> None:
        self.id = user_id
        self._cipher = None if encryption is None else encryption.cipher(user_id)
        self._connection: AsyncConnection[Any] | None = connection
        self._notices = Notices()

    @property
    def connection(self) -> AsyncConnection[Any]:
        """psycopg's connection, for SQL of one's own in the same transaction."""
        if self._connection is None:
            raise turns.ended()
        return self._connection

    async def run(self, call: Call[T], /) -> T:
        """Make a call of the API in this transaction."""
        steps = None if self._cipher is None else self._cipher.steps(call)
        if steps is None:
            result = await _run(self.connection, call)
        else:
            result = await adrive(steps, partial(_run, self.connection))
        if call.finish is not None:
            result = await asyncio.to_thread(call.finish, result, self._notices)
        self._notices.warn()
        return result

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo the block alone when it raises, so that the transaction can go on."""
        with translated():
            async with self.connection.transaction():
                yield

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Self]:
        connection = self.connection
        connection.add_notice_handler(self._notices.hear)
        try:
            yield self
        finally:
            connection.remove_notice_handler(self._notices.hear)
            self._connection = None


class AsyncClient(AdminApi):
    """A connection that acts for one user after another; made by ``memoriesdb.aconnect``.

    As ``Client``; each task has a client of its own.
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
        self._connection: AsyncConnection[Any]

    async def _connect(self) -> None:
        with translated():
            self._connection = await AsyncConnection.connect(self._dsn, **self._options)
        if self._isolation_level is not None:
            await self._connection.set_isolation_level(self._isolation_level)

    @asynccontextmanager
    async def as_user(
        self, user_id: UUID | str, *, reason: str | None = None, act_for: UUID | str | None = None
    ) -> AsyncIterator[AsyncSession]:
        """Act as this user in one transaction: commit at the end, roll back on an exception.

        For logins of memoriesdb_app. ``reason`` is recorded in the audit of what is changed. With
        ``act_for`` the user is a service, and acts for one to whom it was assigned.
        """
        async with self._session(turns.act_as(user_id, reason), act_for) as session:
            yield session

    @asynccontextmanager
    async def as_login(
        self, *, reason: str | None = None, act_for: UUID | str | None = None
    ) -> AsyncIterator[AsyncSession]:
        """Act as the user that this connection's login is mapped to, as ``as_user`` otherwise."""
        async with self._session(turns.act_as_login(reason), act_for) as session:
            yield session

    @asynccontextmanager
    async def as_token(
        self,
        token: str | None = None,
        *,
        reason: str | None = None,
        act_for: UUID | str | None = None,
    ) -> AsyncIterator[AsyncSession]:
        """Act as the user of a token, this client's by default, as ``as_user`` otherwise."""
        call = turns.act_as_token(token or self._token, reason)
        async with self._session(call, act_for) as session:
            yield session

    @asynccontextmanager
    async def _session(
        self, act: Call[UUID], act_for: UUID | str | None
    ) -> AsyncIterator[AsyncSession]:
        async with self._transaction() as connection:
            user = await _run(connection, act)
            if act_for is not None:
                user = await _run(connection, turns.act_for(act_for))
            async with AsyncSession(connection, user, self._encryption)._open() as session:
                yield session

    async def run(self, call: Call[T], /) -> T:
        """Make a call of the admins' API in a transaction of its own, with the client's token."""
        async with self._transaction() as connection:
            if self._token is not None:
                await _run(connection, turns.act_as_token(self._token, None))
            return await _run(connection, call)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[AsyncConnection[Any]]:
        with turns.turn(self._turn, self._closed), translated():
            async with AsyncExitStack() as stack:
                try:
                    await stack.enter_async_context(self._connection.transaction())
                except psycopg.OperationalError:
                    # It died while nobody used it, and nothing was begun: a new one will do.
                    if not self._connection.closed:
                        raise
                    await self._connect()
                    await stack.enter_async_context(self._connection.transaction())
                yield self._connection
                if self._connection.info.transaction_status == TransactionStatus.INERROR:
                    # COMMIT would answer ROLLBACK, and nobody would know.
                    raise turns.rolled_back()

    async def close(self) -> None:
        """Close the connection."""
        self._closed = True
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def aconnect(
    dsn: str,
    *,
    token: str | None = None,
    encryption: Encryption | None = None,
    isolation_level: IsolationLevel | None = None,
    **psycopg_options: Any,
) -> AsyncClient:
    """Connect to a database, as ``connect``, over psycopg's asynchronous connection."""
    client = AsyncClient(
        dsn,
        token=token,
        encryption=encryption,
        isolation_level=isolation_level,
        **psycopg_options,
    )
    await client._connect()
    return client
