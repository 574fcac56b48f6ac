"""The access log: who asked for what, what was refused, and whose grants were used."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Connection, Database


@pytest.fixture
def carol(database: Database) -> UUID:
    """A third user."""
    return database.create_user("carol")


def entries(database: Database, columns: str) -> list[tuple[Any, ...]]:
    """All entries, as the auditor reads them."""
    with database.connect("auditor") as db:
        return db.execute(
            f"select {columns} from memoriesdb.access_log order by access_id".encode()
        ).fetchall()


def set_setting(database: Database, key: str, value: str) -> None:
    with database.connect("admin") as db:
        db.execute("select memoriesdb.set_setting(%s, %s)", (key, value))


def recall(db: Connection, query: str) -> list[UUID]:
    rows = db.execute("select memory_id from memoriesdb.recall(%s)", (query,))
    return [row[0] for row in rows]


def test_an_entry_says_who_asked_what_by_which_way(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, "tea at five")
    with database.connect("admin") as db:
        token = db.execute("select memoriesdb.issue_token(%s)", (alice,)).fetchone()
    assert token is not None
    with database.connect("client") as db:
        db.execute("select memoriesdb.login(%s)", token)
        assert recall(db, "tea") == [memory_id]
        row = db.execute("select id from memoriesdb.api_tokens").fetchone()
        assert row is not None
    assert entries(
        database,
        "user_id, token_id, actor_id, login, action, outcome, memory_ids, result_count, owner_id, "
        "octet_length(query_hash), at <= clock_timestamp()",
    ) == [
        (alice, row[0], None, "test_client", "recall", "answered", [memory_id], 1, None, 32, True)
    ]


def test_a_service_is_named_beside_the_user_for_whom_it_asks(
    database: Database, alice: UUID
) -> None:
    service = database.create_user("service", "service")
    with database.connect("admin") as db:
        db.execute("select memoriesdb.assign_service(%s, %s)", (service, alice))
        token = db.execute("select memoriesdb.issue_token(%s)", (service,)).fetchone()
    with database.connect("client") as db:
        db.execute("select memoriesdb.login(%s)", token)
        db.execute("select memoriesdb.act_for(%s)", (alice,))
        recall(db, "tea")
    assert entries(database, "user_id, actor_id") == [(alice, service)]


def test_queries_are_told_apart_and_told_to_nobody(
    database: Database, alice: UUID, bob: UUID
) -> None:
    for user, query in ((alice, "tea"), (alice, "tea"), (alice, "cake"), (bob, "tea")):
        with database.acting(user) as db:
            recall(db, query)
    hashes = [row[0] for row in entries(database, "query_hash")]
    assert hashes[0] == hashes[1]
    # Another text, and the same one of another user: with the auditor's eyes nobody can ask on his
    # own account and compare.
    assert len(set(hashes)) == 3
    # Nor by a plain hash of the text.
    known = database.superuser().execute(
        "select h from unnest(array[sha256('tea'), sha256(uuid_send(%s) || 'tea')]) as h", (alice,)
    )
    assert not {row[0] for row in known} & set(hashes)
    for table in ("access_log", "audit_payloads"):
        found = database.superuser().execute(
            f"select from memoriesdb.{table} as t where t::text ~ 'cake'".encode()
        )
        assert found.rowcount == 0


def test_what_is_read_through_functions(database: Database, alice: UUID) -> None:
    one, other = (database.remember(alice, text) for text in ("one", "two"))
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s)", (one, other))
        for call in ("history(%s)", "custody(%s)", "neighbors(%s)"):
            db.execute(f"select * from memoriesdb.{call}".encode(), (one,))
        db.execute("select * from memoriesdb.as_of(now())")
    assert entries(database, "action, outcome, memory_ids, result_count") == [
        ("history", "answered", [one], 1),
        ("custody", "answered", [one], 1),
        ("neighbors", "answered", [other], 1),
        ("as_of", "answered", [], 2),
    ]


def test_the_use_of_a_grant_is_told_to_the_owner(
    database: Database, alice: UUID, bob: UUID, carol: UUID
) -> None:
    own = database.remember(bob, "tea of his own")
    shared = {user: database.remember(user, "tea for two") for user in (alice, carol)}
    for user, memory_id in shared.items():
        with database.acting(user) as db:
            db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    with database.acting(bob) as db:
        assert set(recall(db, "tea")) == {own, *shared.values()}
    found = entries(
        database, "outcome, user_id, owner_id, memory_ids, result_count, query_hash is null"
    )
    assert [row[0] for row in found] == ["answered", "granted", "granted"]
    assert set(found[0][3]) == {own, *shared.values()}
    assert sorted(map(str, found[1:])) == sorted(
        str(("granted", bob, user, [memory_id], 1, True)) for user, memory_id in shared.items()
    )
    # Each owner sees that hers was read, by whom and when; not what he looked for, nor what else
    # he found.
    query = "select user_id, action, memory_ids, query_hash, token_id from memoriesdb.access_log"
    for user, memory_id in shared.items():
        with database.acting(user) as db:
            rows = db.execute(query.encode()).fetchall()
            assert rows == [(bob, "recall", [memory_id], None, None)]
    with database.acting(bob) as db:
        assert db.execute(query.encode()).rowcount == 3
    stranger = database.create_user("stranger")
    with database.acting(stranger) as db:
        assert db.execute(query.encode()).rowcount == 0


def test_acquiring_is_a_use_of_the_grant(database: Database, alice: UUID, bob: UUID) -> None:
    memory_id = database.remember(alice, "hers")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    with database.acting(bob) as db:
        db.execute("select memoriesdb.acquire(%s)", (memory_id,))
    with database.acting(alice) as db:
        rows = db.execute("select user_id, action, outcome from memoriesdb.access_log")
        assert rows.fetchall() == [(bob, "acquire", "granted")]


@pytest.mark.parametrize(
    "call",
    [
        "forget('{id}')",
        "restore('{id}')",
        "history('{id}')",
        "custody('{id}')",
        "unshare('{id}', '{other}')",
        "unlink('{id}', '{own}')",
        "unlink('{own}', '{id}')",
    ],
)
@pytest.mark.parametrize("what", ["hidden", "shared", "unknown"])
def test_a_refusal_that_does_not_raise_is_logged(
    database: Database, alice: UUID, bob: UUID, call: str, what: str
) -> None:
    own = database.remember(bob, "his")
    memory_id = uuid4() if what == "unknown" else database.remember(alice, "hers")
    if what == "shared":
        with database.acting(alice) as db:
            db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
    with database.acting(bob) as db:
        text = call.format(id=memory_id, own=own, other=alice)
        rows = db.execute(f"select * from memoriesdb.{text}".encode()).fetchall()
    assert rows in ([], [(False,)], [(0,)])
    assert entries(database, "user_id, action, outcome, memory_ids, result_count") == [
        (bob, call.partition("(")[0], "refused", [memory_id], 0)
    ]


@pytest.mark.parametrize(
    "call",
    [
        "share('{id}', '{other}')",
        "transfer('{id}', '{other}')",
        "acquire('{id}')",
        "link('{id}', '{own}')",
        "link('{own}', '{id}')",
        "neighbors('{id}')",
    ],
)
def test_a_refusal_that_raises_is_in_the_servers_log(
    database: Database, alice: UUID, bob: UUID, call: str
) -> None:
    own, hidden = database.remember(bob, "his"), database.remember(alice, "hers")
    for memory_id in (hidden, uuid4()):
        with database.acting(bob) as db:
            text = call.format(id=memory_id, own=own, other=alice)
            with pytest.raises(psycopg.DatabaseError) as caught:
                db.execute(f"select memoriesdb.{text}".encode())
            db.rollback()
        assert caught.value.sqlstate == "MD201"
        assert caught.value.diag.message_detail == f"You have no memory {memory_id}."
        log = database.cluster.postgres.log.read_text()
        assert f"memoriesdb access: refused memory {memory_id} to {bob} (test_app)" in log
    assert entries(database, "action") == []


def test_where_there_is_nothing_to_do_nothing_was_refused(database: Database, bob: UUID) -> None:
    """Negative control: of one's own memories these functions answer the same, unlogged."""
    one, other = (database.remember(bob, text) for text in ("one", "two"))
    with database.acting(bob) as db:
        db.execute("select memoriesdb.restore(%s)", (one,))
        db.execute("select memoriesdb.forget(%s)", (one,))
        db.execute("select memoriesdb.forget(%s)", (one,))
        db.execute("select memoriesdb.unlink(%s, %s)", (one, other))
        db.execute("select memoriesdb.unshare(%s, %s)", (one, other))
    assert entries(database, "action") == []


