"""An export that is imported makes an equal owner, whatever the history: a property."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from acting import Connection, Database
from bulk.exports import edges, exported, imported, states

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(
    lambda text: any(not c.isspace() and c.isprintable() for c in text)
)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
METADATA = st.dictionaries(st.just("speaker") | WORDS, VALUES, max_size=3).map(json.dumps)
FRACTIONS = st.floats(0, 1, width=32)
TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
COLUMNS = st.fixed_dictionaries(
    {},
    optional={
        "content": st.just("milk") | TEXTS,
        "kind": st.sampled_from(["note", "fact"]),
        "metadata": METADATA,
        "stream": st.none() | WORDS.filter(bool),
        "importance": FRACTIONS,
        "trust": FRACTIONS,
        "occurred_at": st.just(NOON) | TIMES,
        "expires_at": st.none() | TIMES,
    },
)
# Which memory, out of those that are there.
PLACES = st.integers(0, 2)
INSERTS = st.tuples(st.just("insert"), COLUMNS)
STEPS = st.one_of(
    INSERTS,
    st.tuples(st.just("update"), PLACES, COLUMNS.filter(bool)),
    st.tuples(st.sampled_from(["forget", "restore", "delete"]), PLACES),
    st.tuples(
        st.just("link"),
        *(PLACES, PLACES),
        st.sampled_from(["related", "derived_from"]),
        FRACTIONS,
        METADATA,
    ),
    st.tuples(st.just("unlink"), PLACES, PLACES),
)
HISTORIES = st.tuples(st.lists(INSERTS, min_size=1, max_size=3), st.lists(STEPS, max_size=10)).map(
    lambda parts: parts[0] + parts[1]
)
# What chance may not come to: equal memories, and a link that lowers a limit.
RICH = [
    *[("insert", {"occurred_at": NOON})] * 3,
    ("update", 0, {"trust": 0.25}),
    ("link", 1, 0, "derived_from", 0.5, '{"why": null}'),
    ("link", 0, 2, "related", 0.125, "{}"),
    ("forget", 2),
    ("restore", 2),
    ("forget", 2),
    ("insert", {"content": "gone"}),
    ("delete", 3),
    *[("insert", {"content": "twice", "occurred_at": NOON})] * 2,
    ("link", 3, 0, "related", 1.0, "{}"),
    ("link", 4, 1, "related", 1.0, "{}"),
]


class Life:
    """What a user does, one step after another."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._ids: list[UUID] = []

    def take(self, action: str, *given: Any) -> None:
        try:
            with self._db.transaction():
                getattr(self, f"_{action}")(*given)
        except (IndexError, psycopg.DatabaseError) as error:
            # There are not so many, or it is linked to itself, or trusted beyond its limit.
            if getattr(error, "sqlstate", None) not in (None, "MD203", "MD205"):
                raise

    def _insert(self, columns: dict[str, Any]) -> None:
        values = {"content": "tea", **columns}
        names = ", ".join(values)
        places = ", ".join(f"%({name})s" for name in values)
        query = f"insert into memoriesdb.memories ({names}) values ({places}) returning id"
        row = self._db.execute(query.encode(), values).fetchone()
        assert row
        self._ids.append(row[0])

    def _update(self, place: int, columns: dict[str, Any]) -> None:
        changes = ", ".join(f"{name} = %({name})s" for name in columns)
        query = f"update memoriesdb.memories set {changes} where id = %(id)s"
        self._db.execute(query.encode(), {**columns, "id": self._ids[place]})

    def _forget(self, place: int) -> None:
        self._db.execute("select memoriesdb.forget(%s)", (self._ids[place],))

    def _restore(self, place: int) -> None:
        self._db.execute("select memoriesdb.restore(%s)", (self._ids[place],))

    def _delete(self, place: int) -> None:
        self._db.execute("delete from memoriesdb.memories where id = %s", (self._ids.pop(place),))

    def _link(self, source: int, target: int, *given: object) -> None:
        self._db.execute(
            "select memoriesdb.link(%s, %s, %s, %s, %s)",
            (self._ids[source], self._ids[target], *given),
        )

    def _unlink(self, source: int, target: int) -> None:
        self._db.execute("select memoriesdb.unlink(%s, %s)", (self._ids[source], self._ids[target]))


@pytest.fixture
def users(database: Database) -> Iterator[UUID]:
    """One user after another, none of whom has anything."""
    return (database.create_user(f"user-{n}") for n in itertools.count())


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=HISTORIES, batch_size=st.integers(1, 3))
@example(steps=RICH, batch_size=2)
def test_the_importing_owner_has_what_the_exporting_one_had(
    database: Database, users: Iterator[UUID], steps: list[Any], batch_size: int
) -> None:
    before, after = next(users), next(users)
    with database.acting(before) as db:
        life = Life(db)
        for step in steps:
            life.take(*step)
    export = exported(database, before)
    first = imported(database, after, export, batch_size=batch_size)
    assert states(database, after) == states(database, before)
    assert edges(database, after) == edges(database, before)
    assert first.edges == len(edges(database, before))

    again = imported(database, after, export)
    assert (again.kept, again.known, again.edges) == (0, first.kept, 0)
    assert states(database, after) == states(database, before)
    # What came from an export makes an equal one, which is known where it came from, too.
    back = imported(database, before, exported(database, after))
    assert (back.kept, back.known, back.edges) == (0, first.kept, 0)
