"""Trust never grows beyond that of what a memory was copied or derived from."""

from __future__ import annotations

import threading
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database

LINK = "select memoriesdb.link(%s, %s, 'derived_from')"
SET = "update memoriesdb.memories set trust = %s where id = %s"


def remember(database: Database, user: UUID, *trusts: float) -> list[UUID]:
    with database.acting(user) as db:
        return [
            row[0]
            for trust in trusts
            for row in db.execute(
                "insert into memoriesdb.memories (content, trust) values ('a claim', %s) "
                "returning id",
                (trust,),
            )
        ]


def state(db: Connection, *ids: UUID) -> list[tuple[float, float]]:
    rows = db.execute("select id, trust, trust_limit from memoriesdb.memories")
    found = {row[0]: row[1:] for row in rows}
    return [found[memory_id] for memory_id in ids]


def refused(db: Connection, statement: str, *parameters: object) -> str | None:
    with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
        db.execute(statement.encode(), parameters)
    assert caught.value.diag.message_hint
    return caught.value.sqlstate


def test_a_memory_of_ones_own_has_no_limit(database: Database, alice: UUID) -> None:
    (claim,) = remember(database, alice, 0.25)
    with database.acting(alice) as db:
        db.execute(SET, (1, claim))
        assert state(db, claim) == [(1, 1)]


def test_a_derived_memory_is_trusted_as_far_as_the_least_of_its_sources(
    database: Database, alice: UUID
) -> None:
    derived, low, high = remember(database, alice, 1, 0.25, 0.75)
    with database.acting(alice) as db:
        db.execute(LINK, (derived, high))
        assert state(db, derived) == [(0.75, 0.75)]
        db.execute(LINK, (derived, low))
        assert state(db, derived, low, high) == [(0.25, 0.25), (0.25, 1), (0.75, 1)]
        assert refused(db, SET, 0.5, derived) == "MD205"
        db.execute(SET, (0.125, derived))
        db.execute(SET, (0.25, derived))
        # Refused too where trust is one of many columns, or the row one of many.
        every = "update memoriesdb.memories set trust = 0.5, importance = 1"
        assert refused(db, every) == "MD205"
        assert state(db, derived, low, high) == [(0.25, 0.25), (0.25, 1), (0.75, 1)]


def test_other_relations_lower_nothing(database: Database, alice: UUID) -> None:
    one, other = remember(database, alice, 1, 0.25)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s, 'supports')", (one, other))
        db.execute(LINK, (other, one))
        assert state(db, one, other) == [(1, 1), (0.25, 1)]


def test_unlinking_does_not_raise_it_again(database: Database, alice: UUID) -> None:
    derived, source = remember(database, alice, 1, 0.25)
    with database.acting(alice) as db:
        db.execute(LINK, (derived, source))
        db.execute("select memoriesdb.unlink(%s, %s)", (derived, source))
        db.execute(SET, (1, source))
        assert state(db, derived) == [(0.25, 0.25)]
        assert refused(db, SET, 0.5, derived) == "MD205"


def test_a_source_that_falls_takes_with_it_what_was_derived_however_far(
    database: Database, alice: UUID
) -> None:
    with database.acting(alice) as db:
        ids = [
            row[0]
            for row in db.execute(
                "insert into memoriesdb.memories (content, trust) "
                "select 'step ' || i, 0.75 from generate_series(1, 1000) as i returning id"
            )
        ]
        db.cursor().executemany(
            "insert into memoriesdb.memory_edges (source_id, target_id, relation) "
            "values (%s, %s, 'derived_from')",
            list(zip(ids[1:], ids, strict=False)),
        )
        db.execute(SET, (0.5, ids[0]))
        assert set(state(db, *ids[1:])) == {(0.5, 0.5)}
        # Raised again: what was derived stays where it is, but may rise no further than before.
        db.execute(SET, (1, ids[0]))
        assert set(state(db, *ids[1:])) == {(0.5, 0.5)}


def test_links_that_are_made_at_once_and_in_a_circle(database: Database, alice: UUID) -> None:
    a, b, c = remember(database, alice, 1, 0.75, 0.5)
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memory_edges (source_id, target_id, relation) "
            "select s, t, 'derived_from' from unnest(%s::uuid[], %s::uuid[]) as e (s, t)",
            ([a, b, c], [b, c, a]),
        )
        assert state(db, a, b, c) == [(0.5, 0.5)] * 3
        db.execute(SET, (0.25, b))
        assert state(db, a, b, c) == [(0.25, 0.25)] * 3


