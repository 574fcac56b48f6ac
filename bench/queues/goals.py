"""What the cells come to: medians, spreads, ratios round by round, and the goals."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bench.queues.embedding_queue import CHOSEN, RELEASED, SHIPPED, UNQUEUED, WRITTEN

PROCRASTINATE = "procrastinate"
OURS = frozenset({CHOSEN, SHIPPED, RELEASED, WRITTEN, UNQUEUED})
JUDGED = (CHOSEN, SHIPPED)
FACTOR = 10.0

Cells = Sequence[Mapping[str, Any]]


class Spread(NamedTuple):
    """The rounds' median, least and most."""

    median: float
    least: float
    most: float


def rates(cells: Cells, system: str, workers: int, is_held: bool, what: str) -> dict[int, float]:
    """Return jobs a second by round; what is enqueue or drain. Failed cells are not among them."""
    return {
        cell["round"]: (cell["jobs"] - (cell["lost"] if what == "drain" else 0))
        / cell[f"{what}_seconds"]
        for cell in cells
        if (cell["system"], cell["workers"], cell["is_held"]) == (system, workers, is_held)
        and cell.get(f"{what}_seconds")
    }


def spread(values: Mapping[int, float]) -> Spread | None:
    """Return the median and what it lies between."""
    if not values:
        return None
    found = values.values()
    return Spread(statistics.median(found), min(found), max(found))


def ratio(ours: Mapping[int, float], theirs: Mapping[int, float]) -> float:
    """Return the median of the ratios of those rounds that both have; 0 where there is none."""
    both = [ours[number] / theirs[number] for number in ours if number in theirs]
    return statistics.median(both) if both else 0.0


def systems_of(cells: Cells) -> list[str]:
    """Return the systems in the order of the first round."""
    return list(dict.fromkeys(cell["system"] for cell in cells))


def workers_of(cells: Cells) -> list[int]:
    """Return the numbers of workers."""
    return sorted({cell["workers"] for cell in cells})


def judge(cells: Cells) -> list[dict[str, Any]]:
    """Return every goal with what was found and whether it holds."""
    return [{"goal": goal, "found": found, "holds": holds} for goal, found, holds in _goals(cells)]


def _goals(cells: Cells) -> Iterator[tuple[str, str, bool]]:
    present = systems_of(cells)
    peers = [system for system in present if system not in OURS]
    for is_held in sorted({cell["is_held"] for cell in cells}):
        for ours in (system for system in JUDGED if system in present):
            for peer in peers:
                yield _against(cells, ours, peer, is_held)
    for ours in (system for system in present if system in OURS - {UNQUEUED}):
        own = [cell for cell in cells if cell["system"] == ours]
        counted = [cell for cell in own if "error" not in cell]
        wrong = {what: sum(cell[what] for cell in counted) for what in ("lost", "doubled", "left")}
        failed = len(own) - len(counted)
        yield (
            f"{ours}: every job done exactly once",
            ", ".join(f"{number} {what}" for what, number in wrong.items())
            + f" of {sum(cell['jobs'] for cell in counted):,} jobs, {failed} failed runs",
            not any(wrong.values()) and not failed,
        )


def _against(cells: Cells, ours: str, peer: str, is_held: bool) -> tuple[str, str, bool]:
    """Compare the rates of the drain, at each number of workers."""
    factor = FACTOR if peer == PROCRASTINATE else 1.0
    where = "a transaction held open" if is_held else "no transaction held open"
    asked = f"{factor:g} times as fast" if factor > 1 else "as fast"
    times = {
        workers: ratio(
            rates(cells, ours, workers, is_held, "drain"),
            rates(cells, peer, workers, is_held, "drain"),
        )
        for workers in workers_of(cells)
    }
    return (
        f"{ours}, {where}: drained at least {asked} as by {peer}",
        ", ".join(f"{found:.3g} times with {workers}" for workers, found in times.items()),
        min(times.values()) >= factor,
    )
