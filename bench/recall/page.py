"""Pieces that every section of the page is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill
from typing import Any


def prose(text: str, **filled: object) -> str:
    """Return paragraphs with what is filled in, broken into lines."""
    paragraphs = text.format(**filled).strip().split("\n\n")
    lines = (fill(p, 100, break_long_words=False, break_on_hyphens=False) for p in paragraphs)
    return "\n\n".join(lines) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def goals_table(result: Mapping[str, Any]) -> str:
    """Return the goals with what was found."""
    return table(
        ("goal", "found", ""),
        (
            (goal["goal"], goal["found"], "holds" if goal["holds"] else "**fails**")
            for goal in result["goals"]
        ),
    )


def origin(result: Mapping[str, Any]) -> str:
    """Return where, when and with what a part was measured."""
    machine = result["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    settings = ", ".join(f"{name} {value}" for name, value in result["server_settings"].items())
    return prose(
        f"{result['date']}, commit `{result['commit']}`, `{result['command']}`. "
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB; load at "
        f"the start {machine['load_at_start']}. {versions}. Server: {settings}; else defaults."
    )
