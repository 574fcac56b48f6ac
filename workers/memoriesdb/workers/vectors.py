"""Check vectors before they are written, write them as SQL literals, and keep texts secret."""

import math
from collections.abc import Iterable, Sequence

# Vectors are kept as halfvec: beyond this is infinity there, below it zero.
_HALF_MAX = 65504.0
_HALF_MIN = 2.0**-25


class BadVectorError(ValueError):
    """A vector that cannot be stored; the message says why."""


def check_vectors(vectors: Sequence[Sequence[float]], count: int, dimensions: int) -> None:
    """Raise :class:`BadVectorError` unless these are ``count`` vectors that can be stored."""
    if len(vectors) != count:
        raise BadVectorError(f"{len(vectors)} vectors for {count} texts")
    for vector in vectors:
        if len(vector) != dimensions:
            raise BadVectorError(f"{len(vector)} dimensions where the model has {dimensions}")
        if not all(math.isfinite(value) and abs(value) <= _HALF_MAX for value in vector):
            raise BadVectorError("a component is not a finite number of half precision")
        if not any(abs(value) > _HALF_MIN for value in vector):
            raise BadVectorError("a zero vector")


def array_literal(vectors: Iterable[Sequence[float]]) -> str:
    """Write vectors as the literal of a Postgres array of vectors."""
    quoted = ('"[' + ",".join(map(repr, map(float, vector))) + ']"' for vector in vectors)
    return "{" + ",".join(quoted) + "}"


_WINDOW = 12


def describe(error: Exception, texts: Iterable[str]) -> str:
    """Name an error for the queue and the log, without anything of the texts.

    Providers quote what they refuse. Admins who read the queue, and whoever reads the log, may
    not read memories: a message that shares twelve characters with a text is left out.
    """
    name = type(error).__name__
    message = " ".join(str(error).split())[:200]
    if not message:
        return name
    haystacks = [" ".join(text.split()).casefold() for text in texts]
    folded = message.casefold()
    starts = range(max(1, len(folded) - _WINDOW + 1))
    windows = {folded[start : start + _WINDOW] for start in starts}
    for haystack in haystacks:
        short = len(haystack) < _WINDOW
        if (short and haystack in folded) or any(window in haystack for window in windows):
            return f"{name} (its message quotes the text and is left out)"
    return f"{name}: {message}"
