"""SQLAlchemy with tokens: the login at every BEGIN."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from acting import Database
from memoriesdb import errors
from memoriesdb.sqlalchemy import Memory, acting_as, create_engine


def test_a_token_is_its_user_at_every_begin(database: Database, alice: UUID, bob: UUID) -> None:
    database.remember(bob, "his")
    engine = create_engine(database.dsn("client"), pool_size=1, max_overflow=0)
    token = database.issue_token(alice)
    with acting_as(token=token), Session(engine) as session:
        for n in range(2):
            session.add(Memory(content=f"hers {n}"))
            session.commit()
        assert session.scalars(sa.select(Memory.content).order_by(Memory.seq)).all() == [
            "hers 0",
            "hers 1",
        ]
    # The same connection, without the token: nobody.
    with Session(engine) as session:
        assert session.scalars(sa.select(Memory.content)).all() == []
    engine.dispose()


def test_two_tokens_never_mix_in_one_transaction(
    database: Database, alice: UUID, bob: UUID
) -> None:
    engine = create_engine(database.dsn("client"))
    tokens = [database.issue_token(user) for user in (alice, bob)]
    with acting_as(token=tokens[0]), Session(engine) as session:
        session.scalars(sa.select(Memory.content)).all()
        with acting_as(token=tokens[1]), pytest.raises(errors.UsageError) as caught:
            session.scalars(sa.select(Memory.content)).all()
        assert tokens[0] not in f"{caught.value} {caught.value.detail}"
        assert tokens[1] not in f"{caught.value} {caught.value.detail}"
    with pytest.raises(errors.UsageError), acting_as(alice, token=tokens[0]):
        pass
    engine.dispose()


def test_a_token_that_is_none_opens_nothing_and_the_connection_is_free_again(
    database: Database, alice: UUID
) -> None:
    engine = create_engine(database.dsn("client"), pool_size=1, max_overflow=0)
    for _ in range(2):
        with acting_as(token="mdb_nonsense"), Session(engine) as session:
            with pytest.raises(sa.exc.DBAPIError) as caught:
                session.scalars(sa.select(Memory.content)).all()
            assert isinstance(caught.value.orig, errors.UnknownTokenError)
    with acting_as(token=database.issue_token(alice)), Session(engine) as session:
        session.add(Memory(content="hers"))
        session.commit()
    engine.dispose()


def test_a_service_acts_for_its_user(database: Database, alice: UUID) -> None:
    service = database.create_user("service", "service")
    database.administer("assign_service(%s, %s)", service, alice)
    engine = create_engine(database.dsn("client"))
    token = database.issue_token(service)
    with acting_as(token=token, act_for=alice), Session(engine) as session:
        session.add(Memory(content="for her"))
        session.commit()
        assert session.scalars(sa.select(Memory.owner_id)).all() == [alice]
    engine.dispose()
