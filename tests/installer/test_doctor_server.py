"""doctor names what is wrong with a server: one that was set up without care."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from memoriesdb.cluster import Cluster, temporary_cluster
from memoriesdb.installer import Finding, install
from memoriesdb.installer.findings import Detail
from memoriesdb.queries import load

from .findings import bad

# 192.0.2.1 is nobody's address: the server says so in its log, and listens on the other one.
CARELESS = {
    "listen_addresses": "127.0.0.1,192.0.2.1",
    "autovacuum": "off",
    "log_statement": "all",
    "log_min_error_statement": "error",
    "max_prepared_transactions": "2",
}
prepared_transactions = load("installer/doctor/prepared_transactions", Detail)


@pytest.fixture(scope="module")
def careless() -> Iterator[Cluster]:
    """A server without checksums, durability, encryption and vacuum, that logs and trusts."""
    with temporary_cluster(CARELESS) as cluster:
        with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
            db.execute("create database shop")
        install(cluster.postgres.dsn("shop"))
        cluster.postgres.stop()
        subprocess.run(
            [
                *(cluster.postgres.installation.program("pg_checksums"), "--disable", "--no-sync"),
                *("--pgdata", str(cluster.postgres.data)),
            ],
            check=True,
            capture_output=True,
            cwd="/",
            **cluster.postgres.account.spawn_options(),
        )
        rules = cluster.postgres.data / "pg_hba.conf"
        cluster.postgres.account.write(
            rules, rules.read_text() + "host shop,other mdb_nobody 192.0.2.7/32 trust\n"
        )
        cluster.postgres.start()
        yield cluster


@pytest.fixture(scope="module")
def found(careless: Cluster) -> list[Finding]:
    return bad(careless.postgres.dsn("shop"))


@pytest.mark.parametrize(
    ("what", "detail"),
    [
        ("a crash loses", "fsync = off, full_page_writes = off, synchronous_commit = off"),
        ("pages have no checksums", "data_checksums = off"),
        ("dead rows stay", "autovacuum = off"),
        ("cannot encrypt", "192.0.2.1"),
        ("log gets statements", "log_min_error_statement = error, log_statement = all"),
        ("without asking", "line 103: host shop,other mdb_nobody 192.0.2.7"),
    ],
)
def test_each_fault_of_a_server_is_named(found: list[Finding], what: str, detail: str) -> None:
    (named,) = [f for f in found if what in f.what]
    assert named.level == "warning"
    assert named.hint
    # The line's number depends on the file that initdb wrote.
    assert detail.removeprefix("line 103") in named.detail


def test_nothing_else_is_wrong_with_it(found: list[Finding]) -> None:
    assert len(found) == 6


def test_a_transaction_that_was_prepared_and_forgotten_is_named(careless: Cluster) -> None:
    with psycopg.connect(careless.postgres.dsn("shop"), autocommit=True) as db:
        db.execute("begin; create table forgotten (); prepare transaction 'mdb'")
        try:
            assert db.execute(prepared_transactions.sql).fetchall() == [], "not yet forgotten"
            now = prepared_transactions.sql.replace(b"10 minutes", b"0 minutes")
            (named,) = db.execute(now).fetchall()
        finally:
            db.execute("rollback prepared 'mdb'")
    assert "mdb in shop by postgres" in named[0]
