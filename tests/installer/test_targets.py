"""Which servers and databases are installed to, which are refused, and with what words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from acting import PASSWORD, login
from memoriesdb.cluster import Cluster
from memoriesdb.installer import InstallError, database, diagnose, install, upgrade, verify
from memoriesdb.queries.loader import Query, Row

from .conftest import Connect, catalogue

EXTENSIONS = ("vector", "pg_trgm", "pgcrypto")


def _connect_as(cluster: Cluster, dsn: str, role: str) -> psycopg.Connection[tuple[object, ...]]:
    name = dsn.rsplit("/", 1)[1]
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(
            sql.SQL("grant connect on database {} to {}").format(
                sql.Identifier(name), sql.Identifier(login(role))
            )
        )
    return psycopg.connect(cluster.dsn(name, login(role), PASSWORD))


def _remember_and_recall(cluster: Cluster, dsn: str) -> list[str]:
    """Return the NOTICEs of a recall that found what was remembered, with an active model."""
    with _connect_as(cluster, dsn, "admin") as db:
        db.execute(
            "select memoriesdb.register_embedding_model("
            "'m', 'ollama', 'http://127.0.0.1:9', 3, activate => true)"
        )
        row = db.execute("select memoriesdb.create_user('ada')").fetchone()
    assert row is not None
    notices: list[str] = []
    with _connect_as(cluster, dsn, "app") as db:
        db.add_notice_handler(lambda notice: notices.append(notice.sqlstate or ""))
        db.execute("select memoriesdb.set_user(%s)", row)
        db.execute("select memoriesdb.remember('The violin is in the attic.')")
        found = db.execute("select content from memoriesdb.recall('violin')").fetchall()
        # The vector arm names the extension's type and operator.
        db.execute("select memoriesdb.recall('violin', query_embedding => %s)", ("[1,2,3]",))
    assert found == [("The violin is in the attic.",)]
    return notices


def test_extensions_may_live_in_any_schema(empty: str, cluster: Cluster, connect: Connect) -> None:
    db = connect(empty)
    db.execute('create schema "my extensions"')
    for name in EXTENSIONS:
        db.execute(f'create extension {name} schema "my extensions"')
    # Nothing is found by chance.
    db.execute("drop schema public")
    install(empty)
    assert _remember_and_recall(cluster, empty) == ["MD502"], "port 9 has no endpoint"
    assert verify(empty) == []
    assert not upgrade(empty).changed


def test_without_plpython_the_core_works_and_says_what_is_missing(
    empty: str, cluster: Cluster, connect: Connect
) -> None:
    install(empty, plpython=False)
    db = connect(empty)
    languages = db.execute("select lanname from pg_language where lanname like 'plpython%'")
    assert languages.fetchall() == []
    assert _remember_and_recall(cluster, empty) == ["MD502"]
    with pytest.raises(psycopg.DatabaseError) as caught:
        db.execute("select memoriesdb.chunk_text('a text')")
    assert caught.value.sqlstate == "MD501"
    assert "upgrade" in (caught.value.diag.message_hint or "")
    assert verify(empty) == []
    assert not upgrade(empty).changed


def test_plpython_can_come_later_and_go_again(empty: str, connect: Connect) -> None:
    install(empty, plpython=False)
    db = connect(empty)
    without = catalogue(empty)
    db.execute("create extension plpython3u")
    assert verify(empty) == [], "an extension that somebody else uses makes no difference"
    assert upgrade(empty).changed
    assert db.execute("select memoriesdb.chunk_text('a text')").fetchone() == (["a text"],)
    assert verify(empty) == []
    assert install(empty, plpython=False).changed
    assert verify(empty) == []
    assert catalogue(empty) == without, "the loader is gone as well"


def test_doctor_says_whether_dates_in_questions_are_read(empty: str, connect: Connect) -> None:
    dates = "select count(*) from memoriesdb._dates_in('in May 2023', now())"
    install(empty, plpython=False)
    assert connect(empty).execute(dates).fetchone() == (0,)
    assert "python3-dateutil" in _hint(empty, "recall reads no dates in questions")
    install(empty, plpython=True)
    assert connect(empty).execute(dates).fetchone() == (1,)
    assert _hint(empty, "recall reads dates in questions") == ""


def _hint(dsn: str, what: str) -> str:
    """Return what doctor says to do next about something that is no fault."""
    (found,) = [f for f in diagnose(dsn) if f.what == what]
    assert found.level == "ok"
    return found.hint


def test_another_encoding_is_refused(create_database: Callable[..., str]) -> None:
    dsn = create_database("encoding 'LATIN1' locale 'C' template template0")
    with pytest.raises(psycopg.DatabaseError) as caught:
        install(dsn)
    assert caught.value.sqlstate == "MD504"
    assert "UTF8" in (caught.value.diag.message_hint or "")


@pytest.mark.parametrize(
    ("role", "attribute"),
    [
        ("memoriesdb_owner", "login"),
        ("memoriesdb_app", "bypassrls"),
        ("memoriesdb_pgbouncer", "createrole"),
    ],
)
def test_a_role_with_attributes_that_it_must_not_have_is_refused(
    empty: str, connect: Connect, role: str, attribute: str
) -> None:
    db = connect(empty)
    db.execute(f"alter role {role} {attribute}")
    try:
        with pytest.raises(psycopg.DatabaseError) as caught:
            install(empty)
    finally:
        db.execute(f"alter role {role} no{attribute}")
    assert caught.value.sqlstate == "MD505"
    assert (caught.value.diag.message_hint or "").startswith(f"alter role {role} ")
    assert f"no{attribute}" in (caught.value.diag.message_hint or "")


@pytest.mark.parametrize("schema", ["memoriesdb", "memoriesdb_system"])
def test_a_schema_that_somebody_else_has_made_is_refused(
    empty: str, cluster: Cluster, connect: Connect, schema: str
) -> None:
    """Whoever owns the schema could replace what the superuser installs into it."""
    db = connect(empty)
    db.execute(f"create schema {schema} authorization {login('app')}")
    with pytest.raises(psycopg.DatabaseError) as caught:
        install(empty)
    assert caught.value.sqlstate == "MD505"
    assert login("app") in str(caught.value)


def test_a_login_that_is_no_superuser_is_refused(empty: str, cluster: Cluster) -> None:
    name = empty.rsplit("/", 1)[1]
    with pytest.raises(InstallError, match="not a superuser") as caught:
        install(cluster.dsn(name, login("admin"), PASSWORD))
    assert "memoriesdb sql" in caught.value.hint


def test_a_server_that_is_not_there_is_the_drivers_error() -> None:
    with pytest.raises(psycopg.OperationalError):
        install("postgresql://postgres@127.0.0.1:9/nowhere")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda facts: replace(facts, version=14), "PostgreSQL 14"),
        (lambda facts: replace(facts, vector_available=None), "no extension vector"),
        (lambda facts: replace(facts, vector_available="0.7.4"), "0.7.4 is too old"),
        (lambda facts: replace(facts, has_plpython=False), "no extension plpython3u"),
    ],
    ids=["old server", "no pgvector", "old pgvector", "no PL/Python"],
)
def test_a_server_that_is_not_fit_is_refused(
    empty: str,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[database.Facts], database.Facts],
    message: str,
) -> None:
    """What the server says of itself is replaced, since there is one server here."""
    real = database.one

    def one(db: psycopg.Connection[Any], query: Query[Row]) -> Row:
        found = real(db, query)
        return cast(Row, change(found)) if isinstance(found, database.Facts) else found

    monkeypatch.setattr(database, "one", one)
    with pytest.raises(InstallError, match=message) as caught:
        install(empty)
    assert caught.value.hint
    assert catalogue(empty) == set()


def test_without_plpython_no_server_needs_it(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = database.ask_facts
    monkeypatch.setattr(database, "ask_facts", lambda db: replace(real(db), has_plpython=False))
    install(empty, plpython=False)
    assert verify(empty) == []


def test_the_application_of_one_database_cannot_connect_to_the_next(
    create_database: Callable[..., str], cluster: Cluster, connect: Connect
) -> None:
    """The roles are the cluster's: without this the app of one database is an app in the next."""
    first, second = create_database(), create_database()
    install(first)
    install(second)
    app = f"app_{uuid4().hex[:8]}"
    db = connect(first)
    db.execute(f"create role {app} login password '{PASSWORD}' in role memoriesdb_app")
    try:
        name, other = first.rsplit("/", 1)[1], second.rsplit("/", 1)[1]
        db.execute(f"grant connect on database {name} to {app}")
        psycopg.connect(cluster.dsn(name, app, PASSWORD)).close()
        with pytest.raises(psycopg.OperationalError, match="CONNECT"):
            psycopg.connect(cluster.dsn(other, app, PASSWORD))
        # Nor any other login of the cluster that nobody has let in.
        with pytest.raises(psycopg.OperationalError, match="CONNECT"):
            psycopg.connect(cluster.dsn(name, login("app"), PASSWORD))
    finally:
        db.execute(f"drop owned by {app} cascade")
        db.execute(f"drop role {app}")
