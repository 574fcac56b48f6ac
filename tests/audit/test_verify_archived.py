"""verify_memories() knows what was archived and what was erased."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Database
from ledger.sealing import seal_all, tamper

PARTITION = 1_000_000


def _problems(database: Database, user_id: UUID | None = None) -> list[tuple[UUID, str]]:
    query = "select memory_id, problem from memoriesdb.verify_memories()"
    if user_id is None:
        with database.connect("auditor") as db:
            return [(row[0], row[1]) for row in db.execute(query.encode())]
    with database.acting(user_id) as db:
        return [(row[0], row[1]) for row in db.execute(query.encode())]


@pytest.fixture
def archived(database: Database, alice: UUID, bob: UUID) -> dict[str, UUID]:
    """Memories whose history is in a partition that is dropped; the names are their contents."""
    names = ("still", "edited", "deleted", "given", "copied", "erased", "edited later")
    ids = {name: database.remember(alice, name) for name in names}
    with database.acting(alice) as db:
        edit = "update memoriesdb.memories set content = content || '!' where id = %s"
        db.execute(edit, (ids["edited"],))
        db.execute("select memoriesdb.link(%s, %s)", (ids["edited"], ids["still"]))
        db.execute("delete from memoriesdb.memories where id = %s", (ids["deleted"],))
        db.execute("select memoriesdb.transfer(%s, %s, 'a gift')", (ids["given"], bob))
        db.execute("select memoriesdb.share(%s, %s)", (ids["copied"], bob))
    with database.acting(bob) as db:
        db.execute("select memoriesdb.acquire(%s)", (ids["copied"],))
    superuser = database.superuser()
    superuser.execute("select setval('memoriesdb.audit_log_audit_id_seq', %s)", (PARTITION + 1,))
    superuser.execute("select memoriesdb.maintain_audit_partitions()")
    with database.acting(alice) as db:
        db.execute(edit, (ids["edited later"],))
    seal_all(database)
    assert _problems(database) == []
    database.administer("detach_audit_partition(0, sha256('x'))")
    superuser.execute("drop table memoriesdb.audit_log_000000")
    # An archive counts once the ledger vouches for it.
    assert "memory has no audit entry" in {problem for _, problem in _problems(database)}
    seal_all(database)
    return ids


def test_archived_histories_raise_no_alarm(
    database: Database, alice: UUID, bob: UUID, archived: dict[str, UUID]
) -> None:
    assert _problems(database) == _problems(database, alice) == _problems(database, bob) == []
    with database.acting(alice) as db:
        db.execute("select memoriesdb.erase(%s)", (archived["erased"],))
        db.execute("delete from memoriesdb.memories where id = %s", (archived["still"],))
    assert _problems(database) == _problems(database, alice) == []


NEW_STATE = "content = 'forged', content_hash = sha256('forged')"


@pytest.mark.parametrize("which", ["still", "edited", "given", "copied", "edited later"])
@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            f"update memoriesdb.memories set {NEW_STATE} where id = %(id)s",
            "content differs from the last audit entry",
        ),
        ("delete from memoriesdb.memories where id = %(id)s", "memory is missing"),
        ("delete from memoriesdb.audit_payloads where row_id = %(id)s", ""),
    ],
    ids=["content", "memory", "payloads"],
)
def test_what_was_done_to_an_archived_history_is_named(
    database: Database, archived: dict[str, UUID], which: str, statement: str, problem: str
) -> None:
    tamper(database, statement, id=archived[which])
    is_here = which == "edited later"
    expected = problem or ("audit payload is missing" if is_here else "memory has no audit entry")
    assert _problems(database) == [(archived[which], expected)]


def test_a_memory_that_was_put_back_after_it_was_archived_is_named(
    database: Database, archived: dict[str, UUID]
) -> None:
    """The payload alone says that it was deleted."""
    tamper(
        database,
        "insert into memoriesdb.memories overriding system value "
        "select (jsonb_populate_record(m, jsonb_build_object('id', %(id)s::uuid))).* "
        "from memoriesdb.memories as m where content = 'still'",
        id=archived["deleted"],
    )
    assert _problems(database) == [(archived["deleted"], "memory was deleted and is here")]


def test_a_memory_that_was_slipped_in_is_named_although_there_are_archives(
    database: Database, archived: dict[str, UUID]
) -> None:
    assert archived
    tamper(
        database,
        "insert into memoriesdb.memories overriding system value "
        "select (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid()))).* "
        "from memoriesdb.memories as m where content = 'still'",
    )
    assert [problem for _, problem in _problems(database)] == ["memory has no audit entry"]


def test_what_was_erased_is_not_missing(database: Database, alice: UUID) -> None:
    """The receipt is the last entry; nothing is said of what it removed."""
    first, second = (database.remember(alice, text) for text in ("to be erased", "deleted, erased"))
    with database.acting(alice) as db:
        db.execute("delete from memoriesdb.memories where id = %s", (second,))
        for memory_id in (first, second):
            db.execute("select memoriesdb.erase(%s)", (memory_id,))
    assert _problems(database) == _problems(database, alice) == []
    database.remember(alice, "of a user who is erased")
    database.administer("erase_user(%s)", alice)
    assert _problems(database) == []
