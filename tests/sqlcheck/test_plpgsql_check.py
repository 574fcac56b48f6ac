"""plpgsql_check over every PL/pgSQL function; each of its warnings is an error here."""

from __future__ import annotations

import psycopg
import pytest

from acting import Database
from memoriesdb.cluster import Cluster

# What stays as it is, and why.
ACCEPTED = {
    (
        "memoriesdb.fail_vindexing(text,bigint,bigint,text,boolean,interval)",
        'unused parameter "job_id"',
    ): "the signature of fail_embedding; the fencing token is one for all requests of a claim",
    (
        "memoriesdb._turn(uuid,uuid,smallint)",
        "routine is marked as VOLATILE, should be STABLE",
    ): "it sees the jobs that the statement which calls it has queued before",
    (
        "memoriesdb.erasure_check(jsonb,text)",
        "text type variable is not sanitized",
    ): "names are quoted from the catalogue by _erasure_probes(); what is sought is a parameter",
    **{
        (
            "memoriesdb._nearest_by_index(uuid,uuid,bigint,integer,halfvec,integer)",
            f'OUT variable "{column}" is maybe unmodified',
        ): "a dynamic statement returns them, of which nothing is known before it is run"
        for column in ("doc", "distance")
    },
}
FUNCTIONS = """
select distinct p.oid::regprocedure::text, coalesce(t.tgrelid::regclass::text, '0')
from pg_proc as p
join pg_language as l on l.oid = p.prolang
left join pg_trigger as t on t.tgfoid = p.oid and t.tgparentid = 0
where l.lanname = 'plpgsql'
  and p.pronamespace in ('memoriesdb'::regnamespace, 'memoriesdb_system'::regnamespace)
order by 1, 2
"""
CHECK = """
select level, coalesce(statement, '') || ' ' || coalesce(lineno::text, ''),
  message, coalesce(detail, '')
from checking.plpgsql_check_function_tb(
  %(function)s::regprocedure, %(relation)s::regclass,
  oldtable => %(old)s, newtable => %(new)s, fatal_errors => false, other_warnings => true,
  extra_warnings => true, performance_warnings => true, security_warnings => true
)
"""


@pytest.fixture
def checking(database: Database) -> psycopg.Connection[tuple[object, ...]]:
    db = database.superuser()
    db.execute("create schema checking; create extension plpgsql_check schema checking")
    return db


def _check(
    db: psycopg.Connection[tuple[object, ...]], function: str, relation: str
) -> list[tuple[object, ...]]:
    is_trigger = relation != "0"
    found = db.execute(
        CHECK,
        {
            "function": function,
            "relation": relation,
            # Statement triggers here have both or one of them; their functions look at tg_op.
            "old": "old_rows" if is_trigger else None,
            "new": "new_rows" if is_trigger else None,
        },
    )
    return found.fetchall()


def test_every_function_is_free_of_warnings(
    checking: psycopg.Connection[tuple[object, ...]],
) -> None:
    checked = [(str(name), str(relation)) for name, relation in checking.execute(FUNCTIONS)]
    assert len(checked) > 60
    found = [
        (name, relation, *row)
        for name, relation in checked
        for row in _check(checking, name, relation)
    ]
    assert [f for f in found if (f[0], f[4]) not in ACCEPTED] == []
    stale = ACCEPTED.keys() - {(f[0], f[4]) for f in found}
    assert not stale, "accepted, and no longer there"


def test_every_trigger_function_is_attached_to_a_table(
    checking: psycopg.Connection[tuple[object, ...]],
) -> None:
    """One that is not would go unchecked, and be of no use."""
    unattached = checking.execute(
        "select p.oid::regprocedure::text from pg_proc as p"
        " where p.prorettype = 'trigger'::regtype and p.pronamespace = 'memoriesdb'::regnamespace"
        " and not exists (select from pg_trigger as t where t.tgfoid = p.oid)"
    )
    assert unattached.fetchall() == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("select x.nothing into v from memoriesdb.users as x;", "column x.nothing does not exist"),
        ("execute 'select ' || word;", "text type variable is not sanitized"),
        ("null;", 'unused variable "v"'),
    ],
)
def test_a_fault_would_be_found(
    checking: psycopg.Connection[tuple[object, ...]], body: str, message: str
) -> None:
    checking.execute("set check_function_bodies = off")
    checking.execute(
        "create function checking.faulty(word text) returns void language plpgsql as"
        f" $f$ declare v text; begin {body} end; $f$"
    )
    found = _check(checking, "checking.faulty(text)", "0")
    assert message in [row[2] for row in found]


def test_the_extension_is_there_in_the_version_that_was_tried(cluster: Cluster) -> None:
    with psycopg.connect(cluster.superuser_dsn) as db:
        row = db.execute(
            "select default_version::numeric >= 2.3 from pg_available_extensions"
            " where name = 'plpgsql_check'"
        ).fetchone()
    assert row == (True,)
