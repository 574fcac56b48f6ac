"""index_memories() against writers: whatever comes first, the search structures tell the truth."""

from __future__ import annotations

import itertools
import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database, refused
from queues.support import set_setting, until, value
from recall.invariants import search_invariants

WORDS = [f"w{number}x" for number in range(1, 7)]
COMMITTED, REPEATABLE = "read committed", "repeatable read"
CHANGES = {
    "edit": "update memoriesdb.memories set content = 'w2x w2x more' where id = %(id)s",
    "edit, but not the text": "update memoriesdb.memories set kind = 'fact' where id = %(id)s",
    "edit twice": "update memoriesdb.memories set content = content || ' w3x' where id = %(id)s;"
    "update memoriesdb.memories set content = 'w2x' where id = %(id)s",
    "delete": "delete from memoriesdb.memories where id = %(id)s",
    "forget": "select memoriesdb.forget(%(id)s)",
    "forget and restore": "select memoriesdb.forget(%(id)s); select memoriesdb.restore(%(id)s)",
    "transfer": "select memoriesdb.transfer(%(id)s, %(bob)s)",
    "erase": "select memoriesdb.erase(%(id)s)",
}


@dataclass
class Writer:
    """The application, in a transaction that is held open; what waits for a lock may wait."""

    db: Connection
    user_id: UUID
    isolation: str = COMMITTED
    pending: Future[None] | None = None
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def begin(self) -> None:
        self.db.execute(f"begin isolation level {self.isolation}".encode())
        self.db.execute("select memoriesdb.set_user(%s)", (self.user_id,))

    def change(self, statement: str, **names: object) -> None:
        """Run it, or leave it waiting for whoever holds the lock."""

        def run() -> None:
            for part in statement.split(";"):
                self.db.execute(part.encode(), names)

        self.pending = self.thread.submit(run)
        try:
            self.pending.exception(0.15)
        except TimeoutError:
            return

    def commit(self) -> None:
        """Commit; only a snapshot that is too old may be refused."""
        try:
            if self.pending:
                self.pending.result(20)
            self.db.execute("commit")
        except psycopg.errors.SerializationFailure:
            assert self.isolation == REPEATABLE
            self.db.execute("rollback")
        finally:
            self.pending = None


class Indexer:
    """The worker's login, in a transaction that is held open. It never waits for anybody."""

    def __init__(self, database: Database) -> None:
        self.db = database.connect("worker", pooled=False)
        self.db.execute("set lock_timeout = '2s'")
        self.db.commit()

    def index(self, most: int = 1000) -> int:
        count: int = value(self.db, "select memoriesdb.index_memories(%s)", most)
        return count

    def commit(self) -> None:
        self.db.commit()


@contextmanager
def writer(database: Database, user_id: UUID) -> Iterator[Writer]:
    with ThreadPoolExecutor(1) as thread:
        yield Writer(database.connect("app", pooled=False, autocommit=True), user_id, thread=thread)


class Reader:
    """Users who ask; their memories are looked up behind the curtain."""

    def __init__(self, database: Database, users: list[UUID]) -> None:
        self.users = users
        self.app = database.connect("app", pooled=False)
        self.superuser = database.superuser()

    def check(self, words: set[str]) -> None:
        """Each finds all his memories by each of their words, and nothing else; all is well."""
        asked = sorted(words)
        for user_id in self.users:
            self.app.execute("select memoriesdb.set_user(%s)", (user_id,))
            found = self.app.execute(
                "select query_number, memory_id from memoriesdb.recall_batch(%s::text[], 100)",
                (asked,),
            ).fetchall()
            self.app.commit()
            kept = self.superuser.execute(
                "select content, id from memoriesdb.memories "
                "where owner_id = %s and forgotten_at is null",
                (user_id,),
            ).fetchall()
            assert {(asked[number - 1], memory_id) for number, memory_id in found} == {
                (word, memory_id)
                for content, memory_id in kept
                for word in words.intersection(content.split())
            }
        assert search_invariants(self.superuser) == []

    def waiting(self) -> int:
        count: int = value(self.superuser, "select count(*) from memoriesdb.search_schedule")
        return count


def orders() -> Iterator[tuple[str, ...]]:
    """Each order of begin, change and commit of a writer, and index and done of the worker."""
    for places in itertools.combinations(range(5), 2):
        writer, worker = iter(("begin", "change", "commit")), iter(("index", "done"))
        order = [next(worker if n in places else writer) for n in range(5)]
        place = order.index
        if place("index") < place("change") < place("commit") < place("done"):
            # He waits for what is being indexed, and can commit when that is done alone.
            order.remove("commit")
            order.append("commit")
        yield tuple(order)


