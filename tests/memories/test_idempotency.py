"""A retry under the same key keeps nothing twice, whatever became of the first attempt."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from acting import Connection, Database, one, refused

REMEMBER = "select memoriesdb.remember(%s, idempotency_key => %s)"
MANY = "select memoriesdb.remember_many(%s::jsonb, %s)"
THREE = '[{"content": "one"}, {"content": "two"}, {"content": "three"}]'


def keep(database: Database, user: UUID, text: str, key: str | None) -> object:
    """Remember in a transaction of its own, through the pool."""
    with database.acting(user) as db:
        return one(db, REMEMBER, text, key)


def texts(database: Database, user: UUID) -> list[str]:
    """Return what a user has, in the order of its arrival."""
    with database.acting(user) as db:
        rows = db.execute("select content from memoriesdb.memories order by seq").fetchall()
    return [row[0] for row in rows]


def test_a_retry_returns_the_same_id_and_keeps_nothing(database: Database, alice: UUID) -> None:
    first = keep(database, alice, "tea at five", "k-1")
    assert keep(database, alice, "tea at five", "k-1") == first
    assert texts(database, alice) == ["tea at five"]
    assert keep(database, alice, "tea at five", "k-2") != first
    assert keep(database, alice, "tea at five", None) != first
    assert len(texts(database, alice)) == 3


def test_a_retry_of_many_returns_their_ids_in_order(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        first = [row[0] for row in db.execute(MANY, (THREE, "batch")).fetchall()]
    with database.acting(alice) as db:
        assert [row[0] for row in db.execute(MANY, (THREE, "batch")).fetchall()] == first
        assert db.execute(MANY, ("[]", "nothing")).fetchall() == []
        assert db.execute(MANY, ("[]", "nothing")).fetchall() == []
    assert texts(database, alice) == ["one", "two", "three"]


def test_a_key_is_its_owners_alone(database: Database, alice: UUID, bob: UUID) -> None:
    assert keep(database, alice, "mine", "k") != keep(database, bob, "mine", "k")
    assert texts(database, bob) == ["mine"]


@pytest.mark.parametrize(
    ("items", "detail"),
    [
        ('[{"content": "one"}, {"content": "TWO"}, {"content": "three"}]', "Item 1 (from 0)"),
        ('[{"content": "one"}]', "It kept 3 memories, and 1 are given."),
        ("[]", "and 0 are given"),
        (f"{THREE[:-1]}, {{}}]", "and 4 are given"),
    ],
)
def test_a_key_that_was_used_for_something_else_is_refused(
    database: Database, alice: UUID, items: str, detail: str
) -> None:
    with database.acting(alice) as db:
        db.execute(MANY, (THREE, "k"))
    with pytest.raises(psycopg.DatabaseError) as caught, database.acting(alice) as db:
        db.execute(MANY, (items, "k"))
    assert caught.value.sqlstate == "MD112"
    assert detail in str(caught.value.diag.message_detail)
    assert texts(database, alice) == ["one", "two", "three"]


def test_what_was_edited_since_is_known_by_its_former_text(database: Database, alice: UUID) -> None:
    first = keep(database, alice, "tea", "k")
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'coffee' where id = %s", (first,))
    assert keep(database, alice, "tea", "k") == first
    assert texts(database, alice) == ["coffee"]


def test_a_retry_brings_nothing_back_that_was_erased(database: Database, alice: UUID) -> None:
    first = keep(database, alice, "a secret", "k")
    with database.acting(alice) as db:
        receipt = one(db, "select memoriesdb.erase(%s)", first)
    assert keep(database, alice, "a secret", "k") == first
    assert texts(database, alice) == []
    check = "select count(*) from memoriesdb.erasure_check(%s::jsonb, 'a secret')"
    with database.connect("admin") as db:
        assert one(db, check, Jsonb(receipt)) == 0
    query = "select string_agg(i::text, '') from memoriesdb.idempotency_keys as i"
    kept = one(database.superuser(), query)
    assert "secret" not in str(kept)


def test_a_key_that_was_rolled_back_is_free(database: Database, alice: UUID) -> None:
    with database.connect("app") as db:
        db.execute("select memoriesdb.set_user(%s)", (alice,))
        db.execute(REMEMBER, ("never", "k"))
        db.rollback()
    keep(database, alice, "kept", "k")
    assert texts(database, alice) == ["kept"]


@pytest.mark.parametrize("commits", [True, False])
def test_two_at_once_under_one_key_keep_one(database: Database, alice: UUID, commits: bool) -> None:
    def act(db: Connection) -> object:
        db.execute("select memoriesdb.set_user(%s)", (alice,))
        return one(db, REMEMBER, "tea", "k")

    slow, watcher = database.connect("app"), database.superuser()
    waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as threads, database.connect("app") as other:
        first = act(slow)
        second = threads.submit(act, other)
        while not one(watcher, waits) and not second.done():
            pass
        assert not second.done()
        if commits:
            slow.commit()
        else:
            slow.rollback()
        assert (second.result() == first) == commits
    assert texts(database, alice) == ["tea"]


@pytest.mark.parametrize("committed", [True, False])
def test_a_client_that_lost_its_connection_tries_again(
    database: Database, alice: UUID, committed: bool
) -> None:
    lost = database.connect("app", pooled=False)
    lost.execute("select memoriesdb.set_user(%s)", (alice,))
    lost.execute(REMEMBER, ("tea", "k"))
    if committed:
        lost.commit()
    database.superuser().execute("select pg_terminate_backend(%s, 10000)", (lost.info.backend_pid,))
    keep(database, alice, "tea", "k")
    assert texts(database, alice) == ["tea"]


def test_old_keys_go_and_new_ones_stay(database: Database, alice: UUID, bob: UUID) -> None:
    for number in range(15):
        keep(database, alice, f"note {number}", f"k-{number}")
    keep(database, bob, "bob's", "k")
    superuser = database.superuser()
    superuser.execute(
        "update memoriesdb.idempotency_keys set created_at = created_at - interval '31 days'"
    )
    kept = "select count(*) from memoriesdb.idempotency_keys where owner_id = %s"
    keep(database, alice, "new", "new")
    assert one(superuser, kept, alice) == 6
    keep(database, alice, "newer", "newer")
    assert (one(superuser, kept, alice), one(superuser, kept, bob)) == (2, 1)
    # Not known any more.
    keep(database, alice, "note 0", "k-0")
    assert texts(database, alice).count("note 0") == 2


@pytest.mark.parametrize("key", ["", " \n", "k" * 201, "€" * 67])
def test_a_key_is_a_short_text(database: Database, alice: UUID, key: str) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        keep(database, alice, "tea", key)
    assert caught.value.sqlstate == "MD110"
    assert texts(database, alice) == []


def test_the_keys_go_with_their_user(database: Database, alice: UUID) -> None:
    keep(database, alice, "tea", "k")
    with database.connect("admin") as db:
        db.execute("select memoriesdb.erase_user(%s)", (alice,))
    assert one(database.superuser(), "select count(*) from memoriesdb.idempotency_keys") == 0


def test_a_key_counts_as_a_write_of_a_token(database: Database, alice: UUID) -> None:
    """Else a token could fill the table with keys of nothing."""
    with database.connect("admin") as db:
        db.execute("select memoriesdb.set_setting('token_writes_per_minute', '3')")
    token = database.issue_token(alice, scopes=["read", "write"])
    for number in range(3):
        with database.with_token(token) as db:
            db.execute(MANY, ("[]", f"k-{number}"))
    with pytest.raises(psycopg.DatabaseError) as caught, database.with_token(token) as db:
        db.execute(MANY, ("[]", "one more"))
    assert caught.value.sqlstate == "MD011"
    # A retry writes nothing.
    with database.with_token(token) as db:
        db.execute(MANY, ("[]", "k-0"))


def test_who_may_not_read_learns_no_ids_by_a_key(database: Database, alice: UUID) -> None:
    keep(database, alice, "tea", "k")
    token = database.issue_token(alice, scopes=["write"])
    with pytest.raises(psycopg.DatabaseError) as caught, database.with_token(token) as db:
        db.execute("select memoriesdb._kept_under('k')")
    assert caught.value.sqlstate == "MD004"


def test_more_than_a_key_can_hold_is_refused_as_a_whole(database: Database, alice: UUID) -> None:
    ids = "array_fill(gen_random_uuid(), '{100001}')"
    with database.acting(alice) as db:
        db.execute("select memoriesdb._kept_under('k')")
        error = refused(db, f"select memoriesdb._keep_under('k', {ids})")
        db.rollback()
    assert error.sqlstate == "MD110"


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_an_older_snapshot_is_told_to_try_again(
    database: Database, alice: UUID, level: str
) -> None:
    old = database.connect("app")
    old.execute(f"set transaction isolation level {level}".encode())
    old.execute("select memoriesdb.set_user(%s)", (alice,))
    old.execute("select count(*) from memoriesdb.memories")
    keep(database, alice, "tea", "k")
    with pytest.raises(psycopg.errors.SerializationFailure):
        old.execute(REMEMBER, ("tea", "k"))
    old.rollback()
    assert texts(database, alice) == ["tea"]
