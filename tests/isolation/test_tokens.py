"""Tokens: sessions that are signed, bound to their transaction, and within their scopes."""

from __future__ import annotations

from uuid import UUID

import psycopg

from acting import Database


def issue(database: Database, user: UUID, **arguments: object) -> str:
    names = "".join(f", {name} => %({name})s" for name in arguments)
    with psycopg.connect(database.dsn("admin", pooled=False)) as db:
        row = db.execute(
            f"select memoriesdb.issue_token(%(user)s{names})", {"user": user, **arguments}
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_client_with_a_token_is_its_user_and_nobody_else(
    database: Database, alice: UUID, bob: UUID
) -> None:
    token = issue(database, alice)
    database.remember(bob, "bob's")
    with psycopg.connect(database.dsn("client"), prepare_threshold=None) as db:
        assert db.execute("select memoriesdb.login(%s)", (token,)).fetchone() == (alice,)
        db.execute("select memoriesdb.remember('alice''s')")
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("alice's",)]
        session = db.execute("select current_setting('app.session')").fetchone()
    with psycopg.connect(database.dsn("client"), prepare_threshold=None) as db:
        db.execute("select set_config('app.session', %s, true)", session)
        assert db.execute("select memoriesdb.current_user_id()").fetchone() == (None,)
        assert db.execute("select count(*) from memoriesdb.memories").fetchone() == (0,)
