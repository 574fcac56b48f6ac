"""A restore to a point in time: a digest from after that point tells what is gone."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from memoriesdb.cluster import temporary_cluster
from memoriesdb.cluster.ports import LOOPBACK, free_port
from memoriesdb.cluster.postgres import Postgres
from memoriesdb.cluster.processes import wait_until
from memoriesdb.ledger import Digest

from .servers import Shop, check_whole, run

pytestmark = pytest.mark.slow

VIOLIN = "The violin is in the attic."
POINT = "before_the_mistake"


@dataclasses.dataclass
class Recovered:
    """A server as it was at the point, and the digests from before and after it."""

    shop: Shop
    before: Digest
    at: Digest
    after: Digest


@pytest.fixture
def recovered() -> Iterator[Recovered]:
    """Base backup, archived WAL, and a recovery to a named point."""
    with temporary_cluster({"archive_mode": "on", "archive_command": "false"}) as cluster:
        shop = Shop(cluster.postgres)
        archive = cluster.postgres.directory / "archive"
        cluster.postgres.account.make_directory(archive)
        shop.create()
        shop.rows(f"alter system set archive_command = 'cp %p {archive}/%f'")
        shop.rows("select pg_reload_conf()")
        shop.remember(VIOLIN)
        before = shop.seal()
        base = _base_backup(cluster.postgres)
        shop.remember("In the archive of the log.")
        at = shop.seal()
        shop.rows("select pg_create_restore_point(%s)", POINT)
        shop.remember("Lost by the recovery.")
        after = shop.seal()
        shop.rows("select pg_switch_wal()")
        cluster.postgres.stop()  # waits for the archiver
        server = _recover(base, f"cp {archive}/%f %p")
        try:
            yield Recovered(Shop(server), before, at, after)
        finally:
            server.stop()


def _base_backup(server: Postgres) -> Postgres:
    rules = server.data / "pg_hba.conf"
    server.account.write(
        rules, rules.read_text() + f"host replication postgres {LOOPBACK}/32 scram-sha-256\n"
    )
    Shop(server).rows("select pg_reload_conf()")
    base = dataclasses.replace(
        server, directory=server.directory / "recovered", port=free_port([server.port])
    )
    server.account.make_directory(base.directory)
    done = run(
        server,
        *("pg_basebackup", "--dbname", server.dsn(), "--pgdata", str(base.data)),
        *("--checkpoint", "fast", "--wal-method", "none", "--no-sync"),
        as_server=True,
    )
    assert done.returncode == 0, done.stderr
    return base


def _recover(base: Postgres, restore_command: str) -> Postgres:
    server = dataclasses.replace(
        base,
        settings={
            **base.settings,
            "archive_mode": "off",
            "restore_command": restore_command,
            "recovery_target_name": POINT,
            "recovery_target_action": "promote",
        },
    )
    server.account.write(server.data / "recovery.signal", "")
    server.start()
    # It answers while it still recovers.
    in_recovery = "select pg_is_in_recovery()"
    assert wait_until(lambda: Shop(server).rows(in_recovery) == [(False,)], 60)
    return server


def test_what_is_gone_is_told_by_a_later_digest_alone(recovered: Recovered) -> None:
    shop = recovered.shop
    assert shop.contents() == [VIOLIN, "In the archive of the log."]
    assert shop.verify_ledger(recovered.before, recovered.at).problems == []
    assert shop.findings() == {}, "without a digest nothing looks wrong"

    # Truncation: the chain ends before the block that the later digest names.
    (problem,) = shop.verify_ledger(recovered.at, recovered.after).problems
    assert problem.block_no == recovered.after.block_no

    # And a fork, once the recovered server has sealed a block of its own under that number.
    shop.remember("Another history.")
    head = shop.seal()
    assert head.block_no == recovered.after.block_no
    (problem,) = shop.verify_ledger(recovered.at, recovered.after).problems
    assert problem.block_no == head.block_no
    assert shop.verify_ledger(recovered.before, recovered.at, head).problems == []


def test_the_recovered_server_goes_on_in_the_same_incarnation(recovered: Recovered) -> None:
    check_whole(
        recovered.shop, [VIOLIN, "In the archive of the log."], recovered.before, recovered.at
    )
    assert len({*recovered.shop.incarnations()}) == 1
