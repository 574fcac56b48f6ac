"""The secrets of a user: every id, hash and text that the database has gained by what she did."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from acting import Connection, Database

CANARY = "zebracrossing"
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# 15 digits do not happen by chance; the ids of tokens are written without dashes.
_HEX = re.compile(r"(?<![0-9a-f-])[0-9a-f]{30,}(?![0-9a-f-])")
_TEXT = re.compile(rf"{CANARY}[0-9a-z]*")


def secrets_in(text: str) -> set[str]:
    """Find what looks like an id, a hash or a canary in a text."""
    lower = text.lower()
    found = set(_UUID.findall(lower)) | set(_HEX.findall(lower)) | set(_TEXT.findall(lower))
    return {secret.replace("-", "") for secret in found}


def tables(db: Connection) -> list[str]:
    """List the tables of the schemas, partitioned ones without their partitions."""
    rows = db.execute(
        "select c.oid::regclass::text from pg_class as c "
        "where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace in "
        "('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace) order by 1"
    )
    return [row[0] for row in rows.fetchall()]


def _values(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _values(part)
    elif isinstance(value, list):
        for part in value:
            yield from _values(part)
    elif isinstance(value, str):
        yield value


def secrets_of(database: Database) -> dict[str, set[str]]:
    """Collect the secrets in each table, whoever they belong to."""
    found: dict[str, set[str]] = {}
    with database.superuser() as db:
        for table in tables(db):
            # What the shipped files hold is no secret.
            if table.startswith("memoriesdb_system."):
                continue
            rows = db.execute(f"select to_jsonb(t)::text from {table} as t".encode()).fetchall()
            found[table] = {
                secret
                for row in rows
                for value in _values(json.loads(row[0]))
                for secret in secrets_in(value.removeprefix("\\x"))
            }
    return found
