"""An ORM application with two lines added: it reads and writes as its users, through PgBouncer."""

from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from acting import Database
from memoriesdb.errors import EmptyContentError, ImmutableError
from memoriesdb.sqlalchemy import (
    EmbeddingModel,
    Memory,
    MemoryEdge,
    MemoryEmbedding,
    MemoryGrant,
    MemoryVersion,
    User,
    acting_as,
    create_engine,
    memory_graph,
)


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    made = create_engine(database.dsn("app"))
    yield made
    made.dispose()


@pytest.fixture
def session(engine: sa.Engine, alice: UUID) -> Iterator[Session]:
    with acting_as(alice), Session(engine) as opened:
        yield opened


class Statements(list[str]):
    """What was sent over an engine, but for what sets the user."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__()
        event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, *arguments: object) -> None:
        if "set_config" not in str(arguments[2]):
            self.append(str(arguments[2]))


def test_a_memory_is_made_with_all_that_the_database_stamps(session: Session, alice: UUID) -> None:
    memory = Memory(content="Grüße", metadata_={"speaker": "Ada"})
    session.add(memory)
    session.commit()
    assert memory.owner_id == memory.created_by == memory.updated_by == alice
    assert memory.content_hash == sha256("Grüße".encode()).digest()
    assert (memory.kind, memory.importance, memory.version) == ("note", 0.5, 1)
    assert memory.occurred_at.tzinfo is not None
    assert session.get(Memory, (alice, memory.id)) is memory


def test_what_the_database_stamps_comes_back_with_the_statement(
    engine: sa.Engine, session: Session
) -> None:
    sent = Statements(engine)
    memory = Memory(content="one")
    session.add(memory)
    session.flush()
    assert (memory.version, len(sent)) == (1, 1)
    memory.content = "two"
    session.flush()
    assert memory.version == 2
    assert memory.content_hash == sha256(b"two").digest()
    assert len(sent) == 2
    assert "search" not in sent[0] + sent[1]


def test_changes_and_deletions_are_kept_in_history(session: Session) -> None:
    memory = Memory(content="one", occurred_at=datetime(2024, 1, 1, tzinfo=UTC))
    session.add(memory)
    session.commit()
    memory.metadata_["colour"] = "red"  # in place
    memory.trust = 0.25
    session.commit()
    assert (memory.metadata_, memory.trust, memory.version) == ({"colour": "red"}, 0.25, 2)
    session.delete(memory)
    session.commit()
    assert session.scalars(select(Memory)).all() == []
    versions = session.scalars(select(MemoryVersion).order_by(MemoryVersion.version)).all()
    assert [(v.operation, v.metadata_) for v in versions] == [
        ("UPDATE", {}),
        ("DELETE", {"colour": "red"}),
    ]


def test_many_memories_are_one_statement_and_keep_their_order(
    engine: sa.Engine, session: Session
) -> None:
    sent = Statements(engine)
    memories = [Memory(content=f"line {n}") for n in range(500)]
    session.add_all(memories)
    session.commit()
    assert len(sent) == 1
    assert [m.seq for m in memories] == sorted(m.seq for m in memories)
    for n in (0, 250, 499):
        found = session.get(Memory, (memories[n].owner_id, memories[n].id), populate_existing=True)
        assert found is not None
        assert found.content == f"line {n}"


def test_bulk_statements_work(session: Session, alice: UUID) -> None:
    session.execute(sa.insert(Memory), [{"content": f"c{n}", "stream": "s"} for n in range(100)])
    ids = session.scalars(
        sa.insert(Memory).returning(Memory.id, sort_by_parameter_order=True),
        [{"content": f"d{n}"} for n in range(100)],
    ).all()
    assert len(set(ids)) == 100
    session.execute(sa.update(Memory).where(Memory.stream == "s").values(kind="fact"))
    session.execute(sa.delete(Memory).where(Memory.id == ids[0]))
    session.commit()
    assert session.scalar(select(func.count()).where(Memory.kind == "fact")) == 100
    assert session.scalar(select(func.count()).select_from(Memory)) == 199
    assert session.scalars(select(User.id)).all() == [alice]


def test_links_vectors_and_functions_are_at_hand(
    database: Database, session: Session, alice: UUID, bob: UUID
) -> None:
    a, b = Memory(content="tea at five"), Memory(content="cake at six")
    session.add_all([a, b])
    session.flush()
    session.add(MemoryEdge(source_id=a.id, target_id=b.id, relation="next", weight=0.5))
    session.execute(select(func.memoriesdb.share(a.id, bob)))
    session.commit()
    edge = session.scalars(select(MemoryEdge)).one()
    assert (edge.owner_id, edge.weight, edge.metadata_) == (alice, 0.5, {})
    edge.weight = 0.75
    session.commit()
    assert session.scalars(select(MemoryGrant.grantee_id)).all() == [bob]
    assert session.execute(select(memory_graph)).all() == []

    found = func.memoriesdb.recall("tea", 5).table_valued("memory_id", "score")
    rows = session.execute(
        select(Memory, found.c.score).join(found, found.c.memory_id == Memory.id)
    )
    assert [memory for memory, _ in rows] == [a]

    behind = database.superuser()
    behind.execute(
        "insert into memoriesdb.embedding_models (id, name, provider, endpoint, model, dimensions, "
        "created_at) values (gen_random_uuid(), 'm', 'ollama', 'http://x', 'm', 3, now())"
    )
    behind.execute(
        "insert into memoriesdb.memory_embeddings (owner_id, memory_id, model_id, doc, embedding, "
        "text_hash) select owner_id, id, (select id from memoriesdb.embedding_models), "
        "seq, '[1,0,0]', embedding_text_hash from memoriesdb.memories where id = %s",
        (a.id,),
    )
    distance = MemoryEmbedding.embedding.cosine_distance([0, 1, 0])
    nearest = session.execute(
        select(MemoryEmbedding, EmbeddingModel.name, distance)
        .join(Memory)
        .join(EmbeddingModel)
        .order_by(distance)
    ).one()
    assert list(nearest[0].embedding) == [1, 0, 0]
    assert nearest[1:] == ("m", 1.0)


def test_an_error_says_its_class(session: Session) -> None:
    session.add(Memory(content=" "))
    with pytest.raises(DBAPIError) as caught:
        session.commit()
    assert isinstance(caught.value.orig, EmptyContentError)
    assert caught.value.orig.hint
    session.rollback()
    session.add(Memory(content="goes on"))
    session.commit()


@pytest.mark.parametrize("column", ["id", "owner_id", "version", "created_by", "forgotten_at"])
def test_nobody_chooses_what_the_database_stamps(session: Session, bob: UUID, column: str) -> None:
    value = {"version": 7, "forgotten_at": datetime.now(UTC)}.get(column, bob)
    session.add(Memory(content="x", **{column: value}))
    with pytest.raises(DBAPIError) as caught:
        session.flush()
    assert isinstance(caught.value.orig, psycopg.errors.InsufficientPrivilege | ImmutableError)


def test_rows_of_other_users_are_neither_seen_nor_changed(
    engine: sa.Engine, alice: UUID, bob: UUID
) -> None:
    with acting_as(alice), Session(engine) as session:
        secret = Memory(content="secret")
        session.add(secret)
        session.commit()
        secret_id = secret.id
    with acting_as(bob), Session(engine) as session:
        assert session.get(Memory, (alice, secret_id)) is None
        changed = session.execute(sa.update(Memory).values(content="mine"))
        gone = session.execute(sa.delete(Memory))
        session.commit()
        assert (changed.rowcount, gone.rowcount) == (0, 0)  # type: ignore[attr-defined]
    with acting_as(alice), Session(engine) as session:
        assert session.scalars(select(Memory.content)).all() == ["secret"]
