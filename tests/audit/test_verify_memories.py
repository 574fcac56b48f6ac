"""verify_memories() names what was done behind the triggers, and nothing else."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Connection, Database

Problem = tuple[str, str]


@pytest.fixture
def kept(database: Database, alice: UUID, bob: UUID) -> dict[str, UUID]:
    """Memories with an honest history; the names are their contents."""
    ids = {text: database.remember(alice, text) for text in ("still", "edited", "linked")}
    with database.acting(alice) as db:
        edit = "update memoriesdb.memories set content = content || '!' where id = %s"
        db.execute(edit, (ids["edited"],))
        db.execute("select memoriesdb.link(%s, %s)", (ids["linked"], ids["still"]))
    database.remember(bob, "another owner's")
    return ids


def _problems(db: Connection) -> list[tuple[UUID, str]]:
    rows = db.execute("select memory_id, problem from memoriesdb.verify_memories()")
    return [(row[0], row[1]) for row in rows]


def _tamper(database: Database, *statements: str, **values: object) -> None:
    """Do it as a superuser with the triggers off."""
    db = database.connect("superuser")
    for table in ("memories", "audit_log", "audit_payloads"):
        db.execute(f"alter table memoriesdb.{table} disable trigger user")
    for statement in statements:
        assert db.execute(statement.encode(), values).rowcount > 0
    db.commit()


LAST = (
    "(select max(audit_id) from memoriesdb.audit_log "
    "where row_id = %(id)s and table_name = 'memories')"
)
NEW_STATE = "content = 'forged', content_hash = sha256('forged')"
TAMPERINGS = [
    (
        "content",
        ["update memoriesdb.memories set content = 'forged' where id = %(id)s"],
        ["content was changed behind the triggers"],
    ),
    (
        "content and hash",
        [f"update memoriesdb.memories set {NEW_STATE} where id = %(id)s"],
        ["content differs from the last audit entry"],
    ),
    (
        "hash",
        ["update memoriesdb.memories set content_hash = sha256('forged') where id = %(id)s"],
        ["content was changed behind the triggers", "content differs from the last audit entry"],
    ),
    (
        "content, hash and payload",
        [
            f"update memoriesdb.memories set {NEW_STATE} where id = %(id)s",
            "update memoriesdb.audit_payloads set after = after || jsonb_build_object("
            "'content', 'forged', 'content_hash', encode(sha256('forged'), 'hex')) "
            f"where audit_id = {LAST}",
        ],
        ["audit entry was changed"],
    ),
    (
        "payload",
        [
            "update memoriesdb.audit_payloads set after = after || '{\"trust\": 1}' "
            f"where audit_id = {LAST}"
        ],
        ["audit entry was changed"],
    ),
    (
        "reason",
        [f"update memoriesdb.audit_payloads set reason = 'because' where audit_id = {LAST}"],
        ["audit entry was changed"],
    ),
    (
        "commitment",
        [f"update memoriesdb.audit_log set commitment = sha256('') where audit_id = {LAST}"],
        ["audit entry was changed"],
    ),
    (
        "payload removed",
        [f"delete from memoriesdb.audit_payloads where audit_id = {LAST}"],
        ["audit payload is missing"],
    ),
    (
        "entries removed",
        ["delete from memoriesdb.audit_log where row_id = %(id)s"],
        ["memory has no audit entry"],
    ),
    (
        "deleted",
        ["delete from memoriesdb.memories where id = %(id)s"],
        ["memory is missing"],
    ),
]


@pytest.mark.parametrize(
    ("statements", "problems"), [case[1:] for case in TAMPERINGS], ids=[c[0] for c in TAMPERINGS]
)
@pytest.mark.parametrize("which", ["still", "edited"])
def test_tampering_is_named(
    database: Database,
    alice: UUID,
    bob: UUID,
    kept: dict[str, UUID],
    which: str,
    statements: list[str],
    problems: list[str],
) -> None:
    with database.acting(alice) as db:
        assert _problems(db) == []
    _tamper(database, *statements, id=kept[which])
    expected = [(kept[which], problem) for problem in problems]
    with database.acting(alice) as db:
        assert _problems(db) == expected
    with database.connect("auditor") as db:
        assert _problems(db) == expected
    with database.acting(bob) as db:
        assert _problems(db) == []


def test_a_memory_that_was_slipped_in_is_named(
    database: Database, alice: UUID, kept: dict[str, UUID]
) -> None:
    _tamper(
        database,
        "insert into memoriesdb.memories (owner_id, id, content, content_hash, occurred_at, "
        "version, created_by, created_at, updated_at, search, embedding_text_hash) "
        "select owner_id, gen_random_uuid(), 'planted', sha256('planted'), now(), 1, created_by, "
        "now(), now(), '', "
        "sha256('planted') from memoriesdb.memories where id = %(id)s",
        id=kept["still"],
    )
    with database.acting(alice) as db:
        ((_, problem),) = _problems(db)
    assert problem == "memory has no audit entry"


def test_a_deleted_memory_that_was_put_back_is_named(
    database: Database, alice: UUID, kept: dict[str, UUID]
) -> None:
    db = database.connect("superuser")
    db.execute("create temp table keep as select * from memoriesdb.memories")
    db.commit()
    with database.acting(alice) as app:
        app.execute("delete from memoriesdb.memories where id = %s", (kept["still"],))
        assert _problems(app) == []
    db.execute("alter table memoriesdb.memories disable trigger user")
    db.execute(
        "insert into memoriesdb.memories overriding system value select * from keep where id = %s",
        (kept["still"],),
    )
    db.commit()
    with database.acting(alice) as app:
        assert _problems(app) == [(kept["still"], "memory was deleted and is here")]


def test_an_old_text_that_was_put_back_is_named(
    database: Database, alice: UUID, kept: dict[str, UUID]
) -> None:
    _tamper(
        database,
        "update memoriesdb.memories set content = 'edited', content_hash = sha256('edited') "
        "where id = %(id)s",
        id=kept["edited"],
    )
    with database.acting(alice) as db:
        assert _problems(db) == [(kept["edited"], "content differs from the last audit entry")]


def test_honest_histories_raise_no_alarm(
    database: Database, alice: UUID, bob: UUID, kept: dict[str, UUID]
) -> None:
    """Edits, rollbacks, sharing, transfers there and back, deletions, migrations."""
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (kept["still"], bob))
        db.execute("select memoriesdb.forget(%s)", (kept["edited"],))
        db.execute("savepoint s")
        db.execute("update memoriesdb.memories set content = 'never was'")
        db.execute("rollback to savepoint s")
    with database.acting(bob) as db:
        db.execute("update memoriesdb.memories set content = 'by bob', metadata = '{\"a\": 0.1}'")
        db.execute("update memoriesdb.memories set content = 'by bob'")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.transfer(%s, %s, 'a gift')", (kept["still"], bob))
    with database.acting(bob) as db:
        db.execute("update memoriesdb.memories set trust = 0.25 where id = %s", (kept["still"],))
        db.execute("select memoriesdb.transfer(%s, %s)", (kept["still"], alice))
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (kept["linked"],))
    with database.superuser() as superuser:
        superuser.execute("update memoriesdb.memories set importance = 0.125")
    for user in (alice, bob):
        with database.acting(user) as db:
            assert _problems(db) == []
    with database.connect("auditor") as db:
        assert _problems(db) == []


def test_it_checks_in_a_read_only_transaction(
    database: Database, alice: UUID, kept: dict[str, UUID]
) -> None:
    assert kept
    with database.acting(alice) as db:
        db.execute("set local transaction_read_only = on")
        assert _problems(db) == []
