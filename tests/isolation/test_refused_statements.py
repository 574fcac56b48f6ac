"""Statements beside reading and writing rows: what they may reach is refused or one's own."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database

CANARY = "zebra-crossing"


@pytest.fixture
def hers(database: Database, alice: UUID, bob: UUID) -> UUID:
    """A memory of Alice; Bob, who is there as well, is what the client's login is mapped to."""
    with database.connect("admin") as db:
        db.execute("select memoriesdb.map_db_role(%s, 'test_client')", (bob,))
    return database.remember(alice, CANARY)


REFUSED = [
    "truncate memoriesdb.memories",
    "truncate memoriesdb.audit_log, memoriesdb.audit_payloads",
    "truncate memoriesdb.audit_log_000000",
    "lock table memoriesdb.audit_log in row exclusive mode",
    "lock table memoriesdb.memory_versions in share mode",
    "lock table memoriesdb.users in share mode",
    "lock table memoriesdb.embedding_schedule in access share mode",
    "lock table memoriesdb.settings in access share mode",
    "alter table memoriesdb.memories disable row level security",
    "alter table memoriesdb.memories disable trigger all",
    "alter table memoriesdb.memories no force row level security",
    "drop policy memories_select_owner on memoriesdb.memories",
    "create policy memories_select_all on memoriesdb.memories using (true)",
    "alter view memoriesdb.memory_graph set (security_barrier = false)",
    "refresh materialized view memoriesdb._memory_graph_00",
    "alter function memoriesdb.current_user_id() immutable",
    "create or replace function memoriesdb.current_user_id() returns uuid language sql "
    "as 'select null::uuid'",
    "drop function memoriesdb.current_user_id() cascade",
    "create trigger _100_mine before insert on memoriesdb.memories "
    "for each row execute function memoriesdb.tg_refuse_change()",
    "create index on memoriesdb.memories (owner_id)",
    "create statistics memoriesdb.s on owner_id, kind from memoriesdb.memories",
    "create rule r as on insert to memoriesdb.memories do also select 1",
    "comment on table memoriesdb.memories is 'mine'",
    "create table memoriesdb.mine (n integer)",
    "create table public.mine (n integer)",
    "create temp table mine (n integer)",
    "create function public.mine() returns integer language sql as 'select 1'",
    "create function pg_temp.mine() returns integer language sql as 'select 1'",
    "create operator public.=== (function = texteq, leftarg = text, rightarg = text)",
    "create schema mine",
    "create extension hstore",
    "create event trigger e on ddl_command_start execute function memoriesdb.tg_refuse_change()",
    "create publication p for table memoriesdb.memories",
    "do language plpython3u 'import os'",
    "copy memoriesdb.memories (content) to program 'cat'",
    "copy memoriesdb.memories (content) to '/tmp/memories'",
    "copy memoriesdb.memories (content) from '/etc/passwd'",
    "select pg_read_file('/etc/passwd')",
    "select pg_ls_dir('.')",
    "select lo_import('/etc/passwd')",
    "set session_replication_role = replica",
    "select set_config('session_replication_role', 'replica', true)",
    "set local log_statement = 'all'",
    "set session authorization default; set session authorization postgres",
    "select * from memoriesdb_system.pgbouncer_auth('test_app')",
    "select memoriesdb_system.load_python()",
    "select * from memoriesdb_system._python_module",
    "insert into memoriesdb_system._python_module (name, source, sha256) "
    "values ('memoriesdb_pl.x', '', sha256(''))",
    "select rolpassword from pg_authid",
    "select * from pg_statistic",
    "select * from pg_user_mapping",
    "select pg_current_logfile()",
    "select pg_reload_conf()",
    "select pg_stat_reset()",
    "select pg_export_snapshot(), pg_logical_slot_get_changes('s', null, null)",
]