@pytest.fixture
def plain_words(database: Database) -> None:
    """By words as they are alone."""
    set_setting(database, "recall_fuzzy_weight", "0")


def in_every_order(
    database: Database, users: list[UUID], isolation: str, change: str, *, is_indexed: bool
) -> None:
    indexer, reader = Indexer(database), Reader(database, users)
    with writer(database, users[0]) as by:
        by.isolation = isolation
        for order in orders():
            by.begin()
            by.db.execute("select memoriesdb.remember('w1x milk')")
            memory_id = value(by.db, "select memoriesdb.remember('w1x w1x tea')")
            by.commit()
            if is_indexed:
                indexer.index()
                indexer.commit()
            for step in order:
                if step == "begin":
                    by.begin()
                elif step == "change":
                    by.change(CHANGES[change], id=memory_id, bob=users[1])
                elif step == "commit":
                    by.commit()
                elif step == "index":
                    indexer.index()
                else:
                    indexer.commit()
            reader.check({"w1x", "w2x", "w3x"})
            indexer.index()
            indexer.commit()
            assert reader.waiting() == 0
            reader.check({"w1x", "w2x", "w3x"})
            reader.superuser.execute("delete from memoriesdb.memories")
    assert value(reader.superuser, "select count(*) from memoriesdb.memory_terms") == 0


@pytest.mark.usefixtures("plain_words")
@pytest.mark.parametrize(
    ("change", "isolation"),
    [
        ("edit", COMMITTED),
        ("edit", REPEATABLE),
        ("forget and restore", COMMITTED),
        ("transfer", COMMITTED),
        ("delete", REPEATABLE),
    ],
)
def test_every_order_of_a_change_and_the_indexing(
    database: Database, alice: UUID, bob: UUID, isolation: str, change: str
) -> None:
    in_every_order(database, [alice, bob], isolation, change, is_indexed=False)


@pytest.mark.slow
@pytest.mark.usefixtures("plain_words")
@pytest.mark.parametrize("is_indexed", [False, True])
@pytest.mark.parametrize("isolation", [COMMITTED, REPEATABLE])
@pytest.mark.parametrize("change", CHANGES)
def test_every_order_of_every_change_and_the_indexing(
    database: Database, alice: UUID, bob: UUID, isolation: str, change: str, is_indexed: bool
) -> None:
    if change == "erase" and isolation == REPEATABLE:
        pytest.skip("it refuses that level")
    in_every_order(database, [alice, bob], isolation, change, is_indexed=is_indexed)


@pytest.mark.usefixtures("plain_words")
@pytest.mark.parametrize("seed", range(3))
def test_random_writers_and_indexers(database: Database, alice: UUID, bob: UUID, seed: int) -> None:
    random_lives(database, [alice, bob], random.Random(seed), 120)


@pytest.mark.slow
@pytest.mark.usefixtures("plain_words")
@pytest.mark.parametrize("seed", range(10, 20))
def test_random_writers_and_indexers_for_long(
    database: Database, alice: UUID, bob: UUID, seed: int
) -> None:
    random_lives(database, [alice, bob], random.Random(seed), 1000)


class Life:
    """The application, in one transaction after the other."""

    def __init__(self, database: Database, users: list[UUID], rng: random.Random) -> None:
        self.users, self.rng, self.level = users, rng, COMMITTED
        self.me = users[0]
        self.db = database.connect("app", pooled=False, autocommit=True)
        # Each waits for the other at most so long, and then gives up.
        self.db.execute("set lock_timeout = '30ms'")

    def step(self) -> bool:
        """Begin if need be, change something, and perhaps end; tell whether it was committed."""
        try:
            if self.db.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
                self.level = self.rng.choice([COMMITTED, REPEATABLE])
                self.me = self.rng.choice(self.users)
                self.db.execute(f"begin isolation level {self.level}".encode())
                self.db.execute("select memoriesdb.set_user(%s)", (self.me,))
            self.change()
            if self.rng.random() < 0.5:
                self.db.execute("commit" if self.rng.random() < 0.8 else "rollback")
                return True
        except psycopg.DatabaseError as error:
            # Another one was faster, or has given it away.
            allowed = {"55P03", "MD201"} | ({"40001"} if self.level == REPEATABLE else set())
            if error.sqlstate not in allowed:
                raise
            self.db.execute("rollback")
        return False

    def change(self) -> None:
        """One change, of any memory of one's own."""
        rng = self.rng
        rows = self.db.execute("select id from memoriesdb.memories order by id").fetchall()
        text = " ".join(rng.choices(WORDS, k=rng.randint(1, 4)))
        what = rng.choice([*CHANGES, "add", "add", "restore"])
        if what == "add" or not rows or (what == "erase" and self.level == REPEATABLE):
            self.db.execute("select memoriesdb.remember(%s)", (text,))
            return
        statements = {
            "edit": "update memoriesdb.memories set content = %(text)s where id = %(id)s",
            "restore": "select memoriesdb.restore(%(id)s)",
        }
        other = self.users[1 - self.users.index(self.me)]
        names = {"id": rng.choice(rows)[0], "bob": other, "text": text}
        for part in (CHANGES | statements)[what].split(";"):
            self.db.execute(part.encode(), names)


