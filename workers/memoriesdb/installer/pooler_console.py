"""What PgBouncer says of itself on its console, to a login that may ask."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from memoriesdb.installer.findings import Detail, Finding, judge
from memoriesdb.installer.login import is_local
from memoriesdb.installer.pooling import NET
from memoriesdb.queries import load

# PgBouncer 1.18 lets a login that may not ask wait for ever.
SECONDS = 2
UNSAFE_AUTH = frozenset({"any", "trust", "plain"})
# Whoever knows the password of a login in auth_file is any other login: CVE-2026-107350.
FIXED = (1, 26, 1)

Row = Mapping[str, Any]

_config = load("installer/doctor/console_config", str)
_databases = load("installer/doctor/console_databases", str)
_version = load("installer/doctor/console_version", str)


@dataclass(frozen=True)
class Console:
    """The answers of the console."""

    config: Mapping[str, str]
    databases: Sequence[Row]
    version: str


def ask_console(dsn: str) -> Console | None:
    """Return what the console says; None where this login may not ask, or it is no PgBouncer."""
    try:
        return asyncio.run(asyncio.wait_for(_ask(dsn), SECONDS))
    except (psycopg.Error, TimeoutError):
        return None


async def _ask(dsn: str) -> Console:
    console = make_conninfo(dsn, dbname="pgbouncer", connect_timeout=SECONDS)
    async with await psycopg.AsyncConnection.connect(
        console, autocommit=True, prepare_threshold=None, row_factory=dict_row
    ) as db:
        config = await (await db.execute(_config.sql)).fetchall()
        databases = await (await db.execute(_databases.sql)).fetchall()
        version = await (await db.execute(_version.sql)).fetchall()
    return Console(
        {row["key"]: row["value"] or "" for row in config}, databases, version[0]["version"]
    )


def about_console(console: Console, *, name: str) -> Iterator[Finding]:
    """Yield what is wrong with the configuration for the database of this name."""
    config = console.config
    lines = [row for row in console.databases if row["name"] in {name, "*"}]
    modes = {config["pool_mode"], *(row["pool_mode"] or config["pool_mode"] for row in lines)}
    yield judge(
        "failure",
        "PgBouncer is configured so that sessions are not safe",
        "PgBouncer pools by transaction, and asks logins for passwords",
        [Detail(text) for text in _unsafe(config, lines, modes)],
        "`pool_mode = transaction`, `auth_type = scram-sha-256`, no `user=` in a database's line.",
    )
    yield judge(
        "warning",
        "PgBouncer is not configured as the template has it",
        "PgBouncer is configured as the template has it",
        [Detail(text) for text in _careless(config, modes)],
        f"{NET} For the rest see pgbouncer.ini in the package, which says what each is for.",
    )
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", console.version)
    parts = tuple(int(part or 0) for part in found.groups()) if found else FIXED
    yield judge(
        "warning",
        "PgBouncer has a version with a known hole",
        "PgBouncer has no version with a hole that is known to matter here",
        [Detail(f"{console.version}: CVE-2026-107350")] if parts < FIXED else [],
        "update to 1.26.1, or to a package of your distribution that has the fix; until then "
        "nobody else may know the password of a login in its auth_file.",
    )


def _unsafe(config: Mapping[str, str], lines: Sequence[Row], modes: set[str]) -> Iterator[str]:
    if "statement" in modes:
        yield "pool_mode = statement"
    if "session" in modes and "discard all" not in config["server_reset_query"].lower():
        yield f"pool_mode = session with server_reset_query = {config['server_reset_query']!r}"
    if config["auth_type"] in UNSAFE_AUTH:
        yield f"auth_type = {config['auth_type']}"
    for row in lines:
        if row["force_user"]:
            yield f"user={row['force_user']} in the line of {row['name']}"


def _careless(config: Mapping[str, str], modes: set[str]) -> Iterator[str]:
    if "transaction" in modes and not (
        config["server_reset_query_always"] == "1"
        and re.search("current_user|reset all|discard all", config["server_reset_query"].lower())
    ):
        yield "server_reset_query does not undo a user that was set for the session"
    for name in ("ignore_startup_parameters", "track_extra_parameters"):
        named = {part.strip().lower() for part in config.get(name, "").split(",")}
        wrong = sorted(part for part in named if part == "options" or part.startswith("app."))
        if name == "track_extra_parameters" and "search_path" in named:
            wrong.append("search_path")
        for part in wrong:
            yield f"{name} has {part}"
    if config["auth_type"] == "md5":
        yield "auth_type = md5"
    if config["idle_transaction_timeout"] in {"0", "0.0"}:
        yield "idle_transaction_timeout = 0: a forgotten transaction stalls vacuum and sealing"
    if "*" in {part.strip() for part in config["admin_users"].split(",")}:
        yield "admin_users = *"
    open_to = [part for part in config["listen_addr"].split(",") if not is_local(part.strip())]
    if open_to and config["client_tls_sslmode"] == "disable":
        yield f"client_tls_sslmode = disable on {','.join(open_to)}"
