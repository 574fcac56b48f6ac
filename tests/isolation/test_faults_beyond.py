"""What the server offers everybody beside tables: none of it is a way to another user's rows."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Connection, Database

CANARY = "zebra-crossing"

# Whoever could make one of these could run code of his own where others' rows pass by.
MAKING = [
    "create function public.f(x text) returns boolean language sql as 'select true'",
    "create function pg_temp.f(x text) returns boolean language sql as 'select true'",
    "create function memoriesdb.f(x text) returns boolean language plpgsql as 'begin end'",
    "create function pg_temp.f() returns text language plpython3u as 'return 1'",
    "create procedure pg_temp.f() language sql as 'select 1'",
    "create aggregate pg_temp.f(text) (sfunc = textcat, stype = text)",
    "create operator pg_temp.=== (function = texteq, leftarg = text, rightarg = text)",
    "create operator class pg_temp.c for type text using btree as operator 1 <",
    "create cast (text as integer) with inout",
    "create domain pg_temp.d as text check (value <> '')",
    "create type pg_temp.t as (x text)",
    "create type pg_temp.e as enum ('x')",
    "create collation pg_temp.c (provider = icu, locale = 'und', deterministic = false)",
    "create conversion pg_temp.c for 'UTF8' to 'LATIN1' from utf8_to_iso8859_1",
    "create text search dictionary pg_temp.d (template = simple)",
    "create text search configuration pg_temp.c (copy = english)",
    "create view pg_temp.v as select 1",
    "create temp sequence s",
    "create temp table t as select * from memoriesdb.memories",
    "select * into temp t from memoriesdb.memories",
    "create materialized view public.v as select * from memoriesdb.memories",
    "create transform for integer language plpgsql (from sql with function f(internal))",
    "create access method m type index handler bthandler",
    "create foreign data wrapper w",
    "create server s foreign data wrapper w",
    "create tablespace s location '/tmp'",
    "create database d",
    "create role r",
    "create publication p for all tables",
    "create subscription s connection 'host=127.0.0.1' publication p",
    "create statistics public.s on content, kind from memoriesdb.memories",
    "alter default privileges for role memoriesdb_owner grant select on tables to public",
    "alter table memoriesdb.memories enable replica trigger _100_stamp",
    "alter table memoriesdb.memories add column x text",
    "alter function memoriesdb._who() leakproof",
    "grant select on memoriesdb.signing_keys to test_app",
    "grant memoriesdb_definer to test_app",
    "security label on table memoriesdb.memories is 'x'",
    "reassign owned by memoriesdb_owner to test_app",
    "import foreign schema x from server s into public",
]
# Whoever could become somebody else, or have the server keep or send what others write.
BECOMING = [
    "set role memoriesdb_owner",
    "set role memoriesdb_definer",
    "set role memoriesdb_signer",
    "set role memoriesdb_eraser",
    "set role memoriesdb_admin",
    "set role memoriesdb_auditor",
    "set role pg_read_all_data",
    "set session authorization postgres",
    "set session authorization memoriesdb_owner",
    "alter role {me} superuser",
    "alter role {me} bypassrls",
    "alter role {me} createrole",
    "alter role memoriesdb_app bypassrls",
    "alter role postgres password 'x'",
    "alter role memoriesdb_client set app.x = 'y'",
    "alter database {database} set app.x = 'y'",
    "select pg_create_logical_replication_slot('s', 'test_decoding')",
    "select pg_create_physical_replication_slot('s')",
    "select * from pg_logical_slot_peek_changes('s', null, null)",
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
    "select pg_switch_wal()",
    "select pg_stat_file('base')",
    "select pg_read_binary_file('PG_VERSION')",
    "select lo_export(1, '/tmp/x')",
    "select pg_promote()",
    "select pg_rotate_logfile()",
    "select pg_log_backend_memory_contexts(pg_backend_pid())",
    "select * from pg_config",
    "select * from pg_shadow",
    "select * from pg_hba_file_rules",
    "select * from pg_file_settings",
    "select * from pg_replication_origin_status",
    "select umoptions from pg_user_mapping",
    "select subconninfo from pg_subscription",
]


@pytest.fixture
def hers(database: Database, alice: UUID, bob: UUID) -> UUID:
    """A memory of Alice; Bob has none of what is in it."""
    memory_id = database.remember(
        alice, CANARY, stream=CANARY, metadata=f'{{"speaker": "{CANARY}", "n": 0}}'
    )
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set importance = 0")
    database.remember(bob, "12", metadata='{"n": 1}', stream="3", importance=1)
    return memory_id


@pytest.mark.parametrize("role", ["app", "client", "worker", "admin", "auditor"])
def test_no_login_makes_anything_or_becomes_anybody(database: Database, role: str) -> None:
    db, wrong = database.connect(role), []
    own = {"admin": "memoriesdb_admin", "auditor": "memoriesdb_auditor"}.get(role)
    for statement in MAKING + BECOMING:
        text = statement.format(me=f"test_{role}", database=database.name)
        try:
            db.execute(text.encode())
            if text != f"set role {own}":
                wrong.append(f"{text}: was allowed")
        except psycopg.Error as error:
            # 0A000 and 42704: not in this version, or of a thing that is not there.
            if error.sqlstate not in ("42501", "0LP01", "42704", "25001", "22023"):
                wrong.append(f"{text}: {error.sqlstate} {error}")
        db.rollback()
    assert wrong == []


# Each fails, or says something, for a row of Alice's and for none of Bob's.
ASKED_OF_ROWS = [
    "1 / (importance::numeric) > 0",
    "1 / (length(content) - 14) < 2",
    "content::integer > 0",
    "stream::integer > 0",
    "(metadata ->> 'n')::integer / (metadata ->> 'n')::integer = 1",
    "jsonb_path_exists(metadata, 'strict $.n ? (1 / @ == 1)', silent => false)",
    "jsonb_path_query_first(metadata, 'strict $.n.datetime()') is null or true",
    "to_tsquery('simple', content) is not null",
    "('(' || content) ~ 'x' or content::numeric > 0",
    "pg_notify('channel', content) is null or true",
    "set_config('app.spied', content, false) is not null",
    "set_config('app.spied', owner_id::text, false) is not null",
    "lo_from_bytea(0, convert_to(content, 'UTF8')) > 0",
    "pg_advisory_lock(hashtext(content)) is null or true",
    "query_to_xml(format('select 1 / %%s', content), true, false, '') is not null",
    "xpath('/a', ('<a>' || content || '</a>')::xml) is not null and content::integer > 0",
    "to_regclass(content) is null or true",
    "convert_from(decode(content, 'hex'), 'UTF8') is not null",
]


@pytest.mark.parametrize("table", ["memories", "memory_versions", "audit_payloads"])
def test_conditions_that_fail_or_speak_are_asked_of_ones_own_rows(
    database: Database, bob: UUID, hers: UUID, table: str
) -> None:
    heard = _ask_conditions(database, bob, table)
    assert [what for what in heard if CANARY in what or "failed" in what] == []


def test_with_a_wider_policy_they_would_fail_and_speak(
    database: Database, bob: UUID, hers: UUID
) -> None:
    """Shows that the test above can fail: most conditions tell."""
    database.superuser().execute(
        "alter policy memories_select_owner on memoriesdb.memories using (true); "
        "drop policy memories_all_gate on memoriesdb.memories"
    )
    heard = _ask_conditions(database, bob, "memories")
    told = [what for what in heard if CANARY in what or "failed" in what]
    assert len(told) > len(ASKED_OF_ROWS) / 2


def _ask_conditions(database: Database, user_id: UUID, table: str) -> list[str]:
    source = f"memoriesdb.{table}"
    if table == "audit_payloads":
        source = (
            "(select after ->> 'content' as content, after ->> 'stream' as stream, owner_id, "
            "after -> 'metadata' as metadata, (after ->> 'importance')::real as importance "
            f"from {source} where after ? 'content') as p"
        )
    db, heard = database.connect("app", pooled=False), list[str]()
    db.add_notice_handler(lambda said: heard.append(str(said.message_primary)))
    for condition in ASKED_OF_ROWS:
        db.rollback()
        db.execute("select memoriesdb.set_user(%s)", (user_id,))
        db.execute("select set_config('app.spied', '', false)")
        try:
            db.execute(f"select from {source} where {condition.replace('%%', '%')}".encode())
        except psycopg.Error as error:
            heard.append(f"failed: {condition}: {error}")
            continue
        heard.extend(_spied(db))
    db.close()
    return heard


def _spied(db: Connection) -> list[str]:
    rows = db.execute(
        "select current_setting('app.spied') union all "
        "select convert_from(lo_get(oid), 'UTF8') from pg_largeobject_metadata "
        "where pg_has_role(lomowner, 'member')"
    )
    return [row[0] for row in rows.fetchall()]


READERS = [
    "select query_to_xml('select * from memoriesdb.memories', true, false, '')",
    "select table_to_xml('memoriesdb.memories', true, false, '')",
    "select table_to_xml('memoriesdb.audit_payloads', true, false, '')",
    "select cursor_to_xml(c, 100, true, false, '') from (select 'c'::refcursor as c) as r",
    "select word from ts_stat('select search from memoriesdb.memories')",
    "select ts_rewrite('a'::tsquery, "
    "'select ''a''::tsquery, to_tsquery(''simple'', quote_literal(content)) "
    "from memoriesdb.memories')",
    "select xpath('//content', table_to_xml('memoriesdb.memories', true, false, ''))",
    "select currtid2('memoriesdb.memories', ctid::tid) from memoriesdb.memories",
    "select * from memoriesdb.memories tablesample system (100) repeatable (1)",
    "select * from memoriesdb.memories where ctid = any (array(select format('(0,%s)', n)::tid "
    "from generate_series(1, 50) as n))",
    "table memoriesdb.memories",
    "select m from memoriesdb.memories as m",
    "select (m).content from memoriesdb.memories as m",
    "select pg_get_viewdef('memoriesdb.memory_graph'::regclass)",
]


def test_functions_that_read_by_a_name_read_as_their_caller(
    database: Database, alice: UUID, bob: UUID, hers: UUID
) -> None:
    seen = {}
    for user_id in (bob, alice):
        with database.acting(user_id) as db:
            db.execute("declare c cursor for select * from memoriesdb.memories")
            told = []
            for statement in READERS:
                try:
                    with db.transaction():
                        told.append(str(db.execute(statement.encode()).fetchall()))
                except psycopg.errors.InsufficientPrivilege:
                    told.append("")
            seen[user_id] = [CANARY in text or "zebra" in text for text in told]
    assert not any(seen[bob])
    # The same statements tell Alice her own.
    assert sum(seen[alice]) >= 9


def test_no_function_takes_an_advisory_lock(database: Database) -> None:
    """They are anybody's to hold, and pg_locks shows to everybody who has locked what."""
    rows = database.superuser().execute(
        "select proname from pg_proc where pronamespace in ('memoriesdb'::regnamespace, "
        "'memoriesdb_system'::regnamespace) and prosrc ~ 'pg_(try_)?advisory'"
    )
    assert rows.fetchall() == []


