"""The client over an asynchronous connection: the same API, awaited."""

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Callable
from uuid import UUID

import psycopg
import pytest

import memoriesdb
from acting import Database
from memoriesdb import AsyncClient, AsyncSession, Client, Session
from memoriesdb.errors import EmptyContentError, NoUserError, RolledBackError, UsageError


def run(database: Database, main: Callable[[AsyncClient], Awaitable[None]]) -> None:
    async def connected() -> None:
        async with await memoriesdb.aconnect(database.dsn("app")) as client:
            await main(client)

    asyncio.run(connected())


def test_memories_are_kept_recalled_and_undone(database: Database, alice: UUID, bob: UUID) -> None:
    async def main(client: AsyncClient) -> None:
        async with client.as_user(alice, reason="import") as me:
            ids = await me.remember_many([{"content": "tea at five"}, {"content": "cake at six"}])
            assert [found.memory_id for found in await me.recall("tea")] == ids[:1]
            assert (await me.update(ids[1], kind="fact")).version == 2

        async def half() -> None:
            async with client.as_user(alice) as me:
                await me.remember("half")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await half()
        async with client.as_user(alice) as me:
            assert await me.recall("half") == []
            with pytest.raises(EmptyContentError):
                async with me.savepoint():
                    await me.remember("")
            assert await me.user_id("bob") == bob
        async with client.as_user(bob) as me:
            assert await me.recall("tea") == []
            assert me.id == bob

    run(database, main)


def test_misuse_is_refused(database: Database, alice: UUID) -> None:
    async def main(client: AsyncClient) -> None:
        async with client.as_user(alice) as me:
            with pytest.raises(UsageError):
                async with client.as_user(alice):
                    pass
        with pytest.raises(UsageError):
            await me.remember("too late")

        async def caught() -> None:
            async with client.as_user(alice) as me:
                with contextlib.suppress(EmptyContentError):
                    await me.remember("")

        with pytest.raises(RolledBackError):
            await caught()
        await client.close()
        with pytest.raises(UsageError):
            await client.queue_status()

    run(database, main)


def test_tasks_with_a_client_each_never_see_each_others_user(
    database: Database, alice: UUID, bob: UUID
) -> None:
    texts = {alice: "apple", bob: "banana"}
    for user, text in texts.items():
        database.remember(user, text)

    async def work(user: UUID) -> set[str]:
        seen: set[str] = set()
        async with await memoriesdb.aconnect(database.dsn("app")) as client:
            for _ in range(20):
                async with client.as_user(user) as me:
                    seen |= {found.content for found in await me.recall("apple banana")}
        return seen

    async def main() -> list[set[str]]:
        return list(await asyncio.gather(work(alice), work(bob), work(alice), work(bob)))

    assert asyncio.run(main()) == [{"apple"}, {"banana"}] * 2


def test_a_cancelled_block_is_undone_and_the_client_goes_on(
    database: Database, alice: UUID
) -> None:
    async def main(client: AsyncClient) -> None:
        async def slow() -> None:
            async with client.as_user(alice) as me:
                await me.remember("cancelled")
                await me.connection.execute("select pg_sleep(60)")

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(slow(), 0.5)
        async with client.as_user(alice) as me:
            assert await me.recall("cancelled") == []

    run(database, main)


def test_a_connection_that_died_unused_is_opened_again(database: Database, alice: UUID) -> None:
    async def main() -> None:
        async with await memoriesdb.aconnect(database.dsn("app", pooled=False)) as client:
            async with client.as_user(alice) as me:
                cursor = await me.connection.execute("select pg_backend_pid()")
                pid = await cursor.fetchone()
            database.superuser().execute("select pg_terminate_backend(%s)", pid)
            async with client.as_user(alice) as me:
                await me.remember("on a new connection")

    asyncio.run(main())


def test_admins_and_mapped_logins_have_it_too(database: Database) -> None:
    async def main() -> None:
        async with (
            await memoriesdb.aconnect(database.dsn("admin")) as admin,
            await memoriesdb.aconnect(database.dsn("client")) as mine,
        ):
            carol = await admin.create_user("carol")
            with pytest.raises(NoUserError):
                async with mine.as_login():
                    pass
            await admin.map_db_role(carol, "test_client")
            async with mine.as_login() as me:
                assert me.id == carol

    asyncio.run(main())


def test_a_server_that_is_away_is_an_operational_error() -> None:
    async def main() -> None:
        await memoriesdb.aconnect("postgresql://x@127.0.0.1:1/x", connect_timeout=5)

    with pytest.raises(psycopg.OperationalError):
        asyncio.run(main())


def test_both_kinds_have_the_same_methods_with_the_same_parameters() -> None:
    for direct, awaited in ((Session, AsyncSession), (Client, AsyncClient)):
        names = {name for name in dir(direct) if name[0] != "_" and name != "connection"}
        assert names == {name for name in dir(awaited) if name[0] != "_"} - {"connection"}
        for name in names:
            method, twin = getattr(direct, name), getattr(awaited, name)
            assert inspect.signature(method).parameters == inspect.signature(twin).parameters
            assert method.__doc__, name
            blocks = {"as_user", "as_login", "as_token", "savepoint"}
            assert name in blocks or inspect.iscoroutinefunction(twin)