def random_lives(database: Database, users: list[UUID], rng: random.Random, steps: int) -> None:
    """Two writers and two indexers in open transactions, a statement at a time."""
    indexers = [Indexer(database) for _ in range(2)]
    lives = [Life(database, users, rng) for _ in range(2)]
    reader = Reader(database, users)
    for _ in range(steps):
        if rng.random() < 0.7:
            if rng.choice(lives).step():
                reader.check(set(WORDS))
            continue
        indexer = rng.choice(indexers)
        if rng.random() < 0.6:
            indexer.index(rng.choice([1, 2, 1000]))
        elif rng.random() < 0.7:
            indexer.commit()
        else:
            indexer.db.rollback()
    for connection in (*(life.db for life in lives), *(indexer.db for indexer in indexers)):
        connection.execute("commit")
    while indexers[0].index():
        indexers[0].commit()
    indexers[0].commit()
    assert reader.waiting() == 0
    reader.check(set(WORDS))


def test_several_indexers_at_once_index_each_memory_once(database: Database, alice: UUID) -> None:
    superuser = database.superuser()
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'tea milk ' || n from generate_series(1, 800) as n"
        )

    def drain(_: int) -> int:
        done = 0
        with psycopg.connect(database.dsn("worker", pooled=False), autocommit=True) as db:
            for _ in range(800):
                count = int(value(db, "select memoriesdb.index_memories(1)"))
                done += count
                if not count:
                    break
        return done

    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(drain, range(4)))
    assert done + value(superuser, "select count(*) from memoriesdb.search_schedule") == 800
    while value(superuser, "select memoriesdb.index_memories()"):
        pass
    assert search_invariants(superuser) == []


def test_an_indexer_that_is_killed_leaves_all_as_it_was(database: Database, alice: UUID) -> None:
    for number in range(5):
        database.remember(alice, f"tea {number}")
    # These servers may lose what they have not written yet.
    database.superuser().execute("checkpoint")
    indexer = Indexer(database)
    assert indexer.index() == 5
    os.kill(value(indexer.db, "select pg_backend_pid()"), signal.SIGKILL)

    def answers() -> bool:
        try:
            return bool(value(database.superuser(), "select 1"))
        except psycopg.OperationalError:
            return False

    time.sleep(0.2)
    until(answers, 30)
    superuser = database.superuser()
    assert value(superuser, "select count(*) from memoriesdb.memory_terms") == 0
    assert search_invariants(superuser) == []
    assert value(superuser, "select memoriesdb.index_memories()") == 5
    assert search_invariants(superuser) == []


def test_one_owners_many_do_not_keep_another_waiting(
    database: Database, alice: UUID, bob: UUID
) -> None:
    for first, second in ((alice, bob), (bob, alice)):
        with database.acting(first) as db:
            db.execute(
                "insert into memoriesdb.memories (content) "
                "select 'tea ' || n from generate_series(1, 600) as n"
            )
        database.remember(second, "milk")
        superuser = database.superuser()
        assert value(superuser, "select memoriesdb.index_memories(200)") == 101
        left = superuser.execute("select distinct owner_id from memoriesdb.search_schedule")
        assert left.fetchall() == [(first,)]
        while value(superuser, "select memoriesdb.index_memories(100000)"):
            pass
        assert search_invariants(superuser) == []


@pytest.mark.parametrize("most", [0, -1, 100_001, None])
def test_how_many_has_bounds(database: Database, most: int | None) -> None:
    error = refused(database.connect("worker"), "select memoriesdb.index_memories(%s)", most)
    assert error.sqlstate == "MD110"
