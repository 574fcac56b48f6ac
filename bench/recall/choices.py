"""The settings of recall that an order depends on, and what is tried of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class Settings:
    """Settings of recall, under their names without ``recall_``; none of them has a default."""

    keyword_weight: float
    vector_weight: float
    fuzzy_weight: float
    bm25_k1: float
    bm25_b: float
    fusion: str
    rrf_k: float
    candidates: int
    smoothing: float
    smoothing_far: float
    smoothing_passage: float
    coverage: float
    speaker_boost: float
    date_boost: float
    date_days: float
    diversity: float
    recency_boost: float
    recency_half_life_days: float
    importance_boost: float
    trust_boost: float
    access_boost: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Take these out of settings by name; one that is missing is an error."""
        return cls(**{field.name: values[field.name] for field in fields(cls)})

    @property
    def looks_around(self) -> bool:
        """Whether what stands beside a candidate is weighed, too."""
        return any((self.smoothing, self.smoothing_far, self.smoothing_passage, self.coverage))

    def changes(self, other: Settings) -> dict[str, Any]:
        """Return what is set otherwise than in another one."""
        before = asdict(other)
        return {name: value for name, value in asdict(self).items() if value != before[name]}


def _between(low: float, high: float) -> Callable[[random.Random], float]:
    return lambda source: round(source.uniform(low, high), 2)


def _grown(low: float, high: float) -> Callable[[random.Random], float]:
    """Between, but halves and doubles are as likely as each other."""
    return lambda source: round(low * (high / low) ** source.random(), 2)


# Sensible ranges. What a conversation cannot tell is left as it is: recency, importance, trust
# and use, of which data sets of questions know nothing.
_RANGES: dict[str, Callable[[random.Random], float]] = {
    "vector_weight": _between(0.35, 0.75),
    "fuzzy_weight": _between(0, 0.5),
    "bm25_k1": _grown(0.4, 2),
    "bm25_b": _between(0.1, 0.9),
    "candidates": lambda source: source.choice([20, 30, 50, 100]),
    "smoothing": _between(0, 1),
    "smoothing_far": _between(0, 0.6),
    "smoothing_passage": _between(0, 1),
    "coverage": _between(0, 0.6),
    "speaker_boost": _between(0, 0.4),
    "date_boost": _between(0, 0.6),
    "date_days": _grown(1, 30),
}
# Each of these is off in one draw of ten.
_PARTS = (
    "fuzzy_weight", "smoothing", "smoothing_far", "smoothing_passage", "coverage",
    "speaker_boost", "date_boost",
)  # fmt: skip


def draws(shipped: Settings, count: int, seed: int) -> Iterator[Settings]:
    """Draw so many settings at random, the same ones for the same seed."""
    source = random.Random(seed)
    for _ in range(count):
        drawn = {name: draw(source) for name, draw in _RANGES.items()}
        drawn |= {name: 0.0 for name in _PARTS if source.random() < 0.1}
        # Only how they stand to each other counts.
        drawn["keyword_weight"] = round(1 - drawn["vector_weight"], 2)
        yield replace(shipped, **drawn)  # type: ignore[arg-type]


_ONE_BY_ONE: dict[str, tuple[float, ...]] = {
    "vector_weight": (0.3, 0.4, 0.5, 0.6, 0.7),
    "fuzzy_weight": (0, 0.1, 0.3, 0.5),
    "bm25_k1": (0.4, 0.6, 1, 1.2, 2),
    "bm25_b": (0.1, 0.25, 0.5, 0.75, 0.9),
    "candidates": (30, 50, 100),
    "smoothing": (0.25, 0.4, 0.6, 0.75, 1),
    "smoothing_far": (0.1, 0.2, 0.3, 0.5),
    "smoothing_passage": (0.25, 0.4, 0.6, 0.75, 1),
    "coverage": (0.1, 0.2, 0.3, 0.4, 0.6),
    "speaker_boost": (0.05, 0.1, 0.2, 0.3),
    "date_boost": (0.1, 0.2, 0.4, 0.6),
    "date_days": (1, 3, 10, 30),
    "diversity": (0.05, 0.1, 0.2),
}


def one_by_one(shipped: Settings) -> Iterator[tuple[str, float, Settings]]:
    """Change one setting at a time, all others as shipped, these included."""
    for name, values in _ONE_BY_ONE.items():
        for number in sorted({*values, getattr(shipped, name)}):
            other: dict[str, Any] = {name: number}
            if name == "vector_weight" and number != shipped.vector_weight:
                other["keyword_weight"] = round(1 - number, 2)
            yield name, number, replace(shipped, **other)


_WITHOUT: dict[str, dict[str, Any]] = {
    "the coverage of the passage": {"coverage": 0},
    "the neighbours one step away": {"smoothing": 0},
    "the neighbours two steps away": {"smoothing_far": 0},
    "the best within five steps": {"smoothing_passage": 0},
    "all of these: no neighbours": {
        "coverage": 0,
        "smoothing": 0,
        "smoothing_far": 0,
        "smoothing_passage": 0,
    },
    "the speaker": {"speaker_boost": 0},
    "the date": {"date_boost": 0},
    "the spelling": {"fuzzy_weight": 0},
    "the words' score": {"keyword_weight": 0},
    "the vectors' score": {"vector_weight": 0},
    "scores (reciprocal ranks instead)": {"fusion": "rrf"},
    "k1 and b (1.2 and 0.75 instead)": {"bm25_k1": 1.2, "bm25_b": 0.75},
}


def without(shipped: Settings) -> Iterator[tuple[str, Settings]]:
    """Switch off one part at a time."""
    for name, other in _WITHOUT.items():
        yield name, replace(shipped, **other)
