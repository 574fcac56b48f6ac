"""Writing where others own: rows cannot be moved, made or touched across owners."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from acting import Database


@pytest.fixture
def hers(database: Database, alice: UUID) -> UUID:
    """A memory of Alice."""
    return database.remember(alice, "hers")


@pytest.fixture
def shared(database: Database, alice: UUID, bob: UUID, hers: UUID) -> UUID:
    """The memory of Alice that Bob may write."""
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (hers, bob))
    return hers


def _all(database: Database) -> list[tuple[object, ...]]:
    return (
        database.superuser()
        .execute("select owner_id, id, content, trust from memoriesdb.memories order by seq")
        .fetchall()
    )


FORGERIES = [
    # A grantee's policy for UPDATE beside the owner's: he could set owner_id to himself.
    "update memoriesdb.memories set owner_id = %(bob)s",
    "update memoriesdb.memories set owner_id = %(bob)s where id = %(hers)s",
    "update memoriesdb.memories set id = %(new)s",
    "update memoriesdb.memories set seq = default",
    "update memoriesdb.memories set created_by = %(bob)s",
    "update memoriesdb.memories set created_at = now()",
    "update memoriesdb.memories set updated_by = %(alice)s",
    "update memoriesdb.memories set updated_at = now()",
    "update memoriesdb.memories set version = 1",
    "update memoriesdb.memories set content_hash = sha256('x')",
    "update memoriesdb.memories set search = 'x', embedding_text_hash = sha256('x')",
    "insert into memoriesdb.memories (id, content) values (%(hers)s, 'x')",
    "insert into memoriesdb.memories (id, content) overriding system value values (%(hers)s, 'x')",
    "insert into memoriesdb.memories (seq, content) overriding system value values (1, 'x')",
    "insert into memoriesdb.memories (seq, content) overriding user value values (1, 'x')",
    "insert into memoriesdb.memories (created_by, content) values (%(alice)s, 'x')",
    "insert into memoriesdb.memories (created_at, content) values ('2000-01-01', 'x')",
    "insert into memoriesdb.memories (forgotten_at, content) values (now(), 'x')",
    "insert into memoriesdb.memories (owner_id, content) values (%(alice)s, 'x')",
    "insert into memoriesdb.memories (owner_id, content) values (%(new)s, 'x')",
    "insert into memoriesdb.memories (content) values ('x') "
    "on conflict (owner_id, id) do update set owner_id = excluded.owner_id",
    "merge into memoriesdb.memories as m using (values (%(hers)s)) as s (id) on m.id = s.id "
    "when matched then update set owner_id = %(bob)s",
    "merge into memoriesdb.memories as m using (values (1)) as s (n) on false "
    "when not matched then insert (owner_id, content) values (%(alice)s, 'x')",
    "insert into memoriesdb.memory_edges (owner_id, source_id, target_id) "
    "values (%(alice)s, %(hers)s, %(also_hers)s)",
    "update memoriesdb.memory_edges set owner_id = %(bob)s",
    "update memoriesdb.memory_edges set created_by = %(alice)s",
    "update memoriesdb.memory_grants set privilege = 'write'",
    "insert into memoriesdb.memory_grants (owner_id, memory_id, grantee_id, granted_by, granted_at)"
    " values (%(alice)s, %(also_hers)s, %(bob)s, %(alice)s, now())",
    "delete from memoriesdb.memory_grants",
    "update memoriesdb.users set role = 'admin'",
    "update memoriesdb.memory_embeddings set model_id = model_id",
    "delete from memoriesdb.memory_embeddings",
    "update memoriesdb.memory_versions set valid_until = now()",
    "delete from memoriesdb.memory_versions",
]


def test_a_grantee_with_write_forges_nothing(
    database: Database, alice: UUID, bob: UUID, shared: UUID
) -> None:
    also_hers = database.remember(alice, "also hers")
    before = _all(database)
    ids = {"alice": alice, "bob": bob, "hers": shared, "also_hers": also_hers, "new": uuid4()}
    for forgery in FORGERIES:
        with database.acting(bob) as db:
            try:
                db.execute(forgery.encode(), ids)
                code = None
            except psycopg.Error as error:
                code = error.sqlstate
            db.rollback()
        assert code == "42501", forgery
        assert _all(database) == before, forgery


def test_stamp_refuses_what_privileges_already_do(database: Database, hers: UUID) -> None:
    """Were the columns granted one day, by mistake: the trigger says no to everyone."""
    db = database.superuser()
    for column, value in (
        ("owner_id", "gen_random_uuid()"),
        ("id", "gen_random_uuid()"),
        ("created_by", "gen_random_uuid()"),
        ("created_at", "now()"),
    ):
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute(f"update memoriesdb.memories set {column} = {value} where id = '{hers}'")
        assert caught.value.sqlstate == "MD202"


def test_what_a_grantee_with_write_may_do(
    database: Database, alice: UUID, bob: UUID, shared: UUID
) -> None:
    with database.acting(bob) as db:
        edit = "update memoriesdb.memories set content = 'ours', importance = 1 where id = %s"
        assert db.execute(edit, (shared,)).rowcount == 1
        assert db.execute("delete from memoriesdb.memories").rowcount == 0
        for other in ("history", "custody"):
            assert db.execute(f"select * from memoriesdb.{other}(%s)", (shared,)).fetchall() == []
    for column in ("forgotten_at", "expires_at"):
        with pytest.raises(psycopg.DatabaseError) as caught, database.acting(bob) as db:
            db.execute(f"update memoriesdb.memories set {column} = now()")
        assert caught.value.sqlstate == "MD303"
    with database.acting(alice) as db:
        row = db.execute(
            "select content, created_by, updated_by, owner_id from memoriesdb.memories"
        )
        assert row.fetchall() == [("ours", alice, bob, alice)]


def test_a_grantee_with_read_changes_and_locks_nothing(
    database: Database, alice: UUID, bob: UUID, hers: UUID
) -> None:
    with database.acting(alice) as db:
        db.execute("select memoriesdb.share(%s, %s)", (hers, bob))
    with database.acting(bob) as db:
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("hers",)]
        assert db.execute("update memoriesdb.memories set importance = 1").rowcount == 0
        assert db.execute("delete from memoriesdb.memories").rowcount == 0
        for lock in ("update", "no key update", "share", "key share"):
            assert db.execute(f"select from memoriesdb.memories for {lock}").rowcount == 0


@pytest.mark.parametrize("how", ["unshare", "expire", "deactivate", "forbid writing", "transfer"])
def test_a_grant_ends_at_once(
    database: Database, alice: UUID, bob: UUID, shared: UUID, how: str
) -> None:
    """Also within a transaction that has used it already."""
    carol = database.create_user("carol")
    edit = "update memoriesdb.memories set importance = 1"
    with database.acting(bob) as db:
        assert db.execute(edit).rowcount == 1
        db.commit()
        db.execute("select memoriesdb.set_user(%s)", (bob,))
        if how == "deactivate":
            with database.connect("admin") as admin:
                admin.execute("select memoriesdb.deactivate_user(%s)", (bob,))
        elif how == "expire":
            database.superuser().execute(
                "update memoriesdb.memory_grants set expires_at = clock_timestamp()"
            )
        else:
            with database.acting(alice) as hers:
                statement = {
                    "unshare": "select memoriesdb.unshare(%(memory)s, %(bob)s)",
                    "forbid writing": "select memoriesdb.share(%(memory)s, %(bob)s, 'read')",
                    "transfer": "select memoriesdb.transfer(%(memory)s, %(carol)s)",
                }[how]
                hers.execute(statement.encode(), {"memory": shared, "bob": bob, "carol": carol})
        assert db.execute(edit).rowcount == 0
        readable = 1 if how == "forbid writing" else 0
        assert db.execute("select from memoriesdb.memories").rowcount == readable


def test_a_viewer_reads_and_writes_nothing(database: Database, alice: UUID, hers: UUID) -> None:
    viewer = database.create_user("viewer", "viewer")
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'her lamp'")
        db.execute("select memoriesdb.share(%s, %s)", (hers, viewer))
        other = database.remember(alice, "other")
    # A grant that share() would refuse: the role counts all the same.
    database.superuser().execute("update memoriesdb.memory_grants set privilege = 'write'")
    with database.acting(viewer) as db:
        assert db.execute("select content from memoriesdb.memories").fetchall() == [("her lamp",)]
        assert len(db.execute("select * from memoriesdb.recall('lamp')").fetchall()) == 1
        assert db.execute("update memoriesdb.memories set importance = 1").rowcount == 0
        db.commit()
    for call in (
        "remember('x')",
        f"forget('{hers}')",
        f"restore('{hers}')",
        f"share('{hers}', '{alice}')",
        f"unshare('{hers}', '{alice}')",
        f"transfer('{hers}', '{alice}')",
        f"link('{hers}', '{other}')",
        f"unlink('{hers}', '{other}')",
    ):
        with pytest.raises(psycopg.DatabaseError) as caught, database.acting(viewer) as db:
            db.execute(f"select memoriesdb.{call}")
        assert caught.value.sqlstate == "MD004", call


def test_a_foreign_key_and_a_cascade_stay_with_their_owner(
    database: Database, alice: UUID, bob: UUID, hers: UUID
) -> None:
    """Even where two owners had a memory of the same id, which no user can bring about."""
    db = database.superuser()
    for trigger in ("_100_stamp", "_100_require_user"):
        db.execute(f"alter table memoriesdb.memories disable trigger {trigger}")
    db.execute(
        "insert into memoriesdb.memories (owner_id, id, content, content_hash, occurred_at, "
        "version, created_by, created_at, updated_at, search, embedding_text_hash) "
        "select %(bob)s, id, 'his', sha256('his'), now(), 1, %(bob)s, now(), now(), '', "
        "sha256('his') from memoriesdb.memories where id = %(hers)s",
        {"bob": bob, "hers": hers},
    )
    db.execute("alter table memoriesdb.memories enable always trigger _100_stamp")
    second = database.remember(alice, "second")
    with database.acting(alice) as hers_db:
        hers_db.execute("select memoriesdb.link(%s, %s)", (hers, second))
        hers_db.execute("select memoriesdb.share(%s, %s)", (hers, bob))
    with database.acting(bob) as his:
        assert his.execute("delete from memoriesdb.memories where id = %s", (hers,)).rowcount == 1
    with database.acting(alice) as hers_db:
        for table, count in (("memories", 2), ("memory_edges", 1), ("memory_grants", 1)):
            assert hers_db.execute(f"select from memoriesdb.{table}").rowcount == count
