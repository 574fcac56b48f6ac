"""What settings are worth: figures per question, choices that were not made on what judges them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.recall.choices import Settings, draws, one_by_one, without
from bench.recall.metrics import ndcg_at, recall_at, reciprocal_rank
from bench.recall.ranking import Array, Corpus, rank

FIGURES = ("recall@5", "recall@10", "recall@20", "MRR", "nDCG@10")
R10 = FIGURES.index("recall@10")
# What is chosen by: recall at 10 for a half, at 5 and at 20 for a fourth each.
WORTH = np.array([0.25, 0.5, 0.25, 0, 0])
MOST = 20


@dataclass(frozen=True)
class Trial:
    """A conversation: its memories as arrays, and what answers each question."""

    name: str
    questions: list[str]
    corpus: Corpus
    evidence: list[frozenset[int]]


def figures(trial: Trial, settings: Settings) -> Array:
    """Return the figures (in per cent) of each question."""
    order = rank(trial.corpus, settings, MOST).order.tolist()
    return 100 * np.array(
        [
            [
                recall_at(found, relevant, 5),
                recall_at(found, relevant, 10),
                recall_at(found, relevant, 20),
                reciprocal_rank(found, relevant),
                ndcg_at(found, relevant, 10),
            ]
            for found, relevant in zip(order, trial.evidence, strict=True)
        ]
    )


@dataclass(frozen=True)
class Held:
    """What was chosen on all conversations but one, and what it is worth on that one."""

    name: str
    settings: Settings
    chosen: Array
    shipped: Array


def leave_one_out(
    tried: Sequence[Settings], results: Sequence[Sequence[Array]], names: Sequence[str]
) -> list[Held]:
    """Choose for each conversation by the mean over the others; the first tried are as shipped."""
    worth = np.array([[each.mean(0) @ WORTH for each in result] for result in results])
    held = []
    for left, name in enumerate(names):
        number = int(np.argmax(np.delete(worth, left, axis=1).mean(1)))
        held.append(Held(name, tried[number], results[number][left], results[0][left]))
    return held


def best_of_all(results: Sequence[Sequence[Array]]) -> int:
    """Return the number of what is best on all conversations."""
    worth = [np.mean([each.mean(0) @ WORTH for each in result]) for result in results]
    return int(np.argmax(worth))


def gain(after: Array, before: Array, seed: int) -> dict[str, float]:
    """Return the mean difference in recall@10 over questions, with a bootstrapped 95 % interval."""
    difference = (after - before)[:, R10]
    drawn = np.random.default_rng(seed).choice(difference, (4000, len(difference)))
    low, high = np.percentile(drawn.mean(1), [2.5, 97.5])
    return {"gain": float(difference.mean()), "low": float(low), "high": float(high)}


def means(rows: Array) -> dict[str, float]:
    """Return the mean of each figure."""
    return dict(zip(FIGURES, map(float, rows.mean(0)), strict=True))


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return how figures are spread over settings."""
    parts = {"worst": 0, "5 %": 5, "25 %": 25, "median": 50, "75 %": 75, "95 %": 95, "best": 100}
    return {name: float(np.percentile(values, part)) for name, part in parts.items()}


def search(
    shipped: Settings,
    trials: Sequence[Trial],
    count: int,
    seed: int,
    follow: Callable[[list[Settings]], Iterable[Settings]],
) -> dict[str, Any]:
    """Try settings at random, one by one, and without each part; tell what came of each.

    ``follow`` passes on the settings, and shows how many are done.
    """
    drawn = [shipped, *draws(shipped, count, seed)]
    singly, parts = list(one_by_one(shipped)), list(without(shipped))
    everything = drawn + [one for *_, one in singly] + [one for _, one in parts]
    results = [[figures(trial, each) for trial in trials] for each in follow(everything)]
    random, single, part = (
        results[: len(drawn)],
        results[len(drawn) : len(drawn) + len(singly)],
        results[len(drawn) + len(singly) :],
    )
    joined = [np.concatenate(result) for result in random]
    before, best = joined[0], best_of_all(random)
    held = leave_one_out(drawn, random, [trial.name for trial in trials])
    chosen = np.concatenate([each.chosen for each in held])
    values = [float(rows[:, R10].mean()) for rows in joined]
    return {
        "as_shipped": means(before),
        "held_out": [
            {
                "conversation": each.name,
                "questions": len(each.chosen),
                "changes": each.settings.changes(shipped),
                "chosen": means(each.chosen),
                "as_shipped": means(each.shipped),
            }
            for each in held
        ],
        "held_out_together": {**means(chosen), **gain(chosen, before, seed)},
        "best_of_all": {
            "changes": drawn[best].changes(shipped),
            **means(joined[best]),
            **gain(joined[best], before, seed),
        },
        "drawn": {
            "settings": count,
            "recall@10": spread(values[1:]),
            "below_shipped": float(np.mean(np.array(values[1:]) < values[0])),
        },
        "one_by_one": [
            {"setting": name, "value": number, **means(np.concatenate(result))}
            for (name, number, _), result in zip(singly, single, strict=True)
        ],
        "without": [
            {
                "part": name,
                **means(np.concatenate(result)),
                **gain(before, np.concatenate(result), seed),
            }
            for (name, _), result in zip(parts, part, strict=True)
        ],
    }
