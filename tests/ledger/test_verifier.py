"""The verifier in Python names what was done to the entries, and is silent where nothing was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acting import Database
from ledger.outside import SmallLedger, reseal
from ledger.sealing import COPY, COPY_PAYLOAD, seal_all, tamper
from memoriesdb.ledger import Kept, LedgerError, Tables, Verifier
from memoriesdb.ledger.encoding import ENTRY_FIELDS

FUZZ = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# For each column another value, whatever it held.
EDITS = {
    "at": "at + interval '1 microsecond'",
    "xid": "(a.xid::text::bigint + 1)::text::xid8",
    "incarnation": "incarnation # 1",
    "user_id": "case when user_id is null then gen_random_uuid() end",
    "token_id": "case when token_id is null then gen_random_uuid() end",
    "actor_id": "case when actor_id is null then gen_random_uuid() end",
    "login": "login || 'x'",
    "table_name": "table_name || 'x'",
    "operation": "case operation when 'INSERT' then 'DELETE' else 'INSERT' end",
    "owner_id": "case when owner_id is null then gen_random_uuid() end",
    "row_id": "case when row_id is null then gen_random_uuid() end",
    "row_key": "row_key || '{\"x\": 1}'",
    "commitment": "sha256(commitment)",
    "audit_id": "audit_id + 1000000",
}
# These move an entry, so that it is missing where it was.
MOVING = {"audit_id", "xid", "incarnation"}


@pytest.fixture
def ledger(database: Database) -> SmallLedger:
    return SmallLedger(database)


def entries_of(ledger: SmallLedger) -> list[tuple[int, int]]:
    """Each entry in order, with its block."""
    rows = ledger.db.execute(
        "select a.audit_id from memoriesdb.audit_log as a order by a.incarnation, a.xid, a.audit_id"
    ).fetchall()
    return [(row[0], place // ledger.size + 1) for place, row in enumerate(rows)]


def test_an_untouched_ledger_is_intact(ledger: SmallLedger) -> None:
    report = ledger.verify()
    entries = ledger.number("select count(*) from memoriesdb.audit_log")
    assert report.problems == []
    assert (report.entries, report.unsealed, report.digests_agreed) == (entries, 0, 1)
    assert report.payloads_checked == entries >= 42
    assert report.head == ledger.kept[0].digest


def test_what_is_not_sealed_yet_is_no_problem(ledger: SmallLedger) -> None:
    with ledger.tampering() as db:
        db.execute("delete from memoriesdb.ledger_blocks where block_no > 3")
        report = ledger.verify(kept=[])
    assert (report.problems, report.blocks) == ([], 3)
    assert report.unsealed == len(entries_of(ledger)) - 3 * ledger.size


def test_every_column_is_covered() -> None:
    assert EDITS.keys() == {name for name, _ in ENTRY_FIELDS}


@FUZZ
@given(st.sampled_from(sorted(EDITS)), st.data())
def test_an_edited_column_is_named(ledger: SmallLedger, column: str, data: st.DataObject) -> None:
    audit_id, block_no = data.draw(st.sampled_from(entries_of(ledger)))
    with ledger.tampering() as db:
        db.execute("alter table memoriesdb.audit_log alter audit_id drop identity")
        db.execute(
            f"update memoriesdb.audit_log as a set {column} = {EDITS[column]} where audit_id = %s",
            (audit_id,),
            prepare=False,
        )
        first = ledger.verify().first
    assert first is not None
    assert first.block_no == block_no
    if column not in MOVING:
        assert (first.problem, first.audit_id) == ("the entry was changed", audit_id)


@FUZZ
@given(st.data())
def test_a_deleted_entry_is_named(ledger: SmallLedger, data: st.DataObject) -> None:
    entries = entries_of(ledger)
    place = data.draw(st.integers(0, len(entries) - 1))
    audit_id, block_no = entries[place]
    with ledger.tampering() as db:
        db.execute("delete from memoriesdb.audit_log where audit_id = %s", (audit_id,))
        first = ledger.verify().first
    assert first is not None
    assert (first.problem, first.block_no) == ("an entry is missing", block_no)
    assert first.audit_id in {audit_id, None}


def copy_entry(db: Any, audit_id: int, new_id: int) -> None:
    db.execute(
        "insert into memoriesdb.audit_log overriding system value select %s, at, xid, incarnation, "
        "user_id, token_id, actor_id, login, table_name, operation, owner_id, row_id, row_key, "
        "commitment from memoriesdb.audit_log where audit_id = %s",
        (new_id, audit_id),
        prepare=False,
    )


@FUZZ
@given(st.sampled_from([-5, 10**7]), st.data())
def test_an_inserted_entry_is_named(ledger: SmallLedger, new_id: int, data: st.DataObject) -> None:
    """With a transaction that was sealed, and a number that no block's bounds reach."""
    audit_id, _ = data.draw(st.sampled_from(entries_of(ledger)[: -ledger.size]))
    with ledger.tampering() as db:
        copy_entry(db, audit_id, new_id)
        first = ledger.verify().first
    assert first is not None
    assert (first.audit_id, "inserted" in first.problem) == (new_id, True)
    # Before or after all else that its transaction wrote.
    assert first.block_no is not None


