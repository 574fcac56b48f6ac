"""The page docs/benchmarks-queue.md, made of the figures that are kept beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.queues import plots
from bench.queues.embedding_queue import CHOSEN, RELEASED, SHIPPED, UNQUEUED, WRITTEN
from bench.queues.goals import Cells, Spread, judge, rates, spread, systems_of, workers_of
from bench.queues.prose import BYTES, DRAIN, ENQUEUE, INTRODUCTION, METHOD
from bench.queues.system import ENQUEUED_AT_ONCE
from bench.recall import results
from bench.recall.page import goals_table, origin, prose, table
from memoriesdb.workers.embedding import Embedding

NAME = "queue"
HELD = {False: "no transaction held open", True: "a transaction held open"}


def write_page() -> Path:
    """Write the page and its plot from the kept figures; return where."""
    (kept,) = results.load(NAME).values()
    result = {**kept, "goals": judge(kept["cells"])}
    plot = plots.draw(result["cells"])
    path = results.FOLDER.parent / "benchmarks-queue.md"
    path.write_text("\n".join(_sections(result, plot)), encoding="utf-8")
    return path


def _sections(result: Mapping[str, Any], plot: str) -> Iterator[str]:
    cells: Sequence[Mapping[str, Any]] = result["cells"]
    yield INTRODUCTION
    yield "## In short\n"
    yield from _summary(result)
    yield "## How it was measured\n"
    yield origin(result)
    yield prose(
        METHOD, size=result["size"], owners=result["owners"], shipped=SHIPPED,
        chosen=CHOSEN, default=Embedding.default_batch,
    )  # fmt: skip
    yield table(("queue", "how it is used"), result["about"].items())
    yield "Settings that were tried, in jobs drained a second:\n"
    yield table(
        ("queue", "setting", "jobs a second"),
        (
            (system, setting, f"{rate:,.0f}")
            for system, tried in result["settings"].items()
            for setting, rate in tried.items()
        ),
    )
    yield "## Goals\n"
    yield goals_table(result)
    yield "## Drain\n"
    yield prose(DRAIN, rounds=result["rounds"], released=RELEASED)
    yield from _rates(cells, "drain")
    yield f"![jobs drained a second](benchmarks/{plot})\n"
    yield "## Enqueue\n"
    yield prose(
        ENQUEUE, batch=ENQUEUED_AT_ONCE, chosen=CHOSEN, shipped=SHIPPED, released=RELEASED,
        written=WRITTEN, unqueued=UNQUEUED,
    )  # fmt: skip
    yield from _rates(cells, "enqueue")
    yield "## Size\n"
    yield prose(BYTES)
    yield _sizes(cells)
    yield "## Lost and doubled\n"
    yield _counts(cells)
    for cell in cells:
        if "error" in cell:
            where = f"{cell['system']}, {cell['workers']} workers, {HELD[cell['is_held']]}"
            yield f"Failed: {where}:\n\n```\n{cell['error'].strip()}\n```\n"


def _summary(result: Mapping[str, Any]) -> Iterator[str]:
    goals = result["goals"]
    yield f"{sum(goal['holds'] for goal in goals)} of {len(goals)} goals hold.\n"
    for what, holds in (("lost", False), ("won", True)):
        lines = [
            f"- {what}: {goal['goal']}. Found: {goal['found']}."
            for goal in goals
            if goal["holds"] is holds
        ]
        if lines:
            yield "\n".join(lines) + "\n"


def _rates(cells: Cells, what: str) -> Iterator[str]:
    for is_held in sorted({cell["is_held"] for cell in cells}):
        rows = []
        for system in systems_of(cells):
            found = [
                spread(rates(cells, system, workers, is_held, what))
                for workers in workers_of(cells)
            ]
            if any(found):
                rows.append((system, *map(_shown, found)))
        yield table((HELD[is_held], *_heads(cells)), rows)


def _shown(found: Spread | None) -> str:
    if found is None:
        return ""
    around = "" if found.least == found.most else f" ({found.least:,.0f} to {found.most:,.0f})"
    return f"{found.median:,.0f}{around}"


def _heads(cells: Cells) -> list[str]:
    return [f"{workers} worker{'s' if workers > 1 else ''}" for workers in workers_of(cells)]


def _drained(cells: Cells, system: str) -> list[Mapping[str, Any]]:
    return [cell for cell in cells if cell["system"] == system and cell.get("drain_seconds")]


def _sizes(cells: Cells) -> str:
    rows = []
    for system in systems_of(cells):
        found = []
        for is_held in HELD:
            of = [cell for cell in _drained(cells, system) if cell["is_held"] is is_held]
            most = max((cell["bytes"] / cell["jobs"] for cell in of), default=0.0)
            found.append(f"{most * 1000 / 1024:,.0f}" if of else "")
        if any(found):
            rows.append((system, *found))
    return table(("queue", *HELD.values()), rows)


def _counts(cells: Cells) -> str:
    rows = []
    for system in systems_of(cells):
        own = _drained(cells, system)
        failed = sum("error" in cell for cell in cells if cell["system"] == system)
        if own or failed:
            sums = (sum(cell[what] for cell in own) for what in ("jobs", "lost", "doubled", "left"))
            rows.append((system, *(f"{number:,}" for number in sums), failed))
    head = ("queue", "jobs", "never run", "runs too many", "not told to the queue", "failed runs")
    return table(head, rows)
