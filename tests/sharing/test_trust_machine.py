"""No sequence of acts makes a memory more trusted than what it came from.

What is looked at after each step, for what all users see together:

- the trust of a memory never exceeds its trust_limit, and its trust_limit never rises;
- while one memory is derived from another, every trust that the other is seen to have bounds the
  first from then on, however the other rises, is unlinked or given away later;
- the trust of an origin when a copy was acquired bounds the copy from then on;
- and nothing else does: trust_limit is exactly the least of these bounds, or 1;
- what was given away is trusted to what it was, and no more than the setting transfer_max_trust.
"""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from acting import Connection, Database

USERS = st.integers(0, 2)
PICKS = st.integers(0, 5)
# What `real` holds exactly, so that what is read back is what was written.
TRUSTS = st.sampled_from([0.0, 0.125, 0.25, 0.5, 0.75, 1.0])
GIFT = 0.5


class Traders(RuleBasedStateMachine):
    """Three users who write, derive, share, acquire and give away."""

    connection: ClassVar[Connection]
    superuser: ClassVar[Connection]

    @initialize()
    def begin(self) -> None:
        """Three new users; others' memories of former runs stay in the database."""
        rows = self.superuser.execute(
            "insert into memoriesdb.users (id, username, role, created_at) "
            "select i, i::text, 'user', now() "
            "from (select memoriesdb._new_id() as i from generate_series(1, 3)) as n "
            "returning id"
        ).fetchall()
        self.users: list[UUID] = [row[0] for row in rows]
        self.ids: list[UUID] = []
        self.trusts: dict[UUID, float] = {}
        self.bounds: dict[UUID, float] = {}
        self.given: dict[UUID, float] = {}
        for user in range(3):
            self.remember(user, 1.0)

    def act(self, user: UUID, statement: str, *parameters: Any) -> Any:
        """One transaction of a user: the value of its last statement, or its SQLSTATE."""
        try:
            with self.connection.transaction():
                self.connection.execute("select memoriesdb.set_user(%s)", (user,))
                cursor = self.connection.execute(statement, parameters)
                row = cursor.fetchone() if cursor.description else None
        except psycopg.Error as error:
            return error.sqlstate
        return None if row is None else row[0]

    def pick(self, pick: int) -> UUID:
        # The latest ones, so that several rules meet at one memory.
        return self.ids[max(0, len(self.ids) - 1 - pick)]

    def owner(self, memory_id: UUID) -> UUID:
        row = self.superuser.execute(
            "select owner_id from memoriesdb.memories where id = %s", (memory_id,)
        ).fetchone()
        assert row is not None
        owner_id: UUID = row[0]
        return owner_id

    @rule(user=USERS, trust=TRUSTS)
    def remember(self, user: int, trust: float) -> None:
        memory_id = self.act(
            self.users[user],
            "insert into memoriesdb.memories (content, trust) values ('a claim', %s) returning id",
            trust,
        )
        self.ids.append(memory_id)
        self.bounds[memory_id] = 1.0

    @rule(derived=PICKS, of=PICKS)
    def derive(self, derived: int, of: int) -> None:
        self.act(
            self.owner(self.pick(derived)),
            "select memoriesdb.link(%s, %s, 'derived_from')",
            self.pick(derived),
            self.pick(of),
        )

    @rule(derived=PICKS, of=PICKS)
    def unlink(self, derived: int, of: int) -> None:
        self.act(
            self.owner(self.pick(derived)),
            "select memoriesdb.unlink(%s, %s)",
            self.pick(derived),
            self.pick(of),
        )

    @rule(pick=PICKS, trust=TRUSTS)
    def change(self, pick: int, trust: float) -> None:
        memory_id = self.pick(pick)
        answer = self.act(
            self.owner(memory_id),
            "update memoriesdb.memories set trust = %s where id = %s",
            trust,
            memory_id,
        )
        assert answer == (None if trust <= self.bounds[memory_id] else "MD205")

    @rule(user=USERS, trust=TRUSTS)
    def change_all(self, user: int, trust: float) -> None:
        """Of everything that this user owns, or none of it."""
        owner = self.users[user]
        mine = [memory_id for memory_id in self.ids if self.owner(memory_id) == owner]
        answer = self.act(owner, "update memoriesdb.memories set trust = %s", trust)
        may = all(trust <= self.bounds[memory_id] for memory_id in mine)
        assert answer == (None if may else "MD205")

    @rule(pick=PICKS, user=USERS, trust=TRUSTS)
    def change_as_grantee(self, pick: int, user: int, trust: float) -> None:
        memory_id, grantee = self.pick(pick), self.users[user]
        owner = self.owner(memory_id)
        if grantee == owner:
            return
        self.act(owner, "select memoriesdb.share(%s, %s, 'write')", memory_id, grantee)
        answer = self.act(
            grantee,
            "update memoriesdb.memories set trust = %s where id = %s",
            trust,
            memory_id,
        )
        self.act(owner, "select memoriesdb.unshare(%s, %s)", memory_id, grantee)
        assert answer == (None if trust == self.trusts[memory_id] else "MD205")

    @rule(pick=PICKS, user=USERS)
    def acquire(self, pick: int, user: int) -> None:
        memory_id, grantee = self.pick(pick), self.users[user]
        owner = self.owner(memory_id)
        if grantee == owner:
            return
        self.act(owner, "select memoriesdb.share(%s, %s)", memory_id, grantee)
        copy_id = self.act(grantee, "select memoriesdb.acquire(%s)", memory_id)
        self.act(owner, "select memoriesdb.unshare(%s, %s)", memory_id, grantee)
        self.ids.append(copy_id)
        self.bounds[copy_id] = self.trusts[memory_id]

    @rule(pick=PICKS, user=USERS)
    def transfer(self, pick: int, user: int) -> None:
        memory_id = self.pick(pick)
        former = self.owner(memory_id)
        answer = self.act(former, "select memoriesdb.transfer(%s, %s)", memory_id, self.users[user])
        assert answer == ("MD304" if former == self.users[user] else "")
        if not answer:
            self.given[memory_id] = min(self.trusts[memory_id], GIFT)

    @invariant()
    def trust_stays_within_its_bounds(self) -> None:
        rows = self.superuser.execute(
            "select id, trust, trust_limit from memoriesdb.memories where owner_id = any (%s)",
            (self.users,),
        ).fetchall()
        self.trusts = {row[0]: row[1] for row in rows}
        derived = self.superuser.execute(
            "select source_id, target_id from memoriesdb.memory_edges where owner_id = any (%s)",
            (self.users,),
        )
        for source, target in derived:
            self.bounds[source] = min(self.bounds[source], self.trusts[target])
        for memory_id, trust in self.given.items():
            assert self.trusts[memory_id] == trust
        self.given.clear()
        for memory_id, trust, limit in rows:
            assert trust <= limit
            assert limit == self.bounds[memory_id]


