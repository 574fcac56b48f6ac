"""Everything that a login can reach is asked for what is not its user's, and tells nothing of it.

Relations and functions come from the catalogue, so what is added later is asked, too. The secrets
are every id, hash and text that another user's doings brought into any table.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from reach import asking
from reach.asking import Asker, Said, normalised
from reach.lives import UNTOUCHED, Lives, live
from reach.secrets import CANARY, secrets_in, tables

from acting import PASSWORD, NewDatabase

USERS = ("app", "app as nobody", "client", "client as nobody")


@pytest.fixture(scope="module")
def lives(new_database: NewDatabase) -> Iterator[Lives]:
    """Bob, and Alice with something everywhere; whatever is asked is rolled back."""
    with new_database() as database:
        yield live(database)


def _asker(lives: Lives, who: str) -> Asker:
    become = {
        "app": f"select memoriesdb.set_user('{lives.ids['own'][0]}')",
        "client": f"select memoriesdb.login('{lives.tokens['bob']}')",
        "admin user": f"select memoriesdb.login('{lives.tokens['admin']}')",
    }
    role = "client" if who == "admin user" else who.partition(" ")[0]
    return Asker(lives.database.connect(role), become.get(who, ""))


def _relations(
    lives: Lives, asker: Asker, secrets: set[str], schemas: str = "memoriesdb(_system)?"
) -> Iterator[str]:
    """Read every relation whole; give back those that told a secret."""
    for relation in asking.relations(asker.db, schemas):
        listed = ", ".join(asking.columns(asker.db, relation))
        said = asker.ask(f"select row({listed})::text from {relation}")
        if told := secrets_in(said.text) & secrets:
            yield f"{relation} told {sorted(told)[:3]}"


def _functions(lives: Lives, asker: Asker, secrets: set[str], only: str = "") -> Iterator[str]:
    """Call every function; give back the calls that told what they were not given."""
    for function in asking.functions(asker.db):
        if only not in function.name:
            continue
        for call in asking.calls(lives, function):
            said = asker.ask(f"select x::text from {call} as x")
            if told := (secrets_in(said.text) & secrets) - secrets_in(call):
                yield f"{call} told {sorted(told)[:3]}: {said.text[:200]}"


def _differences(lives: Lives, asker: Asker, only: str = "") -> Iterator[str]:
    """Call with ids of Alice's and with unknown ones; give back calls that made a difference."""
    for function in asking.functions(asker.db):
        # What is computed from its arguments alone knows nothing.
        if function.is_pure or only not in function.name:
            continue
        hers = asking.calls(lives, function)
        unknown = asking.calls(lives, function, is_unknown=True)
        for call, other in zip(hers, unknown, strict=True):
            if call != other:
                one, two = (_say(asker, c) for c in (call, other))
                if one != two:
                    yield f"{call} said {one}, an unknown id {two}"


def _say(asker: Asker, call: str) -> Said:
    return normalised(asker.ask(f"select x::text from {call} as x"))


def test_there_is_a_secret_in_every_table(lives: Lives) -> None:
    """A table that is added later must be lived in, too, or the tests below look at nothing."""
    with lives.database.superuser() as db:
        ours = {table for table in tables(db) if table.startswith("memoriesdb.")}
    found = {table for table, secrets in lives.secrets.items() if secrets}
    assert ours - found - UNTOUCHED == {"memoriesdb.ledger_blocks"}
    assert any(secret.startswith(CANARY) for secret in lives.contents)


@pytest.mark.parametrize("who", USERS)
def test_no_relation_tells_a_user_of_another(lives: Lives, who: str) -> None:
    asker = _asker(lives, who)
    assert list(_relations(lives, asker, lives.all)) == []


@pytest.mark.parametrize("who", ["app", "client"])
def test_no_catalogue_tells_a_user_of_another(lives: Lives, who: str) -> None:
    """What the server itself shows to everybody: names, definitions, statistics, activity."""
    asker = _asker(lives, who)
    told = _relations(lives, asker, lives.all, "pg_catalog|information_schema|public")
    assert list(told) == []


