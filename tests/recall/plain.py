"""recall() once more, in plain Python, over the memories in scope."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

VECTOR, KEYWORD, FUZZY, SMOOTHING = 0.6, 0.4, 0.2, 0.5

Vector = tuple[int, ...]


@dataclass(frozen=True)
class Item:
    """A memory; ``place`` is the order of arrival."""

    place: int
    owner: int
    words: tuple[str, ...]
    stream: str | None
    kind: str
    colour: str
    occurred_at: datetime
    vector: Vector | None
    is_gone: bool

    @property
    def content(self) -> str:
        return " ".join(self.words)


class Found(NamedTuple):
    """A line of the answer; points are up to a factor that all lines have in common."""

    place: int
    points: float
    keyword_rank: int | None
    vector_rank: int | None


def as_kept(vector: Vector) -> list[float]:
    """The vector of a question as recall() compares it: of unit length, in half precision."""
    length = math.hypot(*vector)
    halves: list[float] = [struct.unpack("e", struct.pack("e", x / length))[0] for x in vector]
    return halves


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of the angle between two vectors."""
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / (math.hypot(*one) * math.hypot(*other))


def ranks(strengths: dict[int, float]) -> dict[int, int]:
    """Places from 1; equals share one, as by rank()."""
    return {
        place: 1 + sum(other > strength + 1e-7 for other in strengths.values())
        for place, strength in strengths.items()
    }


def keywords(scope: list[Item], words: set[str]) -> dict[int, float]:
    """Sum of the inverse document frequencies of the words that both have."""
    total = len(scope)
    weights = {}
    for word in words:
        count = sum(word in item.words for item in scope)
        weights[word] = math.log(1 + (total - count + 0.5) / (count + 0.5))
    return {
        item.place: sum(weights[word] for word in words.intersection(item.words))
        for item in scope
        if words.intersection(item.words)
    }


def streams(scope: list[Item]) -> list[list[Item]]:
    """The memories of each owner's streams in order; those of none stand alone."""
    lines: dict[tuple[int, str], list[Item]] = {}
    for item in scope:
        name = f"none {item.place}" if item.stream is None else f"stream {item.stream}"
        lines.setdefault((item.owner, name), []).append(item)
    return [
        sorted(line, key=lambda item: (item.occurred_at, item.place)) for line in lines.values()
    ]


def recall(
    scope: list[Item],
    words: set[str],
    vector: Vector | None,
    k: int,
    similarity: Callable[[Item], float],
) -> list[Found]:
    """The best memories in scope, best first: k, and those that are as good as the last."""
    by_words = keywords(scope, words)
    by_meaning = {}
    if vector is not None:
        asked = as_kept(vector)
        by_meaning = {i.place: cosine(i.vector, asked) for i in scope if i.vector is not None}
    by_letters = {}
    if len(by_words) < k:
        by_letters = {i.place: similarity(i) for i in scope if similarity(i) >= 0.4}

    points: dict[int, float] = {}
    for weight, arm in ((KEYWORD, by_words), (VECTOR, by_meaning), (FUZZY, by_letters)):
        best = max(arm.values(), default=0.0)
        for place, strength in arm.items():
            share = max(strength, 0.0) / best if best > 0 else 0.0
            points[place] = points.get(place, 0.0) + weight * share

    smoothed: dict[int, float] = {}
    for line in streams(scope):
        for number, item in enumerate(line):
            if item.place not in points:
                continue
            beside = [*line[max(0, number - 1) : number], *line[number + 1 : number + 2]]
            lent = SMOOTHING * max((points.get(other.place, 0.0) for other in beside), default=0.0)
            is_alone = len(line) == 1
            own = points[item.place]
            smoothed[item.place] = own if is_alone else (own + lent) / (1 + SMOOTHING)

    keyword_ranks, vector_ranks = ranks(by_words), ranks(by_meaning)
    order = sorted(smoothed, key=lambda place: (-round(smoothed[place], 6), -place))
    return [
        Found(place, smoothed[place], keyword_ranks.get(place), vector_ranks.get(place))
        for number, place in enumerate(order)
        if number < k or smoothed[place] > smoothed[order[k - 1]] - 1e-6
    ]
