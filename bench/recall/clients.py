"""Ask and take the time: one client in turn with the others' systems, or many at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.progress import Progress

from bench.recall.metrics import percentile
from bench.recall.population import Query
from bench.recall.systems import Session, System

WARM_UP = 8


@dataclass(frozen=True)
class Times:
    """What the clients of one system had to wait."""

    seconds: Sequence[float]
    elapsed: float

    def figures(self) -> dict[str, float]:
        """Return percentiles in milliseconds, and how many were answered a second."""
        return {
            "p50": round(percentile(self.seconds, 0.5) * 1000, 3),
            "p95": round(percentile(self.seconds, 0.95) * 1000, 3),
            "count": len(self.seconds),
            "per_second": round(len(self.seconds) / self.elapsed, 2),
        }


def in_turn(
    systems: Sequence[System],
    queries: Mapping[str, Sequence[Query]],
    rounds: int,
    progress: Progress,
    label: str,
) -> dict[str, dict[str, dict[str, float]]]:
    """Let one client ask each system for an owner of each decade, round after round.

    So what else the machine does hits all alike, and no owner is asked twice in a row. Another
    system begins in each round.
    """
    sessions: dict[str, Session] = {}
    taken: dict[tuple[str, str], list[float]] = {}
    task = progress.add_task(label, total=rounds)
    try:
        for system in systems:
            sessions[system.name] = system.open()
        names = list(sessions)
        for number in range(-WARM_UP, rounds):
            for decade, asked in queries.items():
                query = asked[number % len(asked)]
                # Whoever is first finds the processor's caches full of the last question's rows.
                turn = number % len(names)
                for name in names[turn:] + names[:turn]:
                    session = sessions[name]
                    began = time.perf_counter()
                    session.search(query)
                    if number >= 0:
                        taken.setdefault((name, decade), []).append(time.perf_counter() - began)
            if number >= 0:
                progress.advance(task)
    finally:
        for session in sessions.values():
            session.close()
    return {
        system.name: {
            decade: Times(taken[system.name, decade], sum(taken[system.name, decade])).figures()
            for decade in queries
        }
        for system in systems
    }


def at_once(system: System, queries: Sequence[Query], count: int, seconds: float) -> Times:
    """Let so many clients ask for so long; each ends the question it has begun."""
    sessions = [system.open() for _ in range(count)]
    taken: list[list[float]] = [[] for _ in sessions]
    failures: list[BaseException] = []
    barrier = threading.Barrier(count + 1)
    end = 0.0

    def ask(number: int) -> None:
        try:
            sessions[number].search(queries[number % len(queries)])
            barrier.wait()
            turn = number
            while time.perf_counter() < end and not failures:
                began = time.perf_counter()
                sessions[number].search(queries[turn % len(queries)])
                taken[number].append(time.perf_counter() - began)
                turn += count + 1
        except BaseException as error:  # told to the main thread, which raises it
            failures.append(error)
            barrier.abort()

    threads = [threading.Thread(target=ask, args=(i,), daemon=True) for i in range(count)]
    try:
        for thread in threads:
            thread.start()
        # The clock is set before the last client passes, so that nobody reads an end of 0.
        while barrier.n_waiting < count and not failures:
            time.sleep(0.005)
        began = time.perf_counter()
        end = began + seconds
        if not failures:
            barrier.wait()
        for thread in threads:
            thread.join()
        elapsed = time.perf_counter() - began
        if failures:
            raise failures[0]
    except KeyboardInterrupt as interruption:
        failures.append(interruption)
        raise
    finally:
        for session in sessions:
            session.close()
    return Times([second for each in taken for second in each], elapsed)


def found_part(
    system: System,
    queries: Sequence[Query],
    truth: Sequence[Sequence[int]],
    owner_of: Sequence[int],
) -> dict[str, float]:
    """Return which part of the true nearest a system finds, and of the rows that there are."""
    session = system.open()
    hits = rows = 0
    try:
        for query, nearest in zip(queries, truth, strict=True):
            found = session.search(query)
            if any(owner_of[number] != query.owner.number for number in found):
                raise SystemExit(f"{system.name} answered with another owner's row")
            hits += len(set(found).intersection(nearest))
            rows += len(found)
    finally:
        session.close()
    expected = sum(map(len, truth))
    return {"recall": hits / expected, "rows": rows / expected, "queries": len(queries)}
