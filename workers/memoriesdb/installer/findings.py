"""What doctor says: a finding for each thing that it looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "skipped", "warning", "failure"]
LEVELS: tuple[Level, ...] = ("failure", "warning", "skipped", "ok")
SHOWN = 10


@dataclass(frozen=True)
class Detail:
    """One thing that is not as it should be."""

    detail: str


@dataclass(frozen=True)
class Finding:
    """What one check found: how bad it is, what, where exactly, and what to do next.

    ``skipped`` stands for what this login cannot look at, which may be well or not.
    """

    level: Level
    what: str
    detail: str = ""
    hint: str = ""


def judge(level: Level, bad: str, good: str, found: Sequence[Detail], hint: str) -> Finding:
    """Return what the details mean: none of them is well."""
    if not found:
        return Finding("ok", good)
    shown = ", ".join(row.detail for row in found[:SHOWN])
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return Finding(level, bad, shown + more, hint)
