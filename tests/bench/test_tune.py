"""The ranking that settings are chosen with is the database's, with whatever settings."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from acting import Connection, Database
from bench.recall.choices import Settings, draws, one_by_one
from bench.recall.corpus import differences, read_corpus, read_settings, read_uses
from bench.recall.ranking import Corpus, rank
from bench.recall.trials import gain, leave_one_out
from queues.support import register

WIDTH, MEMORIES, QUESTIONS, K = 12, 140, 10, 6
WORDS = (
    *("garden", "river", "mountain", "letter", "violin", "bridge", "kitchen", "winter", "market"),
    *("island", "painter", "thunder", "harbour", "lantern", "orchard", "pepper", "quarry"),
    *("ribbon", "saddle", "teapot", "umbrella", "village", "whistle", "blanket", "candle"),
)
TYPOS = ["mountan", "lantren", "orchad", "vilage", "zzyzx"]
NAMES = ["Ada", "Ben", "Cleo"]
START = datetime(2023, 1, 5, tzinfo=UTC)


def words(source: random.Random, least: int, most: int) -> list[str]:
    """Draw words, the first ones far more often."""
    return [
        WORDS[min(int(source.expovariate(0.12)), len(WORDS) - 1)]
        for _ in range(source.randint(least, most))
    ]


def vector(source: random.Random) -> list[float]:
    return [source.gauss(0, 1) for _ in range(WIDTH)]


def memories(source: random.Random, count: int) -> list[dict[str, Any]]:
    """Two in three belong to one of nine streams; not all have a speaker, and three no words."""
    return [
        {
            "content": " ".join(words(source, 1, 12)) if number > 2 else "the and of",
            "metadata": {"speaker": source.choice(NAMES)} if source.random() < 0.8 else {},
            "stream": source.choice([*(f"talk {n}" for n in range(9)), None, None, None, None]),
            "occurred_at": (START + timedelta(hours=source.randint(0, 2000))).isoformat(),
            "importance": round(source.random(), 2),
        }
        for number in range(count)
    ]


@dataclass
class World:
    """Memories of alice, whom bob's are no part of, and what she asks."""

    db: Connection
    app: Connection
    user: UUID
    questions: list[str]
    vectors: list[list[float] | None]
    corpus: Corpus
    shipped: Settings

    def set(self, settings: Settings) -> None:
        """Store settings, whatever their bounds are."""
        for name, value in asdict(settings).items():
            self.db.execute(
                "update memoriesdb.settings set value = %s where key = %s",
                (json.dumps(value), f"recall_{name}"),
            )

    def ask(self, question: int, k: int) -> list[tuple[UUID, float]]:
        """What recall() answers, as the application."""
        given = self.vectors[question]
        with self.app.transaction():
            self.app.execute("select memoriesdb.set_user(%s)", (self.user,))
            rows = self.app.execute(
                "select r.memory_id, r.score "
                "from memoriesdb.recall(%s, k => %s, query_embedding => %s) as r",
                (self.questions[question], k, None if given is None else str(given)),
            ).fetchall()
        return [(row[0], row[1]) for row in rows]

    def answers(self) -> list[tuple[Corpus, list[tuple[UUID, float]]]]:
        """What recall() finds for each question, and all as it was before: each one is counted."""
        return [
            (
                replace(self.corpus, uses=read_uses(self.db, str(self.user), self.corpus)),
                self.ask(number, K),
            )
            for number in range(len(self.questions))
        ]

    def disagreements(
        self, answers: list[tuple[Corpus, list[tuple[UUID, float]]]], settings: Settings
    ) -> list[str]:
        return [
            f"{self.questions[number]!r}: {difference}"
            for number, (corpus, found) in enumerate(answers)
            for difference in differences(corpus, rank(corpus, settings, K), number, found)
        ]


