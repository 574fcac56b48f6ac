"""The keyword arm is BM25: it agrees with a library on the same tokens, whatever was written."""

from __future__ import annotations

import random
from uuid import UUID

import bm25s
import numpy as np
import pytest
from psycopg.types.json import Jsonb

from acting import Connection, Database
from queues.support import set_setting, value
from recall.invariants import search_invariants

TEXTS = {
    "english": (
        "the herons are standing in the reeds and a heron stood there yesterday",
        "she bought bread, milk and more milk; the milk was sour",
        "running shoes run out of fashion when runners ran away",
        "it's raining again: rain, rain, and thunder over the harbour",
        "the harbour at night",
        "we are what we eat, said the baker of the bread",
    ),
    "german": (
        "die Reiher stehen im Schilf, und ein Reiher stand gestern dort",
        "sie kaufte Brot, Milch und noch mehr Milch; die Milch war sauer",
        "es regnet wieder: Regen, Regen und Donner über dem Hafen",
        "der Hafen bei Nacht",
    ),
    "simple": (
        "Foo bar foo BAR baz",
        "foo foo foo foo",
        "bar and the baz of 42 42 things",
    ),
}
QUESTIONS = {
    "english": (
        "Where do herons stand?",
        "sour milk and bread",
        "rain in the harbour",
        "baker",
    ),
    "german": ("Wo stehen die Reiher?", "saure Milch", "Regen im Hafen"),
    "simple": ("foo", "the BAR", "42 baz foo"),
}


def reference(
    superuser: Connection, user_id: UUID, query: str, k1: float, b: float
) -> dict[UUID, float]:
    """Scores by the library, over the lexemes of all that this user can find."""
    rows = superuser.execute(
        """
        select m.id, (select array_agg(u.lexeme) from unnest(m.search) as u,
          generate_series(1, cardinality(u.positions)))
        from memoriesdb.memories as m
        where m.forgotten_at is null and m.search <> '' and (m.owner_id = %(user)s or exists (
          select from memoriesdb.memory_grants as g
          where g.owner_id = m.owner_id and g.memory_id = m.id and g.grantee_id = %(user)s
        ))
        """,
        {"user": user_id},
    ).fetchall()
    asked: list[str] = value(
        superuser, "select tsvector_to_array(memoriesdb._search_vector(%s))", query
    )
    known = sorted(set(asked) & {token for row in rows for token in row[1]})
    if not known:
        return {}
    index = bm25s.BM25(method="lucene", k1=k1, b=b)
    index.index([row[1] for row in rows], show_progress=False)
    scores = index.get_scores(known)
    # The library leaves out the factor that all scores have in common.
    return {
        row[0]: float(score) * (k1 + 1)
        for row, score in zip(rows, np.asarray(scores), strict=True)
        if score > 0
    }


def keyword_scores(db: Connection, query: str) -> dict[UUID, float]:
    rows = db.execute(
        "select memory_id, (why #>> '{keyword,score}')::float from memoriesdb.recall(%s, 1000)",
        (query,),
    ).fetchall()
    return {memory_id: score for memory_id, score in rows if score is not None}


def compare(
    database: Database, user_id: UUID, query: str, k1: float = 0.8, b: float = 0.4
) -> dict[UUID, float]:
    with database.superuser() as superuser:
        expected = reference(superuser, user_id, query, k1, b)
        assert search_invariants(superuser) == []
    with database.acting(user_id) as db:
        found = keyword_scores(db, query)
    assert found == pytest.approx(expected, abs=2e-4)
    return found


def index_all(database: Database) -> None:
    with database.superuser() as superuser:
        while value(superuser, "select memoriesdb.index_memories()"):
            pass


@pytest.mark.parametrize(("k1", "b"), [(0.8, 0.4), (1.2, 0.75), (2, 0), (0, 0.5), (10, 1)])
def test_scores_are_the_librarys(
    database: Database, alice: UUID, bob: UUID, k1: float, b: float
) -> None:
    set_setting(database, "recall_bm25_k1", str(k1))
    set_setting(database, "recall_bm25_b", str(b))
    with database.acting(alice) as db:
        for text in TEXTS["english"]:
            db.execute("select memoriesdb.remember(%s)", (text,))
    index_all(database)
    with database.acting(alice) as db:
        said = Jsonb({"speaker": "Milk Baker"})
        db.execute("select memoriesdb.remember('rain', metadata => %s)", (said,))
    shared = database.remember(bob, "more rain and milk for the heron, says bob, and milk")
    database.remember(bob, "milk that is nobody's business: milk, rain, herons")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s)", (shared, alice))
    for query in QUESTIONS["english"]:
        found = compare(database, alice, query, k1, b)
        assert len(found) > 0
    assert shared in compare(database, alice, "milk", k1, b)


@pytest.mark.parametrize("language", TEXTS)
def test_in_each_language(database: Database, alice: UUID, language: str) -> None:
    set_setting(database, "search_language", f'"{language}"')
    for turn in range(2):
        with database.acting(alice) as db:
            for text in TEXTS[language]:
                db.execute("select memoriesdb.remember(%s)", (text * (turn + 1),))
        for query in QUESTIONS[language]:
            assert len(compare(database, alice, query)) > 0
        index_all(database)
        for query in QUESTIONS[language]:
            assert len(compare(database, alice, query)) > 0


