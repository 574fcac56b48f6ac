"""Scopes of tokens and roles of users, held against direct SQL: policies decide, not functions."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Connection, Database

CANARY = "zebra-crossing"
# Each kind of act by plain SQL and by function, and the scopes that it takes.
ACTS = {
    "read": [
        "select content from memoriesdb.memories where id = {hers}",
        "select memory_id from memoriesdb.recall('zebra')",
        "select version from memoriesdb.history({hers})",
        "select memory_id from memoriesdb.as_of(now())",
        "select audit_id from memoriesdb.audit_payloads",
        "select memory_id from memoriesdb.memory_grants where owner_id = {owner}",
        "select id from memoriesdb.api_tokens",
    ],
    "write": ["insert into memoriesdb.memories (content) values ('by insert')"],
    "read,write": [
        "select memoriesdb.remember('by function')",
        "update memoriesdb.memories set trust = 0.5 where id = {hers} returning id",
        "select where memoriesdb.forget({hers})",
        "select memoriesdb.link({hers}, {second})",
        "delete from memoriesdb.memory_edges where source_id = {hers} returning 1",
    ],
    "share": [
        "select memoriesdb.share({hers}, {friend})",
        "select memoriesdb.unshare({hers}, {friend})",
        "select memoriesdb.user_id('bob')",
    ],
}
SCOPES = [
    "read",
    "write",
    "share",
    "read,write",
    "read,share",
    "write,share",
    "read,write,share",
]


@pytest.fixture
def ids(database: Database, alice: UUID, bob: UUID) -> dict[str, str]:
    """Two memories of Alice, one shared with Carol, and whom she might share them with."""
    carol = database.create_user("carol")
    made = [database.remember(alice, f"{CANARY} {n}") for n in range(2)]
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (made[1], carol))
    names = {"owner": alice, "friend": bob, "hers": made[0], "second": made[1]}
    return {name: f"'{value}'" for name, value in names.items()}


# What one may not read, one is told does not exist.
REFUSALS = ("MD004", "MD201", "42501")


def _allowed(db: Connection, statement: str) -> bool:
    """Whether it is neither refused nor without effect."""
    try:
        with db.transaction(force_rollback=True):
            return db.execute(statement.encode()).rowcount > 0
    except psycopg.DatabaseError as error:
        if error.sqlstate not in REFUSALS:
            raise
        return False


@pytest.mark.parametrize("scopes", SCOPES)
def test_a_token_does_what_its_scopes_let_it(
    database: Database, alice: UUID, ids: dict[str, str], scopes: str
) -> None:
    has = set(scopes.split(","))
    with database.with_token(database.issue_token(alice, scopes=sorted(has))) as db:
        # What the acts of the list need to be there.
        for needed, statements in ACTS.items():
            for statement in statements:
                if statement.startswith(("select memoriesdb.unshare", "delete from")):
                    continue
                may = set(needed.split(",")) <= has
                found = _allowed(db, statement.format(**ids))
                assert found == may, (scopes, statement)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("user", {"read", "write", "share"}),
        ("service", {"read", "write", "share"}),
        ("viewer", {"read"}),
        ("admin", set[str]()),
    ],
)
@pytest.mark.parametrize("by", ["token", "setting"])
def test_a_role_bounds_what_any_session_may(
    database: Database, alice: UUID, ids: dict[str, str], role: str, may: set[str], by: str
) -> None:
    token = database.issue_token(alice, scopes=["read", "write", "share"])
    database.superuser().execute(
        "update memoriesdb.users set role = %s where id = %s", (role, alice)
    )
    opened = database.with_token(token) if by == "token" else database.acting(alice)
    with opened as db:
        for needed, statements in ACTS.items():
            for statement in statements:
                if statement.startswith(("select memoriesdb.unshare", "delete from")):
                    continue
                if by == "setting" and "user_id(" in statement:
                    continue
                allowed = set(needed.split(",")) <= may
                assert _allowed(db, statement.format(**ids)) == allowed, (role, statement)


def test_a_token_to_write_alone_inserts_and_reads_nothing_anywhere(
    database: Database, alice: UUID, bob: UUID, ids: dict[str, str]
) -> None:
    """Its inserts count; no table, view or function shows it a row of contents."""
    with database.acting(bob) as db:
        db.execute("select memoriesdb.remember('bob shares this')")
        db.execute("select memoriesdb.share(id, %s, 'write') from memoriesdb.memories", (alice,))
    relations = database.superuser().execute(
        "select oid::regclass::text from pg_class where relkind in ('r', 'p', 'v', 'm') "
        "and relnamespace = 'memoriesdb'::regnamespace"
    )
    names = [row[0] for row in relations]
    with database.with_token(database.issue_token(alice, scopes=["write"])) as db:
        db.execute("insert into memoriesdb.memories (content) values ('kept')")
        seen = set()
        for name in names:
            try:
                with db.transaction():
                    if db.execute(f"select from {name}").rowcount > 0:
                        seen.add(name.removeprefix("memoriesdb."))
            except psycopg.errors.InsufficientPrivilege:
                pass
        assert seen <= {"users", "embedding_models", "ledger_status"}
        assert db.execute(
            "select memoriesdb._granted_ids('write'), memoriesdb._grantors('write')"
        ).fetchone() == ([], [])
        # What it cannot read it cannot pick out either.
        for picked in (
            f"update memoriesdb.memories set trust = 0 where content ~ '{CANARY}'",
            f"delete from memoriesdb.memories where content ~ '{CANARY}'",
            f"delete from memoriesdb.memories where id = {ids['hers']}",
        ):
            assert db.execute(picked.encode()).rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction():
            db.execute("insert into memoriesdb.memories (content) values ('x') returning id")
    with database.acting(alice) as db:
        found = db.execute("select count(*) from memoriesdb.memories where content = 'kept'")
        assert found.fetchone() == (1,)


@pytest.fixture
def boss(database: Database) -> UUID:
    """A user with the role admin."""
    return database.create_user("boss", "admin")


MANAGE = [
    "create_user('new')",
    "deactivate_user({user})",
    "reactivate_user({user})",
    "issue_token({user})",
    "assign_service({service}, {user})",
]


@pytest.fixture
def managed(database: Database, alice: UUID) -> dict[str, str]:
    """What an admin has to manage."""
    service = database.create_user("service", "service")
    return {"user": f"'{alice}'", "service": f"'{service}'"}


def test_an_admins_token_manages_and_reads_no_contents_anywhere(
    database: Database, alice: UUID, boss: UUID, managed: dict[str, str]
) -> None:
    memory_id = database.remember(alice, CANARY)
    # A grant that share() would refuse: the role counts all the same.
    database.superuser().execute(
        "insert into memoriesdb.memory_grants "
        "(owner_id, memory_id, grantee_id, privilege, granted_by, granted_at) "
        "values (%(alice)s, %(memory)s, %(boss)s, 'write', %(alice)s, now())",
        {"alice": alice, "memory": memory_id, "boss": boss},
    )
    token = database.issue_token(boss, scopes=["read", "write", "share", "admin"])
    with database.with_token(token) as db:
        for call in MANAGE:
            assert _allowed(db, f"select memoriesdb.{call.format(**managed)}"), call
        assert db.execute("select count(*) from memoriesdb.users").fetchone() == (3,)
        assert db.execute("select count(*) from memoriesdb.api_tokens").fetchone() == (1,)
        for table in (
            *("memories", "memory_versions", "memory_embeddings", "memory_edges", "memory_graph"),
            *("memory_grants", "audit_log", "audit_payloads", "access_log", "owner_keys"),
        ):
            assert db.execute(f"select from memoriesdb.{table}").rowcount == 0, table
        for write in (
            "insert into memoriesdb.memories (content) values ('x')",
            "select memoriesdb.recall('zebra')",
            f"select memoriesdb.history('{memory_id}')",
            "select memoriesdb.verify_memories()",
        ):
            assert not _allowed(db, write)
        assert db.execute("update memoriesdb.memories set trust = 0").rowcount == 0
        assert db.execute("delete from memoriesdb.memories").rowcount == 0


@pytest.mark.parametrize("how", ["setting", "without the scope", "user", "acting for"])
def test_nothing_else_manages(
    database: Database, alice: UUID, boss: UUID, managed: dict[str, str], how: str
) -> None:
    """A setting proves nobody, a token needs the scope, and a service is no admin."""
    if how == "setting":
        opened = database.acting(boss)
    elif how == "without the scope":
        opened = database.with_token(database.issue_token(boss))
    elif how == "user":
        opened = database.with_token(database.issue_token(alice, scopes=["read", "write", "share"]))
    else:
        service = UUID(managed["service"].strip("'"))
        database.administer("assign_service(%s, %s)", service, boss)
        opened = database.with_token(
            database.issue_token(service, scopes=["read", "write", "share"])
        )
    with opened as db:
        if how == "acting for":
            db.execute("select memoriesdb.act_for(%s)", (boss,))
        for call in MANAGE:
            if how == "user" and call.startswith("issue_token"):
                continue
            assert not _allowed(db, f"select memoriesdb.{call.format(**managed)}"), call
        assert db.execute("select from memoriesdb.users").rowcount == 1


def test_the_login_of_an_admin_is_proof(
    database: Database, boss: UUID, managed: dict[str, str]
) -> None:
    database.administer("map_db_role(%s, 'test_client')", boss)
    with database.connect("client") as db:
        for call in MANAGE:
            assert _allowed(db, f"select memoriesdb.{call.format(**managed)}"), call
        assert not _allowed(db, "insert into memoriesdb.memories (content) values ('x')")


def test_a_token_makes_no_further_token_and_a_user_none_beyond_himself(
    database: Database, alice: UUID, bob: UUID, boss: UUID
) -> None:
    with database.with_token(database.issue_token(alice, scopes=["read", "write", "share"])) as db:
        assert not _allowed(db, f"select memoriesdb.issue_token('{alice}')")
        assert not _allowed(db, f"select memoriesdb.issue_token('{bob}')")
    with database.acting(alice) as db:
        assert _allowed(db, f"select memoriesdb.issue_token('{alice}')")
        assert not _allowed(db, f"select memoriesdb.issue_token('{bob}')")
        assert not _allowed(db, f"select memoriesdb.issue_token('{alice}', scopes => '{{admin}}')")
    with database.acting(boss) as db:
        assert not _allowed(db, f"select memoriesdb.issue_token('{boss}', scopes => '{{admin}}')")
    for arguments, code in (
        ("scopes => '{}'", "MD110"),
        ("scopes => '{read,root}'", "MD110"),
        ("scopes => array['read', null]", "MD110"),
        ("scopes => '{admin}'", "MD110"),
        ("ttl => '-1 day'", "MD106"),
        ("ttl => '100 years'", "MD106"),
        ("ttl => null", "MD106"),
        ("label => ''", "MD110"),
    ):
        with pytest.raises(psycopg.DatabaseError) as caught:
            database.administer(f"issue_token(%s, {arguments})", alice)
        assert caught.value.sqlstate == code, arguments


def test_a_token_revokes_itself_and_no_other(database: Database, alice: UUID) -> None:
    first, second = (database.issue_token(alice) for _ in range(2))
    ids = [UUID(token[4:36]) for token in (first, second)]
    with database.with_token(first) as db:
        for other in (ids[1], uuid4()):
            with pytest.raises(psycopg.DatabaseError) as caught, db.transaction():
                db.execute("select memoriesdb.revoke_token(%s)", (other,))
            assert caught.value.sqlstate == "MD004"
        found = db.execute("select memoriesdb.revoke_token(%s)", (ids[0],)).fetchone()
        assert found == (True,)
    with database.acting(alice) as db:
        found = db.execute("select memoriesdb.revoke_token(%s)", (ids[1],)).fetchone()
        assert found == (True,)


def test_names_are_not_for_trying_out(database: Database, alice: UUID) -> None:
    """Who may not share has no use for the id of a name."""
    token = database.issue_token(alice, scopes=["read", "write"])
    for name in ("alice", "nobody"):
        with database.connect("client") as db:
            with pytest.raises(psycopg.DatabaseError) as caught:
                db.execute("select memoriesdb.user_id(%s)", (name,))
            assert caught.value.sqlstate == "MD001"
        with database.with_token(token) as db, pytest.raises(psycopg.DatabaseError) as caught:
            db.execute("select memoriesdb.user_id(%s)", (name,))
        assert caught.value.sqlstate == "MD004"
        assert "scope share" in (caught.value.diag.message_hint or "")


@pytest.mark.parametrize(
    ("scope", "call"),
    [
        ("read", "remember('x')"),
        ("read", """remember_many('[{{"content": "x"}}]')"""),
        ("read", "remember_encrypted('x')"),
        ("write", "remember('x')"),
        ("read", "recall('x')"),
        ("share", "share({hers}, {friend})"),
    ],
)
def test_who_lacks_a_scope_is_told_which(
    database: Database, alice: UUID, ids: dict[str, str], scope: str, call: str
) -> None:
    lacking = {"read", "write", "share"} - {scope}
    with (
        database.with_token(database.issue_token(alice, scopes=sorted(lacking))) as db,
        pytest.raises(psycopg.DatabaseError) as caught,
    ):
        db.execute(f"select memoriesdb.{call.format(**ids)}".encode())
    assert caught.value.sqlstate == "MD004"
    assert f"a token with the scope {scope}" in (caught.value.diag.message_hint or "")


@pytest.mark.parametrize(
    ("role", "scopes", "idle"),
    [
        ("viewer", ["read"], []),
        ("viewer", ["read", "write", "share"], ["write, share"]),
        ("admin", ["admin"], []),
        ("admin", ["read", "admin"], ["read"]),
        ("user", ["read", "write", "share"], []),
        ("service", ["read", "write", "share"], []),
    ],
)
def test_scopes_that_a_role_cannot_use_are_told_of(
    database: Database, role: str, scopes: list[str], idle: list[str]
) -> None:
    user_id = database.create_user("carol", role)
    heard: list[str] = []
    with database.connect("admin") as db:
        db.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
        db.execute("select memoriesdb.issue_token(%s, scopes => %s)", (user_id, scopes))
    assert [text.rpartition(": ")[2] for text in heard] == idle


def test_the_audit_names_the_token(database: Database, alice: UUID) -> None:
    token = database.issue_token(alice)
    with database.with_token(token) as db:
        db.execute("insert into memoriesdb.memories (content) values ('x')")
    row = database.superuser().execute(
        "select user_id, token_id, actor_id, login from memoriesdb.audit_log "
        "where table_name = 'memories'"
    )
    assert row.fetchall() == [(alice, UUID(token[4:36]), None, "test_client")]
