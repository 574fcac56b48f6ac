"""Users who share, trade, edit and forget see what a plain Python model says they see."""

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from acting import Database
from memories.machine import USERS, Users

QUICK = settings(
    max_examples=20,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
# Finding the fault is enough, the smallest way to it does not matter.
FAULTY = settings(QUICK, max_examples=200, report_multiple_bugs=False, phases=[Phase.generate])
LONG = settings(QUICK, max_examples=100, stateful_step_count=50, derandomize=False)


def run(database: Database, profile: settings) -> None:
    class Bound(Users):
        """Of this test's database, through the pool."""

    Bound.database = database
    Bound.connections = [database.connect("app", autocommit=True) for _ in USERS]
    run_state_machine_as_test(Bound, settings=profile)


def test_everybody_sees_what_the_model_says(database: Database) -> None:
    run(database, QUICK)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_everybody_sees_what_the_model_says_for_long(database: Database) -> None:
    run(database, LONG)


@pytest.mark.parametrize(
    ("function", "what", "replacement"),
    [
        # A period by the start of the transaction, as a prototype had it.
        ("tg_memories__stamp", "greatest(clock_timestamp(), old.updated_at", "least(now(), now()"),
        ("forget", "m.owner_id = v_user_id and ", ""),
        ("as_of", "m.updated_at <= at", "true"),
        ("tg_memories__version", "o.content end", "null end"),
    ],
)
def test_the_model_sees_a_fault(
    database: Database, function: str, what: str, replacement: str
) -> None:
    """Each fault, put into this test's own database, is found: the test can fail."""
    with database.superuser() as db:
        row = db.execute(
            "select pg_get_functiondef(p.oid) from pg_proc as p "
            "where p.pronamespace = 'memoriesdb'::regnamespace and p.proname = %s",
            (function,),
        ).fetchone()
        assert row is not None
        assert what in row[0]
        db.execute(row[0].replace(what, replacement).encode())
    with pytest.raises((AssertionError, psycopg.Error)):
        run(database, FAULTY)
