"""Poolers before the tests' server that are configured in other ways than theirs."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from acting import PASSWORD, ROLES, Database, login
from memoriesdb.cluster.pgbouncer import AUTH_USER, PgBouncer
from memoriesdb.cluster.ports import free_port
from memoriesdb.cluster.postgres import url


@dataclass(frozen=True)
class Configured(PgBouncer):
    """A pooler with something before its line for all databases."""

    line: str = ""
    passwords: str = ""

    def configuration(self) -> str:
        """Return the template, changed."""
        text = super().configuration()
        if self.line:
            text = text.replace("[databases]\n", f"[databases]\n{self.line}\n")
        if self.passwords:
            # PgBouncer knows passwords itself, and so can log in as somebody else.
            users = self.directory / "passwords.txt"
            self.account.write(users, self.passwords)
            kept = (x for x in text.splitlines() if not x.startswith(("auth_user", "auth_query")))
            text = "\n".join([*kept, f"auth_file = {users}", ""])
        return text


@contextmanager
def pool(
    database: Database,
    *,
    line: str = "",
    knows_passwords: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Configured]:
    """Start a pooler beside the tests' own, as the template has it but for what is given."""
    proper = database.cluster.pooler
    fields = {f.name: getattr(proper, f.name) for f in dataclasses.fields(proper)}
    passwords = "".join(f'"{login(role)}" "{PASSWORD}"\n' for role in ROLES)
    passwords += f'"{AUTH_USER}" "{proper.auth_password}"\n'
    fields |= {
        "port": free_port(),
        "directory": proper.directory.with_name(f"pool-{uuid.uuid4().hex[:8]}"),
        "settings": settings or {},
        "line": line and f"{line} host={proper.server_host} port={proper.server_port}",
        "passwords": passwords if knows_passwords else "",
    }
    started = Configured(**fields)
    started.start()
    try:
        yield started
    finally:
        started.stop()


def through(pooler: PgBouncer, database: Database, role: str) -> str:
    """Return the DSN of a role through a pooler."""
    return database.dsn(role).replace(f":{database.cluster.pooler.port}/", f":{pooler.port}/")


def console(pooler: PgBouncer) -> str:
    """Return the DSN of the login that may ask the console."""
    return url(AUTH_USER, pooler.auth_password, pooler.host, pooler.port, "pgbouncer")
