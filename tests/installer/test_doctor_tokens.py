"""doctor tells of tokens and services: what ends soon, and what is powerful."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database
from memoriesdb.installer import diagnose
from memoriesdb.installer.findings import Level

from .findings import bad

pytestmark = pytest.mark.usefixtures("durable", "sealed")


def _issue(database: Database, user_id: UUID, ttl: str, scopes: str, label: str) -> str:
    with psycopg.connect(database.dsn("admin", pooled=False)) as db:
        row = db.execute(
            "select memoriesdb.issue_token(%s, %s, %s, %s)", (user_id, ttl, scopes, label)
        ).fetchone()
    assert row is not None
    token: str = row[0]
    return token


def _let_pass(database: Database, time: str) -> None:
    database.superuser().execute(
        "update memoriesdb.api_tokens set issued_at = issued_at - %(time)s::interval, "
        "expires_at = expires_at - %(time)s::interval",
        {"time": time},
    )


def _told(database: Database, what: str) -> list[tuple[Level, str]]:
    """Look as a superuser and as an admin, who must be told the same."""
    told = [
        [(f.level, f.detail) for f in diagnose(database.dsn(role, pooled=False)) if f.what == what]
        for role in ("superuser", "admin")
    ]
    assert told[0] == told[1]
    return told[0]


def test_a_token_that_is_in_use_and_ends_soon_is_a_warning(database: Database, alice: UUID) -> None:
    token = _issue(database, alice, "14 days", "{read}", "phone")
    _issue(database, alice, "14 days", "{read}", "drawer")
    _let_pass(database, "11 days")
    assert bad(database.dsn("superuser")) == [], "nobody has used them"
    with psycopg.connect(database.dsn("client"), prepare_threshold=None) as db:
        db.execute("select memoriesdb.login(%s)", (token,))
    (found,) = bad(database.dsn("superuser"))
    assert found.what == "tokens that are in use end within a week"
    assert found.detail.startswith("phone of alice: ")
    assert token not in str(found)


def test_a_token_that_ends_later_or_was_revoked_is_none(database: Database, alice: UUID) -> None:
    for ttl, label in (("30 days", "long"), ("14 days", "revoked")):
        token = _issue(database, alice, ttl, "{read}", label)
        with psycopg.connect(database.dsn("client"), prepare_threshold=None) as db:
            db.execute("select memoriesdb.login(%s)", (token,))
    with psycopg.connect(database.dsn("admin", pooled=False)) as db:
        db.execute(
            "select memoriesdb.revoke_token(id) from memoriesdb.api_tokens where label = 'revoked'"
        )
    _let_pass(database, "11 days")
    assert bad(database.dsn("superuser")) == []


def test_a_token_that_was_meant_to_be_short_is_none(database: Database, alice: UUID) -> None:
    for ttl in ("8 hours", "3 days", "7 days"):
        token = _issue(database, alice, ttl, "{read}", ttl)
        with psycopg.connect(database.dsn("client"), prepare_threshold=None) as db:
            db.execute("select memoriesdb.login(%s)", (token,))
    assert bad(database.dsn("superuser")) == []


def test_tokens_of_admins_are_told(database: Database) -> None:
    what = "tokens with which an admin's work can be done"
    root = database.create_user("root", role="admin")
    _issue(database, root, "30 days", "{read,write}", "modest")
    assert _told(database, what) == []
    _issue(database, root, "30 days", "{admin}", "console")
    ((level, detail),) = _told(database, what)
    assert level == "ok"
    assert detail.startswith("console of root until ")


def test_tokens_that_only_the_clock_keeps_out_are_told(database: Database, alice: UUID) -> None:
    what = "tokens that have expired and were not revoked"
    _issue(database, alice, "1 day", "{read}", "old")
    assert _told(database, what) == []
    database.superuser().execute(
        "update memoriesdb.api_tokens set issued_at = now() - interval '9 days', "
        "expires_at = now() - interval '1 hour'"
    )
    assert _told(database, what) == [("ok", "1 of alice")]


def test_services_are_told(database: Database, alice: UUID, bob: UUID) -> None:
    service = database.create_user("importer", role="service")
    assert _told(database, "services that act for users") == []
    with psycopg.connect(database.dsn("admin", pooled=False)) as db:
        for user_id in (alice, bob):
            db.execute("select memoriesdb.assign_service(%s, %s)", (service, user_id))
    assert _told(database, "services that act for users") == [("ok", "importer for 2")]
