"""Sealing by snapshot: late commits, rollbacks, two sealers, limits, isolation levels, clusters."""

from __future__ import annotations

import threading
import time
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from acting import Connection, Database
from ledger.sealing import audit_ids, members, problems, seal, seal_all, status


def _begin(database: Database, user_id: UUID, text: str) -> Connection:
    """Write in a transaction that stays open."""
    db = database.connect("app", pooled=False)
    db.execute("select memoriesdb.set_user(%s)", (user_id,))
    db.execute("select memoriesdb.remember(%s)", (text,))
    return db


def _each_in_one_block(database: Database) -> dict[int, int]:
    found = members(database.superuser())
    assert all(len(blocks) == 1 for blocks in found.values()), found
    return {audit_id: blocks[0] for audit_id, blocks in found.items()}


def test_what_is_committed_is_sealed_in_order_and_chained(database: Database, alice: UUID) -> None:
    for n in range(3):
        database.remember(alice, f"{n}")
        seal_all(database)
    assert seal(database) == 0
    _each_in_one_block(database)
    rows = (
        database.superuser()
        .execute(
            "select block_no, previous_hash, hash, entry_count, root "
            "from memoriesdb.ledger_blocks order by block_no"
        )
        .fetchall()
    )
    assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
    assert [row[1] for row in rows] == [bytes(32), *(row[2] for row in rows[:-1])]
    found = status(database)
    assert found["blocks"] == len(rows)
    assert found["sealed_entries"] == sum(row[3] for row in rows)
    assert found["unsealed_entries"] == found["lag_seconds"] == 0
    assert problems(database) == []


def test_a_late_commit_is_sealed_later_and_not_lost(database: Database, alice: UUID) -> None:
    """Its entry has a lower number than what was sealed before it."""
    seal_all(database)
    early = _begin(database, alice, "written early, committed late")
    database.remember(alice, "written and committed while the other one was open")
    assert seal(database) == 0
    assert status(database)["unsealed_entries"] == 1
    early.commit()
    seal_all(database)
    blocks = _each_in_one_block(database)
    first, second = audit_ids(database, alice)
    assert blocks[first] <= blocks[second]
    assert problems(database) == []


@pytest.mark.parametrize("measure", ["audit_id", "at"])
def test_sealing_by_number_or_time_would_lose_it(
    database: Database, alice: UUID, measure: str
) -> None:
    """The negative control: a sealer that remembers the highest number or time it has sealed."""
    early = _begin(database, alice, "early")
    database.remember(alice, "late")
    look = f"select {measure}, audit_id from memoriesdb.audit_log order by {measure}".encode()
    db = database.superuser()
    taken = db.execute(look).fetchall()
    early.commit()
    after = db.execute(look).fetchall()
    next_time = [row for row in after if row[0] > taken[-1][0]]
    lost = {row[1] for row in after} - {row[1] for row in taken + next_time}
    assert lost == {audit_ids(database, alice)[0]}
    # And by snapshot it is not.
    seal_all(database)
    assert lost <= _each_in_one_block(database).keys()


def test_the_end_of_a_transaction_counts_and_not_that_of_its_parts(
    database: Database, alice: UUID
) -> None:
    """Subtransactions have ids of their own; entries carry that of the whole."""
    db = _begin(database, alice, "kept")
    for n in range(3):
        with db.transaction():
            db.execute("select memoriesdb.remember(%s)", (f"in a savepoint {n}",))
        with db.transaction(force_rollback=True):
            db.execute("select memoriesdb.remember(%s)", (f"rolled back {n}",))
        database.remember(alice, f"meanwhile {n}")
        seal(database)
    assert problems(database) == []
    db.commit()
    seal_all(database)
    assert len(audit_ids(database, alice)) == 7
    _each_in_one_block(database)
    assert problems(database) == []


def test_what_was_rolled_back_leaves_gaps_and_no_alarm(database: Database, alice: UUID) -> None:
    for n in range(3):
        db = _begin(database, alice, f"never {n}")
        database.remember(alice, f"kept {n}")
        seal(database)
        db.rollback()
    seal_all(database)
    numbers = audit_ids(database, alice)
    assert len(numbers) == 3
    assert numbers[-1] - numbers[0] > 2
    _each_in_one_block(database)
    assert problems(database) == []


