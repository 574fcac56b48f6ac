"""Figures of a ranking and of a row of times."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence


def recall_at(found: Sequence[object], relevant: Collection[object], cut: int) -> float:
    """Return the part of what is relevant that is among the first ``cut``."""
    return len(set(found[:cut]).intersection(relevant)) / len(relevant)


def reciprocal_rank(found: Sequence[object], relevant: Collection[object]) -> float:
    """Return one over the rank of the first that is relevant, 0 where none is."""
    return next((1 / rank for rank, item in enumerate(found, 1) if item in relevant), 0.0)


def ndcg_at(found: Sequence[object], relevant: Collection[object], cut: int) -> float:
    """Return the discounted gain over the best that was possible; all that is relevant is alike."""
    gain = sum(
        1 / math.log2(rank + 1) for rank, item in enumerate(found[:cut], 1) if item in relevant
    )
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(relevant), cut) + 1))
    return gain / best


def percentile(values: Sequence[float], part: float) -> float:
    """Return the least value that ``part`` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]


def half_interval(values: Sequence[float]) -> float:
    """Return half the width of the mean's 95 % interval."""
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)
    return 1.96 * math.sqrt(variance / len(values))
