"""Embed one text inside the server, in pieces where it exceeds the model's window."""

import time

from memoriesdb_pl.chunking import chunk
from memoriesdb_pl.http_embedding import embed
from memoriesdb_pl.pooling import mean_unit


def embed_text(
    provider: str,
    endpoint: str,
    model: str,
    text: str,
    *,
    dimensions: int,
    max_tokens: int,
    timeout_seconds: float,
) -> list[float]:
    """Return the vector of a text, ``dimensions`` numbers long.

    A longer text than the window is the mean of its pieces' vectors, weighted by their length and
    of unit length. The deadline is for all of it. Raises EmbeddingError, whose message holds no
    part of the text.
    """
    deadline = time.monotonic() + timeout_seconds
    pieces = chunk(text, max_tokens) or [text]
    vectors = [
        embed(
            provider,
            endpoint,
            model,
            piece,
            timeout_seconds=max(deadline - time.monotonic(), 0.001),
            dimensions=dimensions,
        )
        for piece in pieces
    ]
    if len(vectors) == 1:
        return vectors[0]
    return mean_unit(vectors, [float(len(piece)) for piece in pieces])
