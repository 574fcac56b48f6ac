"""A log of two partitions, to archive the first, and the commands that do it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from acting import Database
from memoriesdb.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call `memoriesdb ledger` in this process, as the auditor."""
    monkeypatch.setenv("MEMORIESDB_AUDITOR_DSN", database.dsn("auditor"))
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("admin"))

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(app, ["ledger", *map(str, arguments)])

    return call


@pytest.fixture
def full(database: Database, alice: UUID) -> Database:
    """Two partitions, with a block on their border that has entries of both."""
    db = database.superuser()

    def seal() -> None:
        db.execute("select memoriesdb.seal_ledger(7)")
        while db.execute("select memoriesdb.seal_ledger(7)").fetchone() != (0,):
            pass

    for number in range(8):
        database.remember(alice, f"of the first partition {number}")
    seal()
    database.remember(alice, "before the border")
    sequence = "memoriesdb.audit_log_audit_id_seq"
    db.execute(f"select setval('{sequence}', greatest(999998, last_value)) from {sequence}")
    with database.acting(alice) as me:
        for number in range(3):
            me.execute("select memoriesdb.remember(%s)", (f"across the border {number}",))
    db.execute("select memoriesdb.seal_ledger()")
    db.execute("select memoriesdb.maintain_audit_partitions()")
    for number in range(4):
        database.remember(alice, f"of the second partition {number}")
    seal()
    return database
