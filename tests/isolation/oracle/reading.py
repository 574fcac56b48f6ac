"""What a query answers a user, compared with what the model answers for him."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
from hypothesis import strategies as st

from acting import Connection
from oracle.actors import Actor, Doors
from oracle.grammar import Query

Answer = tuple[str, list[str]]
# Another plan is another way past the policies.
PLANNERS = (
    "",
    "set local enable_seqscan = off",
    "set local enable_bitmapscan = off; set local enable_indexonlyscan = off",
    "set local enable_hashjoin = off; set local enable_mergejoin = off",
    "set local enable_nestloop = off; set local enable_material = off",
    "set local enable_hashagg = off; set local enable_sort = off",
    "set local from_collapse_limit = 1; set local join_collapse_limit = 1",
    "set local plan_cache_mode = force_generic_plan",
)
WAYS = ("at once", "cursor", "savepoint", "copy")
planners = st.sampled_from(PLANNERS)
ways = st.sampled_from(WAYS)


class MismatchError(AssertionError):
    """A user gets what the model does not say, or not all of it."""


def _answer(ask: Callable[[], list[Any]], *, is_ordered: bool) -> Answer:
    try:
        rows = [repr(row) for row in ask()]
    except psycopg.errors.DivisionByZero:
        return "division by zero", []
    return "rows", rows if is_ordered else sorted(rows)


def _ask(db: Connection, sql: str, way: str) -> list[Any]:
    if way == "at once":
        return db.execute(sql.encode()).fetchall()
    if way == "savepoint":
        with db.transaction():
            return db.execute(sql.encode()).fetchall()
    if way == "cursor":
        db.execute(f"declare oracle scroll cursor for {sql}".encode())
        db.execute("fetch 3 from oracle")
        db.execute("move absolute 0 in oracle")
        return db.execute("fetch all from oracle").fetchall()
    with db.cursor().copy(f"copy ({sql}) to stdout".encode()) as copy:
        return [bytes(line) for line in copy]


def expected(doors: Doors, actor: Actor, query: Query, way: str) -> Answer:
    """Ask the model."""
    sql = doors.fill(query.sql, "model")
    way = "copy" if way == "copy" else "at once"

    def ask() -> list[Any]:
        with doors.model(actor) as db:
            return _ask(db, sql, way)

    return _answer(ask, is_ordered=query.is_ordered)


def compare(doors: Doors, actor: Actor, query: Query, way: str, planner: str) -> int:
    """Ask as the actor and ask the model; return how many rows they agree on."""
    sql = doors.fill(query.sql, "memoriesdb")

    def ask() -> list[Any]:
        with doors.enter(actor) as db:
            if planner:
                db.execute(planner.encode())
            return _ask(db, sql, way)

    got = _answer(ask, is_ordered=query.is_ordered)
    return _judge(got, expected(doors, actor, query, way), actor, sql)


def compare_prepared(doors: Doors, actors: list[Actor], query: Query, mode: str) -> int:
    """Prepare once and execute for one actor after the other, on the same backend."""
    sql, db, agreed = doors.fill(query.sql, "memoriesdb"), doors.direct, 0
    db.execute(f"set plan_cache_mode = {mode}".encode())
    db.execute(f"prepare oracle as {sql}".encode())
    try:
        for actor in actors:

            def ask(actor: Actor = actor) -> list[Any]:
                with doors.enter(actor, direct=True):
                    return db.execute("execute oracle").fetchall()

            got = _answer(ask, is_ordered=query.is_ordered)
            agreed += _judge(got, expected(doors, actor, query, "at once"), actor, sql)
    finally:
        db.execute("deallocate oracle")
    return agreed


def _judge(got: Answer, right: Answer, actor: Actor, sql: str) -> int:
    if got == right:
        return len(got[1])
    told = sorted(set(got[1]) - set(right[1]))[:5]
    withheld = sorted(set(right[1]) - set(got[1]))[:5]
    raise MismatchError(
        f"{actor} got {got[0]} ({len(got[1])}), and the model says {right[0]} ({len(right[1])})\n"
        f"told: {told}\nwithheld: {withheld}\n{sql}"
    )
