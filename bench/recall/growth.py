"""Growth: whether an owner waits longer because other people's data arrive in between.

The same owners have the same memories in databases of 10,000, 100,000 and 1,000,000. Each time
theirs lie scattered among everybody's, as they arrived.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.progress import Progress

from bench.recall.clients import in_turn
from bench.recall.database import database
from bench.recall.facts import facts
from bench.recall.load import load
from bench.recall.population import Population
from bench.recall.systems import HEAP, HYBRID, VECTOR, floors, make_floors, ours
from bench.recall.vocabulary import Vocabulary
from memoriesdb.cluster import Cluster

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 200
OTHERS = "others"
GOAL = 1.3

Entry = dict[str, dict[str, dict[str, float]]]


def totals(size: int) -> list[int]:
    """Return the totals to measure at, up to a size."""
    return [total for total in SIZES if total < size] + [size]


def ask(cluster: Cluster, users: list[str], population: Population, progress: Progress) -> Entry:
    """Ask the growing owners, and between them others, so that nobody stays in the caches."""
    queries = {
        f"{owner.size:,}": population.queries(owner, ROUNDS, "growth")
        for owner in population.owners
        if owner.is_growth
    }
    others = [owner for owner in population.owners if not owner.is_growth][:40]
    queries[OTHERS] = [population.queries(owner, 1, "growth")[0] for owner in others]
    asked = [s for s in ours(cluster, users) if s.name in (HYBRID, VECTOR)]
    asked += [s for s in floors(cluster) if s.name == HEAP]
    return in_turn(asked, queries, ROUNDS, progress, f"growth at {population.size:,}")


def measure(
    size: int, vocabulary: Vocabulary, known: Mapping[int, Entry], progress: Progress
) -> dict[str, Any]:
    """Measure at every total that is not known yet, from the scale part of the same run."""
    entries = dict(known)
    about: dict[str, Any] = {}
    for total in totals(size):
        if total in entries:
            continue
        progress.console.rule(f"growth: {total:,} memories")
        # The settings of the largest, so that nothing but the data differs.
        with database(size) as cluster:
            population = Population(total, vocabulary, progress)
            loaded = load(cluster, population, progress)
            make_floors(cluster, loaded["users"])
            entries[total] = ask(cluster, loaded["users"], population, progress)
            about = about or facts(cluster)
    if not about:
        raise ValueError("there is nothing left to measure")
    entries = dict(sorted(entries.items()))
    return {**about, "part": "growth", "size": size, "entries": entries, **judge(entries)}


def judge(entries: Mapping[int, Entry]) -> dict[str, Any]:
    """Return each owner's ratio from end to end, and whether the goal holds."""
    ratios: dict[str, dict[str, float]] = {}
    for system in next(iter(entries.values())):
        for owner in {name for entry in entries.values() for name in entry[system]} - {OTHERS}:
            times = [entry[system][owner] for entry in entries.values() if owner in entry[system]]
            if len(times) > 1:
                ratios.setdefault(system, {})[owner] = round(times[-1]["p50"] / times[0]["p50"], 2)
    goals = [
        {
            "goal": f"owner of {owner}: p50 grows by at most {GOAL:g} from end to end",
            "found": f"{ratio:.2f}",
            "holds": ratio <= GOAL,
        }
        for owner, ratio in sorted(
            ratios.get(HYBRID, {}).items(), key=lambda item: int(item[0].replace(",", ""))
        )
    ]
    return {"ratios": ratios, "goals": goals}
