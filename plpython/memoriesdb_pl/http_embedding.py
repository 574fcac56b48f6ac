"""Embed one text over HTTP within a deadline."""

from memoriesdb_pl.embedding_protocol import (
    ProtocolError,
    embedding_url,
    read_vectors,
    request_body,
)
from memoriesdb_pl.http_post import HttpError, post


class EmbeddingError(Exception):
    """No vector could be had; the message is short and has no text of the user in it."""


def embed(
    provider: str,
    endpoint: str,
    model: str,
    text: str,
    *,
    timeout_seconds: float,
    dimensions: int,
    api_key: str | None = None,
) -> list[float]:
    """Give the vector of a text, or raise EmbeddingError within timeout_seconds."""
    try:
        url = embedding_url(provider, endpoint)
        body = request_body(provider, model, [text])
        answer = post(url, body, timeout_seconds=timeout_seconds, api_key=api_key)
        (vector,) = read_vectors(provider, answer, count=1, dimensions=dimensions)
    except (ProtocolError, HttpError) as error:
        raise EmbeddingError(str(error)) from None
    return vector
