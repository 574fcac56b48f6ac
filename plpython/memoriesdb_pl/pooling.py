"""One vector for a text that exceeds the model's window: the mean of its chunks' vectors."""

import math
from collections.abc import Sequence


def mean_unit(
    vectors: Sequence[Sequence[float]], weights: Sequence[float] | None = None
) -> list[float]:
    """Give the weighted mean at unit length; weights are usually the lengths of the chunks.

    Raises ValueError when there is no vector, sizes differ, a weight is negative, a number is not
    finite, or the vectors cancel out so that no direction is left.
    """
    if not vectors or not vectors[0]:
        raise ValueError("there is no vector to pool")
    if any(len(vector) != len(vectors[0]) for vector in vectors):
        raise ValueError("the vectors differ in their dimensions")
    shares = [1.0] * len(vectors) if weights is None else list(weights)
    if len(shares) != len(vectors) or any(not share >= 0 for share in shares):
        raise ValueError("there must be one weight of at least 0 for each vector")
    terms = [
        [share * number for number in vector] for share, vector in zip(shares, vectors, strict=True)
    ]
    if not all(math.isfinite(term) for vector in terms for term in vector):
        raise ValueError("the vectors or weights have a number that is not finite")
    # Divided before the sum, which of large numbers may exceed what a float holds.
    sums = [math.fsum(term / len(terms) for term in column) for column in zip(*terms, strict=True)]
    largest = max(map(abs, sums))
    scale = max(abs(term) for vector in terms for term in vector)
    # What rounding leaves of vectors that cancel out is no direction.
    if largest <= 1e-12 * scale or largest == 0:
        raise ValueError("the vectors have no direction in common")
    # Divided by the largest before they are squared: squares of small numbers vanish.
    scaled = [number / largest for number in sums]
    length = math.hypot(*scaled)
    return [number / length for number in scaled]
