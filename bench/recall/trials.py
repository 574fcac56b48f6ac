"""What settings are worth: figures per question, choices that were not made on what judges them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
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


def leave_one_out(worth: Array) -> list[int]:
    """Return for each conversation (column) the number of the settings best on all others."""
    others = [np.delete(worth, left, axis=1).mean(1) for left in range(worth.shape[1])]
    return [int(np.argmax(mean)) for mean in others]


def gain(after: Array, before: Array, seed: int) -> dict[str, float]:
    """Return the mean difference in recall@10 over questions, with a bootstrapped 95 % interval."""
    difference = (after - before)[:, R10]
    drawn = np.random.default_rng(seed).choice(difference, (4000, len(difference)))
    low, high = np.percentile(drawn.mean(1), [2.5, 97.5])
    return {"gain": float(difference.mean()), "low": float(low), "high": float(high)}


def means(rows: Array) -> dict[str, float]:
    """Return the mean of each figure."""
    return dict(zip(FIGURES, map(float, rows.mean(0)), strict=True))


def summary(after: Array, before: Array, seed: int) -> dict[str, float]:
    """Return the means, and the gain."""
    return {**means(after), **gain(after, before, seed)}


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
    drawn, singly, parts = (
        list(draws(shipped, count, seed)),
        list(one_by_one(shipped)),
        list(without(shipped)),
    )
    everything = [shipped, *drawn, *(one for *_, one in singly), *(one for _, one in parts)]
    tried = iter([[figures(trial, each) for trial in trials] for each in follow(everything)])
    own = next(tried)
    # The shipped ones are none that may be chosen: they know all these conversations.
    random = list(islice(tried, count))
    single, part = list(islice(tried, len(singly))), list(tried)
    before = np.concatenate(own)
    worth = np.array([[each.mean(0) @ WORTH for each in result] for result in random])
    chosen = leave_one_out(worth)
    held = [random[number][left] for left, number in enumerate(chosen)]
    best = int(np.argmax(worth.mean(1)))
    values = [float(np.concatenate(result)[:, R10].mean()) for result in random]
    return {
        "as_shipped": means(before),
        "held_out": [
            {
                "conversation": trial.name,
                "questions": len(trial.questions),
                "settings": asdict(drawn[number]),
                "changes": drawn[number].changes(shipped),
                "chosen": means(found),
                "as_shipped": means(shipped_found),
            }
            for trial, number, found, shipped_found in zip(trials, chosen, held, own, strict=True)
        ],
        "held_out_together": summary(np.concatenate(held), before, seed),
        "best_of_all": {
            "changes": drawn[best].changes(shipped),
            **summary(np.concatenate(random[best]), before, seed),
        },
        "drawn": {
            "settings": count,
            "recall@10": spread(values),
            "below_shipped": float(np.mean(np.array(values) < before[:, R10].mean())),
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