def test_what_a_transaction_holds_shows_no_row(
    database: Database, alice: UUID, bob: UUID, hers: UUID
) -> None:
    with database.acting(alice) as writer, database.acting(bob, pooled=False) as looker:
        writer.execute("update memoriesdb.memories set content = content || '!'")
        writer.execute("select memoriesdb.forget(%s)", (hers,))
        shown = looker.execute(
            "select l::text from pg_locks as l where l.locktype in ('advisory', 'userlock', "
            "'object') union all select a::text from pg_stat_activity as a"
        ).fetchall()
    assert CANARY not in str(shown)
    assert str(hers) not in str(shown)


def test_a_transaction_that_outlives_its_session_cannot_be_made(
    database: Database, alice: UUID
) -> None:
    """A prepared one would keep its locks, and hold up sealing, with nobody there to end it."""
    with database.acting(alice, pooled=False) as db:
        db.execute("select memoriesdb.remember('prepared')")
        with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
            db.execute("prepare transaction 'left'")
        db.rollback()


def test_values_of_one_client_are_not_in_what_the_backend_shows_the_next(
    database: Database, alice: UUID
) -> None:
    """Parameters are in no list of statements, cursors or settings that a pooled backend keeps."""
    token = "a-secret-parameter"
    first = database.connect("app")
    first.prepare_threshold = 0
    first.execute("select memoriesdb.set_user(%s)", (alice,))
    first.execute("select memoriesdb.remember(%s)", (token,))
    first.execute("select * from memoriesdb.memories where content = %s", (token,))
    first.commit()
    with database.connect("app") as second:
        for shown in ("pg_prepared_statements", "pg_cursors", "pg_stat_activity", "pg_settings"):
            rows = second.execute(f"select t::text from {shown} as t".encode()).fetchall()
            assert token not in str(rows), shown
            assert shown in ("pg_settings", "pg_stat_activity") or str(alice) not in str(rows)


