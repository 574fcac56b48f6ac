"""Is this login as weak as it must be?"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any

from psycopg import Connection

from memoriesdb.installer.ask import Login, groups_of_login, run
from memoriesdb.installer.checks import LOGIN
from memoriesdb.installer.findings import Detail, Finding, judge


def about_login(db: Connection[Any], me: Login, left: list[Detail]) -> Iterator[Finding]:
    """Yield what there is to say of an application's login and of its way to the server."""
    yield _attributes(me)
    yield _same_user(db, me)
    yield _asked_for_a_password(db)
    yield _encrypted(db)
    yield judge(
        "failure",
        "the session had state of another client at its first statement",
        "the session was clean at its first statement",
        left,
        "in a transaction pool use set_user(), transactions and nothing that outlives them; find "
        "the client that sets parameters for the session.",
    )
    if me.is_superuser:
        return  # member of every role, owner of everything: no news besides that
    groups = groups_of_login(db)
    if len(groups) == 1:
        yield Finding("ok", f"{me.login} is in {groups[0]}")
    else:
        yield Finding(
            "warning",
            f"{me.login} is in {'more than one' if groups else 'no'} group of MemoriesDB",
            ", ".join(groups),
            "give each login one group: `grant memoriesdb_app to …` for a trusted application, "
            "`memoriesdb_client` for SQL users.",
        )
    for check in LOGIN:
        yield run(db, check)


def _attributes(me: Login) -> Finding:
    wrong = {
        "superuser": me.is_superuser,
        "bypassrls": me.bypasses_rls,
        "createrole": me.creates_roles,
        "replication": me.replicates,
    }
    hint = "connect as a login of its own: `create role … login in role memoriesdb_app`"
    if not me.is_superuser:
        hint += f"; or `alter role {me.login} nobypassrls nocreaterole noreplication`"
    return judge(
        "failure",
        f"{me.login} has attributes with which nothing protects the memories",
        f"{me.login} has no attribute that reaches round row-level security",
        [Detail(name.upper()) for name, has in wrong.items() if has],
        f"{hint}.",
    )


def _same_user(db: Connection[Any], me: Login) -> Finding:
    # PgBouncer's `user=` in a database's line: whoever gets to the pool is that login.
    named = db.info.user
    return judge(
        "failure",
        "the server sees another login than the one that was named",
        "the server sees the login that was named",
        [Detail(f"named {named}, seen {me.login}")] if named != me.login else [],
        "take `user=` (and `password=`) out of the database's line in pgbouncer.ini.",
    )


def _asked_for_a_password(db: Connection[Any]) -> Finding:
    # Over a Unix socket the system says who it is; a certificate is shown under TLS alone.
    proven = db.pgconn.used_password or db.info.host.startswith("/") or db.pgconn.ssl_in_use
    return judge(
        "failure",
        "nobody asked for a password: whoever gets there is whom he names",
        "the login was asked who it is",
        [] if proven else [Detail(f"{db.info.host}:{db.info.port}")],
        "PgBouncer: `auth_type = scram-sha-256` instead of `trust` or `any`. PostgreSQL: the same "
        "in pg_hba.conf.",
    )


def _encrypted(db: Connection[Any]) -> Finding:
    return judge(
        "warning",
        "the connection leaves this machine and is not encrypted",
        "the connection is encrypted, or stays on this machine",
        [] if db.pgconn.ssl_in_use or is_local(db.info.hostaddr) else [Detail(db.info.hostaddr)],
        "add `sslmode=verify-full` to the DSN; PgBouncer needs `client_tls_sslmode = require`, "
        "PostgreSQL `ssl = on`.",
    )


def is_local(address: str) -> bool:
    """Whether an address is this machine's own; a Unix socket has none."""
    if not address or address.startswith("/") or address == "localhost":
        return True
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
