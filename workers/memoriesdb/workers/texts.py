"""Texts longer than a model's window: embedded in pieces, and the pieces pooled."""

from collections.abc import Callable, Sequence

from memoriesdb.workers.vectors import BadVectorError
from memoriesdb_pl.chunking import SMALLEST_WINDOW, chunk
from memoriesdb_pl.pooling import mean_unit

Vector = Sequence[float]

# One text of a megabyte is thousands of pieces: more than one request should carry.
MOST_INPUTS = 512


def embed_pieces(
    pieces: Sequence[Sequence[str]], embed: Callable[[Sequence[str]], Sequence[Vector]]
) -> list[Vector]:
    """Return one vector a text; all pieces of all texts go in one request where they fit.

    A piece weighs as much as it is long, so that a short last piece does not count like a full
    one. ``embed`` gives one checked vector an input, or raises.
    """
    inputs = [piece for parts in pieces for piece in parts]
    vectors: list[Vector] = []
    for start in range(0, len(inputs), MOST_INPUTS):
        vectors.extend(embed(inputs[start : start + MOST_INPUTS]))
    pooled: list[Vector] = []
    position = 0
    for parts in pieces:
        own = vectors[position : position + len(parts)]
        position += len(parts)
        pooled.append(own[0] if len(own) == 1 else _pool(own, parts))
    return pooled


def cut(text: str, max_tokens: int) -> list[str]:
    """Return the pieces of a text, each within the model's window."""
    # A model may be registered with less than what text can be cut into.
    return chunk(text, max(max_tokens, SMALLEST_WINDOW)) or [text]


def _pool(vectors: Sequence[Vector], parts: Sequence[str]) -> Vector:
    try:
        return mean_unit(vectors, [float(len(part)) for part in parts])
    except ValueError as error:
        raise BadVectorError(f"the pieces' vectors cannot be pooled: {error}") from None
