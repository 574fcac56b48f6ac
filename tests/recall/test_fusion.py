"""recall() ranks as a plain re-implementation does, on random memories.

Whether memories wait to be indexed, are indexed, or some of each makes no difference.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from acting import Database
from recall.plain import Item, Recall, Settings
from recall.populations import TYPOS, VOCABULARY, Asked, World, compare, items, questions

ALL, NONE, MIXED = "indexed", "waiting", "some of each"
SHIPPED = Settings()
FUZZY = (*TYPOS, "tea")
# With few candidates cuts and margins are at work among some dozens of memories.
FEW = Settings(candidates=10)
VARIED = [
    replace(FEW, bm25_k1=1.5, bm25_b=0.75, keyword_weight=0.7, vector_weight=0.3),
    replace(FEW, smoothing=0, smoothing_far=0, smoothing_passage=0, coverage=0),
    replace(FEW, smoothing=1, smoothing_far=0, smoothing_passage=0.2, coverage=1),
    replace(FEW, importance_boost=0.4, trust_boost=0.2, speaker_boost=1, date_boost=1),
    replace(FEW, fuzzy_weight=1, date_days=1, coverage=0),
    # Beyond the candidates there is no rank: here all are among them.
    replace(FEW, fusion="rrf", rrf_k=10, candidates=20),
]


def placed(memories: list[Item], how: str, turn: list[bool]) -> list[Item]:
    """The memories as indexed or waiting."""
    return [
        replace(item, is_indexed=how == ALL or (how == MIXED and turn[number % len(turn)]))
        for number, item in enumerate(memories)
    ]


def run(
    world: World,
    examples: int,
    setting: st.SearchStrategy[Settings],
    memories: st.SearchStrategy[list[Item]],
    *,
    vocabulary: tuple[str, ...] = VOCABULARY + TYPOS,
    plain: Settings | None = None,
) -> None:
    @settings(
        phases=[Phase.generate],
        report_multiple_bugs=False,
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        memories,
        questions(vocabulary),
        setting,
        st.sampled_from([ALL, NONE, MIXED]),
        st.lists(st.booleans(), min_size=4, max_size=4),
    )
    def check(
        memories: list[Item], asked: Asked, setting: Settings, how: str, turn: list[bool]
    ) -> None:
        memories = placed(memories, how, turn)
        with world.filled(memories, setting) as ids:
            question = asked.question(are_dates_read=world.are_dates_read)
            expected = Recall(memories, question, plain or setting).answer()
            found = world.ask(asked, ids)
            compare(found, expected, asked, setting.candidates)
            assert world.ask(asked, ids) == found

    check()


@pytest.fixture
def world(database: Database, alice: UUID, bob: UUID) -> World:
    return World(database, [alice, bob])


def test_a_few_memories_with_the_shipped_settings(world: World) -> None:
    run(world, 120, st.just(world.shipped()), items(10))


def test_a_few_memories_with_other_settings(world: World) -> None:
    run(world, 120, st.sampled_from(VARIED), items(14))


def test_words_that_are_spelt_wrongly(world: World) -> None:
    run(world, 60, st.just(SHIPPED), items(10, 4), vocabulary=FUZZY)


def test_more_memories_than_candidates(world: World) -> None:
    run(world, 50, st.just(FEW), items(60, 30))


@pytest.mark.parametrize(
    "other",
    [
        {"smoothing": 0.4},
        {"smoothing_far": 0.2},
        {"smoothing_passage": 0.4},
        {"coverage": 0.2},
        {"bm25_k1": 0.9},
        {"bm25_b": 0.5},
        {"keyword_weight": 0.5},
        {"speaker_boost": 0.1},
        {"fuzzy_weight": 0.3},
    ],
    ids=lambda other: next(iter(other)),
)
def test_the_comparison_sees_another_setting(world: World, other: dict[str, float]) -> None:
    vocabulary = FUZZY if "fuzzy_weight" in other else VOCABULARY
    plain = replace(SHIPPED, **other)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        run(world, 150, st.just(SHIPPED), items(10, 5), vocabulary=vocabulary, plain=plain)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "most"), [(SHIPPED, 12), (FEW, 120), *((v, 18) for v in VARIED)]
)
def test_for_long(world: World, setting: Settings, most: int) -> None:
    run(world, 400, st.just(setting), items(most))