def test_a_grantee_who_writes_leaves_trust_to_the_owner(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Who raised it could acquire it with what he gave it; who lowered it, would for good."""
    derived, source = remember(database, alice, 1, 0.5)
    with database.acting(alice) as db:
        db.execute(LINK, (derived, source))
        for memory_id in (derived, source):
            db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, bob))
    with database.acting(bob) as db:
        for trust in (0.25, 0.75, 1):
            assert refused(db, SET, trust, source) == "MD205"
        every = "update memoriesdb.memories set trust = 0.75, importance = 1"
        assert refused(db, every) == "MD205"
        # The control: the rest he may write, and what stays the same is no change.
        edit = "update memoriesdb.memories set content = 'his', trust = 0.5 where id = %s"
        assert db.execute(edit, (source,)).rowcount == 1
        row = db.execute("select memoriesdb.acquire(%s)", (source,)).fetchone()
        assert row is not None
        assert state(db, row[0]) == [(0.5, 0.5)]
        # His copy is his, up to its limit.
        db.execute(SET, (0.25, row[0]))
        assert refused(db, SET, 0.75, row[0]) == "MD205"
    with database.acting(alice) as db:
        db.execute(SET, (0.25, source))
        assert state(db, derived, source) == [(0.25, 0.25), (0.25, 1)]


def test_a_transfer_keeps_the_limit(database: Database, alice: UUID, bob: UUID) -> None:
    derived, source = remember(database, alice, 1, 0.25)
    with database.acting(alice) as db:
        db.execute(LINK, (derived, source))
        db.execute("select memoriesdb.transfer(%s, %s)", (derived, bob))
    with database.acting(bob) as db:
        assert state(db, derived) == [(0.25, 0.25)]
        assert refused(db, SET, 0.5, derived) == "MD205"


def test_what_one_is_given_is_trusted_no_more_than_what_one_writes(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """He was not asked. Knowingly he may raise it again, as far as its limit goes."""
    ids = remember(database, alice, 1, 0.5, 0.25)
    with database.acting(alice) as db:
        for memory_id in ids:
            db.execute("select memoriesdb.transfer(%s, %s)", (memory_id, bob))
    with database.acting(bob) as db:
        assert state(db, *ids) == [(0.5, 1), (0.5, 1), (0.25, 1)]
        history = "select trust, operation from memoriesdb.history(%s)"
        assert db.execute(history, (ids[0],)).fetchall() == [(1, "TRANSFER"), (0.5, None)]
        db.execute(SET, (1, ids[0]))
        assert state(db, ids[0]) == [(1, 1)]
    # Back again: what she once thought of it is no more hers than what he thinks.
    with database.acting(bob) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (ids[0], alice))
    with database.acting(alice) as db:
        assert state(db, ids[0]) == [(0.5, 1)]
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


@pytest.mark.parametrize(("most", "trust"), [(0, 0), (0.75, 0.75), (1, 0.875)])
def test_the_trust_of_gifts_is_a_setting(
    database: Database, alice: UUID, bob: UUID, most: float, trust: float
) -> None:
    database.administer("set_setting('transfer_max_trust', %s::text)", most)
    (claim,) = remember(database, alice, 0.875)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.transfer(%s, %s)", (claim, bob))
    with database.acting(bob) as db:
        assert state(db, claim) == [(trust, 1)]


def test_what_was_received_is_found_by_its_maker(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """As the how-to says."""
    gift, planted = remember(database, alice, 0.5, 1)
    (own,) = remember(database, bob, 1)
    with database.acting(alice) as db:
        for memory_id in (gift, planted):
            db.execute("select memoriesdb.transfer(%s, %s, 'unasked')", (memory_id, bob))
    with database.acting(bob) as db:
        found = db.execute(
            "select id, created_by from memoriesdb.memories "
            "where owner_id = memoriesdb.current_user_id() and created_by <> owner_id order by seq"
        )
        assert found.fetchall() == [(gift, alice), (planted, alice)]
        received = db.execute(
            "select m.id, p.after ->> 'from', p.reason from memoriesdb.audit_log as a "
            "join memoriesdb.audit_payloads as p using (audit_id) "
            "join memoriesdb.memories as m on m.owner_id = a.owner_id and m.id = a.row_id "
            "where a.operation = 'TRANSFER' "
            "and p.after ->> 'to' = memoriesdb.current_user_id()::text order by a.audit_id"
        )
        assert received.fetchall() == [
            (gift, str(alice), "unasked"),
            (planted, str(alice), "unasked"),
        ]
        custody = "select owner_id, reason from memoriesdb.custody(%s)"
        assert db.execute(custody, (gift,)).fetchall() == [(alice, "unasked"), (bob, None)]
        assert db.execute("select from memoriesdb.custody(%s)", (own,)).rowcount == 1


def test_a_source_that_is_given_away_and_comes_back_takes_nothing_with_it(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """The security model says so: the edge went with the transfer."""
    derived, source = remember(database, alice, 1, 0.75)
    with database.acting(alice) as db:
        db.execute(LINK, (derived, source))
        db.execute("select memoriesdb.transfer(%s, %s)", (source, bob))
    with database.acting(bob) as db:
        db.execute(SET, (0.125, source))
        db.execute("select memoriesdb.transfer(%s, %s)", (source, alice))
    with database.acting(alice) as db:
        assert state(db, derived, source) == [(0.75, 0.75), (0.125, 1)]


def test_a_copy_falls_no_further_with_its_origin(
    database: Database, alice: UUID, bob: UUID
) -> None:
    """Another owner's act changes nobody's rows: the limit is of the time of the copy."""
    (source,) = remember(database, alice, 0.5)
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (source, bob))
    with database.acting(bob) as db:
        (copy,) = db.execute("select memoriesdb.acquire(%s)", (source,)).fetchone() or (None,)
        assert copy is not None
    with database.acting(alice) as db:
        db.execute(SET, (0.25, source))
    with database.acting(bob) as db:
        assert refused(db, SET, 0.75, copy) == "MD205"
        assert state(db, source, copy) == [(0.25, 1), (0.5, 0.5)]


def test_it_is_audited_and_in_history(database: Database, alice: UUID) -> None:
    derived, source = remember(database, alice, 1, 0.75)
    with database.acting(alice) as db:
        db.execute(LINK, (derived, source))
        db.execute(SET, (0.5, source))
        entries = db.execute(
            "select a.row_id, a.user_id, p.before ->> 'trust', p.after ->> 'trust', "
            "p.after ->> 'trust_limit' from memoriesdb.audit_log as a "
            "join memoriesdb.audit_payloads as p using (audit_id) "
            "where a.table_name = 'memories' and a.operation = 'UPDATE' order by audit_id"
        ).fetchall()
        assert entries == [
            (derived, alice, "1", "0.75", "0.75"),
            (source, alice, "0.75", "0.5", None),
            (derived, alice, "0.75", "0.5", "0.5"),
        ]
        states = db.execute("select trust from memoriesdb.history(%s)", (derived,)).fetchall()
        assert states == [(1,), (0.75,), (0.5,)]
        assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


@pytest.mark.parametrize("first", ["link", "lower"])
def test_a_link_and_a_fall_at_the_same_time(database: Database, alice: UUID, first: str) -> None:
    """Whichever comes first is waited for: none goes unseen."""
    derived, source = remember(database, alice, 1, 0.75)
    statements = [(LINK, (derived, source)), (SET, (0.25, source))]
    if first == "lower":
        statements.reverse()
    one, other = (database.connect("app") for _ in range(2))
    for db, (statement, parameters) in zip((one, other), statements, strict=True):
        db.execute("select memoriesdb.set_user(%s)", (alice,))
        if db is one:
            db.execute(statement, parameters)
    waiting = threading.Thread(target=other.execute, args=statements[1])
    waiting.start()
    superuser = database.superuser()
    for _ in range(1000):
        row = superuser.execute(
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and wait_event_type = 'Lock'"
        ).fetchone()
        if row == (1,):
            break
        waiting.join(0.01)
    assert waiting.is_alive()
    one.commit()
    waiting.join(60)
    other.commit()
    with database.acting(alice) as db:
        assert state(db, derived, source) == [(0.25, 0.25), (0.25, 1)]


def test_a_fall_that_cannot_see_the_link_fails_where_asked_to(
    database: Database, alice: UUID
) -> None:
    """SERIALIZABLE: of a link and a fall that do not see each other, one is refused."""
    derived, source = remember(database, alice, 1, 0.75)
    lowering, linking = (database.connect("app") for _ in range(2))
    for db in (lowering, linking):
        db.execute("set transaction isolation level serializable")
        db.execute("select memoriesdb.set_user(%s)", (alice,))
    assert lowering.execute("select from memoriesdb.memories").rowcount == 2
    linking.execute(LINK, (derived, source))
    linking.commit()
    with pytest.raises(psycopg.errors.SerializationFailure):
        lowering.execute(SET, (0.25, source))


def test_a_fall_in_an_old_snapshot_does_not_reach_what_was_linked_since(
    database: Database, alice: UUID
) -> None:
    """REPEATABLE READ: the security model says so, and that the default does (see above)."""
    derived, source = remember(database, alice, 1, 0.75)
    lowering = database.connect("app")
    lowering.execute("set transaction isolation level repeatable read")
    lowering.execute("select memoriesdb.set_user(%s)", (alice,))
    assert lowering.execute("select from memoriesdb.memories").rowcount == 2
    with database.acting(alice) as db:
        db.execute(LINK, (derived, source))
    lowering.execute(SET, (0.25, source))
    lowering.commit()
    with database.acting(alice) as db:
        assert state(db, derived, source) == [(0.75, 0.75), (0.25, 1)]
        # It falls with the next fall.
        db.execute(SET, (0.125, source))
        assert state(db, derived) == [(0.125, 0.125)]
