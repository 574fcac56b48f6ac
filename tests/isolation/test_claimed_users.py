"""Rows bear whom the session names while they are written: at the end it must be the one proven."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database, one

# As an application's login, which the setting counts for; at the second of three rows.
BETWEEN = (
    "insert into memoriesdb.memories (owner_id, content) "
    "select %(owner)s, 'row ' || n || case n "
    "when 2 then set_config('app.current_user', %(other)s, true) "
    "when 3 then set_config('app.current_user', %(alice)s, true) else '' end "
    "from generate_series(1, 3) as n"
)
FLIPS = {
    "between two rows, and put back": BETWEEN,
    "before the first row": "insert into memoriesdb.memories (owner_id, content) "
    "select %(owner)s, set_config('app.current_user', %(other)s, true)",
    "after an insert": "insert into memoriesdb.memories (content) values ('x') "
    "returning set_config('app.current_user', %(other)s, true)",
    "in an update": "update memoriesdb.memories "
    "set stream = set_config('app.current_user', %(other)s, true)",
    "after an update": "update memoriesdb.memories set importance = 0.1 "
    "returning set_config('app.current_user', %(other)s, true)",
}


@pytest.mark.parametrize("flip", FLIPS)
@pytest.mark.parametrize("other", ["user", "viewer", "admin", "nobody"])
def test_a_setting_that_changes_while_a_statement_runs_undoes_it(
    database: Database, alice: UUID, flip: str, other: str
) -> None:
    database.remember(alice, "before")
    named = "" if other == "nobody" else str(database.create_user("carol", other))
    given = {"owner": alice, "alice": str(alice), "other": named}
    with (
        database.acting(alice) as db,
        pytest.raises(psycopg.DatabaseError) as caught,
        db.transaction(),
    ):
        db.execute(FLIPS[flip].encode(), given)
    assert caught.value.sqlstate in ("MD001", "MD004", "42501")
    kept = "select content, importance, version from memoriesdb.memories"
    assert database.superuser().execute(kept).fetchall() == [("before", 0.5, 1)]


def test_without_the_check_at_the_end_a_row_would_bear_another(
    database: Database, alice: UUID, bob: UUID
) -> None:
    superuser = database.superuser()
    superuser.execute("alter table memoriesdb.memories disable trigger _500_require_user_insert")
    with database.acting(alice) as db:
        named = {"owner": alice, "alice": str(alice), "other": str(bob)}
        db.execute(BETWEEN.encode(), named)
    found = "select count(*) from memoriesdb.memories where owner_id = %s and updated_by = %s"
    assert one(superuser, found, alice, bob) == 1


def test_the_setting_names_nobody_for_another_login(
    database: Database, alice: UUID, bob: UUID
) -> None:
    database.administer("map_db_role(%s, 'test_client')", bob)
    with database.connect("client") as db:
        db.execute("select set_config('app.current_user', %s, true)", (str(alice),))
        db.execute("insert into memoriesdb.memories (content) values ('his')")
        db.execute("update memoriesdb.memories set importance = 0.1")
    made = "select owner_id, created_by, updated_by from memoriesdb.memories"
    assert database.superuser().execute(made).fetchall() == [(bob, bob, bob)]
