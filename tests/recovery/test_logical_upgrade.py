"""An upgrade by logical replication: every row is copied as it is, and nothing fires twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dumped import lost
from memoriesdb.cluster import temporary_cluster
from memoriesdb.cluster.processes import wait_until
from memoriesdb.installer import upgrade

from .servers import DATABASE, Shop, check_whole, dump_roles, restore_roles, run

pytestmark = pytest.mark.slow

LOGICAL = {"wal_level": "logical"}
BEFORE = ["The violin is in the attic.", "Copied, then changed."]
DURING = "Written while it replicates."
COUNTED = ("memories", "memory_versions", "audit_log", "audit_payloads", "ledger_blocks", "users")

PUBLISH = "create publication upgrade for all tables with (publish_via_partition_root = true)"
SUBSCRIBE = "create subscription upgrade connection '{}' publication upgrade"
# Else rows come in as the tables' owner from PostgreSQL 16 on, for whom the policies are forced.
AS_OWNER = " with (run_as_owner = true)"
TRIGGERS = """
do $$
declare
  t record;
begin
  for t in
    select g.tgrelid::regclass as name, g.tgname
    from pg_trigger as g
    join pg_class as c on c.oid = g.tgrelid
    where c.relnamespace = 'memoriesdb'::regnamespace and not g.tgisinternal
  loop
    execute format('alter table %s {} trigger %I', t.name, t.tgname);
  end loop;