@pytest.mark.parametrize("who", USERS)
def test_no_function_tells_a_user_of_another(lives: Lives, who: str) -> None:
    asker = _asker(lives, who)
    assert list(_functions(lives, asker, lives.all)) == []


@pytest.mark.parametrize("who", USERS)
def test_no_function_tells_whether_an_id_is_anybodys(lives: Lives, who: str) -> None:
    asker = _asker(lives, who)
    assert list(_differences(lives, asker)) == []


@pytest.mark.parametrize("who", ["worker", "admin", "auditor", "admin user"])
def test_services_and_admins_are_told_no_contents_and_no_keys(lives: Lives, who: str) -> None:
    asker = _asker(lives, who)
    secrets = lives.contents
    assert list(_relations(lives, asker, secrets)) == []
    told = list(_functions(lives, asker, secrets))
    # The texts that are to be embedded are what a worker is there for; and whoever may erase gets a
    # receipt with the hashes of what is gone, which the database does not keep.
    meant = ("memoriesdb.claim_embeddings(", "memoriesdb.erase(", "memoriesdb.erase_user(")
    assert [call for call in told if not call.startswith(meant)] == []
    assert bool(told) == (who != "auditor")


def test_a_login_of_no_group_is_told_nothing(lives: Lives) -> None:
    """It has what PUBLIC has."""
    database = lives.database
    superuser, name = database.superuser(), f"{database.name}_nobody"
    superuser.execute(f"create role {name} login password '{PASSWORD}'".encode())
    superuser.execute(f"grant connect on database {database.name} to {name}".encode())
    try:
        with asking.opened(database.cluster.dsn(database.name, name, PASSWORD)) as db:
            asker = Asker(db)
            assert asking.relations(db) == []
            assert asking.functions(db) == []
            assert list(_relations(lives, asker, lives.all, "pg_catalog|public")) == []
    finally:
        superuser.execute(f"drop owned by {name}; drop role {name}".encode())


DEFINER = "language plpgsql security definer set search_path = pg_catalog, pg_temp as "
PLANTED = {
    "a view": "create view memoriesdb.planted as select content_hash from memoriesdb.memories; "
    "grant select on memoriesdb.planted to memoriesdb_client",
    "a column": "create view memoriesdb.planted as select id from memoriesdb.users; "
    "grant select (id) on memoriesdb.planted to memoriesdb_client",
    "a result": "create function memoriesdb.planted(n integer) returns text "
    f"{DEFINER} $$ begin return (select max(content) from memoriesdb.memories); end $$",
    "a message": "create function memoriesdb.planted(memory_id uuid) returns uuid "
    f"{DEFINER} $$ begin raise exception 'no' using detail = (select m.owner_id from "
    "memoriesdb.memories as m where m.id = memory_id); end $$",
    "a notice": "create function memoriesdb.planted() returns uuid "
    f"{DEFINER} $$ begin raise notice '%', (select max(after::text) from "
    "memoriesdb.audit_payloads); return null; end $$",
    "whether it is there": "create function memoriesdb.planted(memory_id uuid) returns boolean "
    f"{DEFINER} $$ begin return exists (select from memoriesdb.memories as m "
    "where m.id = memory_id); end $$",
    "how it is refused": "create function memoriesdb.planted(hold_id uuid) returns void "
    f"{DEFINER} $$ begin if exists (select from memoriesdb.memory_holds as h where h.id = "
    "hold_id) then raise exception 'held' using errcode = 'MD204'; end if; end $$",
}


@pytest.mark.parametrize("leak", PLANTED)
def test_what_leaks_is_found(lives: Lives, leak: str) -> None:
    """Shows that the tests above can fail: each is planted, and found by what they do."""
    superuser, kind = lives.database.superuser(), PLANTED[leak].split()[1]
    superuser.execute(PLANTED[leak].encode())
    try:
        asker = _asker(lives, "client")
        found = [
            *_relations(lives, asker, lives.all),
            *_functions(lives, asker, lives.all, "planted"),
            *_differences(lives, asker, "planted"),
        ]
    finally:
        superuser.execute(f"drop {kind} memoriesdb.planted".encode())
    assert found
    assert all("planted" in told for told in found)
