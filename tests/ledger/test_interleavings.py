"""Whatever writers and sealers do in whatever order: each committed entry is sealed once."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acting import Connection, Database, NewDatabase, one
from ledger.sealing import seal_all

WRITERS = SEALERS = 3

# How often each is done: enough is written for a sealer to come between any two.
OFTEN = {
    "write": 4, "savepoint": 1, "back": 1, "commit": 2, "rollback": 1,
    "seal": 2, "seal a few": 1, "seal and wait": 1, "commit sealer": 1, "roll sealer back": 1,
    "digest": 1,
}  # fmt: skip
STEPS = st.lists(
    st.sampled_from(
        [(name, n) for name, often in OFTEN.items() for n in range(WRITERS) for _ in range(often)]
    ),
    min_size=20,
    max_size=60,
)

# The places of all leaves, and the entry whose leaf each is.
SEALED = """
select a.audit_id
from memoriesdb.ledger_leaves as l
cross join lateral generate_series(0, octet_length(l.leaves) / 32 - 1) as i
left join memoriesdb.audit_log as a
  on memoriesdb._leaf_hash(a) = substr(l.leaves, i * 32 + 1, 32)
order by l.block_no, i
"""


class Writer:
    """A transaction at a time, and which of its texts will be there if it commits."""

    def __init__(self, db: Connection, user: UUID) -> None:
        self.db = db
        self.user = user
        self.levels: list[list[str]] = []

    def write(self, text: str) -> None:
        if not self.levels:
            self.db.execute("select memoriesdb.set_user(%s)", (self.user,))
            self.levels = [[]]
        self.db.execute("insert into memoriesdb.memories (content) values (%s)", (text,))
        self.levels[-1].append(text)

    def savepoint(self) -> None:
        if self.levels:
            self.db.execute(f"savepoint s{len(self.levels)}".encode())
            self.levels.append([])

    def back(self) -> None:
        if len(self.levels) > 1:
            self.levels.pop()
            self.db.execute(f"rollback to savepoint s{len(self.levels)}".encode())

    def commit(self) -> list[str]:
        self.db.commit()
        written = [text for level in self.levels for text in level]
        self.levels = []
        return written

    def rollback(self) -> None:
        self.db.rollback()
        self.levels = []


class Play:
    """A database for all examples: what they leave makes the ledger longer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.db = database.superuser()
        self.committed: set[str] = set()
        self.digests: list[str] = []
        self.texts = 0
        user = database.create_user("writer")
        self.writers = [Writer(database.connect("app", pooled=False), user) for _ in range(WRITERS)]
        self.sealers = [database.connect("worker", pooled=False) for _ in range(SEALERS)]

    def step(self, name: str, number: int) -> None:
        writer, sealer = self.writers[number], self.sealers[number]
        match name:
            case "write":
                self.texts += 1
                writer.write(f"text {self.texts}")
            case "savepoint":
                writer.savepoint()
            case "back":
                writer.back()
            case "commit":
                self.committed.update(writer.commit())
            case "rollback":
                writer.rollback()
            case "commit sealer":
                sealer.commit()
            case "roll sealer back":
                sealer.rollback()
            case "digest":
                self.digests.append(str(one(self.db, "select memoriesdb.ledger_digest()::text")))
            case _:
                limit = 2 if name == "seal a few" else 1000
                sealer.execute("select memoriesdb.seal_ledger(%s)", (limit,))
                if name == "seal":
                    sealer.commit()

    def end(self) -> None:
        for number, writer in enumerate(self.writers):
            if number % 2:
                writer.rollback()
            else:
                self.committed.update(writer.commit())
        for sealer in self.sealers:
            sealer.commit()
        seal_all(self.database)


@pytest.fixture(scope="module")
def play(new_database: NewDatabase) -> Iterator[Play]:
    with new_database() as database:
        yield Play(database)


def numbers(db: Connection, query: str) -> list[int]:
    return [row[0] for row in db.execute(query.encode())]


@given(steps=STEPS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_each_committed_entry_is_sealed_once_and_in_order(
    play: Play, steps: list[tuple[str, int]]
) -> None:
    before = len(numbers(play.db, SEALED))
    for name, number in steps:
        play.step(name, number)
    play.end()
    db = play.db
    # What the writers know that they have committed is what there is an entry of, and no more.
    written = db.execute(
        "select p.after ->> 'content' from memoriesdb.audit_payloads as p "
        "join memoriesdb.audit_log as a using (audit_id) where a.table_name = 'memories'"
    ).fetchall()
    assert sorted(row[0] for row in written) == sorted(play.committed)
    # Each is sealed once, none is missing, and no leaf is of anything else.
    sealed = numbers(db, SEALED)
    in_order = numbers(db, "select audit_id from memoriesdb.audit_log order by xid, audit_id")
    assert sealed == in_order
    assert len(sealed) >= before
    # Every digest that was taken on the way is one of this chain.
    for digest in play.digests:
        assert db.execute(
            "select * from memoriesdb.verify_ledger(%s::jsonb)", (digest,)
        ).fetchall() == []  # fmt: skip
        assert one(
            db,
            "select coalesce(sum(entry_count), 0) = (%s::jsonb ->> 'entries')::bigint "
            "from memoriesdb.ledger_blocks where block_no <= (%s::jsonb ->> 'block_no')::bigint",
            digest,
            digest,
        )
    play.digests.clear()


def test_a_sealer_that_goes_by_numbers_would_lose_some(play: Play) -> None:
    """The control: entries whose numbers are below what was sealed before they were committed."""
    first, second = play.writers[:2]
    first.write("control: early")
    second.write("control: late")
    play.committed.update(second.commit())
    highest = one(play.db, "select max(audit_id) from memoriesdb.audit_log")
    play.committed.update(first.commit())
    late = one(
        play.db,
        "select count(*) from memoriesdb.audit_payloads where audit_id < %s "
        "and after ->> 'content' = 'control: early'",
        highest,
    )
    assert late == 1
    play.end()
    assert numbers(play.db, SEALED) == numbers(
        play.db, "select audit_id from memoriesdb.audit_log order by xid, audit_id"
    )