end $$
"""
SEQUENCES = """
select format('select setval(%L, %s)', format('%I.%I', schemaname, sequencename), last_value)
from pg_sequences
where schemaname = 'memoriesdb' and last_value is not null
"""
NOT_READY = "select count(*) from pg_subscription_rel where srsubstate <> 'r'"
COPIED = """
select count(*) from pg_subscription_rel
where srrelid = 'memoriesdb.memories'::regclass and srsubstate in ('s', 'r')
"""


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Shop]:
    """The server that is left, with memories, and its schema and roles in files."""
    with temporary_cluster(LOGICAL) as cluster:
        shop = Shop(cluster.postgres)
        shop.create()
        for content in BEFORE:
            shop.remember(content)
        shop.rows(PUBLISH)
        dump_roles(shop.server, tmp_path / "roles.sql")
        dump = str(tmp_path / "schema.dump")
        done = run(shop.server, "pg_dump", "-Fc", "--create", "--schema-only", "-f", dump, shop.dsn)
        assert done.returncode == 0
        yield shop


@pytest.fixture
def subscriber(publisher: Shop, tmp_path: Path) -> Iterator[Shop]:
    """The new server with roles and schema, and no row."""
    with temporary_cluster(LOGICAL) as cluster:
        shop = Shop(cluster.postgres)
        restore_roles(shop.server, tmp_path / "roles.sql")
        dump = str(tmp_path / "schema.dump")
        done = run(shop.server, "pg_restore", "--create", "--dbname", shop.server.dsn(), dump)
        assert (done.returncode, done.stderr) == (0, "")
        shop.rows("drop publication upgrade")
        yield shop


def _subscribe(subscriber: Shop, publisher: Shop) -> None:
    newer = subscriber.server.installation.version >= 16
    subscriber.rows(SUBSCRIBE.replace("{}", publisher.dsn) + AS_OWNER * newer)


def _counts(shop: Shop) -> dict[str, int]:
    return {table: shop.rows(f"select count(*) from memoriesdb.{table}")[0][0] for table in COUNTED}


def _caught_up(publisher: Shop) -> bool:
    # What was committed, and not what was written: with synchronous_commit = off that comes later.
    ((lsn,),) = publisher.rows("select pg_current_wal_insert_lsn()")
    seen = "select bool_and(confirmed_flush_lsn >= %s) from pg_replication_slots"
    return wait_until(lambda: publisher.rows(seen, lsn) == [(True,)], 60)


def test_the_subscriber_takes_over_with_the_whole_chain(publisher: Shop, subscriber: Shop) -> None:
    digest = publisher.seal()
    subscriber.rows(TRIGGERS.replace("{}", "disable"))
    _subscribe(subscriber, publisher)
    assert wait_until(lambda: subscriber.rows(NOT_READY) == [(0,)], 60)

    # Life goes on while it replicates: rows are added, changed and sealed.
    publisher.remember(DURING)
    publisher.as_alice(
        "update memoriesdb.memories set trust = 0.5 where content = %s returning id", BEFORE[1]
    )
    later = publisher.seal()
    publisher.rows("update memoriesdb.users set email = 'alice@example.com'")  # not sealed

    # Applications and workers are stopped; then what is left is awaited, and the sequences taken.
    assert _caught_up(publisher)
    assert _counts(subscriber) == _counts(publisher)
    sequences = publisher.rows(SEQUENCES)
    subscriber.rows("drop subscription upgrade")
    for (statement,) in sequences:
        subscriber.rows(statement)
    named = subscriber.findings()
    assert "triggers are off, can be switched off by a setting, or are missing" in named
    subscriber.rows(TRIGGERS.replace("{}", "enable always"))
    subscriber.rows("select memoriesdb.rotate_signing_key('0')")
    assert lost(subscriber.dsn)
    upgrade(subscriber.dsn)
    assert subscriber.findings() == {}
    assert subscriber.verify_ledger(digest, later).unsealed > 0
    check_whole(subscriber, [*BEFORE, DURING], digest, later)
    old, new = publisher.incarnations()[0], subscriber.incarnations()[-1]
    assert subscriber.incarnations() == [old, old, old, new]


def test_with_the_triggers_on_the_copy_never_ends_and_is_told(
    publisher: Shop, subscriber: Shop
) -> None:
    """Triggers that fire always fire for the copy: they stamp and audit what was audited before."""
    _subscribe(subscriber, publisher)
    try:
        refused = "no user in this transaction"
        assert wait_until(lambda: refused in subscriber.server.log.read_text(), 60)
        assert subscriber.rows(COPIED) == [(0,)]
        assert subscriber.contents() == []
        assert "tables are written by a subscription: another server decides what is in them" in (
            subscriber.findings()
        )
    finally:
        subscriber.rows("drop subscription upgrade")


def test_a_subscription_of_who_is_no_superuser_is_refused_by_row_level_security(
    publisher: Shop, subscriber: Shop
) -> None:
    """Forced policies hold for the owner too: rows come in as a superuser's alone."""
    subscriber.rows(TRIGGERS.replace("{}", "disable"))
    _subscribe(subscriber, publisher)
    try:
        assert wait_until(lambda: subscriber.rows(NOT_READY) == [(0,)], 60)
        # Who owns a subscription must be a superuser when it is given to him, up to PostgreSQL 15.
        subscriber.rows("create role mdb_weak login superuser")
        subscriber.rows("alter subscription upgrade owner to mdb_weak")
        subscriber.rows("alter role mdb_weak nosuperuser")
        subscriber.rows("grant memoriesdb_owner to mdb_weak")
        subscriber.rows(f"grant connect on database {DATABASE} to mdb_weak")
        publisher.remember(DURING)
        refused = "cannot replicate into relation with row-level security enabled"
        assert wait_until(lambda: refused in subscriber.server.log.read_text(), 60)
        assert subscriber.contents() == BEFORE
    finally:
        subscriber.rows("drop subscription upgrade")


def test_the_constants_are_those_of_the_how_to() -> None:
    """Who follows the page does what is tested here."""
    page = Path(__file__).parents[2] / "docs" / "how-to" / "upgrade-postgres.md"
    text = " ".join(page.read_text().split())
    for statement in (PUBLISH, SEQUENCES, TRIGGERS.replace("{}", "disable")):
        assert " ".join(statement.split()) in text
