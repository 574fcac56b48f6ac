"""The commands for the ledger: digest, keygen, verify, proof, check-proof."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from memoriesdb.cli.given import NumberFirst, given_audit_id
from memoriesdb.cli.ledger_connection import (
    INCOMPLETE,
    MAX_LAG,
    TAMPERED,
    Dsn,
    LedgerCommands,
    MaxLag,
    given_archives,
    late,
    outcome,
    tables_of,
)
from memoriesdb.console import fail, write
from memoriesdb.ledger import FormatError, Report, Verifier, keeping
from memoriesdb.ledger.digest import Kept, generate_key, load_key, load_public_key, read_digests
from memoriesdb.ledger.errors import refuse_existing
from memoriesdb.ledger.proofs import Proof, build, is_proof
from memoriesdb.ledger.report import Verdict
from memoriesdb.ledger.verifier import read_head
from memoriesdb.queries import ledger_status

app = LedgerCommands(help="Verify the ledger from outside, and keep its digests elsewhere.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DigestFile = Annotated[
    Path,
    typer.Option("--digest", metavar="FILE", help="Kept digests."),
]
OptionalDigestFile = Annotated[
    Path | None,
    typer.Option(
        "--digest",
        metavar="FILE",
        help="Kept digests, one a line, which the ledger must still agree with.",
    ),
]
PublicKey = Annotated[
    str | None,
    typer.Option(
        metavar="KEY",
        help="Key that each kept digest must be signed with: in base64, or a file that holds it.",
    ),
]
ArchiveFiles = Annotated[
    list[Path] | None,
    typer.Option(
        "--archive",
        metavar="PATH",
        help="Archive, or a directory that holds archives (*.jsonl); may be repeated.",
    ),
]
WithoutArchives = Annotated[
    bool,
    typer.Option(
        "--without-archives",
        help="End with 0 although archived entries were not compared, since their files were "
        "not given.",
    ),
]


@app.command(
    examples=(
        "memoriesdb ledger digest --json",
        "memoriesdb ledger digest --sign digest.pem --to /mnt/elsewhere/digests.jsonl",
        'memoriesdb ledger digest --to-command "ssh witness tee -a digests.jsonl"',
    ),
)
def digest(
    sign: Annotated[
        Path | None,
        typer.Option(metavar="KEY", help="Sign with this key."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Append it to this file.")
    ] = None,
    to_command: Annotated[
        str | None,
        typer.Option(metavar="COMMAND", help="Give it to this command's standard input."),
    ] = None,
    max_lag: MaxLag = MAX_LAG,
    as_json: AsJson = False,
    dsn: Dsn = None,
) -> None:
    """Print the head of the ledger: what to keep where the database's admins have no rights.

    With --to it is appended, unless it contradicts the last digest in that file. Entries that wait
    to be sealed are not under it; where they do for longer than --max-lag, a warning on stderr
    says so.
    """
    with outcome(), tables_of(dsn) as tables:
        key = load_key(sign) if sign else None
        kept = Kept.signed(read_head(tables, keeping.last_kept(to) if to else None), key)
        is_new = keeping.append(to, kept) if to else False
        if to_command is not None:
            keeping.hand_over(to_command, kept)
        status = tables.one(ledger_status)
        warning = late(status.unsealed_entries, status.lag_seconds, max_lag, tables)
    if as_json or (to is None and to_command is None):
        write(kept.as_line() if as_json else _describe(kept))
    elif to:
        state = "kept in" if is_new else "is the last one already in"
        write(f"The digest of block {kept.digest.block_no} {state} {to}.")
    if warning is not None:
        typer.echo(f"warning: the digest does not cover all: {warning}.", err=True)


def _describe(kept: Kept) -> str:
    head = kept.digest
    lines = [
        f"block {head.block_no}, {head.entries} entries, sealed at {head.sealed_at or 'no time'}",
        f"hash {head.block_hash.hex()}",
        "  what to do next: keep it where nobody with rights on this database can change it:",
        "  `memoriesdb ledger digest --to FILE`, or --json.",
    ]
    return "\n".join(lines)


@app.command(
    examples=("memoriesdb ledger keygen digest.pem",),
)
def keygen(
    file: Annotated[Path, typer.Argument(help="New file for the private key.")],
) -> None:
    """Make a key to sign digests: FILE, which only you can read, and FILE.pub."""
    with outcome():
        public = file.with_name(f"{file.name}.pub")
        for path in (file, public):
            refuse_existing(path)
        public_key = generate_key(file)
        public.write_text(f"{public_key}\n")
    write(public_key)


@app.command(
    examples=(
        "memoriesdb ledger verify",
        "memoriesdb ledger verify --digest digests.jsonl --public-key digest.pem.pub",
    ),
)
def verify(
    digest: OptionalDigestFile = None,
    public_key: PublicKey = None,
    archive: ArchiveFiles = None,
    without_archives: WithoutArchives = False,
    max_lag: MaxLag = MAX_LAG,
    as_json: AsJson = False,
    dsn: Dsn = None,
) -> None:
    """Compute the whole ledger anew, and compare it with itself and with kept digests.

    Nothing of the database is trusted but the bytes in its tables. The first block and entry that
    differ are named. Without --digest it cannot be told whether somebody rewrote everything;
    without the archives (--archive FILE, or a directory of them) their entries are not compared.
    What is not sealed yet can be changed unseen: where an entry waits for longer than --max-lag,
    the result is not complete.
    """
    with outcome():
        kept = read_digests(digest) if digest else []
        key = load_public_key(public_key) if public_key is not None else None
        if key is not None and not kept:
            raise FormatError("a public key is of no use without digests", "give --digest FILE.")
        with (
            tables_of(dsn) as tables,
            closing(given_archives(tables, archive)) as archives,
            _progress() as bar,
        ):
            task = bar.add_task("verifying", total=None)
            report = Verifier(
                tables,
                kept=kept,
                public_key=key,
                archives=archives,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            ).run()
            warning = late(report.unsealed, report.lag_seconds, max_lag, tables)
    if warning is not None:
        report.unproven.append(warning)
    verdict = report.verdict(without_archives=without_archives)
    if as_json:
        content = report.as_json(without_archives=without_archives)
        typer.echo(json.dumps(content, indent=2))
    else:
        _tell(report, verdict, len(kept))
    if verdict != "intact":
        raise typer.Exit(TAMPERED if verdict == "tampered" else INCOMPLETE)


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(40),
        MofNCompleteColumn(),
        TextColumn("entries"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _tell(report: Report, verdict: Verdict, digests: int) -> None:
    for problem in report.problems:
        write(f"TAMPERED {problem}")
    if report.more_problems:
        write(f"and {report.more_problems} more")
    if verdict == "tampered":
        write("  what to do next: keep this database and the digests as they are, and find out")
        write("  who could write there at that time; a backup from before shows what was there.")
        return
    compared = f"{report.entries} entries in {report.blocks} blocks"
    if verdict == "intact" and not report.archived_unchecked:
        write(f"The ledger is intact: {compared}.")
    elif verdict == "intact":
        write(f"The ledger is intact without its archives: {compared}.")
    else:
        write(f"NOT COMPLETE: {compared} were compared, and nothing differs in them.")
    if report.archived_unchecked:
        write(f"{report.archived_unchecked} archived entries were not compared.")
    for reason in report.unproven:
        write(f"not proven: {reason}.")
    if report.unsealed:
        write(f"{report.unsealed} are not sealed yet, the oldest of {report.oldest_unsealed_at}.")
    if report.payloads_checked is not None:
        write(f"{report.payloads_checked} payloads fit, {report.payloads_erased} were erased.")
    for note in report.notes:
        write(f"note: {note}.")
    if digests:
        write(f"It agrees with {report.digests_agreed} kept digests.")
    if verdict == "incomplete" and report.archived_unchecked:
        write("  what to do next: give the archives with --archive, or say --without-archives:")
        write("  whoever removed entries as if they were archived cannot show their file.")
    if not digests:
        write("  what to do next: compare it with a digest kept elsewhere (--digest FILE): without")
        write("  one, a ledger that somebody rewrote from end to end looks like this, too.")


@app.command(
    cls=NumberFirst,
    examples=("memoriesdb ledger proof 4711 --digest digests.jsonl --out entry-4711.json",),
)
def proof(
    audit_id: Annotated[
        int,
        typer.Argument(metavar="AUDIT_ID", callback=given_audit_id, help="Number of the entry."),
    ],
    digest: OptionalDigestFile = None,
    archive: ArchiveFiles = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it here; else it is printed.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over the file that is there.")
    ] = False,
    dsn: Dsn = None,
) -> None:
    """Write the proof that an entry was sealed, to be checked offline.

    It leads to the first kept digest that covers the entry.
    """
    with outcome():
        if out and not force:
            refuse_existing(out, "give the name of a new file, or say --force.")
        digests = [kept.digest for kept in read_digests(digest)] if digest else []
        with tables_of(dsn) as tables, closing(given_archives(tables, archive)) as archives:
            made = build(tables, audit_id, digests, archives)
        text = json.dumps(made.as_json(), indent=2, ensure_ascii=False)
        if out:
            with out.open("w" if force else "x", encoding="utf-8") as file:
                file.write(f"{text}\n")
    if not out:
        typer.echo(text)
    else:
        write(f"{out}: entry {audit_id} is leaf {made.index} of block {made.block.block_no}.")


@app.command(
    "check-proof",
    examples=("memoriesdb ledger check-proof entry-4711.json --digest digests.jsonl",),
)
def check_proof(
    file: Annotated[Path, typer.Argument(help="The proof.")],
    digest: DigestFile,
    public_key: PublicKey = None,
) -> None:
    """Check a proof against kept digests, without a database."""
    with outcome():
        kept = read_digests(digest)
        key = load_public_key(public_key) if public_key is not None else None
        content = file.read_bytes()
        if not is_proof(content):
            raise FormatError(
                f"{file} is no proof", "take the file as `memoriesdb ledger proof` wrote it."
            )
    try:
        for each in kept:
            problem = each.signature_problem(key)
            if problem is not None:
                raise FormatError(f"line {each.line} of the digests: {problem}")
        checked = Proof.from_text(content)
        vouching = checked.check(kept)
    except FormatError as error:
        fail(f"the proof is not accepted: {error.message}", error.hint, TAMPERED)
    write(
        f"The proof holds: entry {checked.entry.audit_id} was sealed in block "
        f"{checked.block.block_no}, under the digest of block {vouching.block_no}."
    )
