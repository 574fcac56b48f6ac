"""Generated statements do for a user what the tables, read with a plain predicate, say they do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from oracle.actors import Doors, actors, application_actors, writers
from oracle.changes import changes
from oracle.reading import MismatchError, compare, compare_prepared, planners, ways
from oracle.shapes import queries
from oracle.world import World, build, worlds
from oracle.writing import Trial

from acting import Database, NewDatabase

MODEL = (Path(__file__).parent / "oracle" / "visible.sql").read_text(encoding="utf-8")
# What disagrees is one statement of one actor: it is shown as it is, and not made smaller.
QUICK = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    verbosity=Verbosity.quiet,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(QUICK, max_examples=100, derandomize=False)

_reads = st.tuples(queries(), st.lists(actors, min_size=4, max_size=4, unique=True), ways, planners)
_plans = st.tuples(
    queries(),
    st.lists(application_actors, min_size=3, max_size=3, unique=True),
    st.sampled_from(("force_generic_plan", "force_custom_plan")),
)


class Sitting:
    """A world, and the statements that are tried in it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.world = draw(worlds())
        self.reads = draw(st.lists(_reads, min_size=32, max_size=32))
        self.plans = draw(st.lists(_plans, min_size=8, max_size=8))
        self.writes = draw(st.lists(st.tuples(writers, changes()), min_size=24, max_size=24))

    def run(self, doors: Doors) -> Counter[str]:
        """Try them all, and count what was about rows."""
        count = Counter[str]()
        for query, some, way, planner in self.reads:
            count["told"] += sum(compare(doors, actor, query, way, planner) > 0 for actor in some)
        for query, some, mode in self.plans:
            count["told"] += compare_prepared(doors, some, query, mode) > 0
        for actor, change in self.writes:
            count["done"] += Trial(doors, actor, change).run() > 0
        return count


@st.composite
def sittings(draw: st.DrawFn) -> Sitting:
    """Draw a sitting."""
    return Sitting(draw)


def run(new_database: NewDatabase, profile: settings, mutation: str = "") -> Counter[str]:
    """Hold several sittings, each in a database of its own."""
    count = Counter[str]()

    @profile
    @given(sittings())
    def hold(sitting: Sitting) -> None:
        with new_database() as database:
            count.update(sitting.run(_open(database, sitting.world, mutation)))

    hold()
    return count


def _open(database: Database, world: World, mutation: str) -> Doors:
    built = build(database, world)
    with database.superuser() as db:
        db.execute(MODEL.encode())
        db.execute(mutation.encode())
    return Doors(database, built)


def test_a_user_gets_and_changes_what_the_model_says(new_database: NewDatabase) -> None:
    count = run(new_database, QUICK)
    # Enough of it was about rows, or this proves nothing.
    assert count["told"] > 200
    assert count["done"] > 30


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_user_gets_and_changes_what_the_model_says_for_long(new_database: NewDatabase) -> None:
    run(new_database, LONG)


# Behind most policies there is a gate, which is as narrow: without it they are what counts.
NO_GATES = """
do $gates$
declare
  v_policy record;
begin
  for v_policy in
    select p.policyname, p.tablename from pg_policies as p
    where p.schemaname = 'memoriesdb' and p.permissive = 'RESTRICTIVE'
  loop
    execute format('drop policy %I on memoriesdb.%I', v_policy.policyname, v_policy.tablename);
  end loop;
end;
$gates$;
"""
MUTATIONS = {
    "all of a grantor's memories": "alter policy memories_select_grantee on memoriesdb.memories "
    "using (owner_id = any((select memoriesdb._grantors('read'))::uuid[]))",
    "reading is writing": "alter policy memories_update_grantee on memoriesdb.memories using "
    "(id = any((select memoriesdb._granted_ids('read'))::uuid[])) with check (true)",
    "a grantee deletes": "alter policy memories_delete_owner on memoriesdb.memories using "
    "(id = any((select memoriesdb._granted_ids('write'))::uuid[]))",
    "inserting for others": "alter policy memories_insert_owner on memoriesdb.memories "
    "with check (true)",
    "former states": "alter policy memory_versions_select_owner on memoriesdb.memory_versions "
    "using (memory_id = any((select memoriesdb._granted_ids('read'))::uuid[]))",
    "payloads": "alter policy audit_payloads_select_owner on memoriesdb.audit_payloads "
    "using ((select memoriesdb.current_user_id()) is not null)",
    "vectors": "alter policy memory_embeddings_select_grantee on memoriesdb.memory_embeddings "
    "using (owner_id = any((select memoriesdb._grantors('read'))::uuid[]))",
    "grants": "alter policy memory_grants_select_grantee on memoriesdb.memory_grants "
    "using ((select memoriesdb.current_user_id()) is not null)",
    "a token without the scope": "alter policy memories_select_owner on memoriesdb.memories "
    "using (owner_id = (select memoriesdb.current_user_id()))",
    "an admin who is only said to be one": "alter policy users_select_admin_user on "
    "memoriesdb.users using (exists (select from memoriesdb.embedding_models where "
    "(select memoriesdb.current_user_id()) is not null))",
    "names kept in a plan": "alter function memoriesdb._user_with_scope(text) immutable",
}
FUNCTIONS = {
    "expired grants": ("_granted_ids", "g.expires_at is null or", "true or"),
    "viewers write": ("_user_with_scope", "('admin', 'viewer')", "('admin')"),
    "the deactivated": ("_who", "and u.is_active", ""),
}


# Some of each sort in every run, all of them in the long one.
QUICKLY = {
    "all of a grantor's memories",
    "reading is writing",
    "payloads",
    "names kept in a plan",
    "expired grants",
    "the deactivated",
}


@pytest.mark.parametrize(
    "hole",
    [
        pytest.param(hole, marks=() if hole in QUICKLY else pytest.mark.slow)
        for hole in (*MUTATIONS, *FUNCTIONS)
    ],
)
def test_a_hole_is_found(new_database: NewDatabase, hole: str) -> None:
    """Each made in a database of its own, and found with no more tries than the test above has."""
    if hole in MUTATIONS:
        mutation = MUTATIONS[hole]
    else:
        function, what, instead = FUNCTIONS[hole]
        mutation = (
            "do $mutate$ declare v_source text := pg_get_functiondef(p.oid) from pg_proc as p "
            f"where p.proname = '{function}' and p.pronamespace = 'memoriesdb'::regnamespace; "
            f"begin assert strpos(v_source, $x${what}$x$) > 0, 'nothing is replaced'; "
            f"execute replace(v_source, $x${what}$x$, $x${instead}$x$); end $mutate$"
        )
    with pytest.raises(MismatchError):
        run(new_database, QUICK, NO_GATES + mutation)


@pytest.mark.slow
def test_without_the_gates_the_policies_are_the_same(new_database: NewDatabase) -> None:
    """Shows that it is the hole that is found above, and not that the gates are gone."""
    run(new_database, QUICK, NO_GATES)
