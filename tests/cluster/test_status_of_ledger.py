"""`memoriesdb status` says how far the ledger is, and who holds it up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memoriesdb.cluster.cli import _show
from memoriesdb.cluster.status import Component, Status
from memoriesdb.queries import LedgerStatus

AT = datetime(2026, 1, 31, tzinfo=UTC)
STALLED = LedgerStatus(7, 412, 3, AT, 95.4, AT, 4711, "other", "somebody", "a forgotten psql")


@pytest.mark.parametrize(
    ("ledger", "shown"),
    [
        (STALLED, ["412 entries sealed in 7 blocks, 3 wait, the oldest for 95 s",
                   "somebody", "database other", "process 4711", "a forgotten psql"]),
        (replace(STALLED, blocking_pid=None), ["no process"]),
        (replace(STALLED, blocking_application=None, blocking_pid=None), ["3 wait"]),
        (replace(STALLED, unsealed_entries=0), ["412 entries sealed in 7 blocks"]),
    ],
)  # fmt: skip
def test_status_names_who_stalls_sealing(
    ledger: LedgerStatus, shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    part = Component("postgres", True, 1, 2, AT, Path("log"))
    found = Status("default", Path("home"), True, (part,), (), ledger)
    _show(found, "memoriesdb up")
    said = capsys.readouterr().out
    assert [text for text in shown if text not in said] == []
    assert ("they wait for" in said) == (ledger.blocking_application is not None
                                         and ledger.unsealed_entries > 0)  # fmt: skip
    assert found.as_json()["ledger"]["last_sealed_at"] == AT.isoformat()
