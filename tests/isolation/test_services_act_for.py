"""Services that act for users to whom they were assigned, and for nobody else."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Connection, Database

ACT_FOR = "select memoriesdb.act_for(%s)"
WHO = "select memoriesdb.current_user_id()"


@pytest.fixture
def service(database: Database, alice: UUID) -> UUID:
    """A service that was assigned to Alice."""
    made = database.create_user("service", "service")
    assert database.administer("assign_service(%s, %s)", made, alice) is True
    assert database.administer("assign_service(%s, %s)", made, alice) is False
    return made


def _refused(db: Connection, query: str, *arguments: object) -> str | None:
    with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
        db.execute(query.encode(), arguments)
    return caught.value.sqlstate


def test_a_service_acts_for_its_users_and_the_audit_names_both(
    database: Database, alice: UUID, bob: UUID, service: UUID
) -> None:
    database.remember(alice, "hers")
    database.remember(bob, "his")
    token = database.issue_token(service)
    with database.with_token(token) as db:
        assert db.execute("select from memoriesdb.memories").rowcount == 0
        assert db.execute(ACT_FOR, (alice,)).fetchone() == (alice,)
        assert db.execute(WHO).fetchone() == (alice,)
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("hers",)]
        db.execute("select memoriesdb.remember('for her')")
    found = database.superuser().execute(
        "select a.user_id, a.token_id, a.actor_id, m.owner_id, m.created_by "
        "from memoriesdb.audit_log as a join memoriesdb.memories as m on m.id = a.row_id "
        "where m.content = 'for her'"
    )
    assert found.fetchall() == [(alice, UUID(token[4:36]), service, alice, alice)]


def test_a_service_acts_for_nobody_else(
    database: Database, alice: UUID, bob: UUID, service: UUID
) -> None:
    with database.with_token(database.issue_token(service)) as db:
        for other in (bob, service, uuid4(), None):
            assert _refused(db, ACT_FOR, other) == "MD010"
        db.execute(ACT_FOR, (alice,))
        # From there neither.
        assert _refused(db, ACT_FOR, bob) == "MD010"
    with database.with_token(database.issue_token(alice)) as db:
        assert _refused(db, ACT_FOR, service) == "MD010"
        assert _refused(db, ACT_FOR, alice) == "MD010"
    with database.connect("client") as db:
        assert _refused(db, ACT_FOR, alice) == "MD001"


def test_a_service_goes_from_one_of_its_users_to_the_next(
    database: Database, alice: UUID, bob: UUID, service: UUID
) -> None:
    database.administer("assign_service(%s, %s)", service, bob)
    with database.with_token(database.issue_token(service)) as db:
        for user in (alice, bob, alice):
            db.execute(ACT_FOR, (user,))
            assert db.execute(WHO).fetchone() == (user,)


def test_a_service_never_has_more_than_its_token(
    database: Database, alice: UUID, service: UUID
) -> None:
    memory_id = database.remember(alice, "hers")
    with database.with_token(database.issue_token(service, scopes=["read"])) as db:
        db.execute(ACT_FOR, (alice,))
        assert db.execute("select from memoriesdb.memories").rowcount == 1
        assert db.execute("update memoriesdb.memories set trust = 0").rowcount == 0
        assert _refused(db, "select memoriesdb.remember('x')") == "MD004"
        assert _refused(db, "select memoriesdb.share(%s, %s)", memory_id, service) == "MD004"
    everything = database.issue_token(service, scopes=["read", "write", "share"])
    other = database.create_user("other", "service")
    database.administer("assign_service(%s, %s)", other, alice)
    with database.with_token(everything) as db:
        db.execute(ACT_FOR, (alice,))
        # It makes no token of hers, revokes none, and sends no other service away.
        assert _refused(db, "select memoriesdb.issue_token(%s)", alice) == "MD004"
        hers = UUID(database.issue_token(alice)[4:36])
        assert _refused(db, "select memoriesdb.revoke_token(%s)", hers) == "MD004"
        unassign = "select memoriesdb.unassign_service(%s, %s)"
        assert _refused(db, unassign, other, alice) == "MD004"
    with database.with_token(database.issue_token(alice, scopes=["share"])) as db:
        assert db.execute(unassign, (other, alice)).fetchone() == (True,)
        assert db.execute(unassign, (other, alice)).fetchone() == (False,)


def test_a_viewer_is_not_written_for(database: Database, service: UUID) -> None:
    viewer = database.create_user("viewer", "viewer")
    database.administer("assign_service(%s, %s)", service, viewer)
    with database.with_token(database.issue_token(service)) as db:
        db.execute(ACT_FOR, (viewer,))
        assert _refused(db, "select memoriesdb.remember('x')") == "MD004"


@pytest.mark.parametrize("who", ["service", "user"])
def test_deactivating_either_ends_it_in_the_open_transaction(
    database: Database, alice: UUID, service: UUID, who: str
) -> None:
    database.remember(alice, "hers")
    token = database.issue_token(service)
    with database.with_token(token) as db:
        db.execute(ACT_FOR, (alice,))
        assert db.execute("select from memoriesdb.memories").rowcount == 1
        database.administer("deactivate_user(%s)", service if who == "service" else alice)
        assert db.execute(WHO).fetchone() == (None,)
        assert db.execute("select from memoriesdb.memories").rowcount == 0
    with database.connect("client") as db:
        if who == "service":
            assert _refused(db, "select memoriesdb.login(%s)", token) == "MD007"
        else:
            db.execute("select memoriesdb.login(%s)", (token,))
            assert _refused(db, ACT_FOR, alice) == "MD010"


def test_who_is_a_service_no_more_acts_for_nobody(
    database: Database, alice: UUID, service: UUID
) -> None:
    with database.with_token(database.issue_token(service)) as db:
        db.execute(ACT_FOR, (alice,))
        database.superuser().execute(
            "update memoriesdb.users set role = 'user' where id = %s", (service,)
        )
        assert db.execute(WHO).fetchone() == (None,)


def test_an_assignment_that_ends_is_over_from_the_next_transaction_on(
    database: Database, alice: UUID, service: UUID
) -> None:
    token = database.issue_token(service)
    with database.with_token(token) as db:
        db.execute(ACT_FOR, (alice,))
        database.administer("unassign_service(%s, %s)", service, alice)
        assert db.execute(WHO).fetchone() == (alice,)
    with database.with_token(token) as db:
        assert _refused(db, ACT_FOR, alice) == "MD010"


def test_only_services_are_assigned_and_only_to_active_users(
    database: Database, alice: UUID, bob: UUID, service: UUID
) -> None:
    database.administer("deactivate_user(%s)", bob)
    for pair in ((alice, bob), (service, bob), (service, uuid4()), (uuid4(), alice), (None, None)):
        with pytest.raises(psycopg.DatabaseError) as caught:
            database.administer("assign_service(%s, %s)", *pair)
        assert caught.value.sqlstate == "MD002"
    with pytest.raises(psycopg.DatabaseError) as caught:
        database.administer("assign_service(%s, %s)", service, service)
    assert caught.value.sqlstate == "MD110"


def test_an_application_lets_a_service_act_within_what_a_setting_may(
    database: Database, alice: UUID, service: UUID
) -> None:
    with database.acting(service) as db:
        db.execute(ACT_FOR, (alice,))
        db.execute("select memoriesdb.remember('for her')")
        assert _refused(db, "select memoriesdb.issue_token(%s)", alice) == "MD004"
        # The last word counts.
        db.execute("select memoriesdb.set_user(%s)", (service,))
        assert db.execute(WHO).fetchone() == (service,)


def test_both_see_the_assignment_and_nobody_else(
    database: Database, alice: UUID, bob: UUID, service: UUID
) -> None:
    look = "select service_id, user_id from memoriesdb.service_assignments"
    for user in (alice, service):
        with database.acting(user) as db:
            assert db.execute(look).fetchall() == [(service, alice)]
    with database.acting(bob) as db:
        assert db.execute(look).fetchall() == []
