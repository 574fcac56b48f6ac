"""The commands that run a worker: ``memoriesdb worker embedding``, ``vindexing`` and so on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from memoriesdb.config import ENV_PREFIX, SettingsError, WorkerSettings
from memoriesdb.console import Commands
from memoriesdb.workers.duty import Duty
from memoriesdb.workers.process import TOGETHER, PortTakenError, run, run_together

EXIT_USAGE = 2

app = Commands(
    help="Run a worker, which drains one queue of the database or all of them. Settings come from "
    "a config file, the environment (MEMORIESDB_…) and the options, the later winning.",
)

Once = Annotated[
    bool,
    typer.Option(
        "--once",
        help="Drain what is due, then end: 0 if all went well, 1 if not, 3 without database.",
    ),
]
Dsn = Annotated[
    str | None,
    typer.Option(
        help="Database to work for, as a member of memoriesdb_worker. Other users of the machine "
        "see options: where the DSN holds a password, set MEMORIESDB_DSN instead.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        envvar=f"{ENV_PREFIX}CONFIG",
        show_envvar=True,
        help="TOML file with settings.",
    ),
]
Name = Annotated[
    str | None, typer.Option(help="Name of this worker, unique. Default: duty, host, process.")
]
Batch = Annotated[int | None, typer.Option(help="Jobs claimed at once.")]
Lease = Annotated[float | None, typer.Option(help="Seconds that a claimed job is kept.")]
MetricsHost = Annotated[str | None, typer.Option(help="Address of /healthz and /metrics.")]
MetricsPort = Annotated[
    str | None, typer.Option(help="Port of /healthz and /metrics; 0 or none: off.")
]
LogLevel = Annotated[str | None, typer.Option(help="debug, info, warning or error.")]
Grace = Annotated[
    float | None,
    typer.Option(help="Seconds to finish the batch after SIGTERM before it is given back."),
]
Endpoint = Annotated[
    str | None, typer.Option(help="Embedding endpoint in place of the registered one.")
]
Timeout = Annotated[
    float | None, typer.Option(help="Seconds for one request to the embedding provider.")
]


@app.command(
    examples=(
        "export MEMORIESDB_DSN=postgresql://embedder@db:6432/memoriesdb",
        "memoriesdb worker embedding --metrics-port 9464",
    )
)
def embedding(
    once: Once = False,
    dsn: Dsn = None,
    config: Config = None,
    name: Name = None,
    batch: Batch = None,
    lease: Lease = None,
    grace: Grace = None,
    endpoint: Endpoint = None,
    request_timeout: Timeout = None,
    metrics_host: MetricsHost = None,
    metrics_port: MetricsPort = None,
    log_level: LogLevel = None,
) -> None:
    """Turn queued texts into vectors, by the provider that each model is registered with."""
    # Imported here: 'vindexing' needs neither the providers nor what they import.
    from memoriesdb.workers.embedding import Embedding

    _run(
        Embedding,
        once,
        config,
        dsn=dsn,
        worker_name=name,
        batch=batch,
        lease_seconds=lease,
        shutdown_grace_seconds=grace,
        endpoint=endpoint,
        request_timeout_seconds=request_timeout,
        metrics_host=metrics_host,
        metrics_port=metrics_port,
        log_level=log_level,
    )


@app.command(
    examples=(
        "export MEMORIESDB_DSN=postgresql://indexer@db:6432/memoriesdb",
        "memoriesdb worker vindexing --once",
    )
)
def vindexing(
    once: Once = False,
    dsn: Dsn = None,
    config: Config = None,
    name: Name = None,
    batch: Batch = None,
    lease: Lease = None,
    grace: Grace = None,
    metrics_host: MetricsHost = None,
    metrics_port: MetricsPort = None,
    log_level: LogLevel = None,
) -> None:
    """Refresh the slices of memory_graph that were written to."""
    from memoriesdb.workers.vindexing import Vindexing

    _run(
        Vindexing,
        once,
        config,
        dsn=dsn,
        worker_name=name,
        batch=batch,
        lease_seconds=lease,
        shutdown_grace_seconds=grace,
        metrics_host=metrics_host,
        metrics_port=metrics_port,
        log_level=log_level,
    )


@app.command(
    examples=(
        "export MEMORIESDB_DSN=postgresql://sealer@db:6432/memoriesdb",
        "memoriesdb worker sealing --digest-file /mnt/elsewhere/digests.jsonl",
    )
)
def sealing(
    once: Once = False,
    dsn: Dsn = None,
    config: Config = None,
    name: Name = None,
    interval: Annotated[
        float | None, typer.Option(help="Seconds in which entries gather for a block.")
    ] = None,
    digest_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Append digests of the ledger to it.")
    ] = None,
    digest_command: Annotated[
        str | None, typer.Option(metavar="COMMAND", help="Give it each new digest on stdin.")
    ] = None,
    digest_key_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Key that signs them (`ledger keygen`).")
    ] = None,
    digest_interval: Annotated[
        float | None, typer.Option(help="Seconds between two digests.")
    ] = None,
    grace: Grace = None,
    metrics_host: MetricsHost = None,
    metrics_port: MetricsPort = None,
    log_level: LogLevel = None,
) -> None:
    """Seal the audit log into the ledger's blocks, and keep signed digests elsewhere."""
    # Imported here: the others need neither the ledger nor its cryptography.
    from memoriesdb.workers.sealing import Sealing

    _run(
        Sealing,
        once,
        config,
        dsn=dsn,
        worker_name=name,
        seal_interval_seconds=interval,
        digest_file=digest_file,
        digest_command=digest_command,
        digest_key_file=digest_key_file,
        digest_interval_seconds=digest_interval,
        shutdown_grace_seconds=grace,
        metrics_host=metrics_host,
        metrics_port=metrics_port,
        log_level=log_level,
    )


