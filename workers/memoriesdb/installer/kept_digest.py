"""Does the ledger still agree with the digest that was kept outside?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from memoriesdb.installer.findings import Finding
from memoriesdb.installer.pooling import connect
from memoriesdb.ledger import Digest, Kept, LedgerError, Tables
from memoriesdb.ledger.keeping import last_kept
from memoriesdb.ledger.verifier import continue_from

OLD = timedelta(days=1)
KEEP = (
    "`memoriesdb ledger digest --help` says how to keep one where nobody with rights on this "
    "database can change it."
)
INSTALL = "run `memoriesdb install DSN` as a superuser, or name another database."
# What reading a table ends with where the schema is not there.
NOT_INSTALLED = frozenset({"3F000", "42P01"})


def no_digest() -> Finding:
    """Say what it means that there is none to compare with."""
    return Finding(
        "warning",
        "no digest was given: a ledger that was rewritten as a whole looks like any other",
        hint=f"{KEEP} Give it: `--digest FILE`.",
    )


def about_digest(dsn: str, path: Path) -> Finding:
    """Compare the last digest of a file with the ledger, and verify what came since."""
    what = "the digest that was kept cannot be compared with the ledger"
    try:
        kept = last_kept(path)
        if kept is None:
            return Finding("failure", what, f"{path} holds none", KEEP)
        wrong = kept.signature_problem(None)
        if wrong is not None:
            return Finding("failure", "the digest that was kept was changed", wrong, KEEP)
        with connect(dsn) as db:
            head, report = continue_from(Tables(db), kept)
    except LedgerError as error:
        return Finding("failure", what, str(error), error.hint)
    except OSError as error:
        return Finding("failure", what, str(error).strip(), KEEP)
    except psycopg.DatabaseError as error:
        if error.sqlstate in NOT_INSTALLED:
            return Finding("failure", what, "there is no ledger in this database", INSTALL)
        return Finding("failure", what, error.diag.message_primary or str(error), KEEP)
    return _age(kept, head, report.archived_unchecked)


def _age(kept: Kept, head: Digest, archived: int) -> Finding:
    last, now = (digest.sealed_at for digest in (kept.digest, head))
    sealed = head.entries - kept.digest.entries
    if sealed and last and datetime.fromisoformat(last) < datetime.now(UTC) - OLD:
        return Finding(
            "warning",
            "the digest that was kept is old: what was sealed since could be rewritten unseen",
            f"of {last}; {sealed} entries were sealed since, the last at {now}",
            KEEP,
        )
    left_out = f"; {archived} archived entries since were not compared" if archived else ""
    return Finding("ok", "the ledger agrees with the digest that was kept", f"of {last}{left_out}")
