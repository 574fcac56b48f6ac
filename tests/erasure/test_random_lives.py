"""Random lives of memories, ended by erasure: whatever happened, no word of them is left."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine
from psycopg.types.json import Jsonb

from acting import Connection, Database
from erasure.support import (
    Receipt,
    check,
    embed_all,
    erase_user,
    one,
    refresh_graph,
    register_model,
    rows_with_mark,
)

picks = st.integers(0, 50)


@dataclass
class Life:
    """A memory, and the words that were ever written of it: a copy begins with its origin's."""

    id: UUID
    owner: int
    marks: set[str]
    text: str
    links: set[str] = field(default_factory=set)
    shared: set[int] = field(default_factory=set)
    givers: set[int] = field(default_factory=set)
    held: UUID | None = None
    is_deleted: bool = False


class Lives(RuleBasedStateMachine):
    """Three users write, link, share, copy, give away, delete, and erase."""

    database: ClassVar[Database]
    superuser: ClassVar[Connection]

    @initialize()
    def begin(self) -> None:
        """Three new users; what former runs left stays in the database."""
        self.users = [self.database.create_user(uuid.uuid4().hex) for _ in range(3)]
        self.lives: list[Life] = []

    def _call(self, user: int, statement: str, *parameters: Any) -> Any:
        with self.database.acting(self.users[user]) as db:
            return one(db, statement, *parameters)

    def _one(self, pick: int, *, present: bool = True) -> Life | None:
        some = [life for life in self.lives if not (present and life.is_deleted)]
        return some[pick % len(some)] if some else None

    @rule(user=st.integers(0, 2))
    def remember_two(self, user: int) -> None:
        for _ in range(2):
            mark = uuid.uuid4().hex
            statement = "select memoriesdb.remember(%s, metadata => %s, stream => %s)"
            memory_id = self._call(user, statement, f"a {mark}", Jsonb({"speaker": mark}), mark)
            self.lives.append(Life(memory_id, user, {mark}, f"a {mark}"))

    @rule(pick=picks)
    def edit(self, pick: int) -> None:
        if life := self._one(pick):
            mark = uuid.uuid4().hex
            with self.database.acting(self.users[life.owner]) as db:
                db.execute(
                    "update memoriesdb.memories set content = %s where id = %s and owner_id = %s",
                    (f"a {mark}", life.id, self.users[life.owner]),
                )
            life.marks.add(mark)
            life.text = f"a {mark}"

    @rule(pick=picks, other=picks)
    def link(self, pick: int, other: int) -> None:
        source = self._one(pick)
        others = [
            life
            for life in self.lives
            if source and life.owner == source.owner and not life.is_deleted and life is not source
        ]
        if source and others:
            target = others[other % len(others)]
            mark = uuid.uuid4().hex
            statement = "select memoriesdb.link(%s, %s, 'next', metadata => %s)::text"
            self._call(source.owner, statement, source.id, target.id, Jsonb({"why": mark}))
            source.links.add(mark)
            target.links.add(mark)

    @rule(pick=picks, user=st.integers(0, 2))
    def share(self, pick: int, user: int) -> None:
        life = self._one(pick)
        if life and life.owner != user:
            self._call(
                life.owner,
                "select memoriesdb.share(%s, %s, 'write')::text",
                life.id,
                self.users[user],
            )
            life.shared.add(user)

    @rule(pick=picks, user=st.integers(0, 2))
    def acquire(self, pick: int, user: int) -> None:
        life = self._one(pick)
        if life and user in life.shared:
            copy_id = self._call(user, "select memoriesdb.acquire(%s)", life.id)
            # Of the words of its origin the copy has those of the text and the metadata.
            self.lives.append(Life(copy_id, user, set(life.marks), life.text))

    @rule(pick=picks, user=st.integers(0, 2))
    def transfer(self, pick: int, user: int) -> None:
        life = self._one(pick)
        if life and life.owner != user and not life.held:
            statement = "select memoriesdb.transfer(%s, %s)::text"
            self._call(life.owner, statement, life.id, self.users[user])
            life.givers.add(life.owner)
            life.owner, life.shared = user, set()

    @rule(pick=picks)
    def delete(self, pick: int) -> None:
        life = self._one(pick)
        if life and not life.held:
            with self.database.acting(self.users[life.owner]) as db:
                db.execute(
                    "delete from memoriesdb.memories where id = %s and owner_id = %s",
                    (life.id, self.users[life.owner]),
                )
            life.is_deleted = True

    @rule()
    def embed(self) -> None:
        waiting = "select count(*) from memoriesdb.embedding_schedule"
        if one(self.superuser, waiting):
            embed_all(self.database)

    @rule()
    def refresh(self) -> None:
        refresh_graph(self.database)

    @rule(pick=picks)
    def hold(self, pick: int) -> None:
        life = self._one(pick, present=False)
        if life and not life.held:
            life.held = self.database.administer("hold(%s, 'case')", life.id)
        elif life:
            assert self.database.administer("release(%s)", life.held)
            life.held = None

    @rule(pick=picks, as_admin=st.booleans())
    def erase(self, pick: int, as_admin: bool) -> None:
        life = self._one(pick, present=False)
        if not life:
            return

        def erase() -> Receipt:
            if as_admin:
                return self.database.administer("erase(%s)", life.id)  # type: ignore[no-any-return]
            statement = "select memoriesdb.erase(%s)"
            return self._call(life.owner, statement, life.id)  # type: ignore[no-any-return]

        if life.held:
            with pytest.raises(psycopg.DatabaseError) as caught:
                erase()
            assert caught.value.sqlstate == "MD204"
            return
        receipt = erase()
        self.lives.remove(life)
        self._is_gone([life], receipt)

    @precondition(lambda self: len(self.lives) > 5)
    @rule(user=st.integers(0, 2))
    def erase_user(self, user: int) -> None:
        his = [life for life in self.lives if life.owner == user]
        if any(life.held and user in {life.owner, *life.givers} for life in self.lives):
            with pytest.raises(psycopg.DatabaseError) as caught:
                erase_user(self.database, self.users[user])
            assert caught.value.sqlstate == "MD204"
            return
        receipt = erase_user(self.database, self.users[user])
        self.lives = [life for life in self.lives if life.owner != user]
        for life in self.lives:
            life.shared.discard(user)
            life.givers.discard(user)
        self.users[user] = self.database.create_user(uuid.uuid4().hex)
        self._is_gone(his, receipt)

    def _is_gone(self, erased: list[Life], receipt: Receipt) -> None:
        self._is_pending(receipt)
        refresh_graph(self.database)
        kept = set().union(*(life.marks for life in self.lives)) if self.lives else set()
        for life in erased:
            # A link goes with either end.
            for mark in (life.marks - kept) | life.links:
                assert rows_with_mark(self.superuser, mark) == []
            left = check(self.database, receipt, life.text)
            assert [row for row in left if not row[3].endswith("of others")] == []

    def _is_pending(self, receipt: Receipt) -> None:
        """What the graph shows until its next refresh, the receipt has named."""
        left = {row[0] for row in check(self.database, receipt) if row[3] == "memory id"}
        assert {name for name in left if name.startswith("_memory_graph")} <= {*receipt["pending"]}

    def teardown(self) -> None:
        """Erase all that is left, and the ledger is as it was."""
        for life in getattr(self, "lives", []):
            if life.held:
                self.database.administer("release(%s)", life.held)
        for user_id in getattr(self, "users", []):
            self._is_pending(erase_user(self.database, user_id))
        refresh_graph(self.database)
        for life in getattr(self, "lives", []):
            for mark in life.marks | life.links:
                assert rows_with_mark(self.superuser, mark) == []


def test_whatever_happened_no_word_is_left(database: Database) -> None:
    register_model(database)
    Lives.database, Lives.superuser = database, database.superuser()
    run_machine(
        Lives,
        settings=settings(
            max_examples=20,
            phases=[Phase.generate],
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    one(Lives.superuser, "select memoriesdb.seal_ledger()")
    with database.connect("auditor") as db:
        assert db.execute("select * from memoriesdb.verify_ledger()").fetchall() == []
