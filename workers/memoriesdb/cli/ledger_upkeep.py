"""The commands that keep the ledger watched and small: watch, archive."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from memoriesdb.cli.given import NumberFirst, given_partition
from memoriesdb.cli.ledger import ArchiveFiles, WithoutArchives, app
from memoriesdb.cli.ledger_connection import (
    INCOMPLETE,
    Dsn,
    given_archives,
    outcome,
    tables_of,
)
from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.console import Ending, fail, given_dsn, write
from memoriesdb.ledger import LedgerError, keeping
from memoriesdb.ledger.archiving import Archiving, Written
from memoriesdb.ledger.digest import Kept, load_key
from memoriesdb.ledger.verifier import continue_from
from memoriesdb.queries import load

DETACH = load("ledger/detach", int)
# What to do where the database refuses; that the auditor has no right is another matter.
DETACH_HINTS = {
    "42501": "name a member of memoriesdb_admin with --admin-dsn, or in MEMORIESDB_ADMIN_DSN.",
    "55P03": "try again: somebody was reading or writing the log, which makes it wait.",
}


@app.command(
    examples=(
        "memoriesdb ledger watch --to digests.jsonl",
        "memoriesdb ledger watch --to digests.jsonl --sign digest.pem --interval 60",
    ),
)
def watch(
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="File of digests.")],
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 60.0,
    sign: Annotated[
        Path | None,
        typer.Option(metavar="KEY", help="Sign with this key."),
    ] = None,
    archive: ArchiveFiles = None,
    without_archives: WithoutArchives = False,
    once: Annotated[bool, typer.Option("--once", help="Look once: for cron.")] = False,
    dsn: Dsn = None,
) -> None:
    """Verify what is new at an interval, and keep a digest each time, until Ctrl-C.

    It goes on from the last digest in the file: its block must still be there, and all after it
    must be as it was sealed. When something contradicts, it says so on stderr and ends. What was
    changed before that digest `verify` finds, not this. Where entries since then were archived, it
    takes their archives (--archive FILE, or a directory, in which it finds new ones, too); without
    them it keeps no digest, and ends with 4.
    """
    with outcome("it goes on from the last kept digest when it is run again."):
        key = load_key(sign) if sign else None
        while True:
            try:
                _look(dsn, to, key, archive, without_archives)
            except psycopg.OperationalError as error:
                if once:
                    raise
                reason = " ".join(str(error).split())
                typer.echo(f"the database cannot be reached: {reason}; trying again", err=True)
            if once:
                return
            time.sleep(interval)


def _look(
    dsn: str | None,
    to: Path,
    key: Ed25519PrivateKey | None,
    paths: list[Path] | None,
    without_archives: bool,
) -> None:
    with (
        tables_of(dsn) as tables,
        closing(given_archives(tables, paths, may_be_none=True)) as archives,
    ):
        head, report = continue_from(tables, keeping.last_kept(to), archives)
    done = f"block {head.block_no}: {report.entries} entries in {report.blocks} blocks compared"
    if report.archived_unchecked:
        done += f", {report.archived_unchecked} archived ones not"
    if report.verdict(without_archives=without_archives) != "intact":
        said = ". ".join([f"NOT COMPLETE: {done}; no digest was kept", *report.unproven])
        fail(said, "give the archives with --archive, or say --without-archives.", INCOMPLETE)
    if keeping.append(to, Kept.signed(head, key)):
        write(f"{done}; digest kept")


@app.command(
    cls=NumberFirst,
    examples=("memoriesdb ledger archive 0 --to audit-000000.jsonl",),
)
def archive(
    partition: Annotated[
        int,
        typer.Argument(
            metavar="PARTITION",
            callback=given_partition,
            help="Its number: audit_id / 1,000,000.",
        ),
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="New file.")],
    former: ArchiveFiles = None,
    dsn: Dsn = None,
    admin_dsn: Annotated[
        str | None,
        typer.Option(
            metavar="DSN",
            envvar="MEMORIESDB_ADMIN_DSN",
            show_envvar=True,
            callback=given_dsn,
            help="The same database, as a member of memoriesdb_admin, who detaches it.",
        ),
    ] = None,
) -> None:
    """Write a partition of audit_log to a file, with what proves it, and detach it.

    Every entry is compared with the chain first. The file's SHA-256 is recorded; keep the file:
    `verify` and `proof` take it as --archive. The detached table stays for a DBA to drop. Where the
    database refuses to detach the partition, there is no file.

    Exit code 5 also: it is not known whether it was detached; the file is kept.
    """
    with outcome() as ending:
        where = admin_dsn or cluster_dsn(Instance.locate("default", None), "admin")
        with (
            tables_of(dsn) as tables,
            closing(given_archives(tables, former)) as archives,
            Archiving(tables, partition, archives).written(to) as written,
        ):
            _detach(written, where, ending)
    write(f"{to}: {written.entries} entries of {written.blocks} blocks, detached.")
    write(f"SHA-256 {written.sha256.hex()}")
    write(
        "  what to do next: keep copies of it; `memoriesdb ledger verify --archive FILE` takes it,"
    )
    write("  once the sealing worker has sealed that the partition was archived.")


def _detach(written: Written, dsn: str, ending: Ending) -> None:
    """Detach the partition, and give the file its name just before that is committed."""
    parameters = {
        "partition_no": written.partition_no,
        "sha256": written.sha256,
        "entries": written.entries,
    }
    with psycopg.connect(dsn, prepare_threshold=None, connect_timeout=10) as db:
        try:
            db.execute(DETACH.sql, parameters)
        except psycopg.Error as error:
            hint = DETACH_HINTS.get(error.sqlstate or "")
            if hint is None:
                raise
            raise LedgerError(f"{error.diag.message_primary} [{error.sqlstate}]", hint) from None
        written.keep()
        ending.look = "look into memoriesdb.ledger_archives before you run it again."
        try:
            db.commit()
        except (psycopg.Error, KeyboardInterrupt) as error:
            # The server may have done it before it was lost.
            error.add_note(
                f"{written.path} was kept: it is needed if ledger_archives has partition "
                f"{written.partition_no}, and can be removed if not"
            )
            raise


__all__ = ["app"]