def test_a_read_only_transaction_logs_to_the_server(database: Database, alice: UUID) -> None:
    with database.connect("app") as db:
        db.execute("set transaction read only")
        db.execute("select memoriesdb.set_user(%s)", (alice,))
        recall(db, "tea")
        assert recall(db, "cake") == []
    assert entries(database, "action") == []
    log = database.cluster.postgres.log.read_text()
    assert f"memoriesdb access: recall answered by {alice} (test_app), 0 memories" in log


def test_the_sample_is_of_answers_to_ones_own_alone(
    database: Database, alice: UUID, bob: UUID
) -> None:
    set_setting(database, "access_log_sample", "0")
    memory_id = database.remember(alice, "tea")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
        recall(db, "tea")
        db.execute("select memoriesdb.forget(%s)", (uuid4(),))
    with database.acting(bob) as db:
        recall(db, "tea")
    assert entries(database, "action, outcome, user_id") == [
        ("forget", "refused", alice),
        ("recall", "granted", bob),
    ]


def test_a_user_cannot_choose_what_the_sample_leaves_out(database: Database, alice: UUID) -> None:
    set_setting(database, "access_log_sample", "0.5")
    with database.acting(alice) as db:
        for _ in range(200):
            # By random() all of them would fall alike.
            db.execute("select setseed(0.5)")
            db.execute("select memoriesdb._log_access('recall', 'answered', '{}', 0)")
    assert 40 <= len(entries(database, "action")) <= 160


def test_what_a_user_writes_himself_is_about_himself_alone(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """The functions run as the user, so he may call what they call; whose grants, is looked up."""
    memory_id = database.remember(alice, "hers")
    with database.acting(bob) as db:
        db.execute("select memoriesdb._log_access('recall', 'answered', %s, 1)", ([memory_id],))
        for bad in (
            "'Free text!', 'answered', '{}', 0",
            "'recall', 'granted', '{}', 0",
            "'recall', 'answered', null, 0",
            "null, 'answered', '{}', 0",
            "'recall', 'answered', array_fill(gen_random_uuid(), array[10001]), 0",
        ):
            with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
                db.execute(f"select memoriesdb._log_access({bad})".encode())
            assert caught.value.sqlstate == "MD110"
    assert entries(database, "user_id, outcome") == [(bob, "answered")]
    with database.acting(alice) as db:
        assert db.execute("select from memoriesdb.access_log").rowcount == 0