@pytest.fixture
def world(database: Database, alice: UUID, bob: UUID) -> World:
    source = random.Random(20231)
    model_id = register(database, "http://127.0.0.1:9", dimensions=WIDTH)
    for user, count in ((alice, MEMORIES), (bob, 30)):
        with database.acting(user) as db:
            db.execute(
                "select memoriesdb.remember_many(%s)", (json.dumps(memories(source, count)),)
            )
    db = database.superuser()
    while db.execute("select memoriesdb.index_memories()").fetchall() != [(0,)]:
        pass
    for owner_id, memory_id, doc, digest in db.execute(
        "select owner_id, id, seq, embedding_text_hash from memoriesdb.memories order by seq"
    ).fetchall():
        if source.random() < 0.9:
            db.execute(
                "insert into memoriesdb.memory_embeddings "
                "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
                "values (%s, %s, %s, %s, %s::public.halfvec, %s)",
                (owner_id, memory_id, model_id, doc, str(vector(source)), digest),
            )
    questions = [
        " ".join(words(source, 1, 5) + source.choice([[], [], [source.choice(TYPOS)]]))
        + source.choice(["", "", " Ada's", " Ben and Cleo"])
        + source.choice(["", "", " in February 2023", " on 20 January 2023"])
        for _ in range(QUESTIONS)
    ]
    questions += ["zzyzx", "the", "lantren orchad"]
    vectors = [vector(source) if n % 4 else None for n in range(len(questions))]
    vectors[-2] = vector(source)
    app = database.connect("app", autocommit=True)
    corpus = read_corpus(db, str(alice), questions, vectors)
    return World(db, app, alice, questions, vectors, corpus, read_settings(db))


def varied(shipped: Settings) -> list[Settings]:
    """Random settings, with few candidates, so that cuts and margins are at work; all arms."""
    drawn = [replace(settings, candidates=10) for settings in draws(shipped, 6, 11)]
    still = {"smoothing": 0, "smoothing_far": 0, "smoothing_passage": 0, "coverage": 0}
    return [
        shipped,
        *drawn[:2],
        replace(drawn[2], recency_boost=0.5, recency_half_life_days=100, access_boost=0.4),
        replace(drawn[3], importance_boost=0.4, trust_boost=0.2, diversity=0.3),
        replace(drawn[4], fusion="rrf", rrf_k=10, fuzzy_weight=0.4),
        replace(drawn[5], fusion="rrf", fuzzy_weight=0),
        replace(drawn[5], **still),  # type: ignore[arg-type]
    ]


def test_the_ranking_is_that_of_recall(world: World) -> None:
    for settings in varied(world.shipped):
        world.set(settings)
        assert world.disagreements(world.answers(), settings) == [], settings


def test_the_comparison_sees_another_setting(world: World) -> None:
    answers = world.answers()
    assert world.disagreements(answers, world.shipped) == []
    for name, shipped in asdict(world.shipped).items():
        if name in ("fusion", "rrf_k", "candidates", "recency_half_life_days"):
            continue
        other = replace(world.shipped, **{name: shipped * 1.1 + 0.02})
        assert world.disagreements(answers, other), name


def test_what_is_drawn_may_be_set(world: World) -> None:
    bounds = {
        key.removeprefix("recall_"): (least, most)
        for key, least, most in world.db.execute(
            "select key, minimum, maximum from memoriesdb.settings where minimum is not null"
        ).fetchall()
    }
    drawn = list(draws(world.shipped, 200, 1))
    assert drawn == list(draws(world.shipped, 200, 1)) != list(draws(world.shipped, 200, 2))
    for settings in [*drawn, *(each for *_, each in one_by_one(world.shipped))]:
        for name, value in settings.changes(world.shipped).items():
            least, most = bounds[name]
            assert least <= value <= most, name


def test_each_change_is_of_one_setting_and_the_shipped_one_is_among_them(world: World) -> None:
    seen = set()
    for name, value, settings in one_by_one(world.shipped):
        changes = settings.changes(world.shipped)
        assert changes.keys() <= {name, "keyword_weight"}
        assert getattr(settings, name) == value
        if not changes:
            seen.add(name)
    assert seen == {name for name, *_ in one_by_one(world.shipped)}


def recalls(*values: float) -> np.ndarray[Any, Any]:
    """Figures of questions that are alike in all."""
    return np.array([[value] * 5 for value in values])


def test_what_is_left_out_has_no_say_in_the_choice() -> None:
    # The last settings are best on the first conversation alone, and best of all.
    worth = np.array([[50, 50, 50], [40, 60, 60], [100, 50, 50]])
    assert leave_one_out(worth) == [1, 2, 2]


def test_a_gain_comes_with_an_interval_around_it() -> None:
    after, before = recalls(*[100, 0] * 50), recalls(*[0, 0] * 50)
    found = gain(after, before, seed=1)
    assert found["gain"] == 50
    assert 38 < found["low"] < 42
    assert 58 < found["high"] < 62
    assert gain(before, before, seed=1) == {"gain": 0, "low": 0, "high": 0}
