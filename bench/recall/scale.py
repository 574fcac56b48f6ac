"""Scale: recall and latency by the size of the owner, next to floors, plain HNSW and peers."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.progress import Progress

from bench.recall import growth, peers, systems
from bench.recall.clients import at_once, found_part, in_turn
from bench.recall.database import database
from bench.recall.facts import facts
from bench.recall.goals import judge
from bench.recall.load import load
from bench.recall.population import Population, Query
from bench.recall.systems import FILTERED, System
from bench.recall.vocabulary import Vocabulary
from bench.recall.zipf import DECADES
from memoriesdb.cluster import Cluster

OWNERS_A_DECADE = 30
ROUNDS = 150
CLIENTS = (8, 32)

Save = Callable[[dict[str, Any]], None]


class Run:
    """One run at one size: what is asked, and what was found so far."""

    def __init__(
        self, cluster: Cluster, population: Population, progress: Progress, save: Save
    ) -> None:
        self.cluster = cluster
        self.population = population
        self.progress = progress
        self.save = save
        self.queries = sample(population)
        self.truth = {d: nearest(population, asked) for d, asked in self.queries.items()}
        self.seconds = 2.0 if population.size <= 100_000 else 3.0
        self.result: dict[str, Any] = {
            **facts(cluster),
            "part": "scale",
            "size": population.size,
            "owners": len(population.owners),
            "vocabulary": population.vocabulary.source,
            "decades": {
                decade: {
                    "owners_asked": len({query.owner.number for query in asked}),
                    "owners": sum(o.decade == decade for o in population.owners),
                    "mean_size": round(sum(q.owner.size for q in asked) / len(asked)),
                }
                for decade, asked in self.queries.items()
            },
            "recall": {},
            "one_client": {},
            "clients": {},
            "about": {},
            "peers": {},
            "failed": {},
        }

    def recall(self, system: System) -> None:
        """Compare with the exact truth."""
        self.result["recall"][system.name] = self.compared(system)

    def compared(self, system: System) -> dict[str, dict[str, float]]:
        """Return what a system finds of the truth, by decade."""
        return {
            decade: found_part(system, asked, self.truth[decade], self.population.owner_of)
            for decade, asked in self.queries.items()
        }

    def rows(self, system: System) -> dict[str, float]:
        """Return which part of the rows that there are, up to ten a question, came."""
        is_filtered = system.name == FILTERED
        found = {}
        session = system.open()
        try:
            for decade, asked in self.queries.items():
                expected = sum(
                    min(
                        systems.K,
                        self.population.filtered_count(query.owner)
                        if is_filtered
                        else query.owner.size,
                    )
                    for query in asked
                )
                came = sum(len(session.search(query)) for query in asked)
                found[decade] = came / expected if expected else 1.0
        finally:
            session.close()
        return found

    def times(self, asked: Sequence[System], label: str) -> None:
        """Take the times at one client, in turn, and at many."""
        for system in asked:
            self.result["about"][system.name] = system.about
        self.result["one_client"].update(
            in_turn(asked, self.queries, ROUNDS, self.progress, f"{label}, 1 client")
        )
        cells = [(s, c, d) for s in asked for c in CLIENTS for d in self.queries]
        task = self.progress.add_task(f"{label}, {CLIENTS} clients", total=len(cells))
        for system, clients, decade in cells:
            found = at_once(system, self.queries[decade], clients, self.seconds)
            of_system = self.result["clients"].setdefault(system.name, {})
            of_system.setdefault(str(clients), {})[decade] = found.figures()
            self.progress.advance(task)
        self.save(self.result)

    def peer(self, make: Callable[[], Any], asked: Sequence[System], label: str) -> None:
        """Load and measure a peer; what it fails with is a result, too."""
        self.progress.console.print(f"{label} …")
        try:
            self.result["peers"][label] = make()
            for system in asked:
                self.recall(system)
            self.times(asked, label)
        except Exception as error:
            self.progress.console.print(traceback.format_exc())
            self.result["failed"][label] = f"{type(error).__name__}: {error}"
        self.save(self.result)


def sample(population: Population) -> dict[str, list[Query]]:
    """Return questions of each decade, no owner twice in a row where there are two."""
    found = {}
    for decade in DECADES:
        owners = [o for o in population.owners if o.decade == decade and not o.is_growth]
        step = max(1, len(owners) // OWNERS_A_DECADE)
        chosen = owners[::step][:OWNERS_A_DECADE]
        if chosen:
            each = -(-ROUNDS // len(chosen))
            lists = [population.queries(owner, each, "scale") for owner in chosen]
            found[decade] = [query for turn in zip(*lists, strict=True) for query in turn]
    return found


def nearest(population: Population, queries: Sequence[Query]) -> list[list[int]]:
    """Return the true ten of each question, computed owner by owner."""
    truth: dict[int, list[int]] = {}
    for number in {query.owner.number for query in queries}:
        own = [i for i, query in enumerate(queries) if query.owner.number == number]
        lists = population.nearest([queries[i] for i in own], systems.K)
        truth.update(zip(own, lists, strict=True))
    return [truth[i] for i in range(len(queries))]


def measure(
    size: int, vocabulary: Vocabulary, progress: Progress, save: Save, with_growth: bool
) -> tuple[dict[str, Any], Mapping[int, growth.Entry]]:
    """Measure at one size; with the growth part's figures, which it takes from the same data."""
    progress.console.rule(f"scale: {size:,} memories")
    grown = {}
    with database(size) as cluster:
        population = Population(size, vocabulary, progress)
        loaded = load(cluster, population, progress)
        users = loaded["users"]
        run = Run(cluster, population, progress, save)
        run.result["load"] = {what: loaded[what] for what in ("seconds", "bytes", "vector_indexes")}
        systems.make_floors(cluster, users)
        own, floors = systems.ours(cluster, users), systems.floors(cluster)
        for system in (systems.vector_arm(cluster, users), *floors):
            run.recall(system)
        run.result["rows"] = {system.name: run.rows(system) for system in own}
        run.times([*own, *floors], "MemoriesDB and floors")
        if with_growth:
            grown[size] = growth.ask(cluster, users, population, progress)
        systems.drop(cluster, "bench.covering")
        run.peer(lambda: systems.make_hnsw(cluster), systems.hnsw(cluster), "plain HNSW")
        systems.drop(cluster, "bench.heap")
        run.peer(
            lambda: peers.make_langgraph(cluster, population),
            peers.langgraph(cluster),
            peers.LANGGRAPH,
        )
        systems.drop(cluster, "public.store", "public.store_vectors")
        run.peer(lambda: peers.make_mem0(cluster, population), peers.mem0(cluster), peers.MEM0)
        run.result["load_at_end"] = round(os.getloadavg()[0], 2)
    run.result["goals"] = judge(run.result)
    run.result["is_complete"] = True
    save(run.result)
    return run.result, grown
