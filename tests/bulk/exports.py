"""Users with a history, their exports, and what they have beyond all exports."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

import memoriesdb
from acting import Database
from memoriesdb.bulk.exporter import Exporter
from memoriesdb.bulk.records import check
from memoriesdb.bulk.restorer import Restored, Restorer
from memoriesdb.encryption import Encryption

# By SQL and not by an export: what that left out would be missing twice.
STATES = """
with memory as (
  select m.id, m.seq from memoriesdb.memories as m where m.owner_id = %(user_id)s
  union all
  select v.memory_id, v.seq from memoriesdb.memory_versions as v
  where v.owner_id = %(user_id)s and v.operation = 'DELETE'
),
place as (select id, row_number() over (order by seq) as place from memory),
state as (
  select
    v.memory_id as id, v.version, v.operation = 'DELETE' as is_deleted, v.kind, v.content,
    v.content_hash, v.metadata, v.stream, v.importance, v.trust, null::real as trust_limit,
    v.occurred_at, v.expires_at, v.forgotten_at, null::boolean as is_encrypted
  from memoriesdb.memory_versions as v where v.owner_id = %(user_id)s
  union all
  select
    m.id, m.version, false, m.kind, m.content, m.content_hash, m.metadata, m.stream,
    m.importance, m.trust, m.trust_limit, m.occurred_at, m.expires_at, m.forgotten_at,
    m.is_encrypted
  from memoriesdb.memories as m where m.owner_id = %(user_id)s
)
select
  p.place, s.version, s.is_deleted, s.kind, s.content, encode(s.content_hash, 'hex'),
  s.metadata::text, s.stream, s.importance::text, s.trust::text, s.trust_limit::text,
  s.occurred_at::text, s.expires_at::text, s.forgotten_at::text, s.is_encrypted
from place as p join state as s on s.id = p.id
order by p.place, s.version
"""
EDGES = """
with place as (
  select id, row_number() over (order by seq) as place from memoriesdb.memories
  where owner_id = %(user_id)s
)
select s.place, t.place, e.relation, e.weight::text, e.metadata::text
from memoriesdb.memory_edges as e
join place as s on s.id = e.source_id
join place as t on t.id = e.target_id
where e.owner_id = %(user_id)s
order by s.place, t.place, e.relation
"""


def states(database: Database, user_id: UUID) -> list[tuple[Any, ...]]:
    """Return every state of every memory of a user, the ids replaced by order numbers."""
    with database.acting(user_id) as db:
        db.execute("select set_config('timezone', 'UTC', true)")
        return db.execute(STATES, {"user_id": user_id}).fetchall()


def edges(database: Database, user_id: UUID) -> list[tuple[Any, ...]]:
    with database.acting(user_id) as db:
        return db.execute(EDGES, {"user_id": user_id}).fetchall()


def exported(database: Database, user_id: UUID, *, with_embeddings: bool = False) -> bytes:
    """Return an export, made by the application's login through PgBouncer."""
    level = psycopg.IsolationLevel.REPEATABLE_READ
    sink = io.BytesIO()
    with (
        memoriesdb.connect(database.dsn("app"), isolation_level=level) as client,
        client.as_user(user_id) as me,
    ):
        Exporter(me, sink, with_embeddings=with_embeddings).run(lambda written, lines: None)
    return sink.getvalue()


def imported(
    database: Database,
    user_id: UUID,
    data: bytes,
    *,
    batch_size: int = 500,
    encryption: Encryption | None = None,
    refuse: Callable[[int, str], None] | None = None,
) -> Restored:
    """Import an export, by the application's login through PgBouncer."""

    def refused(number: int, problem: str) -> None:
        raise AssertionError(f"line {number} is left out: {problem}")

    source = io.BytesIO(data)
    head = check(source)
    source.seek(0)
    with memoriesdb.connect(database.dsn("app")) as client:
        restorer = Restorer(
            lambda: client.as_user(user_id, reason="import"),
            refuse or refused,
            head,
            batch_size=batch_size,
            encryption=encryption,
        )
        return restorer.run(source, lambda counts: None)


def lines(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


def sealed(records: list[dict[str, Any]]) -> bytes:
    """Return these lines as an export that is whole."""
    body = b"".join(json.dumps(record).encode() + b"\n" for record in records[:-1])
    end = {**records[-1], "sha256": sha256(body).hexdigest()}
    return body + json.dumps(end).encode() + b"\n"


def with_history(database: Database, user_id: UUID) -> None:
    """Let a user have a bit of everything."""
    with database.acting(user_id) as db:
        one, two, three, four = (
            db.execute("select memoriesdb.remember(%s)", (text,)).fetchone()[0]  # type: ignore[index]
            for text in ("tea at four", "Grüße, 世界\n\u2028", "a secret", "gone for good")
        )
        db.execute(
            "update memoriesdb.memories set content = 'tea at five', trust = 0.25, "
            'metadata = \'{"speaker": "Ada", "none": null, "n": 12345678901234567890.10}\', '
            "stream = 'chat', occurred_at = '0044-03-15 12:00:00.000001+00 BC' where id = %s",
            (one,),
        )
        db.execute(
            "update memoriesdb.memories set importance = 0.1, expires_at = '12345-01-01+00' "
            "where id = %s",
            (one,),
        )
        db.execute("select memoriesdb.forget(%s)", (three,))
        db.execute("delete from memoriesdb.memories where id = %s", (four,))
        db.execute(
            "select memoriesdb.link(%s, %s, 'derived_from', 0.7, %s)", (two, one, '{"why": null}')
        )
        db.execute("select memoriesdb.link(%s, %s)", (one, three))


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path
