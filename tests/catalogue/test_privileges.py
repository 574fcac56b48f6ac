"""The privilege matrix is a golden file: whoever may do more than yesterday shows in a diff."""

from __future__ import annotations

from pathlib import Path

from acting import Connection, Database
from golden import Golden

QUERY = Path(__file__).with_name("privileges.sql").read_text(encoding="utf-8")


def _matrix(db: Connection) -> str:
    return "".join(f"{row[0]}\n" for row in db.execute(QUERY.encode()))


def test_the_matrix_is_as_it_was_agreed(database: Database, golden: Golden) -> None:
    golden.check("privileges.txt", _matrix(database.superuser()))


def test_the_matrix_shows_a_column_and_a_role_within_a_role(database: Database) -> None:
    """Shows that the test above can fail."""
    db = database.connect("superuser")
    before = set(_matrix(db).splitlines())
    db.execute("grant update (trust) on memoriesdb.memory_versions to memoriesdb_app")
    db.execute("grant memoriesdb_admin to memoriesdb_maintainer")
    added = set(_matrix(db).splitlines()) - before
    assert "  app: select update(trust)" in added
    assert any("maintainer admin" in line for line in added)


def test_nobody_may_do_anything_through_public(database: Database) -> None:
    lines = _matrix(database.superuser()).splitlines()
    assert [line for line in lines if line.startswith("  PUBLIC")] == []
