"""Filters that few of thousands pass, far from the top: nothing is lost, and scores are exact."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from acting import Database, NewDatabase
from queues.support import value
from recall.plain import Item, Recall, Settings, Vector, as_half
from recall.populations import START, VOCABULARY, Asked, World, act_as, compare

COUNT = 2500
FEW = Settings(candidates=10)
RARE: dict[str, dict[str, Any]] = {
    "kind": {"kinds": ["rare"]},
    "colour": {"metadata_filter": {"colour": "rare"}},
    "stream": {"stream": "rare"},
    "time": {"since": START + timedelta(days=300)},
    "two of them": {"kinds": ["rare", "note"], "until": START + timedelta(hours=7)},
    "one's own": {"kinds": ["rare"], "include_shared": False},
    "nothing": {},
}
QUESTIONS: list[tuple[tuple[str, ...], Vector | None]] = [
    (("tea",), None),
    (("tea", "milk", "river"), None),
    (("tea", "mountain"), (1, 2, 3, 5)),
    (("stone", "blue"), (5, -1, 2, 1)),
    (("nothing",), (5, -1, 2, 1)),
    (("mountan", "tea"), None),
]


def population(rng: random.Random) -> list[Item]:
    """Memories of which one in a hundred is rare: those match with one word among many."""
    found = []
    for place in range(COUNT):
        is_rare = rng.random() < 0.015
        words = rng.choices(VOCABULARY[:5], k=rng.randint(1, 6))
        if is_rare:
            words += rng.choices(VOCABULARY[5:], k=9)
        found.append(
            Item(
                place=place,
                owner=rng.choices([0, 1, 2], [90, 5, 5])[0],
                words=tuple(words),
                stream="rare" if is_rare and place % 2 else rng.choice([None, "a", "b"]),
                kind="rare" if is_rare else "note",
                colour="rare" if is_rare else "green",
                occurred_at=START
                + timedelta(days=400 if is_rare else 0, minutes=rng.randint(0, 999)),
                # The rare ones point away from the questions.
                vector=tuple(as_half(rng.gauss(-2 if is_rare else 1, 1) for _ in range(4))),
                is_gone=rng.random() < 0.01,
                is_expired=rng.random() < 0.01,
                is_indexed=place < COUNT - 100,
            )
        )
    return found


Crowd = tuple[World, list[Item], list[UUID]]


@contextmanager
def crowded(database: Database, seed: int) -> Iterator[Crowd]:
    """A population in a transaction."""
    world = World(database, [database.create_user("alice"), database.create_user("bob")])
    memories = population(random.Random(seed))
    with world.filled(memories, FEW) as ids:
        yield world, memories, ids


@pytest.fixture(scope="module")
def population_of_1(new_database: NewDatabase) -> Iterator[Crowd]:
    """The population of seed 1."""
    with new_database() as database, crowded(database, 1) as crowd:
        yield crowd


@pytest.fixture
def crowd(population_of_1: Crowd) -> Iterator[Crowd]:
    """The population as it was made."""
    with population_of_1[0].db.transaction(force_rollback=True):
        yield population_of_1


def check(world: World, memories: list[Item], ids: list[UUID], *, k: int) -> None:
    """Each question within each filter, next to a look at everything."""
    for filters in RARE.values():
        for words, vector in QUESTIONS:
            arguments: dict[str, Any] = {"k": k, **filters}
            if vector is not None:
                arguments["query_embedding"] = vector
            asked = Asked(words, (), None, arguments)
            expected = Recall(memories, asked.question(are_dates_read=True), FEW).answer()
            compare(world.ask(asked, ids), expected, asked, FEW.candidates)


def test_nothing_is_lost_to_a_filter(crowd: Crowd) -> None:
    check(*crowd, k=10)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 8))
@pytest.mark.parametrize("k", [1, 30])
def test_nothing_is_lost_to_a_filter_for_long(database: Database, seed: int, k: int) -> None:
    with crowded(database, seed) as crowd:
        check(*crowd, k=k)


def make_frequent(world: World, memories: list[Item], *words: str) -> None:
    """Count these words as those of a large owner are counted, with a budget below them."""
    own = [i for i in memories if i.owner == 0 and not i.is_gone and i.is_indexed]
    for word in words:
        world.db.execute(
            "insert into memoriesdb.frequent_terms (owner_id, term, document_count, of_documents) "
            "values (%s, %s, %s, %s)",
            (world.users[0], word, sum(word in item.words for item in own), len(own)),
        )
    world.db.execute(
        "update memoriesdb.settings set value = '1000' where key = 'recall_posting_budget'"
    )


def test_frequent_words_beyond_the_budget_are_exact_for_what_is_found(
    crowd: Crowd,
) -> None:
    world, memories, ids = crowd
    make_frequent(world, memories, "tea", "milk")
    asked = Asked(("tea", "milk", "blue"), (), None, {"k": 30})
    probed = value(
        world.db,
        "select probed from memoriesdb._query_terms(%s, array['tea', 'milk', 'blue'], 1000)",
        world.users[0],
    )
    assert set(probed) == {"tea", "milk"}
    exact = Recall(memories, asked.question(are_dates_read=True), FEW)
    found = world.ask(asked, ids)
    assert len(found) == 30
    blue = [line for line in found if "blue" in memories[line.place].words]
    assert len(blue) > 10
    for line in found:
        assert line.keyword == pytest.approx(exact.by_words(line.place) or None, abs=6e-5)
    # By all the words, and not by the rare one alone.
    by_all = sorted((line.keyword or 0 for line in blue), reverse=True)
    assert by_all[0] > 1.1 * max(exact.hits["blue"].values())


def test_a_frequent_word_beside_an_unknown_one_is_read(
    crowd: Crowd,
) -> None:
    world, memories, ids = crowd
    make_frequent(world, memories, "tea", "milk")
    for words in (("xylophone", "tea"), ("tea",), ("zzz", "xylophone", "milk")):
        asked = Asked(words, (), None, {"k": 10})
        expected = Recall(memories, asked.question(are_dates_read=True), FEW).answer()
        compare(world.ask(asked, ids), expected, asked, FEW.candidates)
        assert expected


def test_counts_that_are_old_do_no_harm(crowd: Crowd) -> None:
    world, memories, ids = crowd
    make_frequent(world, memories, "tea", "milk", "xylophone")
    for count in (0, 1, 10**9):
        world.db.execute("update memoriesdb.frequent_terms set document_count = %s", (count,))
        for words in (("xylophone", "tea"), ("tea", "milk", "blue")):
            found = world.ask(Asked(words, (), None, {"k": 10}), ids)
            assert len(found) == 10
            assert all(0 <= line.score <= 1 for line in found)


def test_equals_are_the_later_ones_however_many(database: Database, alice: UUID) -> None:
    """As many of the same text as fit into no list of candidates."""
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'the same words' from generate_series(1, 300)"
        )
    latest = "select id from memoriesdb.memories order by seq desc limit 5"
    for is_indexed in (False, True):
        with database.superuser() as db:
            db.execute("select memoriesdb.index_memories(%s)", (150 if is_indexed else 1,))
        with database.acting(alice) as db:
            ids = [row[0] for row in db.execute(latest)]
            found = db.execute("select memory_id from memoriesdb.recall('words', 5)").fetchall()
            assert [row[0] for row in found] == ids


def test_who_is_not_large_any_more_has_no_frequent_words(database: Database, alice: UUID) -> None:
    """By their former count, what is left of them would not be read."""
    superuser = database.superuser()
    superuser.execute(
        "insert into memoriesdb.frequent_terms (owner_id, term, document_count, of_documents) "
        "values (%s, 'tea', 9000, 12000)",
        (alice,),
    )
    database.remember(alice, "tea")
    with database.connect("worker", autocommit=True) as db:
        db.execute("select memoriesdb.index_memories(100)")
    assert superuser.execute("select from memoriesdb.frequent_terms").fetchall() == []


def test_frequent_words_of_large_owners_are_counted(database: Database, alice: UUID) -> None:
    """As postings grow: not before there are 10,000, then each time there are a tenth more."""
    superuser = database.superuser()

    def grow(first: int, last: int) -> None:
        superuser.execute(
            """
            with added as (
              insert into memoriesdb.memory_terms (owner_id, term, doc, frequency, word_count)
              select %(user)s, t.term, d, 1, 2
              from generate_series(%(first)s::int, %(last)s::int) as d
              cross join lateral (
                select 'tea' as term where d %% 2 = 0 union all select 'rare' || d %% 100
              ) as t
            )
            insert into memoriesdb.search_counts (owner_id, document_count, word_count)
            values (%(user)s, %(last)s - %(first)s + 1, 1)
            """,
            {"user": alice, "first": first, "last": last},
        )
        superuser.execute("update memoriesdb.frequent_terms set counted_at = now() - interval '1h'")
        superuser.execute("select memoriesdb._count_frequent_terms(%s)", (alice,))

    def counted() -> list[tuple[Any, ...]]:
        return superuser.execute(
            "select term, document_count, of_documents from memoriesdb.frequent_terms"
        ).fetchall()

    grow(1, 9_999)
    assert counted() == []
    grow(10_000, 10_000)
    assert counted() == [("tea", 5_000, 10_000)]
    grow(10_001, 10_900)
    assert counted() == [("tea", 5_000, 10_000)]
    grow(10_901, 11_200)
    assert counted() == [("tea", 5_600, 11_200)]
    bob = database.create_user("bob")
    superuser.execute("select memoriesdb._count_frequent_terms(%s)", (bob,))
    assert len(counted()) == 1


@pytest.mark.parametrize("candidates", [10, 1000])
def test_few_and_many_candidates(crowd: Crowd, candidates: int) -> None:
    world, memories, ids = crowd
    world.db.execute(
        "update memoriesdb.settings set value = %s::text::jsonb where key = 'recall_candidates'",
        (candidates,),
    )
    setting = replace(FEW, candidates=candidates)
    asked = Asked(("tea", "stone"), (), None, {"k": 50, "query_embedding": (1, 2, 3, 5)})
    if candidates < 50:
        setting = replace(setting, candidates=50)  # k is less than none.
    expected = Recall(memories, asked.question(are_dates_read=True), setting).answer()
    compare(world.ask(asked, ids), expected, asked, setting.candidates)
    act_as(world.db, world.users[0])
    count = value(world.db, "select count(*) from memoriesdb.recall('tea', 1000)")
    assert count > 300
