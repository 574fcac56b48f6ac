"""Without a user nothing is visible and nothing can be written."""

from uuid import UUID

import psycopg
import pytest

from acting import Database


def test_nothing_is_visible_without_a_user(database: Database, alice: UUID) -> None:
    database.remember(alice, "secret")
    app = database.connect("app")
    assert app.execute("select count(*) from memoriesdb.memories").fetchone() == (0,)


def test_a_user_sees_his_own(database: Database, alice: UUID, bob: UUID) -> None:
    database.remember(alice, "secret")
    with database.acting(alice) as db:
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("secret",)]
    with database.acting(bob) as db:
        assert db.execute("select content from memoriesdb.memories").fetchall() == []
    with pytest.raises(psycopg.DatabaseError) as caught, database.connect("app") as db:
        db.execute("select memoriesdb.remember('x')")
    assert caught.value.sqlstate == "MD001"
