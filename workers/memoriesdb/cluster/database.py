"""What `up` does inside the server: the database, the logins, the embedding model."""

from __future__ import annotations

import contextlib
import importlib.resources
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from memoriesdb.cluster.embedding import Endpoint
from memoriesdb.cluster.errors import UnknownUserError
from memoriesdb.cluster.instance import DATABASE, ROLES, Instance, login_name
from memoriesdb.cluster.pgbouncer import AUTH_USER

Connection = psycopg.Connection[tuple[object, ...]]


def _statement(name: str, **parts: sql.Composable) -> sql.Composed:
    """Return a statement of ``queries/``, with identifiers and literals put in."""
    text = importlib.resources.files(__package__).joinpath("queries", f"{name}.sql").read_bytes()
    return sql.SQL(text.decode()).format(**parts)


def _connect(dsn: str) -> Connection:
    return psycopg.connect(dsn, autocommit=True, connect_timeout=10, prepare_threshold=None)


def ensure_database(instance: Instance) -> bool:
    """Make the database unless it is there; True when it was made."""
    with _connect(instance.postgres.dsn()) as db:
        found = db.execute(_statement("database_exists"), {"database": DATABASE}).fetchone()
        if found == (True,):
            return False
        db.execute(_statement("create_database", database=sql.Identifier(DATABASE)))
    return True


def ensure_logins(instance: Instance) -> None:
    """Make the demo logins, and let PgBouncer's role log in; passwords once set are kept."""
    with _connect(instance.dsn("superuser")) as db, db.transaction():
        for role in ROLES:
            if role != "superuser":
                group = sql.Identifier(f"memoriesdb_{role}")
                login = _ensure_login(db, login_name(role), instance.passwords)
                db.execute(_statement("grant_group", group=group, login=login))
                if role == "maintainer":
                    # In this order: from PostgreSQL 16 on a membership is as its login was then.
                    db.execute(_statement("inherit_nothing", login=login))
                    owner = sql.Identifier("memoriesdb_owner")
                    db.execute(_statement("grant_group", group=owner, login=login))
        _ensure_login(db, AUTH_USER, instance.passwords)


def _ensure_login(db: Connection, name: str, passwords: dict[str, str]) -> sql.Identifier:
    login = sql.Identifier(name)
    ready = db.execute(_statement("login_is_ready"), {"login": name}).fetchone()
    if ready is None:
        db.execute(_statement("create_login", login=login))
    if ready != (True,):
        secret = db.pgconn.encrypt_password(
            passwords[name].encode(), name.encode(), b"scram-sha-256"
        )
        parts = {"login": login, "secret": sql.Literal(secret.decode())}
        db.execute(_statement("set_password", **parts))
    database = sql.Identifier(DATABASE)
    db.execute(_statement("grant_connect", database=database, login=login))
    return login


def register_model(instance: Instance, endpoint: Endpoint) -> None:
    """Tell the database, as its admin, which model embeds and where."""
    with _connect(instance.dsn("admin")) as db:
        db.execute(_statement("register_model"), endpoint.parameters())


@dataclass(frozen=True)
class User:
    """An active user of MemoriesDB."""

    id: UUID
    username: str


def find_user(instance: Instance, named: str) -> User:
    """Return the active user of a name or an id; raise when there is none."""
    user_id: UUID | None = None
    with contextlib.suppress(ValueError):
        user_id = UUID(named)
    with (
        _connect(instance.dsn("superuser")) as db,
        db.cursor(row_factory=class_row(User)) as cursor,
    ):
        parameters = {"user_id": user_id, "username": named}
        user = cursor.execute(_statement("find_user"), parameters).fetchone()
    if user is None:
        admin = instance.command("dsn") + " --role admin"
        raise UnknownUserError(
            f"there is no active user {named!r}.",
            "`memoriesdb user list` names them, `memoriesdb user create` makes one."
            if instance.command("dsn") == "memoriesdb dsn"
            else f'`memoriesdb user list --dsn "$({admin})"` names them, `user create` makes one.',
        )
    return user