def test_a_word_of_a_query_counts_once(database: Database, alice: UUID) -> None:
    for text in TEXTS["english"]:
        database.remember(alice, text)
    with database.acting(alice) as db:
        once, often = keyword_scores(db, "milk rain"), keyword_scores(db, "milk " * 9 + "rained")
    assert once == often
    assert len(once) == 2


def test_a_word_that_stands_hundreds_of_times(database: Database, alice: UUID) -> None:
    """A tsvector keeps 255 places of a word: so many are counted, waiting or indexed."""
    database.remember(alice, "milk " * 400 + "bread")
    database.remember(alice, "milk and rain")
    waiting = compare(database, alice, "milk")
    index_all(database)
    assert compare(database, alice, "milk") == waiting
    with database.superuser() as superuser:
        assert value(superuser, "select max(frequency) from memoriesdb.memory_terms") == 255


CHANGES = (
    "remember",
    "edit",
    "speak",
    "delete",
    "forget",
    "restore",
    "transfer",
    "acquire",
    "share",
    "erase",
    "index",
)


def change(database: Database, rng: random.Random, users: list[UUID], what: str) -> None:
    """One thing that happens to memories, of one of two users."""
    me, other = rng.sample(users, 2)
    text = rng.choice(TEXTS["english"])
    if what == "index":
        with database.superuser() as superuser:
            superuser.execute("select memoriesdb.index_memories(%s)", (rng.choice([1, 3, 100]),))
        return
    with database.acting(me) as db:
        ids = [row[0] for row in db.execute("select id from memoriesdb.memories order by id")]
        own = "select id from memoriesdb.memories where owner_id = %s order by id"
        mine = [row[0] for row in db.execute(own, (me,))]
        theirs = sorted(set(ids) - set(mine))
        one = rng.choice(mine) if mine else None
        if what == "remember" or one is None or (what == "acquire" and not theirs):
            db.execute("select memoriesdb.remember(%s)", (text,))
        elif what == "acquire":
            row = db.execute(
                "select id from memoriesdb.memories where id = any(%s) and forgotten_at is null",
                (theirs,),
            ).fetchone()
            if row:
                db.execute("select memoriesdb.acquire(%s)", row)
        elif what == "edit":
            both = (text, one)
            db.execute("update memoriesdb.memories set content = %s where id = %s", both)
        elif what == "speak":
            said = Jsonb({"speaker": rng.choice(["Milk", "Ada"])})
            db.execute(
                "update memoriesdb.memories set metadata = %s, occurred_at = %s where id = %s",
                (said, f"2024-0{rng.randint(1, 9)}-01", one),
            )
        elif what == "delete":
            db.execute("delete from memoriesdb.memories where id = %s", (one,))
        elif what in ("transfer", "share"):
            db.execute(f"select memoriesdb.{what}(%s, %s)".encode(), (one, other))
        else:
            db.execute(f"select memoriesdb.{what}(%s)".encode(), (one,))


def lives(database: Database, users: list[UUID], seed: int, steps: int) -> None:
    rng = random.Random(seed)
    for number in range(steps):
        change(database, rng, users, rng.choice(CHANGES if number > 8 else ("remember", "index")))
        if number % 3 == 0:
            for user_id in users:
                compare(database, user_id, rng.choice(QUESTIONS["english"]))


@pytest.mark.parametrize("seed", [1, 2])
def test_scores_and_counts_are_right_after_whatever_happened(
    database: Database, alice: UUID, bob: UUID, seed: int
) -> None:
    lives(database, [alice, bob], seed, 60)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 15))
def test_scores_and_counts_are_right_for_long(
    database: Database, alice: UUID, bob: UUID, seed: int
) -> None:
    lives(database, [alice, bob], seed, 400)


@pytest.mark.parametrize(
    "damage",
    [
        "delete from memoriesdb.memory_documents",
        "delete from memoriesdb.search_schedule",
        "delete from memoriesdb.memory_terms where term = 'milk'",
        "delete from memoriesdb.search_counts",
        "update memoriesdb.memory_terms set frequency = 9",
        "update memoriesdb.memory_documents set kind = 'other'",
        "update memoriesdb.memory_documents set is_indexed = not is_indexed",
        "insert into memoriesdb.search_counts (owner_id, document_count, word_count) "
        "select owner_id, 1, 1 from memoriesdb.memories limit 1",
        "alter table memoriesdb.memories disable trigger all; delete from memoriesdb.memories",
    ],
)
def test_the_invariants_see_damage(database: Database, alice: UUID, damage: str) -> None:
    database.remember(alice, "milk and bread")
    index_all(database)
    database.remember(alice, "rain")
    with database.superuser() as superuser:
        assert search_invariants(superuser) == []
        superuser.execute(damage.encode())
        assert search_invariants(superuser) != []
