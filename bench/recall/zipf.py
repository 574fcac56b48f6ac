"""Sizes of owners: few with very many memories, many with few."""

from __future__ import annotations

LEAST = 10


def top_size(total: int) -> int:
    """Return how many memories the largest owner has: 100,000 of a million."""
    return min(100_000, max(total // 10, min(15_000, int(total * 0.4))))


def owner_count(total: int) -> int:
    """Return how many owners there are: 2,000 for a million memories, fewer for few."""
    return min(2_000, max(60, total // 100))


def sizes(total: int, owners: int, top: int) -> list[int]:
    """Return the owners' sizes, largest first: top / rank ** a, at least 10, the sum exact.

    The exponent is found by halving, and what rounding leaves is spread over the smaller half.
    """
    if not LEAST * owners + top <= total + LEAST <= top * owners + LEAST:
        raise ValueError(f"{total} memories cannot be those of {owners} owners of up to {top}")
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        if sum(_size(top, rank, middle) for rank in range(1, owners + 1)) > total:
            low = middle
        else:
            high = middle
    found = [_size(top, rank, high) for rank in range(1, owners + 1)]
    rest = total - sum(found)
    for i in range(rest):
        found[1 + i % (owners - 1)] += 1
    return found


def _size(top: int, rank: int, exponent: float) -> int:
    return max(LEAST, int(top / float(rank**exponent)))


def decade(size: int) -> str:
    """Return the decade of an owner's size, by its name."""
    for end, name in ((100, "10 to 100"), (1_000, "100 to 1,000"), (10_000, "1,000 to 10,000")):
        if size < end:
            return name
    return "10,000 to 100,000" if size < 100_000 else "100,000"


DECADES = ("10 to 100", "100 to 1,000", "1,000 to 10,000", "10,000 to 100,000", "100,000")
