"""pg_upgrade: the data files go into a new cluster, and the chain with them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import psycopg
import pytest

from dumped import lost
from memoriesdb.cluster import temporary_cluster
from memoriesdb.cluster.postgres import ACCESS_RULES, Postgres
from memoriesdb.installer import upgrade

from .servers import Shop, check_whole, later_cluster, run

pytestmark = pytest.mark.slow

CONTENTS = ["The violin is in the attic.", "Not sealed before the upgrade."]
OLD_KEY = "the key that signs sessions is older than this cluster: it came with a backup"


def _let_in(server: Postgres, rules: str) -> None:
    server.account.write(server.data / "pg_hba.conf", rules)


def _pg_upgrade(old: Postgres, new: Postgres, directory: Path) -> None:
    """Run it as a DBA would, between two stopped servers that nobody else can reach."""
    new.account.make_directory(directory)
    for server in (old, new):
        _let_in(server, "local all all trust\n")
    done = run(
        new,
        *("pg_upgrade", "--username", "postgres"),
        *("--old-bindir", str(old.installation.bindir), "--old-datadir", str(old.data)),
        *("--new-bindir", str(new.installation.bindir), "--new-datadir", str(new.data)),
        *("--old-port", str(old.port), "--new-port", str(new.port)),
        as_server=True,
        cwd=str(directory),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    _let_in(new, ACCESS_RULES)


def test_the_chain_and_the_transaction_ids_continue() -> None:
    """From one release to the same one: the procedure is the same, and the cluster another."""
    with temporary_cluster() as before:
        shop = Shop(before.postgres)
        shop.create()
        shop.rows("create role mdb_ada login in role memoriesdb_client")
        shop.rows("select memoriesdb.map_db_role(memoriesdb.user_id('alice'), 'mdb_ada')")
        shop.remember(CONTENTS[0])
        digest = shop.seal()
        shop.remember(CONTENTS[1])
        ((last_xid,),) = shop.rows("select pg_current_xact_id()::text::bigint")
        before.postgres.stop()
        with later_cluster() as after:
            after.postgres.stop()
            _pg_upgrade(before.postgres, after.postgres, after.postgres.directory / "upgrade")
            # The superuser's password came with the roles.
            new = dataclasses.replace(after.postgres, password=before.postgres.password)
            new.start()
            upgraded = Shop(new)
            assert lost(upgraded.dsn)
            upgrade(upgraded.dsn)
            assert list(upgraded.findings()) == [OLD_KEY], "mapped logins keep their oids"
            upgraded.rows("select memoriesdb.rotate_signing_key('0')")
            assert upgraded.findings() == {}
            ((xid,),) = upgraded.rows("select pg_current_xact_id()::text::bigint")
            assert xid > last_xid
            check_whole(upgraded, CONTENTS, digest)
            old_blocks, (incarnation,) = upgraded.incarnations()[:2], upgraded.incarnations()[2:]
            assert incarnation not in old_blocks
            with pytest.raises(psycopg.OperationalError):
                shop.rows("select 1")
