"""What recall does beside finding: why, why not, for many queries at once, packed for a prompt."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

import memoriesdb
from acting import Database
from memoriesdb import Client
from memoriesdb.client import BatchRecalled, BuiltContext, Explained
from memoriesdb.errors import MemoryNotFoundError, WrongDimensionError

TEXTS = ["The violin is in the attic.", "The key hangs behind the door.", "Tea is at five."]
AT = datetime(2023, 5, 7, 12, tzinfo=UTC)


@pytest.fixture
def client(database: Database, alice: UUID) -> Iterator[Client]:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 3, activate=False)
    with memoriesdb.connect(database.dsn("app")) as connected:
        yield connected


@pytest.fixture
def ids(client: Client, alice: UUID) -> list[UUID]:
    with client.as_user(alice) as me:
        return me.remember_many({"content": text, "occurred_at": AT} for text in TEXTS)


def test_a_row_says_why_it_was_found(client: Client, alice: UUID, ids: list[UUID]) -> None:
    with client.as_user(alice) as me:
        (found,) = me.recall("violin")
    assert found.memory_id == ids[0]
    assert found.why["keyword"]["rank"] == found.keyword_rank == 1
    assert "vector" not in found.why, "there is no vector"


def test_a_memory_that_is_not_found_is_explained(
    client: Client, alice: UUID, bob: UUID, ids: list[UUID]
) -> None:
    with client.as_user(alice) as me:
        found = me.explain_recall("violin", ids[0], 5)
        assert all(isinstance(step, Explained) for step in found)
        assert (found[-1].outcome, found[-1].rank) == ("returned", 1)
        assert found[-1].score == me.recall("violin")[0].score
        assert me.explain_recall("violin", ids[1])[-1].outcome != "returned"
        removed = me.explain_recall("violin", ids[0], kinds=["fact"], since=AT, stream="x")
        assert {s.step for s in removed if s.outcome == "removed"} == {"kinds", "stream", "result"}
        with pytest.raises(MemoryNotFoundError), me.savepoint():
            me.explain_recall("violin", uuid4())
    with pytest.raises(MemoryNotFoundError), client.as_user(bob) as me:
        me.explain_recall("violin", ids[0])


def test_many_queries_at_once_find_what_each_finds(
    client: Client, alice: UUID, ids: list[UUID]
) -> None:
    queries = ["key door", "nothing like it", "violin tea"]
    with client.as_user(alice) as me:
        found = me.recall_batch(queries, 2, until=datetime.now(UTC))
        for number, query in enumerate(queries, 1):
            mine = [f for f in found if f.query_number == number]
            assert [f.memory_id for f in mine] == [f.memory_id for f in me.recall(query, 2)]
        assert all(isinstance(f, BatchRecalled) for f in found)
        assert found == sorted(found, key=lambda f: f.query_number)
        assert {f.memory_id for f in found if f.query_number == 1} == {ids[1]}
        assert me.recall_batch(["violin"], kinds=["fact"]) == []
    # Without a model a vector is of nothing, and said to be.
    vectors: list[list[float] | None] = [[1, 2, 3], None]
    with pytest.raises(WrongDimensionError), client.as_user(alice) as me:
        me.recall_batch(["violin", "tea"], query_embeddings=vectors, k=1)


def test_a_context_is_packed_with_citations(client: Client, alice: UUID, ids: list[UUID]) -> None:
    with client.as_user(alice) as me:
        built = me.build_context("where is the violin?", 200, 5, since=AT)
        assert isinstance(built, BuiltContext)
        assert TEXTS[0] in built.context
        assert built.memory_count == len(built.citations) == 1
        assert 0 < built.token_count <= 200
        assert str(ids[0]) in str(built.citations)
        assert me.build_context("xylophone").memory_count == 0


def test_the_same_is_awaited(
    database: Database, client: Client, alice: UUID, ids: list[UUID]
) -> None:
    async def main() -> None:
        async with (
            await memoriesdb.aconnect(database.dsn("app")) as connected,
            connected.as_user(alice) as me,
        ):
            assert (await me.explain_recall("violin", ids[0]))[-1].outcome == "returned"
            assert [f.query_number for f in await me.recall_batch(["tea", "violin"])] == [1, 2]
            assert (await me.build_context("violin")).memory_count == 1

    asyncio.run(main())
