"""memory_graph: each user's own edges, as of the last refresh by the vindexing worker."""

import json
import subprocess
import threading
from itertools import pairwise
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database
from queues.support import Start, run_once, value

Edge = tuple[UUID, UUID]


def link(database: Database, user_id: UUID, *pairs: Edge) -> None:
    with database.acting(user_id) as db:
        for source, target in pairs:
            db.execute("select memoriesdb.link(%s, %s)", (source, target))


def linked(database: Database, user_id: UUID) -> Edge:
    """Two new memories of a user and an edge between them."""
    pair = (database.remember(user_id, "source"), database.remember(user_id, "target"))
    link(database, user_id, pair)
    return pair


def shown(database: Database, user_id: UUID) -> set[Edge]:
    with database.acting(user_id) as db:
        rows = db.execute("select source_id, target_id from memoriesdb.memory_graph").fetchall()
    return {(row[0], row[1]) for row in rows}


def refresh(database: Database, start: Start) -> list[dict[str, object]]:
    """Let a real worker do what is due; give the slices that it refreshed."""
    code, log = run_once(start, "vindexing")
    assert code == 0, log
    events = [json.loads(line) for line in log.splitlines()]
    return [event for event in events if event["event"] == "slice refreshed"]


def slice_of(database: Database, user_id: UUID) -> int:
    with database.superuser() as db:
        number: int = value(db, "select memoriesdb._graph_slice(%s)", user_id)
    return number


def requests_left(database: Database) -> int:
    with database.superuser() as db:
        count: int = value(db, "select count(*) from memoriesdb.vindexing_schedule")
    return count


@pytest.fixture
def other(database: Database, alice: UUID) -> UUID:
    """A user whose edges are in another slice than alice's."""
    for number in range(100):
        user_id = database.create_user(f"other {number}")
        if slice_of(database, user_id) != slice_of(database, alice):
            return user_id
    raise AssertionError("a hundred users in one slice")


def claim(worker: Connection) -> list[tuple[int, int, int, int, int]]:
    return worker.execute(
        "select job_id, lease_token, slice, requests, attempt "
        "from memoriesdb.claim_vindexing('w', 16)"
    ).fetchall()


def refresh_claimed(worker: Connection, job: tuple[int, ...]) -> str:
    outcome: str = value(worker, "select memoriesdb.refresh_graph('w', %s, %s)", job[0], job[1])
    return outcome


def break_refreshes(database: Database) -> None:
    with database.superuser() as db:
        db.execute(
            "create or replace function memoriesdb._refresh_graph_slice(slice smallint) "
            "returns void language plpgsql as 'begin perform 1 / 0; end'"
        )


def test_everybody_sees_his_own_edges_only(
    database: Database, alice: UUID, bob: UUID, start: Start
) -> None:
    of_alice, of_bob = linked(database, alice), linked(database, bob)
    assert shown(database, alice) == set()
    refresh(database, start)
    assert shown(database, alice) == {of_alice}
    assert shown(database, bob) == {of_bob}
    with database.connect("app") as nobody:
        assert value(nobody, "select count(*) from memoriesdb.memory_graph") == 0


def test_it_shows_kinds_and_weights(database: Database, alice: UUID, start: Start) -> None:
    one = database.remember(alice, "one", kind="fact")
    two = database.remember(alice, "two", kind="event")
    with database.acting(alice) as db:
        db.execute(
            "select memoriesdb.link(%s, %s, 'supports', 0.25, '{\"why\": \"it does\"}')", (one, two)
        )
    refresh(database, start)
    with database.acting(alice) as db:
        row = db.execute(
            "select relation, weight, metadata, source_kind, target_kind "
            "from memoriesdb.memory_graph"
        ).fetchone()
    assert row == ("supports", 0.25, {"why": "it does"}, "fact", "event")


@pytest.mark.parametrize(
    "statement",
    [
        "select memoriesdb.forget(%s)",
        "delete from memoriesdb.memories where id = %s",
        "select memoriesdb.unlink(source_id, target_id) from memoriesdb.memory_edges "
        "where source_id = %s",
        "delete from memoriesdb.memory_edges where source_id = %s",
    ],
)
def test_what_goes_is_gone_after_the_next_refresh(
    database: Database, alice: UUID, start: Start, statement: str
) -> None:
    source, target = linked(database, alice)
    refresh(database, start)
    with database.acting(alice) as db:
        db.execute(statement, (source,))
    refresh(database, start)
    assert shown(database, alice) == set()
    if "forget" in statement:
        with database.acting(alice) as db:
            db.execute("select memoriesdb.restore(%s)", (source,))
        refresh(database, start)
        assert shown(database, alice) == {(source, target)}


