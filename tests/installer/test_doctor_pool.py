"""doctor finds out how a pool behaves by using it, and reads its configuration where it may."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from acting import Database, login
from memoriesdb.cluster.pgbouncer import PgBouncer
from memoriesdb.installer import Finding, diagnose
from memoriesdb.queries import load

from .findings import bad
from .pools import console, pool, through

pytestmark = pytest.mark.usefixtures("durable", "sealed")

HOLE = "PgBouncer has a version with a known hole"
NO_NET = "the pool undoes nothing: a user set for the session is the next client's"
INHERITED = "the pool gives a backend to the next client as the last one left it"
UNSAFE = "PgBouncer is configured so that sessions are not safe"
mark_session = load("installer/doctor/mark_session", int)
CARELESS = "PgBouncer is not configured as the template has it"


@pytest.fixture
def shipped_pool(database: Database) -> Iterator[PgBouncer]:
    """A pool as the template has it, with the net under what a client sets for its session."""
    with pool(database) as started:
        yield started


def _without_holes(found: list[Finding]) -> list[Finding]:
    # What the version is depends on the machine; see test_a_version_with_a_hole_is_named.
    return [f for f in found if f.what != HOLE]


@pytest.mark.parametrize("role", ["app", "client", "worker", "auditor", "admin"])
def test_the_shipped_configuration_has_no_findings(
    database: Database, shipped_pool: PgBouncer, role: str
) -> None:
    dsn = through(shipped_pool, database, role)
    assert _without_holes(
        [f for f in diagnose(dsn, console=console(shipped_pool)) if f.level != "ok"]
    ) == [f for f in diagnose(dsn) if f.what.startswith("not looked at")]


def test_a_pool_without_the_net_is_named_and_left_as_it_was(database: Database) -> None:
    """The tests' own pool has none: the mark of one client reached another, and is gone after."""
    dsn = database.dsn("app")
    assert [(f.level, f.what) for f in bad(dsn)] == [("warning", NO_NET)]
    with psycopg.connect(dsn, prepare_threshold=None) as db:
        left = db.execute("select current_setting('app.current_user', true)").fetchone()
    assert left in {("",), (None,)}
    assert bad(database.dsn("client")) == [], "no parameter says who a client is"


def test_a_login_that_is_somebody_without_a_parameter_is_not_made_nobody(
    database: Database, alice: UUID
) -> None:
    with psycopg.connect(database.dsn("admin", pooled=False)) as admin:
        admin.execute("select memoriesdb.map_db_role(%s, 'test_app')", (alice,))
    found = {f.what: f.level for f in diagnose(database.dsn("app"))}
    assert found["whether the pool undoes what a client leaves was not tried"] == "skipped"
    assert NO_NET not in found


def test_a_mark_that_stayed_in_a_busy_pool_changes_nothing(database: Database, alice: UUID) -> None:
    """Whoever meets it is nobody, as he was before, or whom he names; and it is no finding."""
    with database.connect("app", autocommit=True) as first:
        first.execute(mark_session.sql)
        assert first.execute("select memoriesdb.current_user_id()").fetchone() == (None,)
    with database.acting(alice) as db:
        assert db.execute("select memoriesdb.current_user_id()").fetchone() == (alice,)
    assert [f.what for f in bad(database.dsn("app"))] == [NO_NET]


def test_state_that_another_client_left_in_the_pool_is_named(database: Database) -> None:
    """A session-level setting through a transaction pool: the next client is that user."""
    with database.connect("app", autocommit=True) as careless:
        careless.execute("select set_config('app.current_user', %s, false)", (str(UUID(int=1)),))
    named = [f for f in bad(database.dsn("app")) if "another client" in f.what]
    assert [f.level for f in named] == ["failure"]
    assert "app.current_user" in named[0].detail


LEFT = [
    ("set row_security = off", "setting row_security = 'off'"),
    ("set role memoriesdb_client", "role memoriesdb_client"),
    ("select set_config('app.session', 'v1', false)", "setting app.session = 'v1'"),
    ("prepare x as select 1", "prepared statement x"),
    ("declare c cursor with hold for select 1", "cursor c"),
    ("listen memories", "listening on memories"),
    ("select pg_advisory_lock(7)", "an advisory lock"),
]


@pytest.mark.parametrize(("statement", "detail"), LEFT, ids=[case[0] for case in LEFT])
def test_whatever_a_client_leaves_is_named(database: Database, statement: str, detail: str) -> None:
    database.superuser().execute("grant memoriesdb_client to test_app")
    try:
        with database.connect("app", autocommit=True) as careless:
            careless.execute(statement.encode())
        said = console(database.cluster.pooler)
        named = [f for f in bad(database.dsn("app"), console=said) if "another client" in f.what]
    finally:
        database.superuser().execute("revoke memoriesdb_client from test_app")
    assert [f.detail for f in named] == [detail]


