"""Measure, keep the figures, and write the page."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.queues import embedding_queue, pgmq_style, pgqueuer_peer, processes, procrastinate_peer
from bench.queues.embedding_queue import EmbeddingQueue, Released, Unqueued, Written
from bench.queues.goals import judge
from bench.queues.memories import OWNERS, add_model, add_owners, fill
from bench.queues.pgmq_style import PgmqStyle
from bench.queues.pgqueuer_peer import Pgqueuer
from bench.queues.places import SETTINGS, Place, clone, place_of
from bench.queues.procrastinate_peer import Procrastinate
from bench.queues.report import NAME, write_page
from bench.queues.system import System
from bench.queues.trials import TRIES, best, run_all
from bench.recall import results
from bench.recall.database import database
from bench.recall.facts import facts
from memoriesdb.workers.embedding import Embedding

PACKAGES = ("procrastinate", "pgqueuer", "psycopg", "psycopg-pool", "asyncpg", "uvloop")
LEAST = 200


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.queues", description=__doc__)
    parser.add_argument("--size", type=int, default=3_000, help="jobs of a cell")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page-only", action="store_true", help="write the page from kept figures")
    given = parser.parse_args()
    if given.size < LEAST:
        parser.error(f"--size is at least {LEAST}")
    if given.rounds < 1:
        parser.error("--rounds is at least 1")
    return given


def main() -> None:
    """Run what was asked for."""
    given = arguments()
    console = Console()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    if not given.page_only:
        with Progress(*columns, console=console) as progress:
            result = measure(given.size, given.rounds, progress)
        results.save(NAME, result)
        for goal in judge(result["cells"]):
            mark = "[green]holds[/]" if goal["holds"] else "[red]fails[/]"
            console.print(f"{mark}  {goal['goal']}: {goal['found']}", highlight=False)
    console.print(f"written: {write_page()}")


def measure(size: int, rounds: int, progress: Progress) -> dict[str, Any]:
    """Measure all queues in a cluster of their own."""
    with database(size, SETTINGS) as cluster:
        # Each with its purpose, so that memories written by one part are no other part's jobs.
        written, plain = clone(cluster, "written"), clone(cluster, "plain")
        place = place_of(cluster, "postgres")
        about = facts(cluster, "bench-queue", PACKAGES)
        fill(place, add_owners(place), size, progress)
        add_model(place)
        add_model(written)
        candidates = peers(place) | {
            embedding_queue.CHOSEN: [
                EmbeddingQueue(place, batch) for batch in embedding_queue.BATCHES
            ]
        }
        processes.preload([group[0] for group in candidates.values()])
        for group in candidates.values():
            group[0].set_up()
        chosen, settings = choose(candidates, size, progress)
        ours = chosen[-1]
        assert isinstance(ours, EmbeddingQueue)
        default = Embedding.default_batch
        systems = [
            *chosen,
            EmbeddingQueue(place, default, embedding_queue.SHIPPED),
            Released(place, ours.batch),
            Written(written, add_owners(written), ours.batch),
            Unqueued(plain, add_owners(plain)),
        ]
        cells = run_all(systems, size, rounds, (place, written, plain), progress)
    return {
        **about,
        "size": size,
        "rounds": rounds,
        "owners": OWNERS,
        "about": {system.name: system.about for system in systems},
        "settings": settings,
        "cells": cells,
    }


def peers(place: Place) -> dict[str, Sequence[System]]:
    """Return the other queues, each with the settings that are tried."""
    return {
        procrastinate_peer.NAME: [
            Procrastinate(place, setting) for setting in procrastinate_peer.SETTINGS
        ],
        pgqueuer_peer.NAME: [Pgqueuer(place, batch) for batch in pgqueuer_peer.BATCHES],
        pgmq_style.NAME: [PgmqStyle(place, batch) for batch in embedding_queue.BATCHES],
    }


def choose(
    candidates: dict[str, Sequence[System]], size: int, progress: Progress
) -> tuple[list[System], dict[str, dict[str, float]]]:
    """Return each queue with its fastest setting, and what the settings did."""
    task = progress.add_task("settings", total=TRIES * sum(map(len, candidates.values())))
    chosen, settings = [], {}
    for name, group in candidates.items():
        system, settings[name] = best(group, size, setting_of, lambda: progress.advance(task))
        chosen.append(system)
    return chosen, settings


def setting_of(system: System) -> str:
    """Name what differs between the candidates."""
    if isinstance(system, Procrastinate):
        return str(system.setting)
    assert isinstance(system, PgmqStyle | Pgqueuer | EmbeddingQueue)
    return f"{system.batch} a batch"


if __name__ == "__main__":
    # However it was started and is asked to stop: servers end with it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit("stopped; the former figures are kept") from None
