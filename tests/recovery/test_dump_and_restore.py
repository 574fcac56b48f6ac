"""A dump restored into another cluster: the chain goes on in a new incarnation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dumped import lost
from memoriesdb.cluster import temporary_cluster
from memoriesdb.installer import upgrade
from memoriesdb.ledger import Digest

from .servers import DATABASE, Shop, check_whole, dump_roles, later_cluster, restore_roles, run

VIOLIN = "The violin is in the attic."
KEY = "The key hangs behind the door."
OLD_KEY = "the key that signs sessions is older than this cluster: it came with a backup"


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Digest, Path]]:
    """A shop with one memory that is sealed and indexed and one that waits, and a backup."""
    with temporary_cluster() as cluster:
        shop = Shop(cluster.postgres)
        shop.create()
        shop.remember(VIOLIN)
        shop.rows("select memoriesdb.index_memories()")
        digest = shop.seal()
        shop.remember(KEY)
        directory = tmp_path_factory.mktemp("backup")
        dump_roles(shop.server, directory / "roles.sql")
        dump = str(directory / "shop.dump")
        done = run(shop.server, "pg_dump", "-Fc", "--create", "-f", dump, shop.dsn)
        assert done.returncode == 0
        yield shop, digest, directory


@pytest.fixture
def elsewhere() -> Iterator[Shop]:
    """A cluster that was made after the backup, and in which nobody has heard of MemoriesDB."""
    with later_cluster() as cluster:
        yield Shop(cluster.postgres)


def test_the_chain_continues_in_another_cluster(
    backup: tuple[Shop, Digest, Path], elsewhere: Shop
) -> None:
    before, digest, directory = backup
    restore_roles(elsewhere.server, directory / "roles.sql")
    done = run(
        elsewhere.server,
        *("pg_restore", "--create", "--enable-row-security", "--exit-on-error"),
        *("--dbname", elsewhere.server.dsn(), str(directory / "shop.dump")),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert lost(elsewhere.dsn)
    upgrade(elsewhere.dsn)
    assert list(elsewhere.findings()) == [OLD_KEY]
    elsewhere.rows("select memoriesdb.rotate_signing_key('0')")
    assert elsewhere.findings() == {}

    # What waited when the dump was taken is sealed first, under the incarnation that wrote it.
    waiting = elsewhere.verify_ledger(digest).unsealed
    assert waiting > 0
    # A digest from after the dump is of a block that the backup has not.
    fork = before.seal()
    (missing,) = elsewhere.verify_ledger(digest, fork).problems
    assert missing.problem == "blocks are missing of which a digest was kept"
    assert f"the ledger ends at block {digest.block_no}" in missing.detail
    check_whole(elsewhere, [VIOLIN, KEY], digest)
    old, new = before.incarnations()[0], elsewhere.incarnations()[-1]
    assert old != new
    assert elsewhere.incarnations() == [old, old, new]
    assert elsewhere.verify_ledger().unsealed == 0

    # The one that was left goes its own way: from the block after the digest on they differ.
    (problem,) = elsewhere.verify_ledger(digest, fork).problems
    assert problem.block_no == fork.block_no


def test_without_the_roles_nothing_is_called_well(
    backup: tuple[Shop, Digest, Path], elsewhere: Shop
) -> None:
    _, _, directory = backup
    with psycopg.connect(elsewhere.server.dsn(), autocommit=True) as db:
        db.execute(f"create database {DATABASE}")
    done = run(
        elsewhere.server, "pg_restore", "--dbname", elsewhere.dsn, str(directory / "shop.dump")
    )
    assert 'role "memoriesdb_owner" does not exist' in done.stderr
    assert {
        "roles are missing or have attributes that they must not have",
        "objects do not belong to whom they must",
        "tables are not under row-level security",
    } <= set(elsewhere.findings())
    with pytest.raises(psycopg.DatabaseError) as caught:
        upgrade(elsewhere.dsn)
    assert caught.value.sqlstate == "MD505"
