"""doctor accepts a member of the tables' owner in one shape alone, and says what it can do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from acting import Database
from memoriesdb.installer import diagnose
from vectors.support import MAINTAINER, maintainer

from .findings import bad

pytestmark = pytest.mark.usefixtures("durable", "sealed")

MEMBERS = "roles are members of the owner, or of a role that functions run as"


@pytest.fixture
def dsn(database: Database) -> Iterator[str]:
    with maintainer(database) as given:
        yield given


def test_a_maintainer_is_accepted_and_what_it_can_do_is_said(database: Database, dsn: str) -> None:
    assert bad(database.dsn("superuser")) == []
    assert bad(dsn) == []
    for asked in (database.dsn("superuser"), dsn):
        (said,) = [f for f in diagnose(asked) if "maintainers may become" in f.what]
        assert (said.level, said.detail) == ("ok", MAINTAINER)
        assert "SET ROLE" in said.what
        assert said.hint


def test_without_one_it_is_said_that_nobody_builds(database: Database) -> None:
    found = [f.what for f in diagnose(database.dsn("superuser")) if f.level == "ok"]
    assert "no maintainer may become the tables' owner: nobody builds vector indexes" in found


FAULTS = [
    # Inherits: it has the owner's rights without a word. From PostgreSQL 16 on a membership keeps
    # what its login was when it was granted.
    ("revoke memoriesdb_owner from {0}; alter role {0} inherit; grant memoriesdb_owner to {0}", ""),
    ("grant memoriesdb_app to {0}", ""),
    ("grant memoriesdb_worker to {0}", ""),
    ("grant memoriesdb_admin to {0}", ""),
    ("grant memoriesdb_definer to {0}", ""),
    ("grant memoriesdb_eraser to {0}", ""),
    ("grant pg_read_all_data to {0}", ""),
    ("grant memoriesdb_owner to {0} with admin option", ""),
    ("revoke memoriesdb_maintainer from {0}", ""),
    ("alter role {0} createrole", ""),
    ("alter role {0} createdb", ""),
    ("alter role {0} bypassrls", ""),
    ("alter role {0} replication", ""),
    ("alter role {0} nologin", ""),
    # Somebody else who becomes the owner through it.
    ("create role mdb_behind login; grant {0} to mdb_behind", "drop role mdb_behind"),
    (
        "revoke memoriesdb_owner from {0}; create role mdb_between noinherit; "
        "grant memoriesdb_owner to mdb_between; grant mdb_between to {0}",
        "drop role mdb_between",
    ),
]


@pytest.mark.parametrize(("fault", "undo"), FAULTS, ids=[fault[:60] for fault, _ in FAULTS])
def test_every_other_shape_is_refused(database: Database, dsn: str, fault: str, undo: str) -> None:
    assert bad(dsn) == []
    db = database.superuser()
    db.execute(fault.format(MAINTAINER).encode())
    try:
        seen = {f.what: f for f in bad(database.dsn("superuser"))}
        assert MAINTAINER in seen[MEMBERS].detail
        assert seen[MEMBERS].level == "failure"
        if "nologin" not in fault:
            own = {f.what: f for f in bad(dsn, application=True)}
            named = own["the login is a member of roles that no login may be in"]
            assert "memoriesdb_owner" in named.detail
    finally:
        if undo:
            db.execute(undo.encode())
