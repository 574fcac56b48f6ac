"""The commands for the queues: what waits, dead letters, stranded memories."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, NoReturn

import typer

from memoriesdb.cli.admin_db import AsJson, Dsn, admin_connection, as_text, minutes, rows
from memoriesdb.console import USAGE, Commands, fail, write, write_table
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query
from memoriesdb.queries.queue import DeadLetter, Status, Stranded

app = Commands(help="Look into the queues, dead letters and stranded memories, as an admin.")

queue_status: Query[Status] = load("queue/status", Status)
dead_letters: Query[DeadLetter] = load("queue/dead", DeadLetter)
dead_letter: Query[DeadLetter] = load("queue/show", DeadLetter)
requeue_embedding: Query[int] = load("queue/requeue", int)
drop_dead_letter: Query[bool] = load("queue/drop", bool)
stranded_memories: Query[Stranded] = load("queue/stranded", Stranded)
repair_queues: Query[int] = load("queue/repair", int)

LOOK = "look with `memoriesdb queue dead` before you run it again."
AGAIN = "run it again: what is queued is not queued twice."
STATUS = (
    *("queue", "what", "due", "waiting", "claimed", "expired", "dead", "oldest", "a minute"),
    "done in",
)
LETTERS = ("job", "dead since", "model", "attempts", "owner", "memory", "error")

Job = Annotated[int, typer.Argument(metavar="JOB", help="Number of the job.")]


@app.command(examples=("memoriesdb queue status",))
def status(as_json: AsJson = False, dsn: Dsn = None) -> None:
    """Show what waits, for how long, how fast it is done and when it will be."""
    with admin_connection(dsn) as db:
        found = rows(db, queue_status)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], indent=2, default=_as_text))
        return
    if not found:
        write("Nothing waits.")
        return
    write_table(STATUS, [_status(row) for row in found])
    for row in found:
        if row.last_error:
            write(f"{row.queue} {row.what}, last error: {row.last_error}")
    if any(row.dead for row in found):
        write("  what to do next: `memoriesdb queue dead` lists what was given up.")


def _status(row: Status) -> tuple[str, ...]:
    counts = map(str, (row.due, row.waiting, row.claimed, row.expired, row.dead))
    rate = "-" if row.per_minute is None else f"{row.per_minute:.0f}"
    return row.queue, row.what, *counts, _age(row.oldest_age), rate, _age(row.eta)


def _age(time: timedelta | None) -> str:
    """Return a span of time for a table, in whole seconds, or a dash."""
    return "-" if time is None else str(timedelta(seconds=round(time.total_seconds())))


def _as_text(value: object) -> str | float:
    return value.total_seconds() if isinstance(value, timedelta) else as_text(value)


@app.command(examples=("memoriesdb queue dead", "memoriesdb queue dead --dropped --json"))
def dead(
    most: Annotated[int, typer.Option(min=1, max=100000, help="How many to list at most.")] = 100,
    dropped: Annotated[
        bool, typer.Option("--dropped", help="Also those that were dropped.")
    ] = False,
    as_json: AsJson = False,
    dsn: Dsn = None,
) -> None:
    """List dead letters, the latest first: embedding jobs that were given up."""
    with admin_connection(dsn) as db:
        found = rows(db, dead_letters, most=most, dropped=dropped)
    if as_json:
        typer.echo(json.dumps([asdict(row) for row in found], indent=2, default=_as_text))
        return
    if not found:
        write("There are no dead letters.")
        return
    write_table(LETTERS, [_letter(row) for row in found])


def _letter(row: DeadLetter) -> tuple[str, ...]:
    error = (row.last_error or "").splitlines() or [""]
    words = error[0] if row.dropped_at is None else f"(dropped) {error[0]}"
    ids = str(row.owner_id), str(row.memory_id)
    return str(row.job_id), minutes(row.dead_at), row.model, str(row.attempts), *ids, words


@app.command(examples=("memoriesdb queue show 4711",))
def show(job_id: Job, as_json: AsJson = False, dsn: Dsn = None) -> None:
    """Show all that is known of a dead letter; never the text of the memory."""
    with admin_connection(dsn) as db:
        found = rows(db, dead_letter, job_id=job_id)
    if not found:
        _fail_unknown(job_id)
    fields = asdict(found[0])
    if as_json:
        typer.echo(json.dumps(fields, indent=2, default=_as_text))
        return
    for name, value in fields.items():
        write(f"{name + ':':13}{'-' if value is None else value}")
    write(
        f"  what to do next: `memoriesdb queue requeue {job_id}` when its cause is mended, "
        f"`memoriesdb queue drop {job_id}` to leave the memory without embedding."
    )


@app.command(examples=("memoriesdb queue requeue 4711", "memoriesdb queue requeue --all"))
def requeue(
    job_ids: Annotated[
        list[int] | None, typer.Argument(metavar="[JOB]…", help="Numbers of the jobs.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All dead letters that were not dropped.")
    ] = False,
    dsn: Dsn = None,
) -> None:
    """Queue dead letters again, with all their attempts; also those that were dropped."""
    if everything == bool(job_ids):
        fail("give numbers of jobs, or --all.", "`memoriesdb queue dead` lists them.", USAGE)
    with admin_connection(dsn, LOOK) as db:
        count = 0
        wanted: Sequence[int | None] = job_ids or (None,)
        for job_id in wanted:
            (done,) = rows(db, requeue_embedding, job_id=job_id)
            if job_id is not None and not done:
                _fail_unknown(job_id)
            count += done
    write(f"{count} queued again.")


@app.command(examples=("memoriesdb queue drop 4711",))
def drop(
    job_ids: Annotated[list[int], typer.Argument(metavar="JOB…", help="Numbers of the jobs.")],
    dsn: Dsn = None,
) -> None:
    """Give dead letters up for good.

    The memories stay. They are found by their words, and not by their meaning, until their texts
    change or the letter is queued again by its number. They do not count as stranded.
    """
    with admin_connection(dsn, LOOK) as db:
        for job_id in job_ids:
            if rows(db, drop_dead_letter, job_id=job_id) != [True]:
                _fail_unknown(job_id)
    write(
        f"{len(job_ids)} dropped: the memories stay, found by their words alone until their texts "
        "change."
    )


@app.command(examples=("memoriesdb queue repair --dry-run", "memoriesdb queue repair"))
def repair(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say how many there are; 1 if there are any.")
    ] = False,
    dsn: Dsn = None,
) -> None:
    """Queue memories that wait for something no queue knows of; there should be none."""
    with admin_connection(dsn, AGAIN) as db:
        found = rows(db, stranded_memories)
        count = 0 if dry_run or not found else rows(db, repair_queues)[0]
    if not found:
        write("Nothing is stranded.")
        return
    write_table(
        ("queue", "model", "memories"),
        [(row.queue, row.model or "-", str(row.memories)) for row in found],
    )
    if dry_run:
        fail("memories are stranded.", "`memoriesdb queue repair` queues them.")
    write(f"{count} queued.")


def _fail_unknown(job_id: int) -> NoReturn:
    fail(f"there is no dead letter {job_id}.", "`memoriesdb queue dead --dropped` lists them.")
