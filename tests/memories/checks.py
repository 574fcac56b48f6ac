"""What each user sees, and what the model says about it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from acting import Connection
from memories.model import State

if TYPE_CHECKING:
    from memories.machine import Users

Check = Callable[["Users", Connection, int], None]


def state_of(machine: Users, row: tuple[Any, ...]) -> State:
    """A row of content, kind, importance, forgotten_at and updated_by."""
    return State(row[0], row[1], row[2], row[3] is not None, machine.users.index(row[4]))


def visible_rows(machine: Users, db: Connection, user: int) -> None:
    """Own and shared memories, with who owns and made them."""
    rows = db.execute(
        "select id, owner_id, created_by, version, "
        "content, kind, importance, forgotten_at, updated_by from memoriesdb.memories"
    ).fetchall()
    seen = {row[0]: (*row[1:4], state_of(machine, row[4:])) for row in rows}
    assert len(seen) == len(rows)
    assert seen == {
        machine.ids[index]: (
            machine.users[memory.owner],
            machine.users[memory.maker],
            len(memory.versions),
            memory.state,
        )
        for index, memory in enumerate(machine.model.memories)
        if machine.model.reads(user, index)
    }


def histories(machine: Users, db: Connection, user: int) -> None:
    """Every version of what one owns, or owned when it was deleted, without gap or overlap."""
    rows = db.execute(
        "select i.id, h.version, h.operation, h.valid_from, h.valid_until, "
        "h.content, h.kind, h.importance, h.forgotten_at, h.updated_by "
        "from unnest(%s::uuid[]) with ordinality as i (id, place) "
        "cross join lateral memoriesdb.history(i.id) as h order by i.place, h.version",
        (machine.ids,),
    ).fetchall()
    seen = [(row[0], row[1], state_of(machine, row[5:]), row[2]) for row in rows]
    assert seen == [
        (machine.ids[index], *version)
        for index, memory in enumerate(machine.model.memories)
        if memory.owner == user
        for version in memory.history()
    ]
    for before, after in pairwise(rows):
        if before[0] == after[0]:
            assert before[4] == after[3]
    assert all(row[3] < row[4] for row in rows if row[4] is not None)


def former_states(machine: Users, db: Connection, user: int) -> None:
    """as_of() at the end of some steps: the first, the last ones, one between."""
    last = len(machine.times) - 1
    steps = sorted({0, last, max(0, last - 1), last // 2})
    rows = db.execute(
        "select t.place, s.memory_id, "
        "s.content, s.kind, s.importance, s.forgotten_at, s.updated_by "
        "from unnest(%s::timestamptz[]) with ordinality as t (at, place) "
        "cross join lateral memoriesdb.as_of(t.at) as s",
        ([machine.times[step] for step in steps],),
    ).fetchall()
    expected = {
        (place, machine.ids[index]): memory.at(step)
        for place, step in enumerate(steps, start=1)
        for index, memory in enumerate(machine.model.memories)
        if memory.owner == user and memory.at(step) is not None
    }
    assert {(row[0], row[1]): state_of(machine, row[2:]) for row in rows} == expected
    assert len(rows) == len(expected)


def custodies(machine: Users, db: Connection, user: int) -> None:
    """Who has had it, without gap; the present owner's stay is open."""
    rows = db.execute(
        "select i.id, c.owner_id, c.held_from, c.held_until, c.reason "
        "from unnest(%s::uuid[]) with ordinality as i (id, place) "
        "cross join lateral memoriesdb.custody(i.id) as c order by i.place, c.place",
        (machine.ids,),
    ).fetchall()
    expected = []
    for index, memory in enumerate(machine.model.memories):
        chain = memory.custody(user)
        for place, owner in enumerate(chain):
            is_last = place == len(memory.stays) - 1
            is_open = is_last and memory.is_here
            reason = None if is_last else "sold"
            expected.append((machine.ids[index], machine.users[owner], is_open, reason))
    assert [(row[0], row[1], row[3] is None, row[4]) for row in rows] == expected
    for before, after in pairwise(rows):
        if before[0] == after[0]:
            assert before[3] == after[2]


def grants_and_edges(machine: Users, db: Connection, user: int) -> None:
    """Own grants, grants to oneself, own edges."""
    model = machine.model
    grants = db.execute(
        "select memory_id, grantee_id, privilege from memoriesdb.memory_grants"
    ).fetchall()
    assert {(row[0], row[1]): row[2] for row in grants} == {
        (machine.ids[index], machine.users[to]): privilege
        for (index, to), privilege in model.grants.items()
        if to == user or model.memories[index].owner == user
    }
    edges = db.execute("select source_id, target_id from memoriesdb.memory_edges").fetchall()
    assert sorted(edges) == sorted(
        (machine.ids[source], machine.ids[target])
        for source, target in model.edges
        if model.memories[source].owner == user
    )


def nothing_was_tampered_with(machine: Users, db: Connection, user: int) -> None:
    """verify_memories() finds nothing."""
    assert db.execute("select * from memoriesdb.verify_memories()").fetchall() == []


CHECKS: list[Check] = [
    visible_rows,
    histories,
    former_states,
    custodies,
    grants_and_edges,
    nothing_was_tampered_with,
]
