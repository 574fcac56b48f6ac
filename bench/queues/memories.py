"""The owners and memories whose texts are to be embedded."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from rich.progress import Progress

from bench.queues.places import Connection, Place, connect, value
from bench.recall.database import act_as

DIMENSIONS = 8
OWNERS = 50
MODEL = "bench"
# Memories of one owner that an application writes in one transaction.
BURST = 100

_NUMBER = re.compile(r"\bjob (\d+)\b")


def add_model(place: Place) -> None:
    """Register a model that nobody asks: vectors are given."""
    with connect(place.admin) as db:
        query = "select memoriesdb.register_embedding_model(%s, 'ollama', 'http://127.0.0.1:9', %s)"
        db.execute(query, (MODEL, DIMENSIONS))


def add_owners(place: Place, count: int = OWNERS) -> list[str]:
    """Make the owners."""
    with connect(place.admin) as db:
        return [
            str(value(db, "select memoriesdb.create_user(%s)", f"owner {number}"))
            for number in range(count)
        ]


def text(number: int) -> str:
    """Return what a memory says; its job is told by it."""
    return (
        f"job {number}: the user asked about the train to Basel on Friday and prefers a seat by "
        f"the window, in coach {number % 17}, if there is one."
    )


def number_of(text: str) -> int:
    """Return the number of the job with this text."""
    found = _NUMBER.search(text)
    assert found is not None
    return int(found[1])


def bursts(numbers: Sequence[int], size: int = BURST) -> list[Sequence[int]]:
    """Return what is written in one transaction each."""
    return [numbers[start : start + size] for start in range(0, len(numbers), size)]


def write(db: Connection, owners: Sequence[str], burst: Sequence[int]) -> None:
    """Write a burst as the application does, in one transaction as one of the owners."""
    with db.transaction():
        act_as(db, owners[burst[0] // len(burst) % len(owners)])
        items = json.dumps([{"content": text(number)} for number in burst])
        db.execute("select count(*) from memoriesdb.remember_many(%s)", (items,))


def fill(place: Place, owners: Sequence[str], count: int, progress: Progress) -> None:
    """Write the memories that backfills queue, spread over all owners."""
    task = progress.add_task("memories", total=count)
    each = max(1, min(BURST, count // len(owners)))
    with connect(place.app) as db:
        for burst in bursts(range(count), each):
            write(db, owners, burst)
            progress.advance(task, len(burst))
    with connect(place.superuser) as db:
        db.execute("vacuum analyze")