def test_a_transferred_memory_takes_its_edges_out(
    database: Database, alice: UUID, bob: UUID, start: Start
) -> None:
    source, _ = linked(database, alice)
    refresh(database, start)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (source, bob))
    refresh(database, start)
    assert shown(database, alice) == shown(database, bob) == set()


def test_one_users_edges_refresh_one_slice(
    database: Database, alice: UUID, other: UUID, start: Start
) -> None:
    """The other slice's data are older than its edges: nobody touched it."""
    linked(database, other)
    with database.superuser() as db:
        db.execute("delete from memoriesdb.vindexing_schedule")
    of_alice = linked(database, alice)
    refreshed = refresh(database, start)
    assert [event["slice"] for event in refreshed] == [slice_of(database, alice)]
    assert shown(database, alice) == {of_alice}
    assert shown(database, other) == set()


def test_many_requests_are_one_refresh(database: Database, alice: UUID, start: Start) -> None:
    ids = [database.remember(alice, f"text {number}") for number in range(101)]
    pairs = list(pairwise(ids))
    for pair in pairs:
        link(database, alice, pair)
    assert requests_left(database) == 100
    refreshed = refresh(database, start)
    assert [event["requests"] for event in refreshed] == [100]
    assert shown(database, alice) == set(pairs)
    assert requests_left(database) == 0


def test_a_transaction_asks_once(database: Database, alice: UUID) -> None:
    ids = [database.remember(alice, f"text {number}") for number in range(20)]
    link(database, alice, *pairwise(ids))
    assert requests_left(database) == 1


def test_a_hundred_requests_during_a_refresh_cause_one_more(
    database: Database, alice: UUID
) -> None:
    worker = database.connect("worker", autocommit=True)
    linked(database, alice)
    (first,) = claim(worker)
    ids = [database.remember(alice, f"text {number}") for number in range(101)]
    for pair in pairwise(ids):
        link(database, alice, pair)
    assert claim(worker) == []
    assert refresh_claimed(worker, first) == "refreshed"
    (second,) = claim(worker)
    assert second[3] == 100
    assert refresh_claimed(worker, second) == "refreshed"
    assert claim(worker) == []
    assert len(shown(database, alice)) == 101


def test_writers_of_a_slice_do_not_wait_for_each_other(database: Database, alice: UUID) -> None:
    ids = [database.remember(alice, f"text {number}") for number in range(4)]
    with database.acting(alice, pooled=False) as one, database.acting(alice, pooled=False) as two:
        for db, pair in ((one, ids[:2]), (two, ids[2:])):
            db.execute("set local statement_timeout = '5s'")
            db.execute("select memoriesdb.link(%s, %s)", pair)
    assert requests_left(database) == 2


def test_readers_do_not_wait_for_a_refresh(database: Database, alice: UUID, start: Start) -> None:
    pair = linked(database, alice)
    refresh(database, start)
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute("select memoriesdb._refresh_graph_slice(memoriesdb._graph_slice(%s))", (alice,))
        assert shown(database, alice) == {pair}


def test_a_failed_refresh_leaves_old_data_and_the_request(
    database: Database, alice: UUID, start: Start
) -> None:
    old = linked(database, alice)
    refresh(database, start)
    break_refreshes(database)
    linked(database, alice)
    code, log = run_once(start, "vindexing")
    assert code == 1
    assert "slice not refreshed" in log
    assert shown(database, alice) == {old}
    assert requests_left(database) == 1
    with database.connect("admin") as admin:
        rows = admin.execute("select what, waiting + due, last_error from memoriesdb.queue_status")
        (what, waiting, error) = rows.fetchall()[0]
    assert (what, waiting) == (f"slice {slice_of(database, alice)}", 1)
    assert "22012" in error


