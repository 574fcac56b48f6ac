"""Random small memories and questions, kept in a database, and what recall() says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from acting import Connection, Database
from queues.support import register
from recall.plain import Found, Item, Question, Settings, midnight

VOCABULARY = ("tea", "milk", "river", "mountain", "red", "blue", "stone")
# Of the last two one begins with another letter than what is meant.
TYPOS = ("rivver", "mountan", "hountain")
START = midnight(2024, 1, 1)
DAYS = [START + timedelta(days=number) for number in range(4)]
# No two of these make the same angle with a question, so that rounding decides nothing.
KEPT = ((3, 1, 0, 0), (1, 3, 1, 0), (0, 2, -1, 1), (-1, 0, 2, 3), (-3, -1, 0, 1))
ASKED = ((1, 2, 3, 5), (5, -1, 2, 1), (-2, 7, 1, 3))
SPEAKERS = ("Ada", "Ben")


@dataclass(frozen=True)
class Asked:
    """Words of a question, and the other arguments of recall()."""

    words: tuple[str, ...]
    speakers: tuple[str, ...]
    day: datetime | None
    arguments: dict[str, Any]

    @property
    def text(self) -> str:
        on = [f"on {self.day.day} January 2024"] if self.day else []
        return " ".join([*self.words, *(f"{name}'s" for name in self.speakers), *on])

    def passes(self, item: Item) -> bool:
        asked = self.arguments
        return (
            item.kind in asked.get("kinds", [item.kind])
            and item.stream == asked.get("stream", item.stream)
            and item.colour == asked.get("metadata_filter", {}).get("colour", item.colour)
            and asked.get("since", item.occurred_at) <= item.occurred_at
            and item.occurred_at < asked.get("until", item.occurred_at + timedelta(days=1))
        )

    def question(self, *, are_dates_read: bool) -> Question:
        """The same for the plain implementation."""
        date = {str(self.day.day), "januari", "2024"} if self.day else set()
        return Question(
            terms=frozenset({*self.words, *(name.lower() for name in self.speakers), *date}),
            k=self.arguments["k"],
            vector=self.arguments.get("query_embedding"),
            named=frozenset(name.lower() for name in self.speakers),
            days=(self.day,) if self.day and are_dates_read else (),
            include_shared=self.arguments.get("include_shared", True),
            passes=self.passes,
        )

    @property
    def parameters(self) -> dict[str, Any]:
        given = {"query": self.text, **self.arguments}
        if "query_embedding" in given:
            given["query_embedding"] = str(list(given["query_embedding"]))
        if "metadata_filter" in given:
            given["metadata_filter"] = Jsonb(given["metadata_filter"])
        return given


@st.composite
def items(draw: st.DrawFn, most: int = 10, least: int = 0) -> list[Item]:
    """Memories of alice (0), what bob shares with her (1), what he does not (2)."""
    return [
        Item(
            place=place,
            owner=draw(st.sampled_from([0, 0, 0, 1, 2])),
            words=tuple(draw(st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5))),
            stream=draw(st.sampled_from([None, "a", "a", "b"])),
            kind=draw(st.sampled_from(["note", "fact"])),
            colour=draw(st.sampled_from(["green", "black"])),
            occurred_at=draw(st.sampled_from(DAYS)) + timedelta(hours=draw(st.integers(0, 23))),
            vector=draw(st.none() | st.sampled_from(KEPT)),
            speaker=draw(st.sampled_from([None, *SPEAKERS])),
            importance=draw(st.sampled_from([0.0, 0.5, 1.0])),
            is_gone=draw(st.sampled_from([False] * 5 + [True])),
            is_expired=draw(st.sampled_from([False] * 5 + [True])),
        )
        for place in range(draw(st.integers(least, most)))
    ]


@st.composite
def questions(draw: st.DrawFn, vocabulary: tuple[str, ...] = VOCABULARY + TYPOS) -> Asked:
    """Arguments of recall(), each left out more often than not."""
    words = draw(st.lists(st.sampled_from(vocabulary), min_size=1, max_size=4))
    arguments: dict[str, Any] = {"k": draw(st.integers(1, 8))}
    choices: dict[str, st.SearchStrategy[Any]] = {
        "query_embedding": st.sampled_from(ASKED),
        "kinds": st.lists(st.sampled_from(["note", "fact"]), max_size=2, unique=True),
        "stream": st.sampled_from(["a", "b"]),
        "metadata_filter": st.sampled_from([{}, {"colour": "green"}]),
        "since": st.sampled_from(DAYS),
        "until": st.sampled_from(DAYS),
        "include_shared": st.booleans(),
    }
    for name, choice in choices.items():
        if draw(st.integers(0, 1 if name == "query_embedding" else 4)) == 0:
            arguments[name] = draw(choice)
    speakers = draw(st.sampled_from([(), (), ("Ada",), SPEAKERS]))
    day = draw(st.none() | st.sampled_from(DAYS))
    return Asked(tuple(words), speakers, day, arguments)


class World:
    """A database with alice (0), who asks, and bob (1, 2); every example is rolled back."""

    def __init__(self, database: Database, users: list[UUID]) -> None:
        # No endpoint: without a query_embedding there is no arm of meaning.
        self.model_id = register(database, "http://127.0.0.1:9")
        self.users = users
        self.db = database.connect("superuser")
        row = self.db.execute(
            "select since, until from memoriesdb._dates_in('on 2 January 2024', now())"
        ).fetchall()
        self.are_dates_read = row == [(midnight(2024, 1, 2), midnight(2024, 1, 3))]
        assert self.are_dates_read or row == []
        self.db.commit()

    def shipped(self) -> Settings:
        """The settings as they are in a new database."""
        rows = self.db.execute("select substr(key, 8), value from memoriesdb.settings").fetchall()
        self.db.commit()
        return Settings(**{name: value for name, value in rows if hasattr(Settings, name)})

    @contextmanager
    def filled(self, memories: list[Item], settings: Settings) -> Iterator[list[UUID]]:
        """The ids of the memories, in order, for one example."""
        with self.db.transaction(force_rollback=True):
            for key, value in asdict(settings).items():
                self.db.execute(
                    "update memoriesdb.settings set value = %s where key = %s",
                    (Jsonb(value), f"recall_{key}"),
                )
            yield store(self.db, memories, self.users, self.model_id)

    def ask(self, asked: Asked, ids: list[UUID], **more: Any) -> list[Found]:
        """What recall() answers alice, as the application."""
        given = {**asked.parameters, **more}
        act_as(self.db, self.users[0])
        names = ", ".join(f"{name} => %({name})s" for name in given)
        rows = self.db.execute(
            "select memory_id, score, keyword_rank, vector_rank, similarity, "
            f"(why #>> '{{keyword,score}}')::float from memoriesdb.recall({names})",
            given,
        ).fetchall()
        self.db.execute("reset role")
        return [Found(ids.index(row[0]), *row[1:]) for row in rows]


def act_as(db: Connection, user_id: UUID) -> None:
    """The application's rights for this user, in a transaction of the superuser."""
    db.execute("set local role memoriesdb_app")
    db.execute("select set_config('app.current_user', %s, true)", (str(user_id),))


