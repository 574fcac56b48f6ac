"""What somebody changed since the last install, which an upgrade must neither miss nor bless."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import Connection

from memoriesdb.installer import database, steps
from memoriesdb.installer.sources import Target, replaceable, shipped_body
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query


@dataclass(frozen=True)
class Body:
    """A function of the database and its text."""

    name: str
    body: str


function_bodies: Query[Body] = load("installer/function_bodies", Body)
archived_partitions: Query[int] = load("installer/archived_partitions", int)

Identity = tuple[str, str]

MADE_BY_FILES = ("function", "trigger", "policy", "view", "materialized view")
Hashes = Mapping[Identity, bytes]

# Made by the hour as the audit grows, and not by an install.
_PARTITION = re.compile(r"\baudit_(log|payloads)_\d{6}")
# Made and dropped with limits and tokens.
_BUCKET = re.compile(r"\._limit_[0-9a-f]{32}_(writes|recalls)$")


@dataclass(frozen=True)
class Drift:
    """Objects whose definition is not the recorded one: as recorded, and as they were found."""

    recorded: Hashes
    found: Hashes
    archived: frozenset[str] = frozenset()

    @property
    def identities(self) -> list[Identity]:
        """The objects that were changed, removed or added.

        Left out are partitions of the audit that were made since, and those that were archived:
        the record of an archive is in the ledger.
        """
        return sorted(
            identity
            for identity in self.recorded.keys() | self.found.keys()
            if self.recorded.get(identity) != self.found.get(identity)
            and not self._comes_and_goes(identity)
        )

    def _comes_and_goes(self, identity: Identity) -> bool:
        if identity[0] == "sequence" and _BUCKET.search(identity[1]):
            return True
        match = _PARTITION.search(identity[1])
        return match is not None and (identity not in self.recorded or match[0] in self.archived)

    def untouched(self, now: Hashes) -> Iterator[tuple[Identity, bytes | None]]:
        """Yield what is still as it was found, with what was recorded of it, if anything.

        What files make and is still missing, no file makes any more: it was rightly dropped.
        """
        for identity in self.identities:
            recorded = self.recorded.get(identity)
            if identity[0] in MADE_BY_FILES and identity not in now:
                continue
            if now.get(identity) == self.found.get(identity) != recorded:
                yield identity, recorded


def find_drift(db: Connection[Any]) -> Drift:
    """Compare the catalogue with what it said at the end of the last install."""
    return Drift(_hashes(db, steps.recorded_definitions), definitions(db), _archived(db))


def _archived(db: Connection[Any]) -> frozenset[str]:
    """Return the partitions that were archived, as far as this login may know."""
    try:
        with db.transaction():
            return frozenset(f"audit_log_{n:06}" for n in database.rows(db, archived_partitions))
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable):
        return frozenset()


def definitions(db: Connection[Any]) -> Hashes:
    """Return what the catalogue says now."""
    return _hashes(db, steps.definitions)


def shipped_bodies(target: Target) -> dict[str, bytes]:
    """Return the body of each function as its file has it."""
    found = (shipped_body(file.rendered(target)) for file in replaceable(target))
    return {name: body.encode() for name, body in filter(None, found)}


def installed_bodies(db: Connection[Any]) -> dict[str, bytes]:
    """Return the body of each function as the server has it: this trusts no record."""
    return {row.name: row.body.encode() for row in database.rows(db, function_bodies)}


def _hashes(db: Connection[Any], query: steps.DefinitionQuery) -> Hashes:
    return {(row.kind, row.identity): row.sha256 for row in database.rows(db, query)}
