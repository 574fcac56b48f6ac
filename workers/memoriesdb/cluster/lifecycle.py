"""Start, stop and describe a private cluster with all that belongs to it."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg

from memoriesdb.cluster import database, embedding
from memoriesdb.cluster.errors import ClusterError, NotRunningError
from memoriesdb.cluster.instance import DATABASE, WORKERS, Instance, Role, login_name
from memoriesdb.cluster.processes import wait_until
from memoriesdb.cluster.status import Status, status

Report = Callable[[str], None]
Install = Callable[[str, Report], None]

# A worker finishes its batch after SIGTERM; it gives up by itself after 20 seconds.
WORKER_GRACE = 25.0
POOLER_RECOVERS = 15.0


def _silent(_: str) -> None:
    """Report nothing."""


def _install_schema(dsn: str, report: Report) -> None:
    # Imported here: the cluster serves tests that need no schema, and starts without alembic.
    from memoriesdb.installer import InstallError, install

    try:
        done = install(dsn)
    except InstallError as error:
        raise ClusterError(error.message, error.hint) from error
    except Exception as error:
        # SQLAlchemy puts the whole script into its message; the server's own is a line or two.
        cause = getattr(error, "orig", None) or error
        raise ClusterError(
            f"the schema could not be installed, and nothing of it was: {cause}",
            "`memoriesdb down --purge` removes this cluster if it holds nothing of worth; else "
            "`memoriesdb doctor` names what differs.",
        ) from error
    if done.changed:
        report(f"schema installed ({len(done.applied)} objects)")


@dataclass(frozen=True)
class Choices:
    """What `up` takes from elsewhere; tests put in their own."""

    install: Install = _install_schema
    ollama: str = embedding.OLLAMA
    workers: Sequence[str] = WORKERS
    # A worker that cannot start says so within this time; what comes later is in its log.
    settle_seconds: float = 1.5


def up(instance: Instance, report: Report = _silent, choices: Choices | None = None) -> Status:
    """Start what does not run yet and return what runs; again is harmless.

    When a step fails, what this call had started is stopped again, the last first.
    """
    choices = choices or Choices()
    with instance.locked(), contextlib.ExitStack() as undo:
        instance.prepare()
        _replace_foreign_ports(instance, report)
        _start_postgres(instance, report, undo)
        if database.ensure_database(instance):
            report("database created")
        choices.install(instance.dsn("superuser"), report)
        database.ensure_logins(instance)
        if instance.pooler.start():
            undo.callback(instance.pooler.stop)
            report(f"PgBouncer started on port {instance.pooler.port}")
        _check_pooler(instance)
        _start_embedding(instance, choices, report, undo)
        _start_workers(instance, choices, report, undo)
        undo.pop_all()
    return status(instance)


def down(instance: Instance, report: Report = _silent, *, purge: bool = False) -> bool:
    """Stop everything; with ``purge`` remove every trace. True when something was running."""
    if not instance.directory.exists():
        return False
    with instance.locked():
        stopped = _stop(instance, report) if instance.exists else False
        if purge:
            instance.remove()
            report(f"{instance.directory} removed")
    return stopped


def dsn(instance: Instance, role: Role, direct: bool = False) -> str:
    """Return the DSN of a role; raise when the cluster does not run."""
    if not instance.exists or not instance.postgres.running():
        raise NotRunningError(
            f"the private cluster {instance.name!r} is not running.",
            f"start it with `{instance.command('up')}`.",
        )
    return instance.dsn(role, direct)


def psql_command(
    instance: Instance, as_user: str | None, arguments: Sequence[str] = ()
) -> tuple[list[str], dict[str, str]]:
    """Return the psql command, and its environment, of the app login acting as a user.

    It is a direct connection: the user is a setting of the session, which a pool would lend on.
    """
    dsn(instance, "app")  # raises unless it runs
    login = login_name("app")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    # Not in the arguments, which everybody on the machine can read.
    environment["PGPASSWORD"] = instance.passwords[login]
    name = "nobody"
    if as_user is not None:
        user = database.find_user(instance, as_user)
        environment["PGOPTIONS"] = f"-c app.current_user={user.id}"
        name = user.username
    postgres = instance.postgres
    program = postgres.installation.program("psql")
    target = f"host={postgres.host} port={postgres.port} user={login} dbname={DATABASE}"
    return [program, "--dbname", target, f"--set=PROMPT1={_prompt(name)}", *arguments], environment


def _prompt(name: str) -> str:
    """Return psql's prompt for a user; in a name, psql would run what follows a percent sign."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in name)
    return f"{shown.replace('%', '%%')}@{DATABASE}%R%# "


