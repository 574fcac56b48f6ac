"""An upgrade puts right what somebody changed, and blesses nothing that it cannot put right."""

from __future__ import annotations

import pytest

from acting import Database
from memoriesdb.installer import upgrade, verify

REPAIRED = [
    "alter policy memories_select_owner on memoriesdb.memories using (true)",
    "drop policy memories_select_owner on memoriesdb.memories",
    "alter table memoriesdb.memories disable trigger _900_audit_insert",
    "drop function memoriesdb.custody(uuid)",
    "grant update on memoriesdb.audit_log to test_app, memoriesdb_app",
    "alter function memoriesdb.share(uuid, uuid, text, timestamptz) reset search_path",
    "drop view memoriesdb.memory_graph",
    "alter table memoriesdb.memories no force row level security",
    "alter table memoriesdb.audit_log disable row level security",
]
KEPT = [
    ("create policy backdoor on memoriesdb.memories to memoriesdb_app using (true)", "backdoor"),
    ("create function memoriesdb.backdoor() returns int return 1", "memoriesdb.backdoor()"),
    ("alter table memoriesdb.memories add column spare int", "memoriesdb.memories"),
    ("alter table memoriesdb.memories drop constraint memories_trust_in_range", "memories_trust"),
    ("create index spare on memoriesdb.memories (kind)", "memoriesdb.memories.memoriesdb.spare"),
]


@pytest.mark.parametrize("statement", REPAIRED)
def test_what_a_file_makes_is_made_anew(database: Database, statement: str) -> None:
    dsn = database.dsn("superuser")
    database.superuser().execute(statement.replace("test_app, ", ""))
    assert verify(dsn) != []
    done = upgrade(dsn)
    assert done.repaired
    assert done.different == []
    assert verify(dsn) == []
    again = upgrade(dsn)
    assert (again.applied, again.repaired) == ([], [])


@pytest.mark.parametrize(("statement", "name"), KEPT, ids=[name for _, name in KEPT])
def test_what_no_file_makes_is_still_named(database: Database, statement: str, name: str) -> None:
    """Recording what is there would have hidden it from the next look."""
    dsn = database.dsn("superuser")
    database.superuser().execute(statement)
    before = verify(dsn)
    done = upgrade(dsn)
    assert {name.split(" ", 1)[1] for name in done.different} <= {d.name for d in before}
    assert done.different
    assert verify(dsn) == before
    assert upgrade(dsn).different == done.different


def test_a_changed_body_is_put_right_although_the_record_was_changed_with_it(
    database: Database,
) -> None:
    dsn = database.dsn("superuser")
    db = database.superuser()
    db.execute(
        "create or replace function memoriesdb._sees_all_queues() returns boolean language sql "
        "stable parallel restricted set search_path = pg_catalog, pg_temp "
        "as $function$ select true $function$"
    )
    db.execute(
        "update memoriesdb_system._installed_definition as r set sha256 = pg_catalog.sha256('x') "
        "where r.identity = 'memoriesdb._sees_all_queues()'"
    )
    upgrade(dsn)
    assert verify(dsn) == []
