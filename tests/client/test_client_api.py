"""Every method of the API, once, with its typed result."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

import memoriesdb
from acting import Database
from memoriesdb import Client, Session
from memoriesdb.client import Memory, Neighbor, QueueStatus, Recalled
from memoriesdb.errors import MemoryNotFoundError, NotAllowedError, OwnerOnlyError


@pytest.fixture
def client(database: Database) -> Iterator[Client]:
    with memoriesdb.connect(database.dsn("app")) as connected:
        yield connected


@pytest.fixture
def me(client: Client, alice: UUID) -> Iterator[Session]:
    with client.as_user(alice) as session:
        yield session


def test_a_memory_comes_back_as_it_was_given(me: Session) -> None:
    at = datetime(2024, 2, 29, 12, tzinfo=UTC)
    memory_id = me.remember(
        "Grüße, 世界 🌍",
        "message",
        metadata={"speaker": "Ada", "nested": {"ids": [1, 2.5, None, True]}},
        stream="chat",
        importance=0.75,
        occurred_at=at,
        expires_at=at + timedelta(days=36500),
    )
    memory = me.get(memory_id)
    assert isinstance(memory, Memory)
    assert memory.content == "Grüße, 世界 🌍"
    assert memory.content_hash == sha256(memory.content.encode()).digest()
    assert memory.metadata == {"speaker": "Ada", "nested": {"ids": [1, 2.5, None, True]}}
    assert (memory.kind, memory.stream, memory.importance) == ("message", "chat", 0.75)
    assert (memory.occurred_at, memory.expires_at) == (at, at + timedelta(days=36500))
    assert (memory.owner_id, memory.created_by, memory.version) == (me.id, me.id, 1)


def test_many_are_kept_in_their_order(me: Session) -> None:
    at = datetime(2024, 1, 1, tzinfo=UTC)
    ids = me.remember_many(
        {"content": f"line {n}", "stream": "s", "occurred_at": at, "metadata": {"n": n}}
        for n in range(50)
    )
    memories = [me.get(memory_id) for memory_id in ids]
    assert [memory.metadata["n"] for memory in memories if memory] == list(range(50))
    assert me.remember_many([]) == []


def test_recall_takes_all_its_filters(me: Session) -> None:
    old, new = datetime(2020, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)
    me.remember("tea in the morning", "fact", occurred_at=old, stream="a", metadata={"who": "x"})
    me.remember("tea in the evening", "event", occurred_at=new, stream="b")
    assert len(me.recall("tea", 1)) == 1
    found = me.recall("tea", kinds=["fact"])
    assert isinstance(found[0], Recalled)
    assert [f.content for f in found] == ["tea in the morning"]
    assert found == me.recall("tea", stream="a")
    assert found == me.recall("tea", metadata_filter={"who": "x"})
    assert found == me.recall("tea", until=new)
    assert [f.content for f in me.recall("tea", since=new)] == ["tea in the evening"]
    assert me.recall("tea", kinds=[]) == []
    assert me.recall("tea", min_score=2) == []
    assert me.recall("tea", include_shared=False, k=1000)[0].embedding_state == "none"


def test_an_update_changes_what_is_given_and_keeps_the_rest(me: Session) -> None:
    memory_id = me.remember("first", stream="s", metadata={"a": 1})
    changed = me.update(memory_id, content="second", trust=0.25)
    assert (changed.content, changed.trust, changed.version) == ("second", 0.25, 2)
    assert (changed.stream, changed.metadata) == ("s", {"a": 1})
    at = datetime(2021, 1, 1, tzinfo=UTC)
    changed = me.update(
        memory_id, stream=None, metadata={}, kind="fact", importance=0, occurred_at=at
    )
    assert (changed.stream, changed.metadata, changed.kind) == (None, {}, "fact")
    assert (changed.importance, changed.occurred_at) == (0, at)
    assert me.update(memory_id, expires_at=at).expires_at == at
    last = me.update(memory_id, expires_at=None)
    assert last.expires_at is None
    assert me.get(memory_id) == last


def test_an_unknown_memory_is_none_false_or_an_error(me: Session) -> None:
    unknown = uuid4()
    assert me.get(unknown) is None
    assert me.history(unknown) == []
    assert me.custody(unknown) == []
    assert not me.delete(unknown)
    assert not me.forget(unknown)
    assert not me.restore(unknown)
    with pytest.raises(MemoryNotFoundError):
        me.update(unknown, content="x")


def test_history_holds_every_state_after_the_memory_is_deleted(me: Session) -> None:
    memory_id = me.remember("one")
    me.update(memory_id, content="two")
    assert me.forget(memory_id)
    assert me.recall("two") == []
    assert me.restore(memory_id)
    states = me.history(memory_id)
    assert [(s.content, s.operation) for s in states] == [
        ("one", "UPDATE"),
        ("two", "UPDATE"),
        ("two", "UPDATE"),
        ("two", None),
    ]
    assert all(s.memory_id == memory_id for s in states)
    then = states[1].valid_from - timedelta(microseconds=1)
    assert [s.content for s in me.as_of(then)] == ["one"]
    assert me.delete(memory_id)
    assert [s.operation for s in me.history(memory_id)][-1] == "DELETE"
    assert me.get(memory_id) is None


def test_shared_memories_are_read_written_and_taken_back(
    client: Client, alice: UUID, bob: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("our plan")
        grantee = me.user_id("bob")
        assert grantee == bob
        me.share(memory_id, bob)
    with client.as_user(bob) as me:
        assert [f.owner_id for f in me.recall("plan")] == [alice]
        assert me.recall("plan", include_shared=False) == []
        assert me.get(memory_id) is not None
        assert not me.delete(memory_id)
        with pytest.raises(MemoryNotFoundError), me.savepoint():
            me.update(memory_id, content="his plan")
    with client.as_user(alice) as me:
        me.share(memory_id, bob, "write", expires_at=datetime.now(UTC) + timedelta(hours=1))
    with client.as_user(bob) as me:
        assert me.update(memory_id, content="our better plan").updated_by == bob
        with pytest.raises(OwnerOnlyError), me.savepoint():
            me.update(memory_id, expires_at=datetime.now(UTC))
    with client.as_user(alice) as me:
        assert me.unshare(memory_id, bob)
        assert not me.unshare(memory_id, bob)
    with client.as_user(bob) as me:
        assert me.get(memory_id) is None
        assert me.user_id("nobody") is None


def test_a_transfer_has_a_chain_of_custody(client: Client, alice: UUID, bob: UUID) -> None:
    with client.as_user(alice) as me:
        memory_id, other = me.remember_many([{"content": "a map"}, {"content": "a key"}])
        me.link(memory_id, other, "needs", weight=0.5, metadata={"why": "locked"})
        me.transfer(memory_id, bob, "sold")
    with client.as_user(bob) as me:
        chain = me.custody(memory_id)
        assert [(c.owner_id, c.reason) for c in chain] == [(alice, "sold"), (bob, None)]
        assert chain[1].held_until is None
    with client.as_user(alice) as me:
        edges = me.custody(memory_id)[0].edges
        assert edges is not None
        assert edges[0]["metadata"] == {"why": "locked"}


def test_links_lead_to_neighbors(me: Session) -> None:
    a, b, c = me.remember_many({"content": text} for text in ("a", "b", "c"))
    me.link(a, b, "next", weight=0.5)
    me.link(b, c, "next", weight=0.5)
    near = me.neighbors(a)
    assert near == [Neighbor(b, 1, a, "next", "out", 0.5, "note", "b")]
    assert [n.neighbor_id for n in me.neighbors(a, 2)] == [b, c]
    assert me.neighbors(a, 2, max_nodes=1) == near
    assert me.neighbors(a, relation="other") == []
    assert me.unlink(a, b, "other") == 0
    assert me.unlink(a, b) == 1


def test_the_graph_shows_links_after_a_refresh(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        a, b = me.remember_many([{"content": "a"}, {"content": "b", "kind": "fact"}])
        me.link(a, b)
    worker = database.connect("worker", autocommit=True)
    for job in worker.execute("select * from memoriesdb.claim_vindexing('test', 10)").fetchall():
        worker.execute("select memoriesdb.refresh_graph('test', %s, %s)", job[:2])
    with client.as_user(alice) as me:
        (edge,) = me.graph()
        assert (edge.source_id, edge.target_id, edge.target_kind) == (a, b, "fact")


def test_queue_status_counts_ones_own_jobs(database: Database, client: Client, bob: UUID) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 3, model="mini")
        with client.as_user(bob) as me:
            me.remember("to embed")
            mine = me.queue_status()
        assert all(isinstance(jobs, QueueStatus) for jobs in mine)
        assert {(jobs.queue, jobs.what, jobs.due) for jobs in mine} == {
            ("embedding", "m", 1),
            ("indexing", "words", 1),
        }
        assert admin.queue_status() == mine


def test_verify_names_what_was_changed_behind_the_triggers(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("the truth")
        assert me.verify_memories() == []
    behind = database.superuser()
    behind.execute("set session_replication_role = replica")
    behind.execute("alter table memoriesdb.memories disable trigger all")
    behind.execute("update memoriesdb.memories set content = 'a lie' where id = %s", (memory_id,))
    with client.as_user(alice) as me:
        assert {p.memory_id for p in me.verify_memories()} == {memory_id}
    with memoriesdb.connect(database.dsn("auditor")) as auditor:
        assert {p.owner_id for p in auditor.verify_memories()} == {alice}


def test_a_viewer_reads_and_is_told_so(database: Database, client: Client) -> None:
    viewer = database.create_user("viewer", "viewer")
    acts: list[Callable[[Session], object]] = [
        lambda me: me.remember("x"),
        lambda me: me.update(uuid4(), content="x"),
        lambda me: me.delete(uuid4()),
        lambda me: me.forget(uuid4()),
    ]
    for act in acts:
        with pytest.raises(NotAllowedError), client.as_user(viewer) as me:
            act(me)
    with client.as_user(viewer) as me:
        assert me.recall("x") == []


def test_admins_manage_users_settings_and_models(database: Database, client: Client) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        carol = admin.create_user("carol", "carol@example.org", "service")
        assert admin.user_id("carol") == carol
        admin.set_setting("query_cache_size", 5)
        model = admin.register_embedding_model("m", "openai", "https://models.example.org/v1", 8)
        again = admin.register_embedding_model("m", "openai", "https://other.example.org/v1", 8)
        assert model == again
        with client.as_user(carol) as me:
            me.remember("before")
        assert admin.deactivate_user(carol)
        assert not admin.deactivate_user(carol)
    with pytest.raises(memoriesdb.MemoriesError), client.as_user(carol):
        pass