def test_an_entry_in_a_gap_of_numbers_is_named(ledger: SmallLedger) -> None:
    """Where a transaction was rolled back, a number is free, and within the bounds of a block."""
    with ledger.tampering() as db:
        (audit_id, _), *_ = [e for e in entries_of(ledger) if e[1] == 3]
        for table in ("audit_log", "audit_payloads"):
            db.execute(f"delete from memoriesdb.{table} where audit_id = %s", (audit_id + 1,))
        reseal(db, ledger.size)
        kept = [ledger.digest()]
        assert ledger.verify(kept).problems == []
        copy_entry(db, audit_id, audit_id + 1)
        first = ledger.verify(kept).first
    assert first is not None
    assert (first.audit_id, "inserted" in first.problem) == (audit_id + 1, True)


@FUZZ
@given(st.sampled_from(["xid", "row_key", "at", "commitment"]), st.data())
def test_two_entries_that_changed_places_are_found(
    ledger: SmallLedger, column: str, data: st.DataObject
) -> None:
    entries = entries_of(ledger)
    one = data.draw(st.sampled_from(entries))
    other = data.draw(st.sampled_from(entries))
    with ledger.tampering() as db:
        changed = db.execute(
            f"update memoriesdb.audit_log as a set {column} = b.{column} "
            "from memoriesdb.audit_log as b where (a.audit_id, b.audit_id) in ((%(a)s, %(b)s), "
            f"(%(b)s, %(a)s)) and a.{column} <> b.{column}",
            {"a": one[0], "b": other[0]},
            prepare=False,
        ).rowcount
        first = ledger.verify().first
    assert (first is None) == (changed == 0)
    if first is not None:
        assert first.block_no == min(one[1], other[1])


@FUZZ
@given(st.data())
def test_a_duplicated_entry_is_named(ledger: SmallLedger, data: st.DataObject) -> None:
    audit_id, block_no = data.draw(st.sampled_from(entries_of(ledger)))
    with ledger.tampering() as db:
        db.execute("alter table memoriesdb.audit_log drop constraint audit_log_pkey")
        copy_entry(db, audit_id, audit_id)
        first = ledger.verify().first
    assert first is not None
    assert (first.block_no, first.audit_id) == (block_no, audit_id)
    assert first.problem == "the entry is there twice"


def test_only_the_user_or_only_the_time(ledger: SmallLedger) -> None:
    for column in ("user_id", "at"):
        audit_id, block_no = entries_of(ledger)[20]
        with ledger.tampering() as db:
            db.execute(
                f"update memoriesdb.audit_log set {column} = {EDITS[column]} where audit_id = %s",
                (audit_id,),
            )
            (problem,) = ledger.verify().problems
        assert (problem.block_no, problem.audit_id) == (block_no, audit_id)
    assert ledger.verify().problems == []


@pytest.mark.parametrize("hints", ["delete from", "update"])
def test_without_genuine_leaf_hashes_the_block_is_named(ledger: SmallLedger, hints: str) -> None:
    """They are hints: without them, or with forged ones, nothing that differs is accepted."""
    audit_id, block_no = entries_of(ledger)[10]
    with ledger.tampering() as db:
        change = "set leaves = sha256(leaves) || substr(leaves, 33)" if hints == "update" else ""
        db.execute(f"{hints} memoriesdb.ledger_leaves {change}")
        assert ledger.verify().problems == []
        db.execute(
            "update memoriesdb.audit_log set user_id = gen_random_uuid() where audit_id = %s",
            (audit_id,),
        )
        (problem,) = ledger.verify().problems
    assert (problem.block_no, problem.audit_id) == (block_no, None)


