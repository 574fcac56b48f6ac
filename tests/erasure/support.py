"""What the tests of erasure share: a memory with everything that can hang on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from acting import Connection, Database

CANARY = 'Kanarienvogel "Hansi" zwitschert 7x3a91\nin der Küche'
EDITED = "Kanarienvogel Hansi schweigt 7x3a91"
# In every text that a user can write, and nowhere else (no hash has an x): what is searched for.
MARK = "7x3a91"

Receipt = dict[str, Any]


@dataclass(frozen=True)
class Rich:
    """Alice's memory with versions, vector, edges, grants, a job and accesses."""

    id: UUID
    before: UUID
    after: UUID


def one(db: Connection, statement: str, *parameters: object) -> Any:
    """Return the only value of a statement."""
    row = db.execute(statement.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


def register_model(database: Database) -> None:
    """Make a model of three dimensions, so that memories are queued."""
    with database.connect("admin") as db:
        db.execute("select memoriesdb.register_embedding_model('m', 'ollama', 'http://h', 3)")


def embed_all(database: Database) -> None:
    """Complete every waiting job with some vector, as a worker does."""
    with database.connect("worker") as db:
        db.execute(
            "with job as (select * from memoriesdb.claim_embeddings('w', 100, '1 minute')) "
            "select memoriesdb.complete_embeddings('w', array_agg(job_id), "
            "array_agg(lease_token), array_agg(text_hash), "
            "array_agg('[1,2,3]'::vector)) from job"
        )


def rich_memory(database: Database, owner: UUID, reader: UUID) -> Rich:
    """Make a memory that has left a trace wherever a memory can."""
    memory_id = database.remember(
        owner, CANARY, metadata=Jsonb({"secret": MARK, "speaker": "A"}), stream=f"s {MARK}"
    )
    before, after = database.remember(owner, "before"), database.remember(owner, "after")
    embed_all(database)
    with database.acting(owner) as db:
        db.execute("set local app.reason = 'because 7x3a91'")
        note = Jsonb({"note": MARK})
        db.execute(
            "select memoriesdb.link(%s, %s, 'next', metadata => %s)", (before, memory_id, note)
        )
        db.execute(
            "select memoriesdb.link(%s, %s, 'next', metadata => %s)", (memory_id, after, note)
        )
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, reader))
        db.execute(
            "update memoriesdb.memories set content = %s, kind = 'k7x3a91' where id = %s",
            (EDITED, memory_id),
        )
        db.execute("select memoriesdb.recall('Hansi')")
    return Rich(memory_id, before, after)


def erase(database: Database, user_id: UUID, memory_id: UUID) -> Receipt:
    """Erase as the user, through the pool."""
    with database.acting(user_id) as db:
        receipt: Receipt = one(db, "select memoriesdb.erase(%s)", memory_id)
    return receipt


def erase_user(database: Database, user_id: UUID) -> Receipt:
    """Erase a user as an admin."""
    receipt: Receipt = database.administer("erase_user(%s)", user_id)
    return receipt


def check(
    database: Database, receipt: Receipt, text: str | None = None, role: str = "superuser"
) -> list[tuple[Any, ...]]:
    """Return what erasure_check finds; a superuser searches most."""
    with database.connect(role) as db:
        return db.execute(
            "select * from memoriesdb.erasure_check(%s, %s)", (Jsonb(receipt), text)
        ).fetchall()


def refresh_graph(database: Database) -> None:
    """Do what the vindexing worker does until nothing waits."""
    with database.connect("worker", autocommit=True) as db:
        while jobs := db.execute(
            "select job_id, lease_token from memoriesdb.claim_vindexing('v', 16)"
        ).fetchall():
            for job in jobs:
                db.execute("select memoriesdb.refresh_graph('v', %s, %s)", job)


def rows_with_mark(db: Connection, mark: str = MARK) -> list[tuple[str, int]]:
    """Search every table and materialized view as a superuser, apart from erasure_check()."""
    tables = db.execute(
        "select c.oid::regclass::text from pg_class as c "
        "where c.relnamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace) "
        "and c.relkind in ('r', 'm') and c.relispopulated"
    ).fetchall()
    found = []
    for (table,) in [*tables, ("pg_catalog.pg_statistic",)]:
        count = one(db, f"select count(*) from {table} as t where strpos(t::text, %s) > 0", mark)
        if count:
            found.append((table, count))
    return found


def in_thread(action: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Begin something that will wait; its result, or the SQLSTATE of its error, is in the list."""
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(action())
        except psycopg.Error as error:
            results.append(error.sqlstate)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, results


def wait_for_lock(database: Database) -> None:
    """Return when a session of this database waits for a lock; fail if none does."""
    db = database.superuser()
    waiting = (
        "select count(*) from pg_stat_activity "
        "where datname = current_database() and wait_event_type = 'Lock'"
    )
    for _ in range(1000):
        if one(db, waiting):
            return
        one(db, "select pg_sleep(0.01)::text")
    raise AssertionError("nobody waits for a lock")
