"""The commands for tokens, services and the signing key, as an admin's login."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner, Result

from acting import Database
from memoriesdb.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, database: Database) -> Run:
    """Call the command line in this process, with the admin's DSN in the environment."""
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("admin"))

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    return call


def _listed(run: Run, *arguments: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run("token", "list", "--json", *arguments).output)
    return found


def test_a_token_is_issued_used_listed_and_revoked(
    run: Run, database: Database, alice: UUID
) -> None:
    assert "token issue" in run("token", "list").output
    issued = run(
        *("token", "issue", "alice", "--scopes", "read, write", "--ttl", "8 hours"),
        *("--label", "agent"),
    )
    token = issued.output.strip()
    assert issued.exit_code == 0
    with database.with_token(token) as db:
        assert db.execute("select memoriesdb.current_user_id()").fetchone() == (alice,)
    (shown,) = _listed(run)
    assert shown["scopes"] == ["read", "write"]
    assert (shown["state"], shown["label"]) == ("valid", "agent")
    assert shown["last_used_at"]
    assert _listed(run, "--user", "alice") == [shown]
    database.create_user("bob")
    assert _listed(run, "--user", "bob") == []
    assert "There are no tokens of bob" in run("token", "list", "--user", "bob").output
    table = run("token", "list").output
    assert str(shown["id"]) in table
    assert token[37:] not in table
    assert "is revoked" in run("token", "revoke", str(shown["id"])).output
    assert "already" in run("token", "revoke", str(shown["id"])).output
    assert _listed(run)[0]["state"] == "revoked"


def test_states_of_tokens_tell_why_they_open_nothing(
    run: Run, database: Database, alice: UUID, bob: UUID
) -> None:
    database.issue_token(alice, ttl="1 millisecond")
    database.issue_token(bob)
    assert run("user", "deactivate", "bob").exit_code == 0
    assert {token["username"]: token["state"] for token in _listed(run)} == {
        "alice": "expired",
        "bob": "inactive",
    }
    assert "active again" in run("user", "reactivate", "bob").output
    assert "already" in run("user", "reactivate", "bob").output
    assert _listed(run, "--user", "bob")[0]["state"] == "valid"


@pytest.mark.usefixtures("alice")
@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("token", "issue", "nobody"), 1, "user list"),
        (("token", "issue", "alice", "--scopes", "root"), 1, "MD110"),
        (("token", "issue", "alice", "--scopes", ""), 1, "MD110"),
        (("token", "issue", "alice", "--scopes", "admin"), 1, "MD110"),
        (("token", "issue", "alice", "--ttl", "soon"), 2, "no length of time"),
        (("token", "issue", "alice", "--ttl", "900 years"), 1, "MD106"),
        (("token", "issue", "alice", "--ttl", "-1 day"), 1, "more than 0"),
        (("token", "list", "--user", "nobody"), 1, "nobody has the name 'nobody'"),
        (("token", "revoke", "x"), 2, "UUID"),
        (("token", "revoke", str(uuid4())), 1, "token list"),
        (("key", "rotate", "--grace", "2 days"), 1, "MD110"),
        (("key", "rotate", "--grace", "x"), 2, "no length of time"),
        (("user", "reactivate", "nobody"), 1, "user list"),
        (("user", "assign", "alice", "nobody"), 1, "nobody has the name 'nobody'"),
        (("user", "assign", "alice", "alice"), 1, "MD002"),
    ],
)
def test_what_cannot_be_says_what_to_do(
    run: Run, arguments: tuple[str, ...], code: int, said: str
) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_service_is_assigned_and_sent_away(run: Run, database: Database, alice: UUID) -> None:
    assert run("user", "create", "mailer", "--role", "service").exit_code == 0
    token = run("token", "issue", "mailer").output.strip()
    assert "may act for alice" in run("user", "assign", "mailer", "alice").output
    assert "could act already" in run("user", "assign", "mailer", "alice").output
    with database.with_token(token) as db:
        assert db.execute("select memoriesdb.act_for(%s)", (alice,)).fetchone() == (alice,)
    assert "no more" in run("user", "unassign", "mailer", "alice").output
    assert "did not act" in run("user", "unassign", "mailer", "alice").output


def test_the_key_is_rotated_and_tokens_stay(run: Run, database: Database, alice: UUID) -> None:
    token = database.issue_token(alice)
    assert "signed with key" in run("key", "rotate").output
    with database.with_token(token) as db:
        assert db.execute("select memoriesdb.current_user_id()").fetchone() == (alice,)


@pytest.mark.usefixtures("alice")
def test_only_an_admins_login_does_any_of_it(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("app"))
    for arguments in (
        ("key", "rotate"),
        # What it may read of users and tokens are no rows, which are not to be told of as none.
        ("token", "issue", "alice"),
        ("token", "list"),
        ("token", "list", "--user", "nosuch"),
        ("token", "revoke", str(uuid4())),
        ("user", "list"),
        ("user", "create", "eve"),
        ("user", "assign", "alice", "alice"),
        ("hold", "list"),
    ):
        result = run(*arguments)
        assert result.exit_code == 1, arguments
        first, _, hint = result.output.partition("\n")
        assert first == "the login test_app may not administer [MD004]"
        assert "memoriesdb_admin (--dsn, MEMORIESDB_ADMIN_DSN)" in hint


def test_scopes_that_do_nothing_are_told_of_beside_the_token(run: Run, database: Database) -> None:
    database.create_user("carol", "viewer")
    issued = run("token", "issue", "carol")
    assert issued.exit_code == 0
    assert issued.stdout.startswith("mdb_")
    assert issued.stdout.count("\n") == 1
    assert "scopes that let the user do nothing: write" in issued.stderr
    assert run("token", "issue", "carol", "--scopes", "read").stderr == ""


def test_a_mapped_login_of_an_admin_administers(
    run: Run, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = database.create_user("boss", "admin")
    database.administer("map_db_role(%s, 'test_client')", boss)
    monkeypatch.setenv("MEMORIESDB_ADMIN_DSN", database.dsn("client"))
    assert run("user", "create", "ada").exit_code == 0
    assert run("token", "issue", "ada").exit_code == 0


def test_limits_that_are_on_are_no_difference_from_what_is_shipped(
    run: Run, database: Database, alice: UUID
) -> None:
    database.administer("set_setting('token_writes_per_minute', '5')")
    database.issue_token(alice)
    superuser = database.dsn("superuser")
    verified = run("verify", superuser)
    assert verified.exit_code == 0, verified.output
    assert run("upgrade", superuser).exit_code == 0
    with database.with_token(database.issue_token(alice)) as db:
        db.execute("insert into memoriesdb.memories (content) values ('x')")
