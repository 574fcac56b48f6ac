"""Limits of a token: what ROLLBACK does not give back, and what nobody waits for."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database
from memoriesdb.errors import RateLimitedError, TooManyAtOnceError, UncountedError, translate

REMEMBER = "insert into memoriesdb.memories (content) select 'x' from generate_series(1, %s)"
RECALL = "select count(*) from memoriesdb.recall('x')"
SEQUENCES = (
    "select relname from pg_class where relname ~ '^_limit_' "
    "and relnamespace = 'memoriesdb'::regnamespace order by 1"
)


def _limit(database: Database, action: str, limit: int) -> None:
    database.administer("set_setting(%s, %s::text)", f"token_{action}_per_minute", limit)


def _sequences(database: Database) -> list[str]:
    return [row[0] for row in database.superuser().execute(SEQUENCES)]


def _refused(db: Connection, query: str, *arguments: object) -> psycopg.Error:
    with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
        db.execute(query.encode(), arguments)
    return translate(caught.value)


@pytest.fixture
def token(database: Database, alice: UUID) -> str:
    """A token from before there was any limit."""
    return database.issue_token(alice)


def test_without_a_limit_there_is_no_bucket_and_nothing_is_spent(
    database: Database, token: str
) -> None:
    assert _sequences(database) == []
    superuser = database.superuser()
    superuser.execute("alter function memoriesdb._spend(text, bigint, boolean) rename to spent")
    with database.with_token(token) as db:
        db.execute(REMEMBER, (100,))
        db.execute("update memoriesdb.memories set trust = 0.5")
        db.execute("delete from memoriesdb.memories")


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        (REMEMBER, 3),
        ("update memoriesdb.memories set trust = 0.5 where %s > 0", 3),
        ("delete from memoriesdb.memories where %s > 0", 3),
    ],
)
def test_rows_are_counted_whatever_statement_writes_them(
    database: Database, alice: UUID, token: str, statement: str, rows: int
) -> None:
    for n in range(rows):
        database.remember(alice, f"number {n}")
    _limit(database, "writes", 2 * rows)
    with database.with_token(token) as db:
        # An update that hits the rows again, or new ones, while there is something left.
        first = db.execute(statement.encode(), (rows,)).rowcount
        assert first == rows
        db.execute(REMEMBER, (rows,))
        # As much as the limit, which takes a minute to come back, however slow the machine is.
        error = _refused(db, REMEMBER, 2 * rows)
        assert error.sqlstate == "MD011"
        # Reading is not writing.
        db.execute(RECALL)


def test_a_statement_that_writes_nothing_costs_nothing(database: Database, token: str) -> None:
    _limit(database, "writes", 1)
    with database.with_token(token) as db:
        for _ in range(5):
            db.execute("delete from memoriesdb.memories")
            db.execute(REMEMBER, (0,))
        db.execute(REMEMBER, (1,))
        assert _refused(db, REMEMBER, 1).sqlstate == "MD011"


def test_rollback_gives_nothing_back(database: Database, token: str) -> None:
    _limit(database, "writes", 5)
    for _ in range(5):
        with database.connect("client") as db:
            db.execute("select memoriesdb.login(%s)", (token,))
            db.execute(REMEMBER, (1,))
            db.rollback()
    with database.with_token(token) as db:
        assert _refused(db, REMEMBER, 5).sqlstate == "MD011"
        assert db.execute("select from memoriesdb.memories").rowcount == 0


def test_recalls_are_counted_and_refused_with_the_seconds_to_wait(
    database: Database, alice: UUID, token: str
) -> None:
    database.remember(alice, "x")
    _limit(database, "recalls", 3)
    with database.with_token(token) as db:
        for _ in range(3):
            assert db.execute(RECALL).fetchone() == (1,)
        error = _refused(db, RECALL)
        assert isinstance(error, RateLimitedError)
        assert error.detail
        assert re.fullmatch(r"The limit is 3 a minute\. Retry after [0-9]+ seconds\.", error.detail)
        assert error.retry_after is not None
        assert 1 <= error.retry_after <= 20
        # Plain reading is no recall.
        assert db.execute("select from memoriesdb.memories").rowcount == 1


def test_the_bucket_fills_with_time(database: Database, token: str) -> None:
    _limit(database, "recalls", 2)
    with database.with_token(token) as db:
        for _ in range(2):
            db.execute(RECALL)
        assert _refused(db, RECALL).sqlstate == "MD011"
    (bucket,) = (name for name in _sequences(database) if name.endswith("recalls"))
    superuser = database.superuser()
    # As though a minute had passed: two recalls.
    superuser.execute(
        f"select setval('memoriesdb.{bucket}', pg_sequence_last_value('memoriesdb.{bucket}') - 2)"
    )
    with database.with_token(token) as db:
        for _ in range(2):
            db.execute(RECALL)
        assert _refused(db, RECALL).sqlstate == "MD011"


def test_more_than_the_limit_at_once_is_told_to_be_split_and_never_to_wait(
    database: Database, token: str
) -> None:
    _limit(database, "writes", 10)
    with database.with_token(token) as db:
        error = _refused(db, REMEMBER, 11)
        assert isinstance(error, TooManyAtOnceError)
        assert "at most 10" in (error.hint or "")
        assert "seconds" not in f"{error} {error.detail} {error.hint}"
        # What was refused was not spent.
        db.execute(REMEMBER, (10,))
        # And with an empty bucket it is no matter of time either.
        assert isinstance(_refused(db, REMEMBER, 11), TooManyAtOnceError)
        assert isinstance(_refused(db, REMEMBER, 10), RateLimitedError)


def test_a_read_only_transaction_is_no_way_round(database: Database, token: str) -> None:
    with database.with_token(token) as db:
        db.execute(RECALL)
    _limit(database, "recalls", 100)
    with database.connect("client") as db:
        db.execute("set transaction read only")
        db.execute("select memoriesdb.login(%s)", (token,))
        assert _refused(db, RECALL).sqlstate == "MD012"
        db.execute("select from memoriesdb.memories")


def test_two_sessions_of_one_token_do_not_wait_for_each_other(
    database: Database, token: str
) -> None:
    for action in ("writes", "recalls"):
        _limit(database, action, 8)
    first, second = (database.connect("client", pooled=False) for _ in range(2))
    for db in (first, second):
        db.execute("set lock_timeout = '1ms'")
        db.commit()
        db.execute("select memoriesdb.login(%s)", (token,))
        db.execute(REMEMBER, (2,))
        db.execute(RECALL)
    # Both are open still, and what both have spent counts.
    first.execute(REMEMBER, (2,))
    second.execute(REMEMBER, (2,))
    assert _refused(first, REMEMBER, 8).sqlstate == "MD011"
    first.commit()
    second.commit()


def test_a_limit_belongs_to_a_token_and_to_no_other_session(
    database: Database, alice: UUID, token: str
) -> None:
    _limit(database, "writes", 1)
    later = database.issue_token(alice)
    assert len(_sequences(database)) == 2
    for each in (token, later):
        with database.with_token(each) as db:
            db.execute(REMEMBER, (1,))
            assert _refused(db, REMEMBER, 1).sqlstate == "MD011"
    with database.acting(alice) as db:
        db.execute(REMEMBER, (10,))


def test_a_service_that_acts_for_users_spends_its_own(database: Database, alice: UUID) -> None:
    service = database.create_user("service", "service")
    database.administer("assign_service(%s, %s)", service, alice)
    token = database.issue_token(service)
    _limit(database, "writes", 2)
    with database.with_token(token) as db:
        db.execute(REMEMBER, (1,))
        db.execute("select memoriesdb.act_for(%s)", (alice,))
        db.execute(REMEMBER, (1,))
        assert _refused(db, REMEMBER, 1).sqlstate == "MD011"


def test_another_limit_counts_in_its_own_units(database: Database, token: str) -> None:
    """Units differ with the limit: neither is anybody locked out nor is anything given away."""
    for limit in (600, 60, 600, 599, 600, 1, 1_000_000, 2):
        _limit(database, "writes", limit)
        with database.with_token(token) as db:
            db.execute(REMEMBER, (min(limit, 50),))
            if limit <= 50:
                assert _refused(db, REMEMBER, limit).sqlstate == "MD011"


def test_buckets_go_with_the_limit_and_with_the_token(
    database: Database, alice: UUID, token: str
) -> None:
    _limit(database, "writes", 10)
    _limit(database, "recalls", 10)
    assert len(_sequences(database)) == 2
    _limit(database, "recalls", 0)
    assert [name.rsplit("_", 1)[1] for name in _sequences(database)] == ["writes"]
    before = _sequences(database)
    database.administer("revoke_token(%s)", UUID(token[4:36]))
    # The next token sweeps.
    database.issue_token(alice)
    kept = _sequences(database)
    assert len(kept) == 1
    assert kept != before
    _limit(database, "writes", 0)
    assert _sequences(database) == []


def test_switching_a_limit_off_does_not_wait_for_who_is_spending(
    database: Database, token: str
) -> None:
    _limit(database, "writes", 10)
    with database.with_token(token) as db:
        db.execute(REMEMBER, (1,))
        _limit(database, "writes", 0)
        db.execute(REMEMBER, (50,))
    # What was in use was left, and does nothing; the next change takes it away.
    assert len(_sequences(database)) == 1
    _limit(database, "recalls", 5)
    assert [name.rsplit("_", 1)[1] for name in _sequences(database)] == ["recalls"]


def test_a_token_that_is_issued_while_a_limit_is_switched_on_has_a_bucket(
    database: Database, alice: UUID
) -> None:
    with database.connect("admin", pooled=False) as admin:
        admin.execute("select memoriesdb.set_setting('token_writes_per_minute', '5')")
        with database.connect("app", pooled=False) as db:
            db.execute("select memoriesdb.set_user(%s)", (alice,))
            db.execute("set local lock_timeout = '10ms'")
            # It waits for the limit: whether there is one is not known yet.
            with pytest.raises(psycopg.errors.LockNotAvailable):
                db.execute("select memoriesdb.issue_token(%s)", (alice,))
    database.issue_token(alice)
    assert len(_sequences(database)) == 1


def test_the_name_of_a_bucket_tells_no_token_and_each_has_its_own(
    database: Database, alice: UUID, token: str
) -> None:
    """Everybody reads names in pg_class: neither an id nor what can be worked out from one."""
    _limit(database, "writes", 10)
    _limit(database, "recalls", 10)
    tokens = [token, *(database.issue_token(alice) for _ in range(3))]
    with database.connect("client") as db:
        names = [str(row[0]) for row in db.execute(SEQUENCES)]
    assert len(set(names)) == 2 * len(tokens)
    for each in tokens:
        id_ = UUID(each[4:36])
        for known in (id_.bytes, str(id_).encode(), id_.hex.encode()):
            digests = [known.hex(), *(hashlib.new(h, known).hexdigest() for h in ("md5", "sha256"))]
            for digest in digests:
                assert not [name for name in names if name.split("_")[2] in digest]


def test_without_its_bucket_a_limited_token_does_nothing(database: Database, token: str) -> None:
    _limit(database, "writes", 5)
    (bucket,) = _sequences(database)
    database.superuser().execute(f"drop sequence memoriesdb.{bucket}")
    with database.with_token(token) as db:
        error = _refused(db, REMEMBER, 1)
        assert isinstance(error, UncountedError)
        assert "seconds" not in f"{error} {error.detail} {error.hint}"
    # As the hint says.
    _limit(database, "writes", 6)
    with database.with_token(token) as db:
        db.execute(REMEMBER, (1,))


def test_nobody_touches_a_bucket(database: Database, alice: UUID, token: str) -> None:
    _limit(database, "writes", 5)
    (bucket,) = _sequences(database)
    for role in ("app", "client", "worker", "admin", "auditor"):
        with database.connect(role) as db:
            for query in (
                f"select setval('memoriesdb.{bucket}', 1)",
                f"select nextval('memoriesdb.{bucket}')",
                f"select last_value from memoriesdb.{bucket}",
                f"drop sequence memoriesdb.{bucket}",
                "select memoriesdb._limit_tokens()",
            ):
                assert _refused(db, query).sqlstate == "42501"
    # Called by hand it spends one's own, and gives nothing back.
    with database.with_token(token) as db:
        db.execute("select memoriesdb._spend('writes', 4), memoriesdb._spend('writes', -100)")
        db.execute("select memoriesdb._spend('writes', 0)")
        db.execute(REMEMBER, (1,))
        assert _refused(db, REMEMBER, 1).sqlstate == "MD011"


@pytest.mark.parametrize("value", [-1, 0.5, 1_000_001, '"x"'])
def test_a_limit_is_a_count(database: Database, value: object) -> None:
    with pytest.raises(psycopg.DatabaseError) as caught:
        database.administer("set_setting('token_writes_per_minute', %s::text)", value)
    assert caught.value.sqlstate == "MD110"
