"""Upgrade from the first revision, on data that were written through the API."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from acting import Database
from memoriesdb.installer import upgrade, verify

SECOND = '''"""How a memory felt.

Revision ID: 0002
Revises: 0001
"""

from pathlib import Path

from alembic import op

from memoriesdb.installer.migrate import run_frozen

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_frozen(op, Path(__file__).with_suffix(".sql"))
'''
# A colon and a percent sign are nobody's parameters.
SECOND_SQL = """
alter table memoriesdb.memories add column mood text
constraint memories_mood_is_short check (char_length(mood) <= 20);
comment on column memoriesdb.memories.mood is 'How it felt: 100 % optional.';
update memoriesdb.memories set mood = 'calm:ly' where content like 'The%';
"""
STATE = (
    "select id, seq, content, encode(content_hash, 'hex'), metadata, created_by, created_at"
    " from memoriesdb.memories order by seq"
)


def _ship(shipped: Path, sql: str) -> None:
    (shipped / "migrations" / "versions" / "0002_mood.py").write_text(SECOND)
    (shipped / "migrations" / "versions" / "0002_mood.sql").write_text(sql)


@pytest.fixture
def seeded(database: Database, alice: UUID, bob: UUID) -> Database:
    first = database.remember(alice, "The violin is in the attic.", stream="house")
    second = database.remember(alice, "The key hangs behind the door.", stream="house")
    database.remember(bob, "Ünïcödé 🎻 of somebody else.")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.link(%s, %s)", (first, second))
        db.execute("select memoriesdb.share(%s, %s)", (first, bob))
        db.execute("update memoriesdb.memories set trust = 0.9 where id = %s", (first,))
    return database


def test_upgrade_from_the_first_revision_keeps_the_data(
    seeded: Database, shipped: Path, alice: UUID, bob: UUID
) -> None:
    dsn = seeded.dsn("superuser")
    db = seeded.superuser()
    before = db.execute(STATE).fetchall()
    _ship(shipped, SECOND_SQL)
    done = upgrade(dsn)
    assert (done.revision, done.applied) == ("0002", ["migrations to 0002"])
    assert db.execute(STATE).fetchall() == before
    assert db.execute(
        "select mood, count(*) from memoriesdb.memories group by mood order by mood"
    ).fetchall() == [("calm:ly", 2), (None, 1)], "the migration touched the rows of every owner"
    assert verify(dsn) == []
    assert not upgrade(dsn).changed
    with seeded.acting(bob) as user:
        found = user.execute("select content from memoriesdb.recall('violin')").fetchall()
        assert found == [("The violin is in the attic.",)]
    with seeded.acting(alice) as user:
        assert user.execute("select * from memoriesdb.verify_memories()").fetchall() == []
        states = user.execute(
            "select h.version from memoriesdb.memories as m"
            " cross join memoriesdb.history(m.id) as h where m.content like '%%violin%%'"
            " and m.owner_id = %s",
            (alice,),
        )
        assert len(states.fetchall()) == 3, "written, edited, migrated"
    seeded.remember(alice, "Written after the upgrade.")


def test_a_migration_that_fails_leaves_the_former_revision(seeded: Database, shipped: Path) -> None:
    dsn = seeded.dsn("superuser")
    db = seeded.superuser()
    before = db.execute(STATE).fetchall()
    _ship(shipped, SECOND_SQL + "select 1 / 0;\n")
    (shipped / "sql" / "functions" / "recall" / "backfill_embeddings.sql").unlink()
    with pytest.raises(psycopg.errors.DivisionByZero):
        upgrade(dsn)
    assert db.execute(STATE).fetchall() == before
    assert db.execute("select version_num from memoriesdb_system.alembic_version").fetchone() == (
        "0001",
    )
    (shipped / "migrations" / "versions" / "0002_mood.sql").write_text(SECOND_SQL)
    assert upgrade(dsn).revision == "0002"


def test_verify_names_a_revision_that_is_still_to_come(seeded: Database, shipped: Path) -> None:
    _ship(shipped, SECOND_SQL)
    (found,) = verify(seeded.dsn("superuser"))
    assert (found.what, found.kind) == ("changed", "migration")
    assert "0001" in found.name
    assert "0002" in found.name


def test_settings_that_an_admin_changed_survive_and_new_ones_come(
    seeded: Database, shipped: Path
) -> None:
    with seeded.connect("admin", pooled=False) as admin:
        admin.execute("select memoriesdb.set_setting('max_attempts', '3')")
    file = shipped / "sql" / "settings.sql"
    text = file.read_text()
    assert "('max_attempts', '8', 1, 100," in text
    file.write_text(
        text.replace(
            "('max_attempts', '8', 1, 100,",
            "('new_one', '1', null, null, 'Made up.'),\n  ('max_attempts', '9', 1, 100,",
        )
    )
    assert upgrade(seeded.dsn("superuser")).applied == ["settings.sql"]
    found = seeded.superuser().execute(
        "select key, value, default_value from memoriesdb.settings"
        " where key in ('max_attempts', 'new_one') order by key"
    )
    assert found.fetchall() == [("max_attempts", 3, 9), ("new_one", 1, 1)]
