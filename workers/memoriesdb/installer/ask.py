"""How doctor asks: the login it has, and one check over its connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from memoriesdb.installer import database
from memoriesdb.installer.checks import Check
from memoriesdb.installer.findings import Detail, Finding, judge
from memoriesdb.queries import load
from memoriesdb.queries.loader import Query


@dataclass(frozen=True)
class Login:
    """Who the connection is, as the server sees it."""

    login: str
    is_superuser: bool
    bypasses_rls: bool
    creates_roles: bool
    replicates: bool
    backend_pid: int
    is_installed: bool
    is_installer: bool
    weak_installer: str | None
    database: str

    @property
    def administers(self) -> bool:
        """Whether no application logs in like this: a superuser, or who installed."""
        return self.is_superuser or self.is_installer


_groups: Query[Detail] = load("installer/doctor/groups", Detail)


def groups_of_login(db: Connection[Any]) -> list[str]:
    """Return the groups of MemoriesDB that the login is in."""
    return [row.detail for row in database.rows(db, _groups)]


def run(db: Connection[Any], check: Check) -> Finding:
    """Ask the database what one check asks."""
    return judge(check.level, check.bad, check.good, database.rows(db, check.query), check.hint)