def psql(
    instance: Instance,
    as_user: str | None,
    arguments: Sequence[str] = (),
    report: Report = _silent,
) -> None:
    """Become psql, as a user; returns only by raising."""
    command, environment = psql_command(instance, as_user, arguments)
    if as_user is None:
        report("nobody is set, so no memory is visible; --as NAME acts as a user.")
    os.execve(command[0], command, environment)  # noqa: S606  no shell is wanted


def _replace_foreign_ports(instance: Instance, report: Report) -> None:
    busy = instance.foreign_ports()
    # The pooler and the workers know the server's port, so a new one means new ones of them.
    if busy:
        _stop(instance, report)
        instance.choose_ports(*busy)
        report(f"the port of {', '.join(busy)} is taken by another program; chose another")


def _start_postgres(instance: Instance, report: Report, undo: contextlib.ExitStack) -> None:
    postgres = instance.postgres
    if not postgres.is_created:
        report(f"creating a PostgreSQL {postgres.installation.version} cluster")
        postgres.create()
    if postgres.start():
        undo.callback(postgres.stop)
        report(f"PostgreSQL {postgres.installation.version} started on port {postgres.port}")
    postgres.check()


def _check_pooler(instance: Instance) -> None:
    """Raise unless the application's login gets in through the pooler."""
    refusals: list[psycopg.OperationalError] = []

    def lets_in() -> bool:
        try:
            psycopg.connect(instance.dsn("app"), connect_timeout=10, prepare_threshold=None).close()
        except psycopg.OperationalError as error:
            refusals.append(error)
            return False
        return True

    # One that lost its server refuses everybody until its next attempt, some seconds later.
    if not wait_until(lets_in, POOLER_RECOVERS, every=0.5):
        raise ClusterError(
            f"PgBouncer does not let the application's login in: {refusals[-1]}",
            f"see {instance.pooler.log}; `{instance.command('down')}`, then "
            f"`{instance.command('up')}`, starts it anew.",
        )


def _start_embedding(
    instance: Instance, choices: Choices, report: Report, undo: contextlib.ExitStack
) -> None:
    """Start or find an endpoint and register it; without one, memories are found by words."""
    own = instance.embedder()
    # Once our own runs it is kept: another model would have everything embedded again.
    found = None if own.running() else embedding.find_ollama(choices.ollama)
    if found is None:
        if not own.running():
            report("starting the embedding endpoint (the first time takes a while)")
        try:
            found, started = embedding.start_own(own, instance.ports["embedder"])
        except ClusterError as error:
            report(f"going on with words only, without embeddings: {error.message}")
            return
        if started:
            undo.callback(own.stop)
    database.register_model(instance, found)
    report(f"embedding with {found.model} ({found.dimensions} dimensions) at {found.endpoint}")


def _start_workers(
    instance: Instance, choices: Choices, report: Report, undo: contextlib.ExitStack
) -> None:
    launched = []
    for duty in choices.workers:
        worker = instance.worker(duty)
        if worker.launch():
            undo.callback(worker.stop, WORKER_GRACE)
            launched.append((duty, worker))
    settled = time.monotonic() + choices.settle_seconds
    for duty, worker in launched:
        worker.await_ready(lambda: time.monotonic() > settled, choices.settle_seconds + 1)
        report(f"{duty} worker started")


def _stop(instance: Instance, report: Report) -> bool:
    workers = [instance.worker(duty) for duty in WORKERS]
    # All at once: each may take its time over the batch in hand.
    with ThreadPoolExecutor(len(workers)) as pool:
        stopped = list(pool.map(lambda worker: worker.stop(WORKER_GRACE), workers))
    names = [f"the {duty} worker" for duty in WORKERS]
    parts: list[tuple[str, Callable[[], bool]]] = [
        ("the embedder", instance.embedder().stop),
        ("PgBouncer", instance.pooler.stop),
        ("PostgreSQL", instance.postgres.stop),
    ]
    for name, stop in parts:
        names.append(name)
        stopped.append(stop())
    for name, was_running in zip(names, stopped, strict=True):
        if was_running:
            report(f"{name} stopped")
    return any(stopped)


__all__ = ["Choices", "Status", "down", "dsn", "psql", "psql_command", "status", "up"]
