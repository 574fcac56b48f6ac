"""An old partition of the audit is archived, detached and dropped: nothing calls that a loss."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from memoriesdb.cluster import temporary_cluster
from memoriesdb.installer import upgrade, verify
from memoriesdb.ledger import Kept

from .servers import Shop

pytestmark = pytest.mark.slow


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A shop whose first partition is full."""
    with temporary_cluster() as cluster:
        started = Shop(cluster.postgres)
        started.create()
        started.remember("The violin is in the attic.")
        started.rows("select memoriesdb.maintain_audit_partitions()")
        started.rows("select setval('memoriesdb.audit_log_audit_id_seq', 1000000)")
        started.remember("In the second partition.")
        yield started


def _ledger(*arguments: str) -> str:
    command = [sys.executable, "-m", "memoriesdb", "ledger", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_was_archived_is_no_loss_and_what_was_not_is_one(shop: Shop, tmp_path: Path) -> None:
    digest = shop.seal()
    kept, file = tmp_path / "digests.jsonl", tmp_path / "audit-000000.jsonl"
    kept.write_text(f"{Kept(digest).as_line()}\n")
    _ledger("archive", "0", "--to", str(file), "--dsn", shop.dsn, "--admin-dsn", shop.dsn)
    shop.rows("drop table memoriesdb.audit_log_000000")
    assert verify(shop.dsn) == []
    assert not upgrade(shop.dsn).changed
    assert shop.findings() == {}
    shop.seal()
    said = _ledger(
        *("verify", "--dsn", shop.dsn, "--digest", str(kept), "--archive", str(file), "--json")
    )
    report = json.loads(said)
    assert (report["verdict"], report["archived_unchecked"]) == ("intact", 0)

    shop.rows("drop table memoriesdb.audit_log_000001")
    (lost,) = {d.name for d in verify(shop.dsn) if d.kind == "table"}
    assert lost == "memoriesdb.audit_log_000001"
    assert shop.verify_ledger(digest).problems != []
