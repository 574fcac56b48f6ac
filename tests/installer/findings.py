"""What doctor has to say of a DSN, where it is not well."""

from __future__ import annotations

from typing import Any

from memoriesdb.installer import Finding, diagnose


def bad(dsn: str, **options: Any) -> list[Finding]:
    """Return the warnings and failures."""
    return [f for f in diagnose(dsn, **options) if f.level in {"warning", "failure"}]