def test_a_refresh_that_cannot_lock_its_slice_ends_with_its_lease(
    database: Database, alice: UUID, start: Start
) -> None:
    """Somebody refreshes the slice by hand and does not commit."""
    old = linked(database, alice)
    refresh(database, start)
    new = linked(database, alice)
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute("select memoriesdb._refresh_graph_slice(memoriesdb._graph_slice(%s))", (alice,))
        code, log = run_once(start, "vindexing", lease_seconds=2)
        assert code == 1
        # Said in time: a failure that is reported after the lease would be refused, and so never
        # be counted or backed off from.
        assert '"outcome": "retry"' in log
        assert requests_left(database) == 1
        assert shown(database, alice) == {old}
        db.rollback()
    with database.superuser() as db:
        db.execute("update memoriesdb.vindexing_schedule set available_at = clock_timestamp()")
    refresh(database, start)
    assert shown(database, alice) == {old, new}


def test_a_refresh_given_up_is_done_by_a_later_one(
    database: Database, alice: UUID, start: Start
) -> None:
    worker = database.connect("worker", autocommit=True)
    first = linked(database, alice)
    (job,) = claim(worker)
    give_up = "select memoriesdb.fail_vindexing('w', %s, %s, 'no', true)"
    assert value(worker, give_up, job[0], job[1]) == "dead"
    assert claim(worker) == []
    second = linked(database, alice)
    refresh(database, start)
    assert shown(database, alice) == {first, second}
    assert requests_left(database) == 0


def test_a_lost_lease_is_refused(database: Database, alice: UUID) -> None:
    worker = database.connect("worker", autocommit=True)
    linked(database, alice)
    (first,) = claim(worker)
    with database.superuser() as db:
        db.execute("update memoriesdb.vindexing_schedule set available_at = clock_timestamp()")
    (second,) = claim(worker)
    assert (second[1] > first[1], second[4]) == (True, 2)
    assert refresh_claimed(worker, first) == "refused"
    complete = "select memoriesdb.complete_vindexing('w', %s, %s)"
    assert value(worker, complete, first[0], first[1]) == "refused"
    assert refresh_claimed(worker, second) == "refreshed"


def test_claims_at_the_same_time_take_a_slice_once(database: Database, alice: UUID) -> None:
    for _ in range(5):
        linked(database, alice)
    gate = threading.Barrier(6)
    claimed: list[int] = []

    def work() -> None:
        with psycopg.connect(
            database.dsn("worker"), autocommit=True, prepare_threshold=None
        ) as worker:
            gate.wait(10)
            claimed.extend(job[2] for job in claim(worker))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert claimed == [slice_of(database, alice)]


def test_a_view_that_is_not_populated_is_filled_by_the_next_refresh(
    database: Database, alice: UUID, start: Start
) -> None:
    """As after a restore, when an admin asks for a refresh of everything."""
    pair = linked(database, alice)
    with database.superuser() as db:
        for number in range(16):
            db.execute(
                f"refresh materialized view memoriesdb._memory_graph_{number:02} with no data"
            )
    with database.connect("admin", autocommit=True) as admin:
        admin.execute("select memoriesdb.request_graph_refresh()")
    assert len(refresh(database, start)) == 16
    assert shown(database, alice) == {pair}
    with database.superuser() as db:
        unpopulated = value(db, "select count(*) from pg_matviews where not ispopulated")
    assert unpopulated == 0


def test_a_graph_survives_dump_and_restore(
    database: Database, alice: UUID, bob: UUID, start: Start
) -> None:
    """A dump with row security off restores edges, and an empty graph until it is refreshed."""
    pair = linked(database, alice)
    linked(database, bob)
    refresh(database, start)
    program = database.cluster.postgres.installation.program
    with database.superuser() as db:
        db.execute(f"create database {database.name}_restored template template0")
    try:
        dump = subprocess.run(
            [program("pg_dump"), "--format=custom", database.dsn("superuser")],
            capture_output=True,
            check=True,
        )
        restored = database.cluster.postgres.dsn(f"{database.name}_restored")
        subprocess.run(
            [program("pg_restore"), "--dbname", restored], input=dump.stdout, check=False
        )
        with psycopg.connect(restored, autocommit=True) as db:
            for number in range(16):
                db.execute("select memoriesdb._refresh_graph_slice(%s::smallint)", (number,))
            number = slice_of(database, alice)
            edges = db.execute(
                f"select source_id, target_id from memoriesdb._memory_graph_{number:02} "
                "where owner_id = %s",
                (alice,),
            ).fetchall()
        assert edges == [pair]
    finally:
        with database.superuser() as db:
            db.execute(f"drop database {database.name}_restored with (force)")
