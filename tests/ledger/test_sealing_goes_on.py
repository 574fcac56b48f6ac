"""Nobody stops sealing, or hides what waits, by the sealer's notes or by impossible entries."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Database
from ledger.sealing import (
    COPY,
    COPY_PAYLOAD,
    audit_ids,
    problems,
    seal,
    seal_all,
    status,
    tamper,
)

FAR = 9_000_000_000_000_000
# What a superuser can put into the sealer's row. None of it is possible after honest sealing.
NOTES = {
    "all is sealed for good": f"sealed_below = {FAR}, mark_audit_id = {FAR}",
    "the next mark is far": f"mark_audit_id = {FAR}, mark_xid = '0'",
    "the mark is never reached": f"mark_xid = '{FAR}'",
    "less than nothing is sealed": f"sealed_below = -{FAR}",
    "just what is given out is sealed": "sealed_below = (select last_value "
    "from memoriesdb.audit_log_audit_id_seq) + 40, mark_audit_id = sealed_below",
}


@pytest.mark.parametrize("notes", NOTES)
def test_the_sealers_notes_hide_nothing_and_stop_nothing(
    database: Database, alice: UUID, notes: str
) -> None:
    database.remember(alice, "sealed before")
    seal_all(database)
    database.superuser().execute(f"update memoriesdb.ledger_state set {NOTES[notes]}")
    early = database.connect("app", pooled=False)
    early.execute("select memoriesdb.set_user(%s)", (alice,))
    early.execute("select memoriesdb.remember('written early, committed late')")
    database.remember(alice, "written meanwhile")
    assert status(database)["unsealed_entries"] == 1
    assert status(database)["lag_seconds"] > 0
    seal(database)
    early.commit()
    seal_all(database)
    for n in range(3):
        database.remember(alice, f"later {n}")
        seal_all(database)
    row = database.superuser().execute(
        "select (select sum(entry_count) from memoriesdb.ledger_blocks) = "
        "(select count(*) from memoriesdb.audit_log)"
    )
    assert row.fetchone() == (True,)
    assert len(audit_ids(database, alice)) == 6
    assert problems(database) == []


def test_the_server_is_told_that_the_notes_were_changed(database: Database, alice: UUID) -> None:
    """And a healthy sealer says nothing, also where numbers were given out for nothing."""
    said: list[str] = []
    with database.connect("worker", pooled=False, autocommit=True) as db:
        db.add_notice_handler(lambda notice: said.append(notice.severity or ""))
        for n in range(5):
            database.remember(alice, f"{n}")
            undone = database.connect("app", pooled=False)
            undone.execute("select memoriesdb.set_user(%s)", (alice,))
            undone.execute("select memoriesdb.remember('never')")
            undone.rollback()
            for _ in range(3):
                db.execute("select memoriesdb.seal_ledger()")
        assert said == []
        database.superuser().execute(f"update memoriesdb.ledger_state set sealed_below = {FAR}")
        db.execute("select memoriesdb.seal_ledger()")
        assert said == ["WARNING"]
        db.execute("select memoriesdb.seal_ledger()")
        assert said == ["WARNING"], "it was put right"


def test_among_many_blocks_the_notes_are_made_anew_from_the_last_ones(
    database: Database, alice: UUID
) -> None:
    """Where more blocks are there than transactions can run at once."""
    db = database.superuser()
    seal_all(database)
    most = db.execute(
        "select sum(setting::int) + 100 from pg_settings "
        "where name in ('max_connections', 'max_prepared_transactions')"
    ).fetchone()
    assert most is not None
    for _ in range(most[0] + 5):
        database.remember(alice, "a block of its own")
        db.execute("select memoriesdb.seal_ledger()")
    seal_all(database)
    early = database.connect("app", pooled=False)
    early.execute("select memoriesdb.set_user(%s)", (alice,))
    early.execute("select memoriesdb.remember('written early, committed late')")
    database.remember(alice, "meanwhile")
    db.execute(f"update memoriesdb.ledger_state set sealed_below = {FAR}")
    below = db.execute(
        "select memoriesdb._sealed_below(s) from memoriesdb.ledger_state as s"
    ).fetchone()
    assert below is not None
    assert 0 < below[0] < audit_ids(database, alice)[-1] - 1
    early.commit()
    seal_all(database)
    assert problems(database) == []


def test_without_the_sealers_row_the_backlog_is_told(database: Database, alice: UUID) -> None:
    database.remember(alice, "waits")
    database.superuser().execute("delete from memoriesdb.ledger_state")
    assert status(database)["unsealed_entries"] > 0


@pytest.mark.parametrize(
    ("audit_id", "xid", "named"),
    [
        (-7, str(FAR), {"number of the entry was never given out",
                        "transaction of the entry has not begun"}),
        (FAR, str(FAR), {"number of the entry was never given out",
                         "transaction of the entry has not begun"}),
        (-7, None, {"number of the entry was never given out"}),
    ],
)  # fmt: skip
def test_an_entry_that_can_never_be_sealed_waits_and_is_named(
    database: Database, alice: UUID, audit_id: int, xid: str | None, named: set[str]
) -> None:
    database.remember(alice, "sealed")
    seal_all(database)
    assert problems(database) == []
    if xid is None:
        row = database.superuser().execute("select pg_current_xact_id()::text").fetchone()
        assert row is not None
        xid = row[0]
    values = {"audit_id": audit_id, "xid": xid, "incarnation": None}
    tamper(database, COPY, COPY_PAYLOAD, **values)
    seal(database)
    found = status(database)
    assert found["unsealed_entries"] == 1
    assert found["lag_seconds"] > 86_400 * 300
    assert found["blocking_pid"] is None
    assert {(row[1], row[2]) for row in problems(database)} == {(audit_id, n) for n in named}


def test_an_entry_put_where_the_sealer_has_been_is_named(database: Database, alice: UUID) -> None:
    """In a gap that a rolled-back transaction left, as if it were of one that came last."""
    undone = database.connect("app", pooled=False)
    undone.execute("select memoriesdb.set_user(%s)", (alice,))
    undone.execute("select memoriesdb.remember('never')")
    undone.rollback()
    for n in range(4):
        database.remember(alice, f"{n}")
        seal_all(database)
    gap = audit_ids(database, alice)[0] - 1
    db = database.superuser()
    assert db.execute("select from memoriesdb.audit_log where audit_id = %s", (gap,)).rowcount == 0
    row = db.execute("select pg_current_xact_id()::text").fetchone()
    assert row is not None
    tamper(database, COPY, COPY_PAYLOAD, audit_id=gap, xid=row[0], incarnation=None)
    assert problems(database) == [(None, gap, "entry was left out when those after it were sealed")]


def test_what_waits_for_a_transaction_is_lag_and_no_tampering(
    database: Database, alice: UUID
) -> None:
    seal_all(database)
    idle = database.connect("superuser", pooled=False)
    idle.execute("select pg_current_xact_id()")
    database.remember(alice, "waits")
    seal(database)
    assert status(database)["unsealed_entries"] == 1
    assert status(database)["blocking_pid"] == idle.info.backend_pid
    assert problems(database) == []
    idle.commit()
    seal_all(database)
    assert problems(database) == []
