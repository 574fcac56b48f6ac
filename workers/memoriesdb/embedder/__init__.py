"""A local embedding model for machines without Ollama.

all-MiniLM-L6-v2 (384 dimensions, 256 tokens) from the weights that an installed package carries,
run by onnxruntime. Nothing is downloaded, and there is no substitute when the model is missing:
the functions raise ModelUnavailableError, which names the command that installs it.
"""

from memoriesdb.embedder.builder import build, default_cache_dir, load
from memoriesdb.embedder.errors import (
    CacheUnusableError,
    EmbedderError,
    InputTooLongError,
    ModelMismatchError,
    ModelUnavailableError,
)
from memoriesdb.embedder.model import DIMENSIONS, MAX_TOKENS, Model
from memoriesdb.embedder.protocol import MODEL_NAME
from memoriesdb.embedder.server import serve

__all__ = [
    "DIMENSIONS",
    "MAX_TOKENS",
    "MODEL_NAME",
    "CacheUnusableError",
    "EmbedderError",
    "InputTooLongError",
    "Model",
    "ModelMismatchError",
    "ModelUnavailableError",
    "build",
    "default_cache_dir",
    "load",
    "serve",
]
