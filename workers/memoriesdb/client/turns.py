"""Whose turn it is: one transaction at a time on a client, for both kinds of connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from uuid import UUID

from memoriesdb.client.call import Call, one
from memoriesdb.client.parameters import checked
from memoriesdb.errors import NoUserError, RolledBackError, UsageError
from memoriesdb.queries import load


@contextmanager
def turn(lock: Lock, closed: bool) -> Iterator[None]:
    """Hold the client for one transaction; refuse a second one, rather than mix two users."""
    if closed:
        raise UsageError("the client is closed", hint="Connect again.")
    if not lock.acquire(blocking=False):
        raise UsageError(
            "this client is in a transaction already",
            hint="End its block first, or connect once more: a client acts for one user at a time,"
            " and each thread or task needs its own.",
        )
    try:
        yield
    finally:
        lock.release()


def act_as(user_id: UUID | str, reason: str | None) -> Call[UUID]:
    """The user of the transaction is this one."""
    call = one(load("client/act_as", UUID), user_id=user_id, reason=reason)
    return replace(
        call,
        denied="A login of memoriesdb_client acts by a token, as_token(…), or as the user whom it "
        "is mapped to, as_login(); as_user is for logins of memoriesdb_app.",
    )


def act_as_token(token: str | None, reason: str | None) -> Call[UUID]:
    """The user of the transaction is the one that the token was issued for."""
    if not token:
        raise UsageError(
            "there is no token",
            hint="Give as_token(…) one, or the client: memoriesdb.connect(dsn, token=…).",
        )
    return one(load("client/act_as_token", UUID), token=token, reason=reason)


def act_for(user_id: UUID | str) -> Call[UUID]:
    """The service that acts in this transaction acts for this user."""
    return one(load("client/act_for_user", UUID), user_id=user_id)


def act_as_login(reason: str | None) -> Call[UUID]:
    """The user of the transaction is the one that the login is mapped to."""

    def result(rows: list[UUID | None]) -> UUID:
        if rows[0] is None:
            raise NoUserError(
                "this login is mapped to no user",
                hint="An admin maps it with map_db_role; a login of memoriesdb_app uses as_user, "
                "and who has a token as_token.",
            )
        return rows[0]

    query = load("client/act_as_login", UUID)
    return Call(query, checked({"reason": reason}, query.sql), result)


def ended() -> UsageError:
    """The session was used after its block."""
    return UsageError(
        "this session has ended", hint="Use it within its block: with client.as_user(…) as me."
    )


def rolled_back() -> RolledBackError:
    """The block ended as if all were well, in a transaction that PostgreSQL had given up."""
    return RolledBackError(
        "nothing of this transaction was kept",
        detail="An error in it was caught, and PostgreSQL had given the transaction up.",
        hint="Let the error leave the block, or put what may fail into `with me.savepoint():`.",
    )
