"""How Ollama and OpenAI-compatible endpoints are asked for embeddings, without any transport.

The workers and the functions inside the server share this, so that both read answers alike.
"""

import json
import math
from collections.abc import Sequence
from urllib.parse import urlsplit

PROVIDERS = ("ollama", "openai")


class ProtocolError(ValueError):
    """An endpoint that cannot be used, or an answer that is no answer. Carries no user's text."""


def embedding_url(provider: str, endpoint: str) -> str:
    """Give the address to POST to; an OpenAI-compatible endpoint may end in /v1 or not."""
    base = endpoint.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or 1)
    except ValueError:
        usable = False
    if not usable or any(c.isspace() or not c.isprintable() for c in base):
        raise ProtocolError(
            "the endpoint must be an http or https address such as http://host:11434"
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise ProtocolError("the endpoint must have no user, query or fragment; keys go elsewhere")
    match provider:
        case "ollama":
            return base.removesuffix("/api") + "/api/embed"
        case "openai":
            return base.removesuffix("/v1") + "/v1/embeddings"
        case _:
            raise ProtocolError(f"the provider must be one of {', '.join(PROVIDERS)}")


def request_body(provider: str, model: str, texts: Sequence[str]) -> bytes:
    """Give the JSON to send for a batch of texts."""
    fields: dict[str, object] = {"model": model, "input": list(texts)}
    fields |= {"truncate": True} if provider == "ollama" else {"encoding_format": "float"}
    return json.dumps(fields).encode("ascii")


def read_vectors(
    provider: str, answer: bytes, *, count: int, dimensions: int | None
) -> list[list[float]]:
    """Read an answer and check it: as many vectors as texts, in order, finite, of one size."""
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError):
        raise ProtocolError("the answer is not JSON") from None
    found = _ollama(parsed) if provider == "ollama" else _openai(parsed)
    if len(found) != count:
        raise ProtocolError(f"{len(found)} vectors came for {count} texts")
    vectors = [_vector(vector) for vector in found]
    sizes = {len(vector) for vector in vectors}
    if dimensions is not None and sizes - {dimensions}:
        raise ProtocolError(
            f"a vector has {max(sizes - {dimensions})} dimensions, not {dimensions}"
        )
    if len(sizes) > 1:
        raise ProtocolError("the vectors differ in their dimensions")
    return vectors


def _ollama(answer: object) -> list[object]:
    vectors = answer.get("embeddings") if isinstance(answer, dict) else None
    if not isinstance(vectors, list):
        raise ProtocolError("the answer has no list of embeddings")
    return vectors


def _openai(answer: object) -> list[object]:
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, list) or not all(isinstance(entry, dict) for entry in data):
        raise ProtocolError("the answer has no list of data")
    # Some servers leave the index out and keep the order.
    indexes = [entry.get("index", place) for place, entry in enumerate(data)]
    if any(type(index) is not int for index in indexes) or set(indexes) != set(range(len(data))):
        raise ProtocolError("the indexes of the answer are not those of the texts")
    vectors: list[object] = [None] * len(data)
    for index, entry in zip(indexes, data, strict=True):
        vectors[index] = entry.get("embedding")
    return vectors


def _vector(vector: object) -> list[float]:
    if not isinstance(vector, list) or not vector:
        raise ProtocolError("a vector is not a list of numbers")
    if not all(type(number) in (int, float) for number in vector):
        raise ProtocolError("a vector has a member that is not a number")
    try:
        numbers = [float(number) for number in vector]
    except OverflowError:
        numbers = [math.inf]
    if not all(map(math.isfinite, numbers)):
        raise ProtocolError("a vector has a number that is not finite")
    return numbers
