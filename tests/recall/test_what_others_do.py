"""What somebody else shares or sets for himself spoils nobody's recall."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Connection, Database

RECALL = "select content from memoriesdb.recall(%s)"
PINNED = [
    "seq_page_cost",
    "random_page_cost",
    "cpu_tuple_cost",
    "cpu_index_tuple_cost",
    "cpu_operator_cost",
]


def found(db: Connection, query: str) -> list[str]:
    return [row[0] for row in db.execute(RECALL, (query,)).fetchall()]


@pytest.mark.parametrize("setting", ["recall_date_boost", "recall_recency_boost"])
def test_dates_far_from_the_one_that_was_asked_for_are_no_error(
    database: Database, alice: UUID, bob: UUID, setting: str
) -> None:
    database.administer("set_setting(%s, %s)", setting, "0.5")
    database.remember(alice, "a heron in the reeds")
    old = database.remember(bob, "a heron long ago", occurred_at="1900-01-01 UTC")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s)", (old, alice))
    with database.acting(alice) as db:
        for query in ("what about the heron in 2012?", "the heron last month", "the heron"):
            assert sorted(found(db, query)) == ["a heron in the reeds", "a heron long ago"]


def test_nobodys_share_is_crowded_out_by_how_much_somebody_else_shares(
    database: Database, alice: UUID, bob: UUID
) -> None:
    database.administer("set_setting(%s, %s)", "recall_shared_limit", "3")
    mallory = database.create_user("mallory")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(memoriesdb.remember('a heron of bob'), %s)", (alice,))
    with database.acting(mallory) as db:
        shared = [
            db.execute(
                "with m as materialized (select memoriesdb.remember(%s) as id) "
                "select m.id, memoriesdb.share(m.id, %s) from m",
                (f"heron {number}", alice),
            ).fetchall()[0][0]
            for number in range(6)
        ]
    with database.acting(alice) as db:
        assert sorted(found(db, "heron")) == ["a heron of bob", "heron 4", "heron 5"]
        steps = db.execute(
            "select step, outcome from memoriesdb.explain_recall('heron', %s)", (shared[0],)
        ).fetchall()
        assert steps[-1][1] != "returned"


def test_who_did_not_ask_for_it_can_decline(database: Database, alice: UUID, bob: UUID) -> None:
    carol = database.create_user("carol")
    with database.acting(bob) as db:
        row = db.execute("select memoriesdb.remember('a heron of bob')").fetchone()
        assert row is not None
        for grantee in (alice, carol):
            db.execute("select memoriesdb.share(%s, %s)", (row[0], grantee))
    with database.acting(alice) as db:
        assert found(db, "heron") == ["a heron of bob"]
        assert db.execute("select memoriesdb.unshare(%s, %s)", (row[0], carol)).fetchone() == (
            False,
        )
        assert db.execute("select memoriesdb.unshare(%s, %s)", (row[0], alice)).fetchone() == (
            True,
        )
        assert found(db, "heron") == []
    with database.acting(carol) as db:
        assert found(db, "heron") == ["a heron of bob"]


def test_what_others_share_is_not_lifted_by_their_own_word(
    database: Database, alice: UUID, bob: UUID
) -> None:
    for setting in ("recall_importance_boost", "recall_trust_boost"):
        database.administer("set_setting(%s, %s)", setting, "0.5")
    with database.acting(bob) as db:
        db.execute(
            "select memoriesdb.share(memoriesdb.remember("
            "'my bank account is 666', importance => 1), %s)",
            (alice,),
        )
    database.remember(alice, "my bank account is 111")
    with database.acting(alice) as db:
        assert found(db, "my bank account")[0] == "my bank account is 111"


def scans(database: Database, *, poison_first: bool) -> int:
    """Count whole tables that a recall reads where another user came before with costs of his."""
    alice, bob = database.create_user(f"a{poison_first}"), database.create_user(f"b{poison_first}")
    database.remember(alice, "a heron")
    with database.connect("app", pooled=False) as db:
        if poison_first:
            for name in PINNED[1::2]:
                db.execute(f"set local {name} = 1e15")
            for name in PINNED[::2]:
                db.execute(f"set local {name} = 0")
        db.execute("select memoriesdb.set_user(%s)", (bob,))
        found(db, "heron")
        db.commit()
        db.execute("select memoriesdb.set_user(%s)", (alice,))
        assert found(db, "heron") == ["a heron"]
        row = db.execute(
            "select sum(pg_stat_get_xact_numscans(c.oid))::integer from pg_class as c "
            "where c.oid in ('memoriesdb.memories'::regclass, "
            "'memoriesdb.memory_terms'::regclass, 'memoriesdb.memory_documents'::regclass, "
            "'memoriesdb.memory_embeddings'::regclass, 'memoriesdb.memory_grants'::regclass)"
        ).fetchone()
        assert row is not None
        return int(row[0])


def test_a_plan_is_not_made_under_the_costs_of_who_came_first(database: Database) -> None:
    assert scans(database, poison_first=True) == scans(database, poison_first=False)


def test_without_the_functions_own_costs_it_is(database: Database) -> None:
    superuser = database.superuser()
    for name in ("recall", "_rank"):
        for setting in PINNED:
            row = superuser.execute(
                "select p.oid::regprocedure::text from pg_proc as p "
                "where p.proname = %s and p.pronamespace = 'memoriesdb'::regnamespace",
                (name,),
            ).fetchone()
            assert row is not None
            superuser.execute(f"alter function {row[0]} reset {setting}".encode())
    assert scans(database, poison_first=True) != scans(database, poison_first=False)
