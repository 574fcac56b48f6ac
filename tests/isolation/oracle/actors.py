"""The ways in which somebody becomes a user, and what each may do then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from hypothesis import strategies as st

from acting import Connection, Database
from oracle.world import DEACTIVATED, MEMORIES, ROLES, SCOPES, SERVED, SERVICE, USERS, Built

NOBODY = "nobody"


@dataclass(frozen=True)
class Actor:
    """A user and the door he comes through: set_user, setting, act_for, or a kind of token."""

    user: int
    door: str

    @property
    def _role(self) -> str:
        return ROLES[self.user]

    @property
    def _is_somebody(self) -> bool:
        return self.door != NOBODY and self.user != DEACTIVATED

    def _has(self, scope: str) -> bool:
        return self._is_somebody and (
            self.door not in SCOPES or scope in SCOPES[self.door].split(",")
        )

    @property
    def self(self) -> int | None:
        """Who he is."""
        return self.user if self._is_somebody else None

    @property
    def reader(self) -> int | None:
        """As whom he reads memories."""
        return self.user if self._has("read") and self._role != "admin" else None

    @property
    def writer(self) -> int | None:
        """As whom he writes memories."""
        allowed = self._has("write") and self._role not in ("admin", "viewer")
        return self.user if allowed else None

    @property
    def is_admin(self) -> bool:
        """Say whether he is an admin, and has proven it: an application's word is no proof."""
        return self._role == "admin" and self.door == "all" and self._is_somebody


APPLICATION = [Actor(user, door) for user in USERS for door in ("set_user", "setting")]
ACTORS = [
    *(actor for actor in APPLICATION if actor != Actor(DEACTIVATED, "set_user")),
    *(Actor(user, scopes) for user in USERS if user != DEACTIVATED for scopes in SCOPES),
    Actor(SERVED, "act_for"),
    Actor(0, NOBODY),
]
# Most of the time somebody who sees something.
actors = st.sampled_from([a for a in ACTORS if a.reader is not None] + ACTORS)
writers = st.sampled_from([a for a in ACTORS if a.writer is not None] * 2 + ACTORS)
application_actors = st.sampled_from([a for a in APPLICATION if a.door == "setting"])


class Doors:
    """Connections through the pool, one for each login, and a superuser's for the model."""

    def __init__(self, database: Database, built: Built) -> None:
        self.built = built
        self.app = database.connect("app", autocommit=True)
        self.client = database.connect("client", autocommit=True)
        self.direct = database.connect("app", pooled=False, autocommit=True)
        self.superuser = database.superuser()

    @contextmanager
    def enter(self, actor: Actor, *, direct: bool = False) -> Iterator[Connection]:
        """Run a transaction as this actor, committed where nothing fails."""
        is_application = actor.door in ("set_user", "setting", NOBODY)
        db = self.client
        if is_application:
            db = self.direct if direct else self.app
        with db.transaction():
            db.execute("set local statement_timeout = '20s'")
            self._become(db, actor)
            yield db

    def _become(self, db: Connection, actor: Actor) -> None:
        if actor.door == "set_user":
            db.execute("select memoriesdb.set_user(%s)", (self.built.users[actor.user],))
        elif actor.door == "setting":
            user = str(self.built.users[actor.user])
            db.execute("select set_config('app.current_user', %s, true)", (user,))
        elif actor.door == "act_for":
            self._login(db, self.built.tokens[SERVICE, "all"])
            db.execute("select memoriesdb.act_for(%s)", (self.built.users[actor.user],))
        elif actor.door in SCOPES:
            self._login(db, self.built.tokens[actor.user, actor.door])

    @staticmethod
    def _login(db: Connection, token: str) -> None:
        db.execute("select memoriesdb.login(%s)", (token,))

    @contextmanager
    def model(self, actor: Actor) -> Iterator[Connection]:
        """Run a superuser's transaction in which the model stands for this actor."""
        with self.superuser.transaction():
            self.superuser.execute("set local statement_timeout = '20s'")
            for name, user in (
                ("reader", actor.reader),
                ("writer", actor.writer),
                ("self", actor.self),
            ):
                self.superuser.execute(
                    "select set_config(%s, %s, true)",
                    (f"model.{name}", "" if user is None else str(self.built.users[user])),
                )
            is_admin = "yes" if actor.is_admin else "no"
            self.superuser.execute("select set_config('model.admin', %s, true)", (is_admin,))
            yield self.superuser

    def fill(self, sql: str, schema: str) -> str:
        """Put the relations of a schema and the ids of this world into a query."""
        memories = self.built.memories
        ids: dict[str, UUID] = {f"user{n}": id_ for n, id_ in enumerate(self.built.users)}
        ids |= {f"memory{n}": memories[n % len(memories)] for n in range(MEMORIES)}
        return sql.format_map(_Names(schema, {n: f"'{i}'::uuid" for n, i in ids.items()}))


class _Names(dict[str, str]):
    def __init__(self, schema: str, ids: dict[str, str]) -> None:
        super().__init__(ids)
        self.schema = schema

    def __missing__(self, name: str) -> str:
        return f"{self.schema}.{name}"
