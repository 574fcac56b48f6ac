"""The commands that change the embedding model while everything runs."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import psycopg
import typer
from psycopg import Connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from memoriesdb.cli import comparison
from memoriesdb.cli.admin_db import (
    NEEDED,
    AsJson,
    Dsn,
    admin_connection,
    as_text,
    may_administer,
    minutes,
    rows,
)
from memoriesdb.cli.comparison import Comparison
from memoriesdb.cli.owner import Dsn as OwnerDsn
from memoriesdb.cli.owner import User
from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.console import Commands, errors, fail, write, write_table
from memoriesdb.queries import load, models
from memoriesdb.queries.loader import Query

app = Commands(help="Change the embedding model while everything runs, as an admin.")

list_models: Query[models.Model] = load("models/list", models.Model)
add_model: Query[str] = load("models/add", str)
read_status: Query[models.Status] = load("models/status", models.Status)
backfill_next: Query[models.Queued] = load("models/backfill", models.Queued)
jobs: Query[int] = load("models/jobs", int)
switch_model: Query[str] = load("models/switch", str)
drop_next: Query[models.Progress] = load("models/drop", dict)
count_indexes: Query[int] = load("models/indexes", int)

LOOK = "look with `memoriesdb model list` before you run it again."
GOES_ON = "what is queued stays queued, and the workers go on: run it again to see the rest."
HALF_DROPPED = "what is removed stays removed: run it again, and it goes on."
POLL_SECONDS = 0.5

Name = Annotated[str, typer.Argument(help="Name of the model.")]


@contextlib.contextmanager
def _steps(dsn: str | None, interrupted: str) -> Iterator[Connection[Any]]:
    """Connect as an admin; each statement is a transaction of its own."""
    with errors(interrupted, needed=NEEDED, calls_schema=True):
        where = dsn or cluster_dsn(Instance.locate("default", None), "admin")
        with psycopg.connect(
            where, prepare_threshold=None, connect_timeout=10, autocommit=True
        ) as db:
            if rows(db, may_administer) != [True]:
                fail(f"the login {db.info.user} may not administer [MD004]", NEEDED)
            yield db


@app.command(
    examples=(
        "memoriesdb model add nomic-embed-text --endpoint http://127.0.0.1:11434 --dimensions 768",
    )
)
def add(
    name: Annotated[str, typer.Argument(help="Unique name.")],
    endpoint: Annotated[
        str, typer.Option(help="Its address, as workers and the database server see it.")
    ],
    dimensions: Annotated[int, typer.Option(help="Length of its vectors, 1 to 4000.")],
    provider: Annotated[
        Literal["ollama", "openai"], typer.Option(help="Protocol of the endpoint.")
    ] = "ollama",
    model: Annotated[
        str | None, typer.Option(help="Its name at the endpoint, if it is another.")
    ] = None,
    max_tokens: Annotated[
        int, typer.Option(help="Its window; longer texts are embedded in pieces.")
    ] = 256,
    query_prefix: Annotated[str, typer.Option(help="Put before a query.")] = "",
    passage_prefix: Annotated[str, typer.Option(help="Put before a memory's text.")] = "",
    max_concurrency: Annotated[
        int | None, typer.Option(help="Batches that workers may have of it at once.")
    ] = None,
    dsn: Dsn = None,
) -> None:
    """Register a model beside the one that recall uses, and print its id.

    From now on what is written is embedded by it, too. Recall goes on as before.
    """
    with admin_connection(dsn, LOOK) as db:
        (model_id,) = rows(
            db,
            add_model,
            name=name,
            provider=provider,
            endpoint=endpoint,
            dimensions=dimensions,
            model=model,
            max_tokens=max_tokens,
            query_prefix=query_prefix,
            passage_prefix=passage_prefix,
            max_concurrency=max_concurrency,
        )
    typer.echo(model_id)


@app.command("list", examples=("memoriesdb model list --json",))
def list_(as_json: AsJson = False, dsn: Dsn = None) -> None:
    """List the models, the one that recall uses first."""
    with admin_connection(dsn) as db:
        found = rows(db, list_models)
    if as_json:
        typer.echo(json.dumps([asdict(model) for model in found], indent=2, default=as_text))
        return
    if not found:
        write("There are no models yet.\n  what to do next: `memoriesdb model add NAME`.")
        return
    head = ("name", "state", "provider", "endpoint", "model", "dimensions", "since")
    write_table(head, [_row(model) for model in found])


def _row(model: models.Model) -> tuple[str, ...]:
    state = _state(model.is_active, model.is_enabled)
    where = (model.provider, model.endpoint, model.model)
    return model.name, state, *where, str(model.dimensions), minutes(model.created_at)


def _state(is_active: bool, is_enabled: bool) -> str:
    return "active" if is_active else "beside it" if is_enabled else "half dropped"


@app.command(examples=("memoriesdb model status", "memoriesdb model status NEW --json"))
def status(
    name: Annotated[str | None, typer.Argument(help="Default: all models.")] = None,
    as_json: AsJson = False,
    dsn: Dsn = None,
) -> None:
    """Show how far each model is, and what comes next. Reads all memories.

    ready: memories with a vector of their last text; stale: of a former one; missing: of none;
    indexes: those of large owners, and how many more the active model has.
    """
    with admin_connection(dsn) as db:
        found = rows(db, read_status, name=name)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], indent=2))
        return
    head = ("model", "state", "memories", "ready", "stale", "missing", "queued", "dead", "indexes")
    write_table((*head, "next"), [_told(each) for each in found])
    for each in found:
        if each.encrypted_missing:
            write(
                f"{each.encrypted_missing} encrypted memories have a vector by the active model and"
                f" none by {each.model}: only their owners can give one."
            )


def _told(each: models.Status) -> tuple[str, ...]:
    counts = (each.memories, each.ready, each.stale, each.missing, each.queued, each.dead)
    indexes = f"{each.indexes_ready}" + f" (-{each.indexes_missing})" * bool(each.indexes_missing)
    state = _state(each.is_active, each.is_enabled)
    return each.model, state, *map(str, counts), indexes, each.next_step


@app.command(examples=("memoriesdb model backfill NEW",))
def backfill(
    name: Name,
    batch: Annotated[
        int, typer.Option(min=1, max=100_000, help="Memories in one transaction.")
    ] = 1000,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Watch until they are embedded.")
    ] = True,
    dsn: Dsn = None,
) -> None:
    """Queue what has no vector by a model, behind what is being written, and watch.

    May be interrupted at any time, and run again: what has its vector or a job is passed over.
    """
    with _steps(dsn, GOES_ON) as db, _progress() as progress:
        (state,) = rows(db, read_status, name=name)
        left = None
        # Again for what was being changed at that moment, as long as that helps.
        while left is None or (wait and 0 < state.unqueued < left):
            left = state.unqueued
            _queue(db, progress, state, batch)
            if wait:
                _watch(db, progress, name)
            (state,) = rows(db, read_status, name=name)
    write(
        f"{state.model}: {state.ready} of {state.memories} memories have their vector, "
        f"{state.queued} wait, {state.dead} are given up, {state.unqueued} are not queued."
    )
    if state.next_step not in {"none", "switch"}:
        shows = "`memoriesdb model status` shows how far it is"
        write(f"  what to do next: {state.next_step}; {shows}.")
    elif not state.is_active:
        write(f"  what to do next: `memoriesdb model switch {state.model}`.")


def _queue(db: Connection[Any], progress: Progress, state: models.Status, batch: int) -> None:
    task = progress.add_task("queueing", total=state.memories)
    at = models.Queued(None, None, batch, 0)
    while at.seen == batch:
        (at,) = rows(
            db,
            backfill_next,
            name=state.model,
            batch=batch,
            owner_id=at.owner_id,
            memory_id=at.memory_id,
        )
        progress.advance(task, at.seen)


def _watch(db: Connection[Any], progress: Progress, name: str) -> None:
    (left,) = rows(db, jobs, name=name)
    task = progress.add_task("embedding", total=left)
    most, took = left, 0.0
    while left:
        # All jobs are counted: of a long queue less often.
        time.sleep(max(POLL_SECONDS, 10 * took))
        began = time.monotonic()
        (left,) = rows(db, jobs, name=name)
        took = time.monotonic() - began
        most = max(most, left)
        progress.update(task, completed=most - left, total=most)


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


@app.command(examples=("memoriesdb model switch NEW", "memoriesdb model switch OLD"))
def switch(
    name: Name,
    max_missing: Annotated[
        float, typer.Option(min=0, max=1, help="Part of the memories that may have no vector.")
    ] = 0.01,
    force: Annotated[
        bool, typer.Option("--force", help="Whatever is missing: words find it all the same.")
    ] = False,
    dsn: Dsn = None,
) -> None:
    """Let recall use a model, in one transaction; the way back is the same with the other name."""
    with admin_connection(dsn, LOOK) as db:
        (former,) = rows(db, switch_model, name=name, max_missing=1.0 if force else max_missing)
    if former == name:
        write(f"Recall used {name} already.")
        return
    write(f"Recall uses {name}.")
    if former is not None:
        write(f"  the way back: `memoriesdb model switch {former}`.")


@app.command(
    examples=(
        "memoriesdb model compare NEW --user ada",
        "memoriesdb model compare NEW --user ada --queries questions.txt",
    )
)
def compare(
    name: Annotated[str, typer.Argument(metavar="NEW", help="The model to compare.")],
    old: Annotated[
        str | None, typer.Option(help="With which. Default: the one that recall uses.")
    ] = None,
    queries: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Queries: one a line; or JSON Lines (.jsonl) of objects with query and, where it "
            "is known, memory_id. Default: a sample of the user's memories, sought by some of "
            "their own words.",
        ),
    ] = None,
    sample: Annotated[int, typer.Option(min=1, max=1000, help="How many memories.")] = 50,
    seed: Annotated[int, typer.Option(help="Another seed, another sample.")] = 1,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many are asked for.")] = 10,
    as_json: AsJson = False,
    user: User = None,
    dsn: OwnerDsn = None,
) -> None:
    """Ask both models the same, as the user whose memories they are; nothing is changed.

    The log of accesses keeps no query that it could be asked again.
    """
    asked = None if queries is None else comparison.read(queries)
    found = comparison.compare(
        dsn, user, new=name, old=old, queries=asked, sample=sample, seed=seed, k=k
    )
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
        return
    _show(found)


def _show(found: Comparison) -> None:
    old, new = found.old, found.new
    write_table(
        (f"{found.queries} queries", old.model, new.model),
        [
            (f"expected memory found in {found.k}", _part(old.found), _part(new.found)),
            ("its mean rank where found", _number(old.mean_rank), _number(new.mean_rank)),
            ("and by meaning alone", _number(old.mean_vector_rank), _number(new.mean_vector_rank)),
        ],
    )
    write(f"overlap@{found.k}: {_part(found.overlap)}")


def _part(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


@app.command(examples=("memoriesdb model drop OLD",))
def drop(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dsn: Dsn = None,
) -> None:
    """Remove a model that recall does not use, with its jobs and vectors, step by step.

    May be interrupted at any time, and run again.
    """
    if not yes and not typer.confirm(f"Remove {name} and its vectors for good?", err=True):
        fail("nothing was removed.", "answer y, or give --yes.")
    with _steps(dsn, HALF_DROPPED) as db, _progress() as progress:
        (indexes,) = rows(db, count_indexes, name=name)
        task = progress.add_task("disabling", total=None)
        step: models.Progress | None = None
        while step is None or step["state"] != "dropped":
            given = None if step is None else json.dumps(step)
            (step,) = rows(db, drop_next, name=name, progress=given, pages=500)
            if step["state"] == "waiting":
                progress.update(task, description="waiting for older transactions", total=None)
                time.sleep(POLL_SECONDS)
            elif step["table"]:
                doing = f"removing from {step['table']}"
                progress.update(
                    task, description=doing, completed=step["page"], total=step.get("pages")
                )
    removed = ", ".join(f"{count} of {table}" for table, count in step["removed"].items())
    write(f"{name} is dropped; removed: {removed}.")
    if indexes:
        write(f"The vindexing worker drops its {indexes} vector indexes.")
