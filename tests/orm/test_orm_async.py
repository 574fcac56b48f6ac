"""Asynchronous engines and sessions are isolated in the same way. They need greenlet."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from acting import Database

pytest.importorskip("greenlet", reason="pip install sqlalchemy[asyncio]")

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from memoriesdb.errors import UsageError
from memoriesdb.sqlalchemy import USER, Memory, acting_as, create_async_engine, isolate

NOW_ACTING = select(func.memoriesdb.current_user_id())


def run(database: Database, main: Callable[[AsyncEngine], Awaitable[None]]) -> None:
    async def with_engine() -> None:
        engine = create_async_engine(database.dsn("app"), pool_size=2, max_overflow=0)
        try:
            await main(engine)
        finally:
            await engine.dispose()

    asyncio.run(with_engine())


def test_memories_are_made_changed_and_seen_by_their_user(
    database: Database, alice: UUID, bob: UUID
) -> None:
    async def main(engine: AsyncEngine) -> None:
        with acting_as(alice):
            async with AsyncSession(engine) as session:
                memory = Memory(content="hers")
                session.add(memory)
                await session.flush()
                # No statement is sent on access to an attribute: it would fail here.
                assert (memory.owner_id, memory.version) == (alice, 1)
                memory.content = "still hers"
                await session.flush()
                assert memory.version == 2
                await session.commit()
        with acting_as(bob):
            async with AsyncSession(engine) as session:
                assert (await session.scalars(select(Memory))).all() == []
        async with AsyncSession(engine) as session:
            assert await session.scalar(NOW_ACTING) is None
            with acting_as(alice):
                with pytest.raises(UsageError):
                    await session.scalar(NOW_ACTING)
                await session.rollback()
                assert await session.scalar(NOW_ACTING) == alice

    run(database, main)


def test_tasks_have_a_user_each(database: Database, alice: UUID, bob: UUID) -> None:
    async def main(engine: AsyncEngine) -> None:
        async def work(user: UUID) -> set[UUID | None]:
            seen = set()
            with acting_as(user):
                for _ in range(20):
                    async with AsyncSession(engine) as session:
                        seen.add(await session.scalar(NOW_ACTING))
            return seen

        seen = await asyncio.gather(*(work(user) for user in (alice, bob) * 3))
        assert seen == [{alice}, {bob}] * 3

    run(database, main)


def test_an_async_sessions_info_names_its_user(database: Database, alice: UUID, bob: UUID) -> None:
    async def main(engine: AsyncEngine) -> None:
        make = isolate(async_sessionmaker(engine))
        async with make(info={USER: alice}) as session:
            assert await session.scalar(NOW_ACTING) == alice
            await session.commit()
            assert await session.scalar(NOW_ACTING) == alice
        with acting_as(bob):
            async with make() as session:
                assert await session.scalar(NOW_ACTING) == bob
        # Another sessionmaker of the same engine has no such hook: the engine's user counts.
        async with async_sessionmaker(engine)(info={USER: alice}) as session:
            assert await session.scalar(NOW_ACTING) is None
        async with engine.begin() as db:
            assert (await db.execute(sa.text("select 1"))).scalar() == 1
        with pytest.raises(UsageError):
            isolate(async_sessionmaker())

    run(database, main)