def test_a_login_that_does_not_see_all_is_told_so(ledger: SmallLedger) -> None:
    app = ledger.database.connect("app", autocommit=True)
    with pytest.raises(LedgerError, match="does not see every entry"):
        Verifier(Tables(app))


def test_an_auditor_verifies_through_the_pool(ledger: SmallLedger) -> None:
    auditor = ledger.database.connect("auditor", autocommit=True)
    report = Verifier(Tables(auditor), kept=ledger.kept).run()
    assert (report.problems, report.payloads_checked) == ([], None)
    assert report.digests_agreed == 1


def test_kept_digests_must_be_signed_where_a_key_is_given(ledger: SmallLedger) -> None:
    report = Verifier(Tables(ledger.db), kept=ledger.kept, public_key=bytes(32)).run()
    assert [p.problem for p in report.problems] == ["a kept digest is not to be trusted"]
    assert isinstance(ledger.kept[0], Kept)


def test_gaps_and_late_commits_are_no_problem(database: Database, alice: UUID) -> None:
    """A rolled-back transaction leaves a gap; one that commits late is in a later block."""
    auditor = Tables(database.connect("auditor", autocommit=True))
    superuser = database.superuser()
    with psycopg.connect(database.dsn("app"), prepare_threshold=None) as late:
        late.execute("select memoriesdb.set_user(%s)", (alice,))
        late.execute("select memoriesdb.remember('written first, committed last')")
        with psycopg.connect(database.dsn("app"), prepare_threshold=None) as undone:
            undone.execute("select memoriesdb.set_user(%s)", (alice,))
            undone.execute("select memoriesdb.remember('never committed')")
            undone.rollback()
        database.remember(alice, "written and committed meanwhile")
        superuser.execute("select memoriesdb.seal_ledger()")
        before = Verifier(auditor).run()
    superuser.execute("select memoriesdb.seal_ledger()")
    kept = Kept(before.head) if before.head else None
    report = Verifier(auditor, kept=[kept] if kept else []).run()
    assert (before.problems, before.unsealed > 0) == ([], True)
    assert (report.problems, report.unsealed, report.digests_agreed) == ([], 0, 1)
    assert report.entries == before.entries + before.unsealed + 1


IMPOSSIBLE: dict[str, tuple[dict[str, Any], str]] = {
    "of no number": ({"audit_id": -7, "xid": None, "incarnation": None}, "never given out"),
    "of the future": ({"audit_id": None, "xid": "9000000000000000000", "incarnation": None},
                      "has not begun"),
    "of a number to come": ({"audit_id": 10**15, "xid": "9000000000000000000",
                             "incarnation": None}, "never given out"),
    "of another cluster": ({"audit_id": None, "xid": None, "incarnation": 42},
                           "of another cluster"),
}  # fmt: skip


@pytest.mark.parametrize("kind", IMPOSSIBLE)
@pytest.mark.parametrize("role", ["superuser", "auditor"])
def test_what_can_never_be_sealed_is_a_problem_and_not_only_late(
    database: Database, alice: UUID, kind: str, role: str
) -> None:
    values, reason = IMPOSSIBLE[kind]
    database.remember(alice, "sealed")
    seal_all(database)
    undone = database.connect("app", pooled=False)
    undone.execute("select memoriesdb.set_user(%s)", (alice,))
    undone.execute("select memoriesdb.remember('never')")
    undone.rollback()
    database.remember(alice, "waits, as it may")
    tables = Tables(database.connect(role, autocommit=True))
    before = Verifier(tables).run()
    assert (before.problems, before.unsealed) == ([], 1)
    row = (
        database.superuser()
        .execute("select max(audit_id) - 1, pg_current_xact_id()::text from memoriesdb.audit_log")
        .fetchone()
    )
    assert row is not None
    given = {"audit_id": row[0], "xid": row[1]} | {k: v for k, v in values.items() if v is not None}
    tamper(database, COPY, COPY_PAYLOAD, **{"incarnation": None} | given)
    report = Verifier(tables).run()
    assert [(p.audit_id, reason in p.detail) for p in report.problems] == [
        (given["audit_id"], True)
    ]
    assert report.unsealed == 2
