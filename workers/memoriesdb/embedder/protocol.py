"""What the server understands and answers: Ollama's /api/embed and OpenAI's /v1/embeddings.

Pure functions from a parsed request to an answer, so that they are tested without sockets.
"""

import base64
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from memoriesdb.embedder.errors import InputTooLongError
from memoriesdb.embedder.model import DIMENSIONS, Model, Result

# The name that Ollama gives this model: a database set up with one endpoint works with the other.
MODEL_NAME = "all-minilm"
_ALIASES = frozenset({MODEL_NAME, "all-minilm:22m", "all-minilm:l6-v2", "all-minilm-l6-v2"})
MAX_INPUTS = 2048

Answer = dict[str, Any]


@dataclass
class Refused(Exception):  # noqa: N818 - an answer to the client, not a fault of the server
    """A request that is answered with an error."""

    status: int
    message: str


def ollama_embed(request: object, model: Model) -> Answer:
    """POST /api/embed."""
    started = time.perf_counter_ns()
    fields = _fields(request)
    name = _model_name(fields)
    texts = _texts(fields.get("input"), "invalid input type")
    if fields.get("input") in (None, ""):
        texts = []  # as Ollama does: asking with nothing is a way to load a model
    truncate = fields.get("truncate")
    result = _embed(model, texts, truncate=truncate is not False)
    return {
        "model": name,
        "embeddings": result.vectors,
        "total_duration": time.perf_counter_ns() - started,
        "load_duration": 0,
        "prompt_eval_count": result.tokens,
    }


def openai_embeddings(request: object, model: Model) -> Answer:
    """POST /v1/embeddings."""
    fields = _fields(request)
    name = _model_name(fields)
    texts = _texts(fields.get("input"), "'input' must be a string or an array of strings")
    if not texts:
        raise Refused(400, "'input' must not be empty")
    if fields.get("dimensions", DIMENSIONS) != DIMENSIONS:
        raise Refused(400, f"this model has {DIMENSIONS} dimensions and no others")
    shape = _SHAPES.get(str(fields.get("encoding_format", "float")))
    if shape is None:
        raise Refused(400, "'encoding_format' must be 'float' or 'base64'")
    result = _embed(model, texts, truncate=True)
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": shape(vector)}
            for index, vector in enumerate(result.vectors)
        ],
        "model": name,
        "usage": {"prompt_tokens": result.tokens, "total_tokens": result.tokens},
    }


def ollama_tags(model: Model) -> Answer:
    """GET /api/tags: the one model there is."""
    weights = model.files.weights.stat()
    modified = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(weights.st_mtime))
    details = {
        "parent_model": "",
        "format": "onnx",
        "family": "bert",
        "families": ["bert"],
        "parameter_size": "23M",
        "quantization_level": "Q8_0",
    }
    name = f"{MODEL_NAME}:latest"
    entry = {"name": name, "model": name, "modified_at": modified, "size": weights.st_size}
    return {"models": [{**entry, "digest": model.files.sha256, "details": details}]}


def openai_models() -> Answer:
    """GET /v1/models."""
    entry = {"id": MODEL_NAME, "object": "model", "created": 0, "owned_by": "memoriesdb"}
    return {"object": "list", "data": [entry]}


def error_answer(path: str, refused: Refused) -> Answer:
    """The error in the form that clients of that path read."""
    if not path.startswith("/v1/"):
        return {"error": refused.message}
    kind = "invalid_request_error" if refused.status < 500 else "server_error"
    return {"error": {"message": refused.message, "type": kind, "param": None, "code": None}}


def _fields(request: object) -> Mapping[str, object]:
    if not isinstance(request, dict):
        raise Refused(400, "the request body must be a JSON object")
    return request


def _model_name(fields: Mapping[str, object]) -> str:
    name = fields.get("model")
    if not isinstance(name, str) or not name:
        raise Refused(400, "model is required")
    if name.lower().removesuffix(":latest") not in _ALIASES:
        shown = name[:80]
        raise Refused(404, f'model "{shown}" not found; this server has "{MODEL_NAME}" alone')
    return name


def _texts(given: object, complaint: str) -> list[str]:
    texts = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Refused(400, complaint)
    if len(texts) > MAX_INPUTS:
        raise Refused(413, f"at most {MAX_INPUTS} inputs a request; send several requests")
    return texts


def _embed(model: Model, texts: list[str], *, truncate: bool) -> Result:
    try:
        return model.embed(texts, truncate=truncate)
    except InputTooLongError as error:
        raise Refused(400, str(error)) from error


def _base64(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode("ascii")


_SHAPES: dict[str, Callable[[list[float]], list[float] | str]] = {"float": list, "base64": _base64}
