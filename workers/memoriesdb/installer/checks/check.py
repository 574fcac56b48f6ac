"""One question that doctor asks the database."""

from __future__ import annotations

from dataclasses import dataclass

from memoriesdb.installer.findings import Detail, Level
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query

ADMIN = "memoriesdb_admin"
AUDITOR = "memoriesdb_auditor"
WORKER = "memoriesdb_worker"
# Seen by a superuser, or by who installed without one.
NOBODY_ELSE: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """A query, what it means when it has rows and when it has none, and what to do then.

    ``seen_by`` names the groups that see all that the query reads: row-level security would hide
    it from others and call that healthy. None stands for everybody, since a catalogue hides little.
    """

    query: Query[Detail]
    level: Level
    bad: str
    good: str
    hint: str
    seen_by: frozenset[str] | None = None

    def visible_to(self, groups: set[str], *, is_superuser: bool) -> bool:
        """Whether a member of these groups gets a true answer."""
        return is_superuser or self.seen_by is None or bool(self.seen_by & groups)


def check(
    name: str,
    level: Level,
    bad: str,
    good: str,
    hint: str,
    seen_by: tuple[str, ...] | None = None,
) -> Check:
    """Return the check whose query is in ``queries/installer/doctor/<name>.sql``."""
    groups = None if seen_by is None else frozenset(seen_by)
    return Check(load(f"installer/doctor/{name}", Detail), level, bad, good, hint, groups)