def test_a_limit_cuts_and_the_rest_comes_next(database: Database, alice: UUID) -> None:
    """Also within the entries of one transaction."""
    seal_all(database)
    with database.acting(alice) as db:
        for n in range(7):
            db.execute("select memoriesdb.remember(%s)", (f"{n}",))
    sealed = [seal(database, 3) for _ in range(4)]
    # The server's own transactions may have held up the first.
    assert sum(sealed) <= 7
    assert max(sealed) == 3
    seal_all(database)
    _each_in_one_block(database)
    assert problems(database) == []
    with pytest.raises(psycopg.DatabaseError) as caught:
        seal(database, 0)
    assert caught.value.sqlstate == "MD108"


def test_blocks_hold_at_most_65536_entries(database: Database) -> None:
    """Entries of one big transaction are spread over blocks, and verified."""
    db = database.superuser()
    with db.transaction():
        db.execute(
            "with entry as (select nextval('memoriesdb.audit_log_audit_id_seq') as audit_id, "
            "'\\x000102030405060708090a0b0c0d0e0f'::bytea as salt from generate_series(1, 70000)), "
            "payload as (insert into memoriesdb.audit_payloads (audit_id, salt) "
            "select audit_id, salt from entry) "
            "insert into memoriesdb.audit_log overriding system value "
            "select audit_id, clock_timestamp(), pg_current_xact_id(), system_identifier, null, "
            "null, null, 'test', 'settings', 'UPDATE', null, null, '{}', "
            "memoriesdb._payload_commitment(salt, null, null, null, null) "
            "from entry, pg_control_system()"
        )
    seal_all(database)
    counts = [row[0] for row in db.execute("select entry_count from memoriesdb.ledger_blocks")]
    assert max(counts) == 65536
    assert problems(database) == []


def test_two_sealers_do_not_meet(database: Database, alice: UUID) -> None:
    database.remember(alice, "one")
    first = database.connect("worker", pooled=False)
    assert first.execute("select memoriesdb.seal_ledger() > 0").fetchone() == (True,)
    database.remember(alice, "two")
    # The other one neither waits nor seals.
    assert seal(database) == 0
    first.commit()
    seal_all(database)
    _each_in_one_block(database)
    assert problems(database) == []


def test_many_sealers_at_once_seal_each_entry_once(database: Database, alice: UUID) -> None:
    done = threading.Event()

    def sealing() -> None:
        with database.connect("worker", pooled=False, autocommit=True) as db:
            while not done.is_set():
                db.execute("select memoriesdb.seal_ledger(5)")

    sealers = [threading.Thread(target=sealing) for _ in range(3)]
    for sealer in sealers:
        sealer.start()
    try:
        for n in range(40):
            database.remember(alice, f"{n}")
    finally:
        done.set()
        for sealer in sealers:
            sealer.join()
    seal_all(database)
    assert len(audit_ids(database, alice)) == 40
    _each_in_one_block(database)
    assert problems(database) == []


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_an_old_snapshot_seals_less_and_nothing_twice(
    database: Database, alice: UUID, level: str
) -> None:
    database.remember(alice, "before")
    with database.connect("worker", pooled=False) as db:
        db.execute(sql.SQL("set transaction isolation level {}").format(sql.SQL(level)))
        db.execute("select 1")
        database.remember(alice, "after the snapshot")
        db.execute("select memoriesdb.seal_ledger()")
    database.remember(alice, "third")
    with database.connect("worker", pooled=False) as db:
        db.execute(sql.SQL("set transaction isolation level {}").format(sql.SQL(level)))
        db.execute("select 1")
        seal(database)
        # Its snapshot does not show what the other one has sealed: it must not seal that again.
        with pytest.raises(psycopg.errors.SerializationFailure):
            db.execute("select memoriesdb.seal_ledger()")
    seal_all(database)
    _each_in_one_block(database)
    assert problems(database) == []


def test_a_sealer_that_writes_before_it_seals_loses_nothing(
    database: Database, alice: UUID
) -> None:
    """Its transaction id is older than numbers that were given out since."""
    for n in range(3):
        db = database.connect("superuser")
        db.execute("select pg_current_xact_id()")
        late = _begin(database, alice, f"{n}")
        db.execute("select memoriesdb.seal_ledger()")
        db.commit()
        late.commit()
        seal_all(database)
    _each_in_one_block(database)
    assert problems(database) == []


