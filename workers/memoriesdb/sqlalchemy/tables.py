"""The tables that users see, as typed metadata: compared with the catalogue by a test."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NoReturn
from uuid import UUID

import sqlalchemy as sa
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from memoriesdb.errors import UsageError

SCHEMA: Final = "memoriesdb"


class Base(DeclarativeBase):
    """The tables that users see, apart from the application's own metadata."""

    metadata = sa.MetaData(schema=SCHEMA)
    # What the database stamps comes back with the INSERT or UPDATE: no second statement, which an
    # asynchronous session could not send on access to an attribute.
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012
    type_annotation_map = {  # noqa: RUF012
        str: sa.Text(),
        datetime: sa.DateTime(timezone=True),
        float: sa.REAL(),
        bytes: sa.LargeBinary(),
        dict[str, Any]: MutableDict.as_mutable(JSONB()),
    }


def _stamped(*arguments: Any, **options: Any) -> Any:
    """A column that the database fills when the row is made."""
    return mapped_column(*arguments, server_default=sa.FetchedValue(), **options)


def _restamped(*arguments: Any, **options: Any) -> Any:
    """A column that the database fills when the row is made and when it changes."""
    return _stamped(*arguments, server_onupdate=sa.FetchedValue(), **options)


def _of_memory(*columns: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        columns, [f"{SCHEMA}.memories.owner_id", f"{SCHEMA}.memories.id"], ondelete="CASCADE"
    )


class User(Base):
    """The user of the transaction: the only row one sees, of the columns that one may read."""

    __tablename__ = "users"

    id: Mapped[UUID] = _stamped(primary_key=True)
    username: Mapped[str]
    email: Mapped[str | None]
    role: Mapped[str] = _stamped()
    is_active: Mapped[bool] = _stamped()
    created_at: Mapped[datetime] = _stamped()


class Memory(Base):
    """What is remembered. ``content`` is enough to make one; ``search`` is in the table alone."""

    __tablename__ = "memories"

    owner_id: Mapped[UUID] = _stamped(sa.ForeignKey(User.id), primary_key=True)
    id: Mapped[UUID] = _stamped(primary_key=True)
    # By it, many rows of one INSERT are told apart when their ids come back.
    seq: Mapped[int] = mapped_column(
        sa.BigInteger, sa.Identity(always=True), insert_sentinel=True, nullable=False
    )
    kind: Mapped[str] = _stamped()
    content: Mapped[str]
    content_hash: Mapped[bytes] = _restamped()
    metadata_: Mapped[dict[str, Any]] = _stamped("metadata")
    stream: Mapped[str | None]
    importance: Mapped[float] = _stamped()
    trust: Mapped[float] = _stamped()
    trust_limit: Mapped[float] = _restamped()
    occurred_at: Mapped[datetime] = _stamped()
    expires_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None] = _stamped()
    version: Mapped[int] = _restamped()
    created_by: Mapped[UUID] = _stamped()
    created_at: Mapped[datetime] = _stamped()
    updated_by: Mapped[UUID | None] = _restamped()
    updated_at: Mapped[datetime] = _restamped()
    origin_id: Mapped[UUID | None] = _stamped()
    origin_owner_id: Mapped[UUID | None] = _stamped()
    origin_hash: Mapped[bytes | None] = _stamped()
    acquired_at: Mapped[datetime | None] = _stamped()
    is_encrypted: Mapped[bool] = _stamped()
    embedding_text_hash: Mapped[bytes] = _restamped()


# Not an attribute: it would come back with every INSERT, and is longer than the text.
Base.metadata.tables[f"{SCHEMA}.memories"].append_column(
    sa.Column("search", TSVECTOR, sa.FetchedValue(), nullable=False)
)


class MemoryVersion(Base):
    """A former state of a memory; ``history()`` also fills in texts that did not change."""

    __tablename__ = "memory_versions"

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    memory_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]
    operation: Mapped[str]
    ended_by: Mapped[UUID | None]
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    kind: Mapped[str]
    content: Mapped[str | None]
    content_hash: Mapped[bytes]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata")
    stream: Mapped[str | None]
    importance: Mapped[float]
    trust: Mapped[float]
    occurred_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    updated_by: Mapped[UUID | None]


class MemoryEdge(Base):
    """A link between two memories of one owner."""

    __tablename__ = "memory_edges"
    __table_args__ = (_of_memory("owner_id", "source_id"), _of_memory("owner_id", "target_id"))

    owner_id: Mapped[UUID] = _stamped(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    relation: Mapped[str] = _stamped(primary_key=True)
    weight: Mapped[float] = _stamped()
    metadata_: Mapped[dict[str, Any]] = _stamped("metadata")
    created_by: Mapped[UUID] = _stamped()
    created_at: Mapped[datetime] = _stamped()
    updated_at: Mapped[datetime] = _restamped()


class MemoryGrant(Base):
    """Who else may read or write a memory: made by ``share()``, ended by ``unshare()``."""

    __tablename__ = "memory_grants"
    __table_args__ = (_of_memory("owner_id", "memory_id"),)

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    memory_id: Mapped[UUID] = mapped_column(primary_key=True)
    grantee_id: Mapped[UUID] = mapped_column(sa.ForeignKey(User.id), primary_key=True)
    privilege: Mapped[str] = _stamped()
    expires_at: Mapped[datetime | None]
    granted_by: Mapped[UUID]
    granted_at: Mapped[datetime]


class EmbeddingModel(Base):
    """A model that turns texts into vectors, of the columns that users may read."""

    __tablename__ = "embedding_models"

    id: Mapped[UUID] = _stamped(primary_key=True)
    name: Mapped[str]
    model: Mapped[str]
    dimensions: Mapped[int]
    max_tokens: Mapped[int] = _stamped()
    query_prefix: Mapped[str] = _stamped()
    passage_prefix: Mapped[str] = _stamped()
    is_enabled: Mapped[bool] = _stamped()
    is_active: Mapped[bool] = _stamped()
    created_at: Mapped[datetime]


class MemoryEmbedding(Base):
    """The vector of a memory for one model; written by the workers."""

    __tablename__ = "memory_embeddings"
    __table_args__ = (_of_memory("owner_id", "memory_id"),)

    owner_id: Mapped[UUID] = mapped_column(primary_key=True)
    memory_id: Mapped[UUID] = mapped_column(primary_key=True)
    model_id: Mapped[UUID] = mapped_column(sa.ForeignKey(EmbeddingModel.id), primary_key=True)
    embedding: Mapped[Any] = mapped_column(HALFVEC(), nullable=False)
    text_hash: Mapped[bytes]
    created_at: Mapped[datetime] = _stamped()


memory_graph = sa.Table(
    "memory_graph",
    Base.metadata,
    sa.Column("owner_id", sa.Uuid),
    sa.Column("source_id", sa.Uuid),
    sa.Column("target_id", sa.Uuid),
    sa.Column("relation", sa.Text),
    sa.Column("weight", sa.REAL),
    sa.Column("metadata", JSONB),
    sa.Column("created_at", sa.DateTime(timezone=True)),
    sa.Column("source_kind", sa.Text),
    sa.Column("target_kind", sa.Text),
    info={"is_view": True},
)


@event.listens_for(Base.metadata, "before_create")
@event.listens_for(Base.metadata, "before_drop")
def _refuse_ddl(*_: object, **__: object) -> NoReturn:
    # Tables made from here would have no triggers, policies or grants.
    raise UsageError(
        "these tables are not made or dropped from here",
        hint="memoriesdb install DSN makes them, with all that belongs to them.",
    )
