"""An expired grant is over: also in a statement, or a query of several, that began before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database, one, refused

READ = "select from memoriesdb.memories where id = '{0}'"
WRITE = "update memoriesdb.memories set content = 'written late' where id = '{0}'"
ACQUIRE = "select memoriesdb.acquire('{0}')"

# Says that it waits, and then waits until the grant has expired.
WAIT = """
do $wait$
begin
  raise notice 'waiting';
  for i in 1..3000 loop
    if (select g.expires_at < clock_timestamp() from memoriesdb.memory_grants as g) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise exception 'it has not expired';
end $wait$
"""
BLOCK = """
do $block$
declare
  v_count bigint;
begin
  {0}
  get diagnostics v_count = row_count;
  raise notice 'before: %', v_count;
  execute $text${1}$text$;
  {0}
  get diagnostics v_count = row_count;
  raise notice 'after: %', v_count;
end $block$
"""


@pytest.fixture
def grantee(database: Database, alice: UUID, bob: UUID, shared: UUID) -> Connection:
    """Bob, whose grant to write expires as soon as a statement of his says that it waits."""
    with database.acting(alice) as db:
        db.execute(
            "select memoriesdb.share(%s, %s, 'write', now() + interval '1 hour')", (shared, bob)
        )
    superuser = database.superuser()
    db = database.connect("app")
    db.execute("select memoriesdb.set_user(%s)", (bob,))

    def expire(notice: psycopg.errors.Diagnostic) -> None:
        if notice.message_primary == "waiting":
            superuser.execute("update memoriesdb.memory_grants set expires_at = clock_timestamp()")

    db.add_notice_handler(expire)
    return db


def counts(db: Connection, script: str) -> list[Any]:
    """Run a simple query of several statements; how many rows each had, or the SQLSTATE at last."""
    cursor = db.cursor()
    try:
        cursor.execute(script.encode())
    except psycopg.DatabaseError as error:
        return [error.sqlstate]
    found = [cursor.rowcount]
    while cursor.nextset():
        found.append(cursor.rowcount)
    return found


@pytest.mark.parametrize("statement", [READ, WRITE])
def test_reading_and_writing_in_a_query_of_several_statements(
    grantee: Connection, shared: UUID, statement: str
) -> None:
    act = statement.format(shared)
    assert counts(grantee, f"{act}; {WAIT}; {act}") == [1, -1, 0]


@pytest.mark.parametrize("statement", [READ, WRITE])
def test_reading_and_writing_in_a_block(grantee: Connection, shared: UUID, statement: str) -> None:
    notices: list[str | None] = []
    grantee.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    act = statement.format(shared).replace("select from", "perform from")
    grantee.execute(BLOCK.format(f"{act};", WAIT).encode())
    assert notices == ["before: 1", "waiting", "after: 0"]


@pytest.mark.parametrize("shape", ["a query of several statements", "a block"])
def test_acquiring(grantee: Connection, shared: UUID, shape: str) -> None:
    act = ACQUIRE.format(shared)
    # The control: several in one query, before it expires.
    assert counts(grantee, f"{act}; {act}") == [1, 1]
    if shape == "a block":
        script = BLOCK.format(act.replace("select", "perform") + ";", WAIT)
    else:
        script = f"{act}; {WAIT}; {act}"
    assert counts(grantee, script) == ["MD201"]


def test_sharing_until_a_time_that_has_gone_by_meanwhile(
    database: Database, alice: UUID, bob: UUID
) -> None:
    memory_id = database.remember(alice, "for a moment")
    script = (
        "select pg_sleep(0.001); select memoriesdb.share("
        f"'{memory_id}', '{bob}', expires_at => statement_timestamp() + interval '{{0}}')"
    )
    with database.acting(alice) as db:
        assert counts(db, script.format("1 hour")) == [1, 1]
        assert counts(db, script.format("1 microsecond")) == ["MD106"]


def test_what_was_read_before_is_on_record_when_the_grant_has_expired_since(
    database: Database, grantee: Connection, alice: UUID, bob: UUID, shared: UUID
) -> None:
    """Entries come after the reading: a grant that ends in between was used all the same."""
    log = f"select memoriesdb._log_access('recall', 'answered', array['{shared}'::uuid], 1)"
    assert counts(grantee, f"{READ.format(shared)}; {WAIT}; {log}") == [1, -1, 1]
    # The control: nothing is recorded in a statement that began when it was over.
    grantee.execute(log.encode())
    grantee.commit()
    with database.acting(alice) as db:
        used = "select count(*) from memoriesdb.access_log where outcome = 'granted'"
        assert one(db, used) == 1
    with database.acting(bob) as db:
        assert refused(db, ACQUIRE.format(shared)).sqlstate == "MD201"