def test_a_login_that_people_share_shows_them_each_others_statements(database: Database) -> None:
    """A limit: within one login the server hides nothing. Give each tenant a login of its own."""
    first, second = (database.connect("client", pooled=False) for _ in range(2))
    first.execute(f"select '{CANARY}'")
    shown = "select query from pg_stat_activity where usename = session_user"
    assert CANARY in str(second.execute(shown).fetchall())
    with database.connect("app", pooled=False) as other:
        look = "select query from pg_stat_activity where usename = 'test_client'"
        assert CANARY not in str(other.execute(look).fetchall())


def test_a_grant_that_ended_goes_on_in_an_older_snapshot(
    database: Database, alice: UUID, bob: UUID, hers: UUID
) -> None:
    """A limit, and PostgreSQL's rule: in stricter isolation all is as at the first statement."""
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (hers, bob))
    look = f"select count(*) from memoriesdb.memories where content = '{CANARY}'"
    db = database.connect("app")
    db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    db.execute("select memoriesdb.set_user(%s)", (bob,))
    assert db.execute(look.encode()).fetchone() == (1,)
    with database.acting(alice) as owner:
        owner.execute("select memoriesdb.unshare(%s, %s)", (hers, bob))
    assert db.execute(look.encode()).fetchone() == (1,)
    db.commit()
    db.execute("select memoriesdb.set_user(%s)", (bob,))
    assert db.execute(look.encode()).fetchone() == (0,)
