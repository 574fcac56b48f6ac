"""Erasing while others write, embed and erase: the erased stays erased."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Connection, Database
from erasure.support import (
    CANARY,
    MARK,
    check,
    erase,
    erase_user,
    in_thread,
    one,
    register_model,
    rows_with_mark,
    wait_for_lock,
)

CLAIM = "select job_id, lease_token, text_hash from memoriesdb.claim_embeddings('w', 10)"
COMPLETE = (
    "select outcome from memoriesdb.complete_embeddings('w', array[%s::bigint], "
    "array[%s::bigint], array[%s::bytea], array['[1,2,3]'::vector])"
)


@pytest.fixture(autouse=True)
def _model(database: Database) -> None:
    register_model(database)


def _claim(database: Database) -> tuple[object, ...]:
    with database.connect("worker") as db:
        (job,) = db.execute(CLAIM).fetchall()
    return job


def _acting(database: Database, user_id: UUID) -> Connection:
    db = database.connect("app")
    db.execute("select memoriesdb.set_user(%s)", (user_id,))
    return db


@pytest.mark.parametrize("whole_user", [False, True])
def test_during_embedding(database: Database, alice: UUID, whole_user: bool) -> None:
    memory_id = database.remember(alice, CANARY)
    job = _claim(database)
    receipt = erase_user(database, alice) if whole_user else erase(database, alice, memory_id)
    with database.connect("worker") as db:
        assert one(db, COMPLETE, *job) == "refused"
    assert check(database, receipt, CANARY) == []
    superuser = database.superuser()
    assert one(superuser, "select count(*) from memoriesdb.memory_embeddings") == 0
    assert one(superuser, "select count(*) from memoriesdb.embedding_schedule") == 0


@pytest.mark.parametrize("whole_user", [False, True])
def test_a_worker_that_completes_first_is_waited_for(
    database: Database, alice: UUID, whole_user: bool
) -> None:
    memory_id = database.remember(alice, CANARY)
    job = _claim(database)
    worker = database.connect("worker")
    assert one(worker, COMPLETE, *job) == "stored"
    thread, results = in_thread(
        lambda: erase_user(database, alice) if whole_user else erase(database, alice, memory_id)
    )
    wait_for_lock(database)
    worker.commit()
    thread.join()
    (receipt,) = results
    assert receipt["counts"]["memory_embeddings"] == 1
    assert check(database, receipt, CANARY) == []


@pytest.mark.parametrize("whole_user", [False, True])
def test_a_writer_who_edits_is_waited_for(
    database: Database, alice: UUID, whole_user: bool
) -> None:
    memory_id = database.remember(alice, "one")
    writer = _acting(database, alice)
    writer.execute("update memoriesdb.memories set content = %s", (CANARY,))
    thread, results = in_thread(
        lambda: erase_user(database, alice) if whole_user else erase(database, alice, memory_id)
    )
    wait_for_lock(database)
    writer.commit()
    thread.join()
    (receipt,) = results
    assert rows_with_mark(database.superuser()) == []
    assert check(database, receipt, CANARY) == [], (
        "the text of the edit is in the receipt, and gone"
    )


def test_a_writer_who_comes_later_finds_nothing(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, "one")
    eraser = _acting(database, alice)
    receipt = one(eraser, "select memoriesdb.erase(%s)", memory_id)
    writer = _acting(database, alice)
    thread, results = in_thread(
        lambda: writer.execute("update memoriesdb.memories set content = %s", (CANARY,)).rowcount
    )
    wait_for_lock(database)
    eraser.commit()
    thread.join()
    assert results == [0]
    writer.commit()
    assert check(database, receipt) == []
    assert rows_with_mark(database.superuser()) == []


def test_what_a_user_writes_while_he_is_erased_goes_too(database: Database, alice: UUID) -> None:
    writer = _acting(database, alice)
    writer.execute("select memoriesdb.remember(%s)", (CANARY,))
    thread, results = in_thread(lambda: erase_user(database, alice))
    wait_for_lock(database)
    writer.commit()
    thread.join()
    (receipt,) = results
    assert receipt["counts"]["memories"] == 1
    assert rows_with_mark(database.superuser()) == []


def test_what_a_user_writes_after_he_was_erased_is_refused(database: Database, alice: UUID) -> None:
    admin, writer = database.connect("admin"), _acting(database, alice)
    receipt = one(admin, "select memoriesdb.erase_user(%s)", alice)
    thread, results = in_thread(lambda: writer.execute("select memoriesdb.remember(%s)", (CANARY,)))
    wait_for_lock(database)
    admin.commit()
    thread.join()
    assert results == ["23503"], "the key to users finds nobody"
    assert check(database, receipt) == []
    assert rows_with_mark(database.superuser()) == []


def test_two_at_once(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, CANARY)
    first = _acting(database, alice)
    receipt = one(first, "select memoriesdb.erase(%s)", memory_id)
    thread, results = in_thread(lambda: erase(database, alice, memory_id))
    wait_for_lock(database)
    first.commit()
    thread.join()
    assert results == ["MD201"]
    assert check(database, receipt, CANARY) == []


def test_a_transfer_that_comes_first_takes_it_away(
    database: Database, alice: UUID, bob: UUID
) -> None:
    memory_id = database.remember(alice, CANARY)
    giver = _acting(database, alice)
    giver.execute("select memoriesdb.transfer(%s, %s)", (memory_id, bob))
    thread, results = in_thread(lambda: erase(database, alice, memory_id))
    wait_for_lock(database)
    giver.commit()
    thread.join()
    assert results == ["MD201"]
    # An admin's look goes on to the new owner.
    giver = _acting(database, bob)
    giver.execute("select memoriesdb.transfer(%s, %s)", (memory_id, alice))
    thread, results = in_thread(lambda: database.administer("erase(%s)", memory_id))
    wait_for_lock(database)
    giver.commit()
    thread.join()
    (receipt,) = results
    assert receipt["owner_id"] == str(alice)
    assert rows_with_mark(database.superuser()) == []


def test_a_copy_that_commits_later_is_found_and_a_second_erasure_takes_its_entry(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Acquiring locks nothing of the origin, so that a grantee cannot keep its owner waiting."""
    memory_id = database.remember(alice, CANARY)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    taker = _acting(database, bob)
    copy_id = one(taker, "select memoriesdb.acquire(%s)", memory_id)
    receipt = erase(database, alice, memory_id)
    taker.commit()
    assert receipt["copies"] == []
    found = check(database, receipt)
    assert any(row[3] == "hash of a text" for row in found), "the entry names the text's hash"
    second = erase(database, alice, memory_id)
    assert [copy["copy_id"] for copy in second["copies"]] == [str(copy_id)]
    left = [row for row in check(database, receipt) if not row[3].endswith("of others")]
    assert left == []
    assert MARK in CANARY
