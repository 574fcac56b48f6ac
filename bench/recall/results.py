"""The raw figures of every part, as JSON beside the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path.cwd() / "docs" / "benchmarks"


def save(name: str, result: dict[str, Any]) -> None:
    """Keep the figures of a part in place of those that it had."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)


def load(pattern: str) -> dict[str, dict[str, Any]]:
    """Return the kept figures of all parts whose names fit, by name."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob(f"{pattern}.json"))
    }