def test_entries_of_another_cluster_are_sealed_at_once(database: Database, alice: UUID) -> None:
    """Restored rows carry ids of transactions that this cluster may never reach."""
    for n in range(5):
        database.remember(alice, f"{n}")
    db = database.superuser()
    db.execute("alter table memoriesdb.audit_log disable trigger user")
    db.execute(
        "update memoriesdb.audit_log set incarnation = 42, "
        "xid = (xid::text::numeric + 1000000000000)::text::xid8"
    )
    db.execute("alter table memoriesdb.audit_log enable always trigger _900_refuse_change")
    # What the old cluster's sealer had noted makes no sense here.
    db.execute("update memoriesdb.ledger_state set mark_audit_id = 3, mark_xid = '999999999999'")
    database.remember(alice, "of this one")
    seal_all(database)
    blocks = _each_in_one_block(database)
    incarnations = db.execute(
        "select b.incarnation = 42, b.entry_count from memoriesdb.ledger_blocks as b order by 1"
    ).fetchall()
    assert [row[0] for row in incarnations] == [False, True]
    assert len(blocks) == sum(row[1] for row in incarnations)
    for n in range(3):
        database.remember(alice, f"later {n}")
        seal_all(database)
    _each_in_one_block(database)
    row = db.execute("select sealed_below from memoriesdb.ledger_state").fetchone()
    assert row is not None
    assert row[0] > 3
    assert problems(database) == []


def test_a_sealer_without_its_bookkeeping_begins_anew(database: Database, alice: UUID) -> None:
    database.remember(alice, "one")
    seal_all(database)
    database.superuser().execute("delete from memoriesdb.ledger_state")
    database.remember(alice, "two")
    for _ in range(100):
        if seal(database):
            break
    seal_all(database)
    _each_in_one_block(database)
    assert problems(database) == []


def test_the_search_begins_where_all_is_sealed(database: Database, alice: UUID) -> None:
    """And never beyond an entry that may still come."""
    for n in range(4):
        database.remember(alice, f"{n}")
        seal_all(database)
    open_one = _begin(database, alice, "open")
    for n in range(4):
        database.remember(alice, f"while it is open {n}")
        seal(database)
    row = database.superuser().execute("select sealed_below from memoriesdb.ledger_state")
    below = row.fetchone()
    assert below is not None
    assert below[0] > 0
    open_one.commit()
    numbers = audit_ids(database, alice)
    assert below[0] < numbers[4]
    seal_all(database)
    _each_in_one_block(database)


def test_a_writer_in_another_database_holds_up_sealing_and_is_named(
    database: Database, alice: UUID
) -> None:
    seal_all(database)  # what made the users, which nobody holds up
    other = f"{database.name}_other"
    superuser = database.superuser()
    superuser.execute(sql.SQL("create database {}").format(sql.Identifier(other)))
    try:
        idle = psycopg.connect(
            database.cluster.postgres.dsn(other), application_name="somebody's report"
        )
        with idle:
            idle.execute("select pg_current_xact_id()")
            database.remember(alice, "waits")
            assert seal(database) == 0
            found = status(database)
            assert found["unsealed_entries"] > 0
            assert found["lag_seconds"] > 0
            assert found["blocking_pid"] == idle.info.backend_pid
            assert found["blocking_database"] == other
            assert found["blocking_login"] == "postgres"
            assert found["blocking_application"] == "somebody's report"
        seal_all(database)
        found = status(database)
        assert found["blocking_pid"] is None
        assert found["oldest_unsealed_at"] is None
        _each_in_one_block(database)
    finally:
        superuser.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(other))
        )


def test_who_only_reads_holds_up_nothing(database: Database, alice: UUID) -> None:
    reader = database.connect("superuser")
    reader.execute("set transaction isolation level repeatable read")
    reader.execute("select count(*) from memoriesdb.audit_log")
    database.remember(alice, "while somebody reads")
    seal_all(database)
    assert len(_each_in_one_block(database)) > 0
    reader.rollback()


def test_a_sealer_that_is_terminated_half_way_leaves_nothing(
    database: Database, alice: UUID
) -> None:
    """Between the block and its leaves."""
    database.remember(alice, "one")
    lock = database.connect("superuser")
    lock.execute("lock table memoriesdb.ledger_leaves in share mode")
    sealer = database.connect("worker", pooled=False)
    pid = sealer.info.backend_pid
    died = threading.Event()

    def sealing() -> None:
        with pytest.raises(psycopg.OperationalError):
            sealer.execute("select memoriesdb.seal_ledger()")
        died.set()

    thread = threading.Thread(target=sealing)
    thread.start()
    watch = database.superuser()
    try:
        while not watch.execute(
            "select from pg_locks where pid = %s and not granted", (pid,)
        ).fetchall():
            time.sleep(0.01)
        watch.execute("select pg_terminate_backend(%s)", (pid,))
    finally:
        thread.join()
        lock.rollback()
    assert died.is_set()
    assert watch.execute("select from memoriesdb.ledger_blocks").fetchall() == []
    seal_all(database)
    _each_in_one_block(database)
    assert problems(database) == []
