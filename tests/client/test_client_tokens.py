"""Clients with a token: the login goes with each transaction, whichever backend it gets."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

import memoriesdb
from acting import Database
from memoriesdb import errors


def test_a_client_with_a_token_is_its_user_in_every_transaction(
    database: Database, alice: UUID, bob: UUID
) -> None:
    database.remember(bob, "his lamp")
    with memoriesdb.connect(database.dsn("client"), token=database.issue_token(alice)) as client:
        for n in range(2):
            with client.as_token(reason="why") as me:
                assert me.id == alice
                me.remember(f"her lamp {n}")
        with client.as_token() as me:
            found = {found.content for found in me.recall("his or her lamp")}
            assert found == {"her lamp 0", "her lamp 1"}
        # Another one, for this transaction alone.
        with client.as_token(database.issue_token(bob)) as him:
            assert him.id == bob
        with client.as_token() as me:
            assert me.id == alice


def test_without_a_token_there_is_nobody(database: Database) -> None:
    with memoriesdb.connect(database.dsn("client")) as client:
        with pytest.raises(errors.UsageError), client.as_token():
            pass
        with pytest.raises(errors.UnknownTokenError), client.as_token("mdb_nonsense"):
            pass
        with pytest.raises(errors.NoUserError), client.as_login():
            pass


def test_a_login_that_acts_by_token_is_told_so(database: Database, alice: UUID) -> None:
    async def main() -> None:
        async with await memoriesdb.aconnect(database.dsn("client")) as client:
            with pytest.raises(errors.NotAllowedError, match="who its user is") as caught:
                async with client.as_user(alice):
                    pass
            assert "as_token" in (caught.value.hint or "")

    with memoriesdb.connect(database.dsn("client")) as client:
        with pytest.raises(errors.NotAllowedError) as caught, client.as_user(alice):
            pass
        assert "as_token" in (caught.value.hint or "")
        with client.as_token(database.issue_token(alice)) as me:
            assert me.id == alice
    asyncio.run(main())


def test_a_token_is_in_no_error_and_no_representation(database: Database, alice: UUID) -> None:
    token = database.issue_token(alice)
    wrong = token[:-4] + "0000"
    with memoriesdb.connect(database.dsn("client"), token=wrong) as client:
        with pytest.raises(errors.UnknownTokenError) as caught, client.as_token():
            pass
        said = f"{caught.value!r} {caught.value.detail} {caught.value.hint} {client!r}"
    assert wrong[37:69] not in said


def test_errors_of_tokens_are_typed(database: Database, alice: UUID) -> None:
    expired = database.issue_token(alice, ttl="1 millisecond")
    revoked = database.issue_token(alice)
    database.administer("revoke_token(%s)", UUID(revoked[4:36]))
    reader = database.issue_token(alice, scopes=["read"])
    with memoriesdb.connect(database.dsn("client")) as client:
        with pytest.raises(errors.TokenExpiredError), client.as_token(expired):
            pass
        with pytest.raises(errors.TokenRevokedError), client.as_token(revoked):
            pass
        with pytest.raises(errors.NotAllowedError), client.as_token(reader) as me:
            me.remember("x")
    database.administer("set_setting('token_writes_per_minute', '1')")
    limited = database.issue_token(alice)
    with memoriesdb.connect(database.dsn("client"), token=limited) as client:
        with client.as_token() as me:
            me.remember("x")
        with pytest.raises(errors.RateLimitedError) as caught, client.as_token() as me:
            me.remember("y")
        with pytest.raises(errors.TooManyAtOnceError) as refused, client.as_token() as me:
            me.remember_many([{"content": "x"}] * 2)
    assert caught.value.retry_after is not None
    assert 1 <= caught.value.retry_after <= 60
    assert "at most 1" in (refused.value.hint or "")


def test_a_service_acts_for_its_user(database: Database, alice: UUID, bob: UUID) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        service = admin.create_user("service", role="service")
        assert admin.assign_service(service, alice) is True
        token = admin.issue_token(service, "1 day", ["read", "write"], "the mailer")
    with memoriesdb.connect(database.dsn("client"), token=token) as client:
        with client.as_token() as me:
            assert me.id == service
        with client.as_token(act_for=alice) as her:
            assert her.id == alice
            her.remember("a lamp for her")
        with pytest.raises(errors.NotAssignedError), client.as_token(act_for=bob):
            pass
    with memoriesdb.connect(database.dsn("app")) as app, app.as_user(service, act_for=alice) as her:
        assert [found.content for found in her.recall("lamp")] == ["a lamp for her"]


def test_an_admins_token_manages_by_the_clients_methods(database: Database) -> None:
    boss = database.create_user("boss", "admin")
    token = database.issue_token(boss, scopes=["admin"])
    with memoriesdb.connect(database.dsn("client"), token=token) as admin:
        ada = admin.create_user("ada")
        assert admin.deactivate_user(ada) is True
        assert admin.reactivate_user(ada) is True
        issued = admin.issue_token(ada)
        assert admin.revoke_token(UUID(issued[4:36])) is True
    with (
        memoriesdb.connect(database.dsn("client")) as nobody,
        pytest.raises(errors.NotAllowedError),
    ):
        nobody.create_user("eve")


def test_the_asynchronous_client_does_the_same(database: Database, alice: UUID) -> None:
    token = database.issue_token(alice)

    async def main() -> list[str]:
        client = await memoriesdb.aconnect(database.dsn("client"), token=token)
        async with client:
            async with client.as_token() as me:
                await me.remember("her lamp")
            async with client.as_token() as me:
                return [found.content for found in await me.recall("lamp")]

    assert asyncio.run(main()) == ["her lamp"]