def store(db: Connection, memories: list[Item], users: list[UUID], model_id: UUID) -> list[UUID]:
    """Write the memories in order, and index those that are to be: others come back later."""
    ids: list[UUID] = []
    for owner, group in groupby(memories, lambda i: min(i.owner, 1)):
        batch = list(group)
        act_as(db, users[owner])
        ids += keep(db, batch)
        for item, memory_id in zip(batch, ids[-len(batch) :], strict=True):
            if item.owner == 1:
                db.execute("select memoriesdb.share(%s, %s)", (memory_id, users[0]))
        db.execute("reset role")
    if any(item.is_indexed for item in memories):
        # A quarter of so many of one owner.
        db.execute("select memoriesdb.index_memories(100000)")
    for owner, user_id in enumerate(users):
        act_as(db, user_id)
        for item, memory_id in zip(memories, ids, strict=True):
            if min(item.owner, 1) != owner:
                continue
            if item.is_gone or not item.is_indexed:
                db.execute("select memoriesdb.forget(%s)", (memory_id,))
            if not (item.is_gone or item.is_indexed):
                db.execute("select memoriesdb.restore(%s)", (memory_id,))
    db.execute("reset role")
    with db.cursor() as cursor:
        cursor.executemany(
            "insert into memoriesdb.memory_embeddings "
            "(owner_id, memory_id, model_id, doc, embedding, text_hash) "
            "select owner_id, id, %s, seq, %s::public.halfvec, embedding_text_hash "
            "from memoriesdb.memories where id = %s",
            [
                (model_id, str(list(item.vector)), memory_id)
                for item, memory_id in zip(memories, ids, strict=True)
                if item.vector is not None
            ],
        )
    return ids


def keep(db: Connection, batch: list[Item]) -> list[UUID]:
    """Write memories of the present user in one statement."""
    rows = [
        {
            "number": number,
            "content": item.content,
            "kind": item.kind,
            "metadata": {"colour": item.colour}
            | ({"speaker": item.speaker} if item.speaker else {}),
            "stream": item.stream,
            "occurred_at": item.occurred_at.isoformat(),
            "importance": item.importance,
            "expires_at": "2024-02-01T00:00:00Z" if item.is_expired else None,
        }
        for number, item in enumerate(batch)
    ]
    found = db.execute(
        """
        insert into memoriesdb.memories
          (content, kind, metadata, stream, occurred_at, importance, expires_at)
        select r.content, r.kind, r.metadata, r.stream, r.occurred_at, r.importance, r.expires_at
        from jsonb_to_recordset(%s) as r (
          number int, content text, kind text, metadata jsonb, stream text,
          occurred_at timestamptz, importance real, expires_at timestamptz
        )
        order by r.number
        returning id
        """,
        (Jsonb(rows),),
    ).fetchall()
    return [row[0] for row in found]


def compare(found: list[Found], expected: list[Found], asked: Asked, candidates: int) -> None:
    """Same places, ranks and scores; equals may stand in any order."""
    assert len(found) == min(asked.arguments["k"], len(expected))
    by_place = {line.place: line for line in expected}
    for line, in_order in zip(found, expected, strict=False):
        same = by_place[line.place]
        assert line.score == pytest.approx(in_order.score, abs=2e-6)
        assert line.score == pytest.approx(same.score, abs=2e-6)
        assert 0 <= line.score <= 1 + 1e-6
        for of_sql, plain in zip(line[2:4], same[2:4], strict=True):
            # Beyond the candidates nobody counts on: there the answer may say nothing.
            assert of_sql == plain or (of_sql is None and (plain or 0) > candidates), (line, same)
        assert line.similarity == pytest.approx(same.similarity, abs=1e-5)
        assert line.keyword == pytest.approx(same.keyword, abs=6e-5)


def is_close(one: str, other: str) -> bool:
    """Whether two texts are the same but for the last digits of numbers."""
    numbers = r"-?\d+\.\d+(?:e-?\d+)?"
    return re.sub(numbers, "", one) == re.sub(numbers, "", other) and all(
        abs(float(a) - float(b)) < 2e-4
        for a, b in zip(re.findall(numbers, one), re.findall(numbers, other), strict=True)
    )
