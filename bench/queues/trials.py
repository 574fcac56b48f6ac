"""Cells: one system, so many workers, with or without a transaction that is held open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

from rich.progress import Progress

from bench.queues import processes
from bench.queues.places import Place, held
from bench.queues.system import System

WORKERS = (1, 2, 4, 8)
TRIED_WITH = 2
TRIES = 2


@dataclass(frozen=True)
class Cell:
    """What was found once. Seconds of the drain and the checks are 0 where nothing is drained."""

    system: str
    jobs: int
    enqueue_seconds: float
    drain_seconds: float
    # Of the jobs: never run, run more than once (each time too many), not told to the queue.
    lost: int
    doubled: int
    left: int
    bytes: int

    @property
    def rate(self) -> float:
        """Jobs drained in a second."""
        return (self.jobs - self.lost) / self.drain_seconds


def run_cell(system: System, size: int, workers: int) -> Cell:
    """Empty the queue, fill it, drain it, and count."""
    jobs = max(workers, round(size * system.share))
    system.reset()
    filled = processes.enqueue(system, parts(range(jobs), system.producers(workers)))
    if not system.is_drained:
        return Cell(system.name, jobs, _seconds(filled), 0.0, 0, 0, 0, 0)
    system.settle()
    drained = processes.drain(system, workers, jobs)
    lost, doubled = count(jobs, (number for report in drained for number in report.numbers))
    return Cell(
        system=system.name,
        jobs=jobs,
        enqueue_seconds=_seconds(filled),
        drain_seconds=_seconds(drained),
        lost=lost,
        doubled=doubled,
        left=system.left(),
        bytes=system.size(),
    )


def parts(numbers: Sequence[int], count: int) -> list[Sequence[int]]:
    """Split into parts that differ by one at most."""
    return [
        numbers[len(numbers) * i // count : len(numbers) * (i + 1) // count] for i in range(count)
    ]


def count(jobs: int, ran: Iterable[int]) -> tuple[int, int]:
    """Return how many jobs were not run, and how many runs were too many."""
    times = Counter(ran)
    if strange := set(times) - set(range(jobs)):
        raise RuntimeError(f"jobs were run that nobody enqueued: {sorted(strange)[:5]}")
    return jobs - len(times), sum(times.values()) - len(times)


def _seconds(reports: Sequence[processes.Report]) -> float:
    worked = [report for report in reports if report.numbers]
    if not worked:
        raise processes.StepError("nobody has done anything")
    ended = max(report.ended for report in worked)
    return round(ended - min(report.began for report in reports), 6)


def best(
    candidates: Sequence[System], size: int, name: Callable[[System], str], step: Callable[[], None]
) -> tuple[System, dict[str, float]]:
    """Return the fastest of a system's settings at two workers, and what each did."""
    rates: dict[str, float] = {}
    for _ in range(TRIES):
        for system in candidates:
            rate = run_cell(system, size, TRIED_WITH).rate
            rates[name(system)] = round(max(rate, rates.get(name(system), 0.0)), 1)
            step()
    return max(candidates, key=lambda system: rates[name(system)]), rates


def run_all(
    systems: Sequence[System],
    size: int,
    rounds: int,
    places: Sequence[Place],
    progress: Progress,
    workers: Sequence[int] = WORKERS,
) -> list[dict[str, Any]]:
    """Run every cell in every round; another system begins each time."""
    cells: list[dict[str, Any]] = []
    for is_held in (False, True):
        label = "a transaction held open" if is_held else "no transaction held open"
        task = progress.add_task(label, total=rounds * len(workers) * len(systems))
        with held(places) if is_held else nullcontext():
            for number in range(rounds):
                for step, count_of_workers in enumerate(workers):
                    turn = (number * len(workers) + step) % len(systems)
                    for system in (*systems[turn:], *systems[:turn]):
                        progress.update(
                            task, description=f"{label}: {system.name}, {count_of_workers}"
                        )
                        where = {"workers": count_of_workers, "is_held": is_held, "round": number}
                        cells.append(where | _attempt(system, size, count_of_workers))
                        progress.advance(task)
        progress.update(task, description=label)
    return cells


def _attempt(system: System, size: int, workers: int) -> dict[str, Any]:
    """Run a cell; what a system fails with is a result, too."""
    try:
        return asdict(run_cell(system, size, workers))
    except processes.StepError as error:
        return {"system": system.name, "error": str(error)}
