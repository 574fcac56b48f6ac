"""Grants: what they let one do, from when and until when; holds and transfers."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database

SEEN = "select from memoriesdb.memories where id = %s"


def test_a_grant_counts_from_the_next_statement_to_the_next_statement(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Within one transaction of the grantee, who asks again and again."""
    memory_id = database.remember(alice, "for a while")
    reader = database.connect("app")
    reader.execute("select memoriesdb.set_user(%s)", (bob,))
    assert reader.execute(SEEN, (memory_id,)).rowcount == 0
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    assert reader.execute(SEEN, (memory_id,)).rowcount == 1
    with database.acting(alice) as db:
        row = db.execute("select memoriesdb.unshare(%s, %s)", (memory_id, bob)).fetchone()
        assert row == (True,)
    assert reader.execute(SEEN, (memory_id,)).rowcount == 0
    with pytest.raises(psycopg.DatabaseError) as caught:
        reader.execute("select memoriesdb.acquire(%s)", (memory_id,))
    assert caught.value.sqlstate == "MD201"


def test_a_grant_ends_by_itself_within_a_transaction(
    database: Database, alice: UUID, bob: UUID
) -> None:
    memory_id = database.remember(alice, "for a moment")
    with database.acting(alice) as db:
        db.execute(
            "select memoriesdb.share(%s, %s, expires_at => clock_timestamp() + interval '1 hour')",
            (memory_id, bob),
        )
    reader = database.connect("app")
    reader.execute("select memoriesdb.set_user(%s)", (bob,))
    assert reader.execute(SEEN, (memory_id,)).rowcount == 1
    # The hour goes by.
    database.superuser().execute(
        "update memoriesdb.memory_grants set expires_at = clock_timestamp()"
    )
    assert reader.execute(SEEN, (memory_id,)).rowcount == 0


def test_sharing_again_replaces_privilege_and_expiry(
    database: Database, alice: UUID, bob: UUID
) -> None:
    memory_id = database.remember(alice, "hers")
    edit = "update memoriesdb.memories set importance = 1 where id = %s"
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
    with database.acting(bob) as db:
        assert db.execute(edit, (memory_id,)).rowcount == 1
    with database.acting(alice) as db:
        db.execute(
            "select memoriesdb.share(%s, %s, expires_at => now() + interval '1 day')",
            (memory_id, bob),
        )
        grants = db.execute(
            "select grantee_id, privilege, expires_at is null from memoriesdb.memory_grants"
        )
        assert grants.fetchall() == [(bob, "read", False)]
    with database.acting(bob) as db:
        assert db.execute(edit, (memory_id,)).rowcount == 0
        assert db.execute(SEEN, (memory_id,)).rowcount == 1


@pytest.mark.parametrize("what", ["the memory", "all of the owner's"])
def test_what_is_under_a_legal_hold_is_not_given_away(
    database: Database, alice: UUID, bob: UUID, what: str
) -> None:
    memory_id = database.remember(alice, "evidence")
    superuser = database.superuser()
    superuser.execute(
        "insert into memoriesdb.memory_holds "
        "(id, owner_id, memory_id, reason, placed_by_login, placed_at) "
        "values (gen_random_uuid(), %s, %s, 'case 1', 'dba', now())",
        (alice, memory_id if what == "the memory" else None),
    )
    give = "select memoriesdb.transfer(%s, %s)"
    with database.acting(alice) as db:
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute(give, (memory_id, bob))
        db.rollback()
        assert caught.value.sqlstate == "MD204"
    # A hold is about what there is: sharing, and copies that others take, go on.
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    with database.acting(bob) as db:
        db.execute("select memoriesdb.acquire(%s)", (memory_id,))
    superuser.execute("delete from memoriesdb.memory_holds")
    with database.acting(alice) as db:
        db.execute(give, (memory_id, bob))


@pytest.mark.parametrize(
    ("role", "statement", "code"),
    [
        ("admin", "select memoriesdb.transfer(%s, %s)", "MD307"),
        ("viewer", "select memoriesdb.transfer(%s, %s)", "MD307"),
        ("service", "select memoriesdb.transfer(%s, %s)", None),
        ("user", "select memoriesdb.transfer(%s, %s)", None),
        ("admin", "select memoriesdb.share(%s, %s)", "MD307"),
        ("admin", "select memoriesdb.share(%s, %s, 'write')", "MD307"),
        ("viewer", "select memoriesdb.share(%s, %s, 'write')", "MD307"),
        ("viewer", "select memoriesdb.share(%s, %s)", None),
        ("service", "select memoriesdb.share(%s, %s, 'write')", None),
    ],
)
def test_nobody_is_given_what_his_role_keeps_from_him(
    database: Database, alice: UUID, role: str, statement: str, code: str | None
) -> None:
    memory_id = database.remember(alice, "hers")
    other = database.create_user("other", role)
    if code is None:
        with database.acting(alice) as db:
            db.execute(statement.encode(), (memory_id, other))
        with database.acting(other) as db:
            assert db.execute(SEEN, (memory_id,)).rowcount == 1
        return
    with pytest.raises(psycopg.DatabaseError) as caught, database.acting(alice) as db:
        db.execute(statement.encode(), (memory_id, other))
    assert caught.value.sqlstate == code
    assert caught.value.diag.message_hint
    with database.acting(alice) as db:
        assert db.execute(SEEN, (memory_id,)).rowcount == 1, "it is where it was"
        assert db.execute("select from memoriesdb.memory_grants").rowcount == 0
