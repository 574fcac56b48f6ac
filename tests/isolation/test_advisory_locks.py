"""Advisory locks are anybody's: no login may stop others' work by holding one."""

from __future__ import annotations

from uuid import UUID

from acting import Database

# What a login can read in the installed functions, and in pg_locks while they run.
KEYS = [f"hashtextextended('memoriesdb.vindexing', {n})" for n in range(16)]
KEYS += ["hashtextextended('memoriesdb.maintain_audit_partitions', 0)"]


def test_a_client_who_holds_them_all_stops_no_worker(database: Database, alice: UUID) -> None:
    ids = [database.remember(alice, text) for text in ("one", "two")]
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s)", ids)
    stranger = database.connect("client", autocommit=True)
    for key in KEYS:
        stranger.execute(f"select pg_advisory_lock({key})")
    with database.connect("worker") as db:
        claimed = db.execute("select * from memoriesdb.claim_vindexing('w', 16)").fetchall()
    assert len(claimed) == 1
    with database.connect("admin") as db:
        assert db.execute("select memoriesdb.maintain_audit_partitions(4)").fetchone() == (4,)


def test_two_workers_never_claim_one_slice(database: Database, alice: UUID) -> None:
    """The first claim is not yet committed when the second is made, with a new request besides."""
    ids = [database.remember(alice, text) for text in ("one", "two", "three")]
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s)", ids[:2])
    first, second = database.connect("worker"), database.connect("worker")
    claim = "select job_id, requests from memoriesdb.claim_vindexing(%s, 16)"
    assert len(first.execute(claim, ("first",)).fetchall()) == 1
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s)", ids[1:])
    assert second.execute(claim, ("second",)).fetchall() == []
    first.commit()
    assert second.execute(claim, ("second",)).fetchall() == []
    second.commit()


def test_two_partition_makers_do_not_wait_for_each_other(database: Database) -> None:
    first, second = database.connect("admin"), database.connect("admin")
    make = "select memoriesdb.maintain_audit_partitions(5)"
    assert first.execute(make).fetchone() == (6,)
    assert second.execute(make).fetchone() == (0,)
