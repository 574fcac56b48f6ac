"""Run the model: texts to unit vectors. Safe to call from several threads."""

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

from memoriesdb.embedder.errors import (
    EmbedderError,
    InputTooLongError,
    ModelMismatchError,
    ModelUnavailableError,
)
from memoriesdb.embedder.weights import ModelFiles

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DIMENSIONS = 384
MAX_TOKENS = 256


@dataclass(frozen=True)
class Result:
    """Vectors in the order of the texts, and how many tokens were read."""

    vectors: list[list[float]]
    tokens: int


class Model:
    """A loaded model with its tokenizer.

    Every text runs alone, several side by side on a core each. The 8-bit product takes its scale
    from all that runs together, so in a common batch a text's vector would depend on its
    neighbours (cosine 0.96 to itself); and alone it is as fast, there being nothing to pad.
    """

    def __init__(
        self, session: Any, tokenizer: "Tokenizer", files: ModelFiles, threads: int
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._pool = ThreadPoolExecutor(threads, "memoriesdb-embedder")
        self.files = files

    @classmethod
    def open(cls, files: ModelFiles, model: bytes, *, threads: int = 0) -> "Model":
        """Load a serialised ONNX model; threads=0 takes the cores there are."""
        try:
            import onnxruntime  # type: ignore[import-untyped]
            from tokenizers import Tokenizer
        except ImportError as error:
            raise ModelUnavailableError(f"the Python package {error.name}") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's own classes have no common public base
            raise EmbedderError(f"onnxruntime cannot load the model: {error}") from error
        tokenizer = Tokenizer.from_file(str(files.tokenizer))
        # The file asks for 128 padded tokens; cutting and padding are done here.
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(session, tokenizer, files, threads or _cores())

    def embed(self, texts: Sequence[str], *, truncate: bool = True) -> Result:
        """Embed texts; those over 256 tokens are cut, or refused with truncate=False."""
        inputs = [self._encode(text, truncate) for text in texts]
        # One text runs in the caller's thread: a query does not queue behind somebody's batch.
        run = map if len(texts) == 1 else self._pool.map
        vectors = list(run(self._run, inputs))
        return Result(vectors, sum(map(len, inputs)))

    def _encode(self, text: str, truncate: bool) -> list[int]:
        # Half of a surrogate pair is no text to the tokenizer; a JSON escape can carry one.
        ids = self._tokenizer.encode(text.encode("utf-8", "replace").decode()).ids
        if len(ids) <= MAX_TOKENS:
            return ids
        if not truncate:
            raise InputTooLongError(f"an input exceeds the {MAX_TOKENS} tokens of the model")
        return [*ids[: MAX_TOKENS - 1], ids[-1]]  # what closes a text stays

    def _run(self, tokens: list[int]) -> list[float]:
        import numpy as np

        ids = np.array([tokens], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        (vectors,) = self._session.run(["embedding"], feed)
        # Seven places are what float32 holds; more would only double the answer's size.
        rounded: list[float] = np.round(vectors[0].astype(np.float64), 7).tolist()
        return rounded


def _cores() -> int:
    """Give the cores this process may use, which is less than all where it was confined."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check(model: Model, stage: str, bound: float) -> float:
    """Compare with the reference vectors and give the least cosine; refuse one below the bound."""
    reference = json.loads((resources("memoriesdb.embedder") / "reference.json").read_text("utf-8"))
    vectors = model.embed(reference["texts"]).vectors
    cosines = [
        sum(a * b for a, b in zip(own, given, strict=True))
        for own, given in zip(vectors, reference["vectors"], strict=True)
    ]
    if not all(cosine >= bound for cosine in cosines):  # a NaN is no agreement either
        raise ModelMismatchError(stage, min(cosines), bound)
    return float(min(cosines))
