#!/opt/memoriesdb/bin/python
"""Install the schema of this image's release, its logins and the embedding model.

Run by the database's container on its first start, and by hand after an upgrade of the image:

    docker compose exec database memoriesdb-setup

It is safe to run at any time. What it reads from the environment:

    MEMORIESDB_<ROLE>_PASSWORD_FILE   the password, in a file; or MEMORIESDB_<ROLE>_PASSWORD. Makes
                                      the login memories_<role> (ADMIN, APP, CLIENT, WORKER,
                                      AUDITOR), or lets PgBouncer's role log in (PGBOUNCER).
    MEMORIESDB_MODEL_ENDPOINT         registers an embedding model at this address, with
    MEMORIESDB_MODEL_NAME, _PROVIDER, _DIMENSIONS, _MAX_TOKENS, _QUERY_PREFIX, _PASSAGE_PREFIX

A password that a login has is kept; with --passwords all are set anew from the environment.
"""

from __future__ import annotations

import argparse
import importlib.resources
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from memoriesdb.installer import InstallError, install

ROLES = ("admin", "app", "client", "worker", "auditor")
POOLER = "memoriesdb_pgbouncer"
Connection = psycopg.Connection[tuple[object, ...]]


def statement(name: str, **parts: sql.Composable) -> sql.Composed:
    """Return a statement that the package's own `memoriesdb up` uses."""
    queries = importlib.resources.files("memoriesdb.cluster") / "queries"
    return sql.SQL((queries / f"{name}.sql").read_bytes().decode()).format(**parts)


def password_of(role: str, environment: Mapping[str, str]) -> str | None:
    """Return the password of a role from its file or variable; None where it has neither."""
    name = f"MEMORIESDB_{role.upper()}_PASSWORD"
    file = environment.get(f"{name}_FILE")
    found = Path(file).read_text(encoding="utf-8").strip() if file else environment.get(name)
    if file and not found:
        raise SystemExit(f"{file} is empty: put the password of {role} into it.")
    return found or None


def ensure_login(db: Connection, name: str, password: str, *, again: bool) -> sql.Identifier:
    """Make a login that may connect to this database; it sends no password in clear text."""
    login = sql.Identifier(name)
    ready = db.execute(statement("login_is_ready"), {"login": name}).fetchone()
    if ready is None:
        db.execute(statement("create_login", login=login))
    if ready != (True,) or again:
        secret = db.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
        db.execute(statement("set_password", login=login, secret=sql.Literal(secret.decode())))
    database = sql.Identifier(db.info.dbname)
    db.execute(statement("grant_connect", database=database, login=login))
    return login


def ensure_logins(db: Connection, environment: Mapping[str, str], *, again: bool) -> list[str]:
    """Make the logins whose passwords are given; return their names."""
    made = []
    for role in ROLES:
        if (password := password_of(role, environment)) is not None:
            name = f"memories_{role}"
            login = ensure_login(db, name, password, again=again)
            group = sql.Identifier(f"memoriesdb_{role}")
            db.execute(statement("grant_group", group=group, login=login))
            made.append(name)
    if (password := password_of("pgbouncer", environment)) is not None:
        ensure_login(db, POOLER, password, again=again)
        made.append(POOLER)
    return made


def register_model(db: Connection, environment: Mapping[str, str]) -> str | None:
    """Register the embedding model that the environment names, if any."""
    given = {
        name: environment.get(f"MEMORIESDB_MODEL_{name.upper()}") or default
        for name, default in {
            "name": "all-minilm",
            "endpoint": "",
            "provider": "ollama",
            "dimensions": "384",
            "max_tokens": "256",
            "query_prefix": "",
            "passage_prefix": "",
        }.items()
    }
    if not given["endpoint"]:
        return None
    numbers = {name: int(given[name]) for name in ("dimensions", "max_tokens")}
    db.execute(statement("register_model"), {**given, **numbers, "model": given["name"]})
    return given["name"]


def main(arguments: list[str]) -> None:
    """Do all three, each of which may have been done before."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dsn", default="host=/var/run/postgresql user=postgres dbname=memoriesdb")
    parser.add_argument("--passwords", action="store_true", help="set all passwords anew")
    options = parser.parse_args(arguments)
    try:
        done = install(options.dsn)
    except InstallError as error:
        raise SystemExit(f"{error.message}\n  what to do next: {error.hint}") from None
    print(f"schema at revision {done.revision}, {len(done.applied)} objects applied")
    with psycopg.connect(options.dsn) as db:
        logins = ensure_logins(db, os.environ, again=options.passwords)
        print(f"logins: {', '.join(logins) or 'none, since no password was given'}")
        model = register_model(db, os.environ)
        print(f"embedding model: {model or 'none, since no endpoint was given'}")


if __name__ == "__main__":
    main(sys.argv[1:])