def test_a_pool_of_statements_is_refused(database: Database) -> None:
    with pool(database, settings={"pool_mode": "statement"}) as started:
        (found,) = diagnose(through(started, database, "app"))
    assert (found.level, "pool_mode = transaction" in found.hint) == ("failure", True)


def test_a_pool_of_sessions_that_undoes_nothing_is_named(database: Database) -> None:
    settings = {"pool_mode": "session", "server_reset_query": ""}
    with pool(database, settings=settings) as started:
        dsn = through(started, database, "app")
        found = bad(dsn, console=console(started))
        again = bad(dsn, console=console(started))
    assert [(f.level, f.what) for f in _without_holes(found)] == [
        ("failure", INHERITED),
        ("failure", UNSAFE),
    ]
    assert again == found, "the first look left nothing behind"


def test_a_pool_of_sessions_that_discards_all_is_well(database: Database) -> None:
    settings = {"pool_mode": "session", "server_reset_query": "DISCARD ALL"}
    with pool(database, settings=settings) as started:
        found = bad(through(started, database, "app"), console=console(started))
    assert _without_holes(found) == []


def test_a_user_in_the_line_of_pgbouncers_database_makes_a_client_an_app(
    database: Database,
) -> None:
    line = f"{database.name} = user={login('app')}"
    with pool(database, line=line, knows_passwords=True) as started:
        found = {f.what: f for f in bad(through(started, database, "client"))}
        said = {f.what: f for f in bad(database.dsn("app"), console=console(started))}
    named = found["the server sees another login than the one that was named"]
    assert (named.level, named.detail) == ("failure", "named test_client, seen test_app")
    assert said[UNSAFE].detail == f"user=test_app in the line of {database.name}"


def test_a_pool_that_trusts_everybody_is_named(database: Database) -> None:
    settings = {"auth_type": "trust"}
    with pool(database, knows_passwords=True, settings=settings) as started:
        dsn = through(started, database, "app").replace("a-password-for-tests", "wrong")
        found = _without_holes(bad(dsn, console=console(started)))
    assert [(f.level, f.what) for f in found] == [
        ("failure", "nobody asked for a password: whoever gets there is whom he names"),
        ("failure", UNSAFE),
    ]


def test_a_pool_that_drops_parameters_is_named(database: Database) -> None:
    settings = {"ignore_startup_parameters": "extra_float_digits, options"}
    with pool(database, settings=settings) as started:
        found = _without_holes(bad(through(started, database, "app"), console=console(started)))
    assert [f.what for f in found] == [
        "the pool takes parameters at the start of a connection, and drops them",
        CARELESS,
    ]
    assert found[1].detail == "ignore_startup_parameters has options"


SETTINGS = [
    ({"server_reset_query_always": "0"}, CARELESS, "server_reset_query does not undo"),
    ({"server_reset_query": "SELECT 1"}, CARELESS, "server_reset_query does not undo"),
    ({"idle_transaction_timeout": "0"}, CARELESS, "idle_transaction_timeout = 0"),
    ({"admin_users": "*"}, CARELESS, "admin_users = *"),
    ({"auth_type": "md5"}, CARELESS, "auth_type = md5"),
    ({"ignore_startup_parameters": "app.current_user"}, CARELESS, "has app.current_user"),
]


@pytest.mark.parametrize(("settings", "what", "detail"), SETTINGS, ids=[s[2] for s in SETTINGS])
def test_what_the_console_says_is_read(
    database: Database, settings: dict[str, str], what: str, detail: str
) -> None:
    with pool(database, settings=settings) as started:
        found = {f.what: f for f in bad(database.dsn("client"), console=console(started))}
    assert found[what].level == "warning"
    assert detail in found[what].detail
    assert found[what].hint


def test_a_console_that_does_not_answer_is_skipped_or_where_it_was_asked_for_a_failure(
    database: Database,
) -> None:
    """PgBouncer 1.18 lets a login that may not ask wait for ever."""
    what = "PgBouncer's configuration was not looked at: this login may not ask its console"
    assert ("skipped", what) in {(f.level, f.what) for f in diagnose(database.dsn("client"))}
    dsn = database.dsn("client")
    assert ("failure", what) in {(f.level, f.what) for f in diagnose(dsn, console=dsn)}


def test_a_version_with_a_hole_is_named(database: Database, shipped_pool: PgBouncer) -> None:
    found = {f.what for f in bad(database.dsn("client"), console=console(shipped_pool))}
    assert (HOLE in found) is (shipped_pool.program.version < (1, 26))
