"""Act as the logins and users of a database of one's own: what most tests are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

from memoriesdb.cluster import Cluster

Connection = psycopg.Connection[tuple[Any, ...]]

ROLES = ("admin", "app", "client", "worker", "auditor")
PASSWORD = "a-password-for-tests"


def login(role: str) -> str:
    """Return the login of the tests that is a member of ``memoriesdb_<role>``."""
    return f"test_{role}"


def one(db: Connection, query: str, *arguments: object) -> object:
    """Return the one value of a query's one row."""
    row = db.execute(query.encode(), arguments).fetchone()
    assert row is not None
    return row[0]


def refused(db: Connection, query: str, *arguments: object) -> psycopg.Error:
    """Return the error that a query must raise."""
    with pytest.raises(psycopg.DatabaseError) as caught:
        db.execute(query.encode(), arguments)
    return caught.value


class Database:
    """A fresh database with the schema installed, and connections that end with the test."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self._open = ExitStack()

    def dsn(self, role: str, *, pooled: bool = True) -> str:
        """Return the DSN of a role, through PgBouncer by default; superusers go round it."""
        if role == "superuser":
            return self.cluster.postgres.dsn(self.name)
        return self.cluster.dsn(self.name, login(role), PASSWORD, pooled=pooled)

    def connect(self, role: str, *, pooled: bool = True, autocommit: bool = False) -> Connection:
        """Open a connection that is closed at the end of the test."""
        connection = psycopg.connect(
            self.dsn(role, pooled=pooled), autocommit=autocommit, prepare_threshold=None
        )
        self._open.callback(connection.close)
        return connection

    def create_user(self, name: str, role: str = "user") -> UUID:
        """Make a user and return the id."""
        with psycopg.connect(self.dsn("admin", pooled=False)) as db:
            row = db.execute(
                "select memoriesdb.create_user(%s, role => %s)", (name, role)
            ).fetchone()
        assert row is not None
        user_id: UUID = row[0]
        return user_id

    def superuser(self) -> Connection:
        """Open a superuser's connection in autocommit: to look behind the curtain."""
        return self.connect("superuser", autocommit=True)

    @contextmanager
    def acting(self, user_id: UUID, *, pooled: bool = True) -> Iterator[Connection]:
        """One transaction of the application's login as this user, committed at the end."""
        with psycopg.connect(self.dsn("app", pooled=pooled), prepare_threshold=None) as db:
            db.execute("select memoriesdb.set_user(%s)", (user_id,))
            yield db

    def remember(self, user_id: UUID, content: str, **arguments: Any) -> UUID:
        """Keep a memory of a user, in a transaction of its own."""
        names = "".join(f", {name} => %({name})s" for name in arguments)
        with self.acting(user_id) as db:
            row = db.execute(
                f"select memoriesdb.remember(%(content)s{names})",
                {"content": content, **arguments},
            ).fetchone()
        assert row is not None
        memory_id: UUID = row[0]
        return memory_id

    def issue_token(self, user_id: UUID, **arguments: Any) -> str:
        """Issue a token as an admin: ttl, scopes, label."""
        names = "".join(f", {name} => %({name})s" for name in arguments)
        with psycopg.connect(self.dsn("admin", pooled=False)) as db:
            row = db.execute(
                f"select memoriesdb.issue_token(%(user_id)s{names})",
                {"user_id": user_id, **arguments},
            ).fetchone()
        assert row is not None
        return str(row[0])

    @contextmanager
    def with_token(
        self, token: str, *, role: str = "client", pooled: bool = True
    ) -> Iterator[Connection]:
        """One transaction of an untrusted login with this token, committed at the end."""
        with psycopg.connect(self.dsn(role, pooled=pooled), prepare_threshold=None) as db:
            db.execute("select memoriesdb.login(%s)", (token,))
            yield db

    def administer(self, call: str, *arguments: Any) -> Any:
        """Call a function of the schema as an admin's login, and return what it returns."""
        with psycopg.connect(self.dsn("admin", pooled=False)) as db:
            row = db.execute(f"select memoriesdb.{call}".encode(), arguments).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        """Close every connection that was opened."""
        self._open.close()


NewDatabase = Callable[[], AbstractContextManager[Database]]