QUICK = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# Finding the fault is enough, the smallest way to it does not matter.
FAULTY = settings(QUICK, max_examples=200, report_multiple_bugs=False, phases=[Phase.generate])
LONG = settings(QUICK, max_examples=200, stateful_step_count=50, derandomize=False)


def run(database: Database, profile: settings) -> None:
    class Bound(Traders):
        """Of this test's database, through the pool."""

    Bound.connection = database.connect("app", autocommit=True)
    Bound.superuser = database.superuser()
    run_state_machine_as_test(Bound, settings=profile)


def test_trust_never_grows(database: Database) -> None:
    run(database, QUICK)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_trust_never_grows_for_long(database: Database) -> None:
    run(database, LONG)


@pytest.mark.parametrize(
    ("function", "what", "replacement"),
    [
        ("tg_memories__stamp", "new.trust > new.trust_limit", "false"),
        (
            "_check_edit",
            "(new.trust, new.trust_limit) is distinct from (old.trust, old.trust_limit)",
            "false",
        ),
        ("tg_memory_edges__limit_trust", "v_target_ids is null", "true"),
        ("tg_memories__limit_trust", "not exists (", "exists ("),
        ("acquire", "v_origin.trust, v_origin.trust,", "v_origin.trust, v_origin.trust_limit,"),
        ("transfer", "v_memory.trust_limit, v_memory.occurred_at", "1, v_memory.occurred_at"),
        ("transfer", "least(v_memory.trust, ", "coalesce(v_memory.trust, "),
        ("transfer", "least(v_memory.trust, ", "coalesce(null, "),
    ],
)
def test_the_machine_sees_a_fault(
    database: Database, function: str, what: str, replacement: str
) -> None:
    """Each fault, put into this test's own database, is found: the test can fail."""
    with database.superuser() as db:
        row = db.execute(
            "select pg_get_functiondef(p.oid) from pg_proc as p "
            "where p.pronamespace = 'memoriesdb'::regnamespace and p.proname = %s",
            (function,),
        ).fetchone()
        assert row is not None
        assert what in row[0]
        db.execute(row[0].replace(what, replacement).encode())
    with pytest.raises(AssertionError):
        run(database, FAULTY)
