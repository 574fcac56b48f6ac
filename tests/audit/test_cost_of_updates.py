"""What an update costs in WAL: an edit of `trust` does not write texts and search columns anew."""

from __future__ import annotations

from uuid import UUID

from acting import Connection, Database

MEMORIES = 300


def _long_memories(database: Database, owner: UUID) -> None:
    """Texts of about 60 kB that do not compress: hashes of numbers."""
    with database.acting(owner) as db:
        db.execute(
            "insert into memoriesdb.memories (content) select string_agg(sha256(("
            "m * 10000 + n)::text::bytea)::text, ' ') "
            "from generate_series(1, %s) as m cross join generate_series(1, 300) as n group by m",
            (MEMORIES,),
        )


def _wal(db: Connection, statement: str) -> int:
    """Bytes of WAL that a statement of the superuser's writes, with all its triggers'."""
    db.execute("checkpoint")
    before = db.execute("select pg_current_wal_insert_lsn()").fetchone()
    assert db.execute(statement.encode()).rowcount == MEMORIES
    row = db.execute("select pg_current_wal_insert_lsn() - %s::pg_lsn", before).fetchone()
    assert row is not None
    return int(row[0])


def _derived(db: Connection) -> list[tuple[object, ...]]:
    return db.execute(
        "select id, md5(search::text), content_hash, embedding_text_hash "
        "from memoriesdb.memories order by id"
    ).fetchall()


def test_trust_of_long_memories_is_changed_without_rewriting_them(
    database: Database, alice: UUID
) -> None:
    _long_memories(database, alice)
    db = database.superuser()
    before = _derived(db)
    cheap = _wal(db, "update memoriesdb.memories set trust = 0.9")
    assert _derived(db) == before
    # The texts alone are 6 MB; a row, its version, its audit entry and payload are a few kB.
    assert cheap / MEMORIES < 6_000
    # The control: a change of the text itself writes text, hash, search columns, version and audit.
    dear = _wal(db, "update memoriesdb.memories set content = content || ' more'")
    assert dear > 10 * cheap


def test_what_the_embedded_text_is_made_of_decides(database: Database, alice: UUID) -> None:
    """Metadata beside `speaker`, and times of a memory without one, are no part of it."""
    database.remember(alice, "plain")
    database.remember(alice, "said", metadata='{"speaker": "Ada"}')
    db = database.superuser()

    def changed(assignment: str) -> list[bool]:
        before = _derived(db)
        db.execute(f"update memoriesdb.memories set {assignment}")
        return [a[1:] != b[1:] for a, b in zip(_derived(db), before, strict=True)]

    for assignment in (
        "trust = 0.1, importance = 0.2",
        "kind = 'fact'",
        "stream = 's'",
        "metadata = metadata || '{\"x\": 1}'",
        "expires_at = now() + interval '1 day'",
    ):
        assert changed(assignment) == [False, False], assignment
    assert changed("occurred_at = '2001-02-03'") == [False, True]
    assert changed('metadata = metadata || \'{"speaker": "Bo"}\'') == [True, True]
    assert changed("content = content || '!'") == [True, True]