@app.command(
    "all",
    examples=(
        "export MEMORIESDB_DSN=postgresql://worker@db:6432/memoriesdb",
        "memoriesdb worker all --metrics-port 9464",
    ),
)
def every(
    once: Once = False,
    dsn: Dsn = None,
    config: Config = None,
    name: Name = None,
    grace: Grace = None,
    endpoint: Endpoint = None,
    request_timeout: Timeout = None,
    metrics_host: MetricsHost = None,
    metrics_port: MetricsPort = None,
    log_level: LogLevel = None,
) -> None:
    """Do all of this in one process: embedding, vindexing and sealing, for small installations.

    Each duty has its own table in the config file, and its own heartbeat. A duty that fails for
    good ends the process.
    """
    from memoriesdb.workers.embedding import Embedding
    from memoriesdb.workers.sealing import Sealing
    from memoriesdb.workers.vindexing import Vindexing

    flags = {
        "dsn": dsn,
        "worker_name": name,
        "shutdown_grace_seconds": grace,
        "endpoint": endpoint,
        "request_timeout_seconds": request_timeout,
        "metrics_host": metrics_host,
        "metrics_port": metrics_port,
        "log_level": log_level,
    }
    duties: tuple[type[Duty], ...] = (Embedding, Vindexing, Sealing)

    def work() -> int:
        names = [TOGETHER, *(duty.name for duty in duties)]
        settings = {each: _load(each, config, flags) for each in names}
        return run_together(duties, settings, once=once)

    _exit_with(TOGETHER, work)


def _run(duty: type[Duty], once: bool, config: Path | None, **flags: Any) -> None:
    _exit_with(duty.name, lambda: run(duty, _load(duty.name, config, flags), once=once))


def _load(duty: str, config: Path | None, flags: dict[str, Any]) -> WorkerSettings:
    settings = WorkerSettings.load(duty, config, **flags)
    if not settings.dsn.get_secret_value().strip():
        # An unset variable of the shell; libpq would go to its default server.
        raise SettingsError(f"dsn is empty: give --dsn or set {ENV_PREFIX}DSN")
    return settings


def _exit_with(command: str, work: Callable[[], int]) -> NoReturn:
    try:
        code = work()
    except SettingsError as error:
        _complain(str(error), f"see memoriesdb worker {command} --help, then start it again.")
        raise typer.Exit(EXIT_USAGE) from None
    except PortTakenError as error:
        _complain(str(error), "give --metrics-port another port, or none.")
        raise typer.Exit(EXIT_USAGE) from None
    raise typer.Exit(code)


def _complain(what: str, next_step: str) -> None:
    print(f"memoriesdb worker: {what}\nWhat to do next: {next_step}", file=sys.stderr)
