"""What doctor has to say of a DSN, where it is not well."""

from __future__ import annotations

from typing import Any

from memoriesdb.installer import Finding, diagnose

NO_DIGEST = "no digest was given: a ledger that was rewritten as a whole looks like any other"


def bad(dsn: str, **options: Any) -> list[Finding]:
    """Return the warnings and failures, but for that of the digest, which most tests give none."""
    return [
        f
        for f in diagnose(dsn, **options)
        if f.level in {"warning", "failure"} and f.what != NO_DIGEST
    ]