@pytest.mark.usefixtures("hers")
@pytest.mark.parametrize("role", ["app", "client"])
def test_what_is_the_owners_or_a_superusers_is_refused(database: Database, role: str) -> None:
    db = database.connect(role)
    wrong = []
    for statement in REFUSED:
        try:
            db.execute(statement.encode())
            wrong.append((statement, "was allowed"))
        except psycopg.Error as error:
            # 0A000: no ALTER SYSTEM and the like in a pool; 55000: no such log file.
            if error.sqlstate not in ("42501", "0LP01"):
                wrong.append((statement, f"{error.sqlstate} {error}"))
        db.rollback()
    assert wrong == []


@pytest.mark.usefixtures("hers")
def test_row_security_off_is_an_error_and_no_view_of_everything(
    database: Database, bob: UUID
) -> None:
    with database.acting(bob) as db:
        db.execute("set local row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("select content from memoriesdb.memories")


@pytest.mark.usefixtures("hers")
def test_copy_out_gives_ones_own_and_copy_in_is_refused(database: Database, bob: UUID) -> None:
    database.remember(bob, "his")
    with database.acting(bob) as db:
        with db.cursor().copy("copy memoriesdb.memories (content) to stdout") as copy:
            assert [bytes(row) for row in copy] == [b"his\n"]
        copy_in = "copy memoriesdb.memories (content) from stdin"
        with (
            pytest.raises(psycopg.errors.FeatureNotSupported),
            db.cursor().copy(copy_in.encode()) as copy,
        ):
            copy.write("x\n")


@pytest.mark.usefixtures("hers")
def test_large_objects_are_for_the_login_that_made_them(database: Database) -> None:
    """The server lets every login make some: what is in them never was a memory."""
    with database.connect("app") as db:
        made = db.execute("select lo_from_bytea(0, 'x')").fetchone()
    with database.connect("client") as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
        db.execute("select lo_get(%s)", made)


@pytest.mark.usefixtures("hers")
def test_analyze_and_vacuum_skip_what_is_not_ones_own(database: Database) -> None:
    db = database.connect("client", autocommit=True)
    notices: list[str | None] = []
    db.add_notice_handler(lambda said: notices.append(said.message_primary))
    db.execute("analyze memoriesdb.memories")
    db.execute("vacuum memoriesdb.memories")
    assert len(notices) == 2
    analyzed = "select last_analyze from pg_stat_all_tables where relname = 'memories'"
    assert database.superuser().execute(analyzed).fetchone() == (None,)


@pytest.mark.usefixtures("hers")
def test_other_logins_statements_are_not_seen(database: Database) -> None:
    app = database.connect("app", pooled=False)
    app.execute(f"select '{CANARY}'")
    with database.connect("client") as db:
        found = db.execute("select query from pg_stat_activity where usename = 'test_app'")
        assert CANARY not in str(found.fetchall())


@pytest.mark.parametrize(
    "statement",
    [
        "select memoriesdb.share({hers}, {bob}, 'all')",
        "select memoriesdb.transfer({hers}, {bob})",
        "select 1 / (select count(*) from memoriesdb.memories where content = '{canary}')",
        "select content::integer from memoriesdb.memories",
        "select metadata::text::integer from memoriesdb.memory_graph",
        "insert into memoriesdb.memories (owner_id, content, kind) values ({alice}, 'x', 'No')",
        "insert into memoriesdb.memory_edges (source_id, target_id) values ({hers}, {bob})",
    ],
)
def test_no_error_tells_a_hidden_value(
    database: Database, alice: UUID, bob: UUID, hers: UUID, statement: str
) -> None:
    values = {"alice": f"'{alice}'", "bob": f"'{bob}'", "hers": f"'{hers}'", "canary": CANARY}
    with database.acting(bob) as db:
        try:
            db.execute(statement.format(**values).encode())
        except psycopg.Error as error:
            diagnosis = error.diag
            said = (
                diagnosis.message_primary,
                diagnosis.message_detail,
                diagnosis.message_hint,
                diagnosis.context,
            )
            assert CANARY not in str(said)
            assert str(alice) not in str(said)
        db.rollback()
