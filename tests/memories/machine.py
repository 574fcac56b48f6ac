"""Several users at work on one database through the pool, compared with a model at every step."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import psycopg
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acting import Connection, Database
from memories.checks import CHECKS
from memories.model import Model

USERS = range(3)
user_numbers = st.sampled_from(USERS)
picks = st.integers(0, 3)
actors = st.sampled_from(["owner", "owner", "grantee", *USERS])
texts = st.sampled_from(["tea", "a long walk", "tea again", "naïve café", "it's 5 o'clock; --"])
kinds = st.sampled_from(["note", "fact"])
importances = st.sampled_from([0.25, 0.5, 1.0])


class Users(RuleBasedStateMachine):
    """Remember, edit, forget, delete, share, transfer and link, by three users."""

    database: ClassVar[Database]
    connections: ClassVar[list[Connection]]

    @initialize()
    def begin(self) -> None:
        """Three new users; others' memories of former runs stay in the database."""
        self.model = Model()
        self.ids: list[UUID] = []
        self.step = 0
        with psycopg.connect(self.database.dsn("superuser")) as db:
            rows = db.execute(
                "insert into memoriesdb.users (id, username, role, created_at) "
                "select i, i::text, 'user', now() "
                "from (select memoriesdb._new_id() as i from generate_series(1, 3)) as n "
                "returning id"
            ).fetchall()
        self.users: list[UUID] = [row[0] for row in rows]
        self.times = [self.clock()]

    def clock(self) -> Any:
        row = self.connections[0].execute("select clock_timestamp()").fetchone()
        self.connections[0].commit()
        assert row is not None
        return row[0]

    def act(self, user: int, statement: str, *parameters: Any) -> psycopg.Cursor[Any]:
        """One transaction of a user; it is a step."""
        db = self.connections[user]
        with db.transaction():
            db.execute("select memoriesdb.set_user(%s)", (self.users[user],))
            return db.execute(statement, parameters)

    def answer(self, user: int, statement: str, *parameters: Any) -> Any:
        """The one value of a statement, or the SQLSTATE with which it was refused."""
        try:
            row = self.act(user, statement, *parameters).fetchone()
        except psycopg.Error as error:
            return error.sqlstate
        return None if row is None else row[0]

    def known(self) -> bool:
        return bool(getattr(self, "ids", []))

    def index(self, pick: int) -> int:
        # The latest ones, so that several rules meet at one memory.
        return max(0, len(self.ids) - 1 - pick)

    def user(self, actor: str | int, index: int) -> int:
        """The user who acts: more often one who may than chance would have it."""
        if isinstance(actor, int):
            return actor
        grantees = [to for of, to in self.model.grants if of == index]
        if actor == "grantee" and grantees:
            return grantees[0]
        return self.model.memories[index].owner

    def next_step(self) -> int:
        self.step += 1
        return self.step

    @rule(user=user_numbers, content=texts, kind=kinds)
    def remember(self, user: int, content: str, kind: str) -> None:
        step = self.next_step()
        call = "select memoriesdb.remember(%s, %s)"
        self.ids.append(self.answer(user, call, content, kind))
        self.model.remember(step, user, content, kind)

    @rule(user=user_numbers, contents=st.lists(texts, min_size=2, max_size=3))
    def remember_by_insert(self, user: int, contents: list[str]) -> None:
        step = self.next_step()
        rows = self.act(
            user,
            "insert into memoriesdb.memories (content) select unnest(%s::text[]) returning id",
            contents,
        ).fetchall()
        for (memory_id,), content in zip(rows, contents, strict=True):
            self.ids.append(memory_id)
            self.model.remember(step, user, content, "note")

    @precondition(known)
    @rule(actor=actors, pick=picks, content=texts, kind=kinds)
    def edit(self, actor: str | int, pick: int, content: str, kind: str) -> None:
        index, step = self.index(pick), self.next_step()
        user = self.user(actor, index)
        count = self.act(
            user,
            "update memoriesdb.memories set content = %s, kind = %s where id = %s",
            content,
            kind,
            self.ids[index],
        ).rowcount
        assert count == self.model.writes(user, index)
        if count:
            self.model.memories[index].change(step, user, content=content, kind=kind)

    @precondition(known)
    @rule(user=user_numbers, importance=importances)
    def edit_all_that_one_may(self, user: int, importance: float) -> None:
        """In one statement, own and shared ones; twice in one transaction."""
        step = self.next_step()
        db = self.connections[user]
        mine = [i for i in range(len(self.ids)) if self.model.writes(user, i)]
        with db.transaction():
            db.execute("select memoriesdb.set_user(%s)", (self.users[user],))
            for new in (importance / 2, importance):
                update = db.execute("update memoriesdb.memories set importance = %s", (new,))
                assert update.rowcount == len(mine)
                for index in mine:
                    self.model.memories[index].change(step, user, importance=new)

    @precondition(known)
    @rule(actor=actors, pick=picks, content=texts)
    def edit_in_a_transaction_that_began_before_anothers(
        self, actor: str | int, pick: int, content: str
    ) -> None:
        index = self.index(pick)
        user = self.user(actor, index)
        if not self.model.owns(user, index):
            return
        step = self.next_step()
        statement = "update memoriesdb.memories set content = %s where id = %s"
        with psycopg.connect(self.database.dsn("app"), prepare_threshold=None) as early:
            early.execute("select memoriesdb.set_user(%s)", (self.users[user],))
            early.execute("select now()")
            self.act(user, statement, "later begun", self.ids[index])
            early.execute(statement, (content, self.ids[index]))
        self.model.memories[index].change(step, user, content="later begun")
        self.model.memories[index].change(step, user, content=content)

    @precondition(known)
    @rule(actor=actors, pick=picks, is_forgotten=st.booleans())
    def forget_or_restore(self, actor: str | int, pick: int, is_forgotten: bool) -> None:
        index, step = self.index(pick), self.next_step()
        user = self.user(actor, index)
        memory = self.model.memories[index]
        verb = "forget" if is_forgotten else "restore"
        done = self.answer(user, f"select memoriesdb.{verb}(%s)", self.ids[index])
        owns = self.model.owns(user, index)
        assert done == (owns and memory.state.is_forgotten != is_forgotten)
        if done:
            memory.change(step, user, is_forgotten=is_forgotten)

    @precondition(known)
    @rule(actor=actors, pick=picks)
    def delete(self, actor: str | int, pick: int) -> None:
        index, step = self.index(pick), self.next_step()
        user = self.user(actor, index)
        statement = "delete from memoriesdb.memories where id = %s"
        count = self.act(user, statement, self.ids[index]).rowcount
        assert count == self.model.owns(user, index)
        if count:
            self.model.delete(step, index)

    @precondition(known)
    @rule(actor=actors, pick=picks, to=user_numbers, privilege=st.sampled_from(["read", "write"]))
    def share(self, actor: str | int, pick: int, to: int, privilege: str) -> None:
        index = self.index(pick)
        user = self.user(actor, index)
        self.next_step()
        refusal = self.answer(
            user,
            "select memoriesdb.share(%s, %s, %s)::text",
            self.ids[index],
            self.users[to],
            privilege,
        )
        if not self.model.owns(user, index):
            assert refusal == "MD201"
        elif user == to:
            assert refusal == "MD301"
        else:
            assert not refusal
            self.model.grants[index, to] = privilege

    @precondition(known)
    @rule(actor=actors, pick=picks, to=user_numbers)
    def unshare(self, actor: str | int, pick: int, to: int) -> None:
        index = self.index(pick)
        user = self.user(actor, index)
        self.next_step()
        call = "select memoriesdb.unshare(%s, %s)"
        done = self.answer(user, call, self.ids[index], self.users[to])
        assert done == (self.model.owns(user, index) and (index, to) in self.model.grants)
        if done:
            del self.model.grants[index, to]

    @precondition(known)
    @rule(actor=actors, pick=picks, to=user_numbers)
    def transfer(self, actor: str | int, pick: int, to: int) -> None:
        index, step = self.index(pick), self.next_step()
        user = self.user(actor, index)
        call = "select memoriesdb.transfer(%s, %s, 'sold')::text"
        refusal = self.answer(user, call, self.ids[index], self.users[to])
        if not self.model.owns(user, index):
            assert refusal == "MD201"
        elif user == to:
            assert refusal == "MD304"
        else:
            assert not refusal
            self.model.transfer(step, index, to)

    @precondition(known)
    @rule(actor=actors, source=picks, onto=picks, is_linked=st.booleans())
    def link_or_unlink(self, actor: str | int, source: int, onto: int, is_linked: bool) -> None:
        ends = (self.index(source), self.index(onto))
        user = self.user(actor, ends[0])
        self.next_step()
        owns = all(self.model.owns(user, end) for end in ends)
        ids = [self.ids[end] for end in ends]
        if is_linked:
            refusal = self.answer(user, "select memoriesdb.link(%s, %s, weight => 0.5)::text", *ids)
            expected = "MD201" if not owns else "MD203" if ends[0] == ends[1] else ""
            assert (refusal or "") == expected
            if not refusal:
                self.model.edges[ends] = 0.5
        else:
            count = self.answer(user, "select memoriesdb.unlink(%s, %s)", *ids)
            assert count == (owns and ends in self.model.edges)
            self.model.edges = {k: v for k, v in self.model.edges.items() if not count or k != ends}

    @precondition(known)
    @rule(actor=actors, pick=picks, to=user_numbers)
    def think_better_of_it(self, actor: str | int, pick: int, to: int) -> None:
        """What is rolled back has not been."""
        index = self.index(pick)
        user = self.user(actor, index)
        db = self.connections[user]
        self.next_step()
        with db.transaction(force_rollback=True):
            db.execute("select memoriesdb.set_user(%s)", (self.users[user],))
            db.execute("select memoriesdb.remember('never said')")
            db.execute("update memoriesdb.memories set content = 'never written'")
            db.execute("select memoriesdb.forget(%s)", (self.ids[index],))
            if self.model.owns(user, index) and user != to:
                call = "select memoriesdb.transfer(%s, %s)"
                db.execute(call, (self.ids[index], self.users[to]))
            db.execute("delete from memoriesdb.memories")

    @invariant()
    def everything_is_as_the_model_says(self) -> None:
        if not hasattr(self, "times"):
            return
        if len(self.times) == self.step:
            self.times.append(self.clock())
        for user in USERS:
            db = self.connections[user]
            with db.transaction():
                db.execute("select memoriesdb.set_user(%s)", (self.users[user],))
                for check in CHECKS:
                    check(self, db, user)
