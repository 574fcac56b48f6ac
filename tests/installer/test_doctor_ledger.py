"""doctor says when the ledger is not sealed in time, and whether it agrees with a kept digest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from acting import Database
from memoriesdb.cluster.processes import wait_until
from memoriesdb.installer import Finding, diagnose
from memoriesdb.ledger import Digest, Kept

from .findings import NO_DIGEST, bad

pytestmark = pytest.mark.usefixtures("durable", "sealed")

STALLED = "entries of the audit wait to be sealed for longer than they may"
AGREES = "the ledger agrees with the digest that was kept"
DIFFERS = "the digest that was kept cannot be compared with the ledger"
OLD = "the digest that was kept is old: what was sealed since could be rewritten unseen"


def _stalled(database: Database, role: str) -> list[Finding]:
    return [f for f in bad(database.dsn(role, pooled=False)) if f.what == STALLED]


@pytest.mark.parametrize("role", ["superuser", "admin"])
def test_a_transaction_that_makes_the_ledger_wait_is_named_wherever_it_is(
    database: Database, alice: UUID, role: str
) -> None:
    with psycopg.connect(database.dsn("admin", pooled=False)) as admin:
        admin.execute("select memoriesdb.set_setting('seal_lag_alarm_seconds', '1')")
    database.superuser().execute("select memoriesdb.seal_ledger()")
    with psycopg.connect(
        database.cluster.superuser_dsn, application_name="a forgotten psql"
    ) as elsewhere:
        elsewhere.execute("select pg_current_xact_id()")
        database.remember(alice, "It has to wait.")
        database.superuser().execute("select memoriesdb.seal_ledger()")
        assert wait_until(lambda: _stalled(database, role) != [], 20)
        (found,) = _stalled(database, role)
        assert found.level == "warning"
        assert (
            "for a transaction of postgres in postgres "
            f"(pid {elsewhere.info.backend_pid}, a forgotten psql)"
        ) in found.detail
    database.superuser().execute("select memoriesdb.seal_ledger()")
    assert _stalled(database, role) == []


def test_that_nobody_seals_is_named_without_a_transaction(database: Database, alice: UUID) -> None:
    with psycopg.connect(database.dsn("admin", pooled=False)) as admin:
        admin.execute("select memoriesdb.set_setting('seal_lag_alarm_seconds', '1')")
    database.remember(alice, "Nobody seals it.")
    assert wait_until(lambda: _stalled(database, "superuser") != [], 20)
    (found,) = _stalled(database, "superuser")
    assert "transaction" not in found.detail
    assert "memoriesdb worker sealing" in found.hint


@pytest.mark.parametrize("role", ["superuser", "admin"])
def test_that_sealing_was_switched_off_in_its_own_row_is_named(
    database: Database, alice: UUID, role: str
) -> None:
    """The row tells that all is sealed, and for good; the blocks tell otherwise."""
    with psycopg.connect(database.dsn("admin", pooled=False)) as admin:
        admin.execute("select memoriesdb.set_setting('seal_lag_alarm_seconds', '1')")
    db = database.superuser()
    for change in (
        "update memoriesdb.ledger_state set sealed_below = 9e15::bigint",
        "delete from memoriesdb.ledger_state",
    ):
        assert _stalled(database, role) == []
        db.execute(change)
        database.remember(alice, "Not sealed, whatever the row says.")
        assert wait_until(lambda: _stalled(database, role) != [], 20), change
        while db.execute("select memoriesdb.seal_ledger()").fetchone() == (0,):
            pass
    assert _stalled(database, role) == []


def _keep(database: Database, path: Path, **changes: object) -> None:
    """Keep a digest as it is printed, or with something changed."""
    row = database.superuser().execute("select memoriesdb.ledger_digest()").fetchone()
    assert row is not None
    digest = Digest.from_json(row[0] | changes)
    path.write_text(Kept(digest).as_line() + "\n")


def _said(database: Database, path: Path) -> Finding:
    (found,) = [f for f in diagnose(database.dsn("superuser"), digest=path) if "digest" in f.what]
    return found


def test_administrators_are_told_that_there_is_no_digest(database: Database) -> None:
    assert (NO_DIGEST in {f.what for f in diagnose(database.dsn("superuser"))}) is True
    assert (NO_DIGEST in {f.what for f in diagnose(database.dsn("app", pooled=False))}) is False


def test_a_ledger_that_agrees_is_well(database: Database, alice: UUID, tmp_path: Path) -> None:
    kept = tmp_path / "digests.jsonl"
    _keep(database, kept)
    assert (_said(database, kept).level, _said(database, kept).what) == ("ok", AGREES)
    database.remember(alice, "Sealed after the digest.")
    database.superuser().execute("select memoriesdb.seal_ledger()")
    assert _said(database, kept).what == AGREES
    (auditor,) = [
        f
        for f in diagnose(database.dsn("auditor", pooled=False), digest=kept)
        if f.what in {AGREES, DIFFERS}
    ]
    assert auditor.what == AGREES


def test_a_ledger_that_was_rewritten_is_named(database: Database, tmp_path: Path) -> None:
    kept = tmp_path / "digests.jsonl"
    _keep(database, kept, block_hash="ab" * 32)
    found = _said(database, kept)
    assert (found.level, found.what) == ("failure", DIFFERS)
    assert "block 1" in found.detail


def test_a_ledger_that_was_cut_is_named(database: Database, tmp_path: Path) -> None:
    kept = tmp_path / "digests.jsonl"
    _keep(database, kept, block_no=7)
    found = _said(database, kept)
    assert (found.level, found.what) == ("failure", DIFFERS)
    assert "block 2: blocks are missing" in found.detail, "the first that is not there"
    assert "the last line, of block 7: the ledger ends at block 1)" in found.detail


def test_an_entry_that_was_changed_since_is_named(
    database: Database, alice: UUID, tmp_path: Path
) -> None:
    kept = tmp_path / "digests.jsonl"
    _keep(database, kept)
    database.remember(alice, "It will be somebody else's.")
    db = database.superuser()
    db.execute("select memoriesdb.seal_ledger()")
    db.execute(
        "alter table memoriesdb.audit_log disable trigger _900_refuse_change; "
        "update memoriesdb.audit_log set login = 'mallory' "
        "where audit_id = (select max(audit_id) from memoriesdb.audit_log); "
        "alter table memoriesdb.audit_log enable always trigger _900_refuse_change"
    )
    found = _said(database, kept)
    assert (found.level, found.what) == ("failure", DIFFERS)
    assert "block 2" in found.detail


def test_an_old_digest_is_named_once_there_is_more_to_keep(
    database: Database, alice: UUID, tmp_path: Path
) -> None:
    kept = tmp_path / "digests.jsonl"
    db = database.superuser()
    # A ledger that was sealed two days ago.
    db.execute("set session_replication_role = replica")
    db.execute("alter table memoriesdb.ledger_blocks disable trigger user")
    db.execute(
        "update memoriesdb.ledger_blocks as b set sealed_at = now() - interval '2 days'; "
        "update memoriesdb.ledger_blocks as b set hash = memoriesdb._block_hash(b)"
    )
    _keep(database, kept)
    assert _said(database, kept).what == AGREES
    database.remember(alice, "Sealed two days later.")
    db.execute("select memoriesdb.seal_ledger()")
    found = _said(database, kept)
    assert (found.level, found.what) == ("warning", OLD)
    assert found.detail.startswith("of ")


@pytest.mark.parametrize("content", [None, "", "nonsense\n", "{}\n"])
def test_a_file_without_a_digest_is_a_failure(
    database: Database, tmp_path: Path, content: str | None
) -> None:
    kept = tmp_path / "digests.jsonl"
    if content is not None:
        kept.write_text(content)
    found = _said(database, kept)
    assert (found.level, found.what) == ("failure", DIFFERS)


def test_a_database_without_a_ledger_is_named(database: Database, tmp_path: Path) -> None:
    kept = tmp_path / "digests.jsonl"
    _keep(database, kept)
    found = diagnose(database.cluster.superuser_dsn, digest=kept)
    (said,) = [f for f in found if f.what == DIFFERS]
    assert (said.level, said.detail) == ("failure", "there is no ledger in this database")
    assert "memoriesdb install" in said.hint


def test_a_signature_that_does_not_fit_is_a_failure(database: Database, tmp_path: Path) -> None:
    kept = tmp_path / "digests.jsonl"
    _keep(database, kept)
    digest = Kept.from_line(kept.read_text()).digest
    signed = Kept.signed(digest, Ed25519PrivateKey.generate())
    kept.write_text(signed.as_line() + "\n")
    assert (_said(database, kept).level, _said(database, kept).what) == ("ok", AGREES)
    assert signed.signature is not None
    flipped = bytes([signed.signature[0] ^ 1]) + signed.signature[1:]
    kept.write_text(replace(signed, signature=flipped).as_line() + "\n")
    found = _said(database, kept)
    assert (found.level, found.what) == ("failure", "the digest that was kept was changed")
