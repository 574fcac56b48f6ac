"""Files that say what a whole looks like, so that a change of it is read before it is merged."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Golden:
    """Compares texts with the files in tests/golden, or writes these with ``--update-golden``."""

    update: bool

    def check(self, name: str, text: str) -> None:
        """Fail with a diff where the text differs from the file of this name."""
        file = DIRECTORY / name
        if self.update:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        kept = file.read_text(encoding="utf-8") if file.exists() else ""
        if text != kept:
            difference = difflib.unified_diff(
                kept.splitlines(),
                text.splitlines(),
                f"tests/golden/{name}",
                "now",
                lineterm="",
                n=2,
            )
            pytest.fail(
                "\n".join([*difference, "If this is meant: pytest --update-golden, and commit."]),
                pytrace=False,
            )
