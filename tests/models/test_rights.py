"""Models are an admin's; a user chooses one for a transaction, and reaches nothing by that."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from acting import Database, refused
from models.support import Change, value
from queues.endpoint import Endpoint

CALLS = (
    "add_embedding_model('m', 'ollama', 'http://127.0.0.1:9', 4)",
    "queue_backfill('old')",
    "embedding_model_status()",
    "switch_embedding_model('old')",
    "drop_embedding_model('old')",
    "_register_model('m', 'ollama', 'http://127.0.0.1:9', 4, null, 256, '', '')",
    "_embedding_coverage(null)",
    "_enabled_model('old')",
    "_remove_of_model(null, 'memory_embeddings', 0, 1)",
    "_finish_drop(null, '{}')",
)


def test_nobody_but_an_admin_changes_models(change: Change) -> None:
    for role in ("app", "client", "worker", "auditor"):
        db = change.database.connect(role, autocommit=True)
        for call in CALLS:
            error = refused(db, f"select memoriesdb.{call}")
            assert error.sqlstate == "42501", call
        for write in ("update {} set is_active = true", "delete from {}"):
            error = refused(db, write.format("memoriesdb.embedding_models"))
            assert error.sqlstate == "42501", write


def test_a_user_with_the_role_admin_needs_an_admins_login_too(change: Change) -> None:
    chief = change.database.create_user("chief", "admin")
    token = change.database.issue_token(chief, scopes=["read", "write", "admin"])
    for call in CALLS[:5]:
        with pytest.raises(psycopg.Error) as caught, change.database.with_token(token) as db:
            db.execute(f"select memoriesdb.{call}".encode())
        assert caught.value.sqlstate == "42501", call


def test_an_admin_may_and_is_told_numbers_alone(change: Change) -> None:
    """The control."""
    change.add()
    assert change.database.administer("switch_embedding_model('new', 1)") == "old"
    with change.database.connect("admin") as db:
        for call in (CALLS[1], CALLS[2]):
            told = str(db.execute(f"select * from memoriesdb.{call}".encode()).fetchall())
            assert not any(text in told for text in change.texts)
        for table in ("memories", "memory_embeddings", "embedding_schedule", "query_embeddings"):
            error = refused(db, f"select * from memoriesdb.{table}")
            assert error.sqlstate == "42501"
            db.rollback()


LEFT = ("session", "x", "' or true --", " ", "a" * 10_000, "\u212a 1", "{id}", "{id} infinity")


def test_a_choice_is_of_its_transaction_alone(change: Change, bob: UUID, new: Endpoint) -> None:
    """Neither what is left in a session behind the pool nor what is made up counts in another."""
    change.add()
    change.embed()
    for left in LEFT:
        with change.database.acting(bob) as db:
            backend = value(db, "select pg_backend_pid()")
            model_id = value(db, "select memoriesdb.use_embedding_model('new')")
            value(db, "select memoriesdb.embed_query('a question of bob')")
            setting = value(db, "select current_setting('app.embedding_model')")
            kept = setting if left == "session" else left.replace("{id}", str(model_id))
            db.execute("select set_config('app.embedding_model', %s, false)", (kept,))
        # The choice did count in there.
        assert new.texts == ["a question of bob"]
        with change.database.acting(change.owner_id) as db:
            assert value(db, "select pg_backend_pid()") == backend
            assert value(db, "select current_setting('app.embedding_model')") == kept
            row = db.execute("select vector_rank from memoriesdb.recall('tea at five')").fetchone()
        assert row == (1,), left
    assert new.texts == ["a question of bob"]
    assert change.old.texts == ["tea at five"]


def test_a_choice_ends_with_null_and_with_its_model(change: Change) -> None:
    change.add()
    with change.database.acting(change.owner_id) as db:
        new = value(db, "select memoriesdb.use_embedding_model('new')")
        old = value(db, "select memoriesdb.use_embedding_model()")
        assert old == value(db, "select id from memoriesdb.embedding_models where is_active")
        assert new != old
        value(db, "select memoriesdb.use_embedding_model('new')")
        progress = change.database.administer("drop_embedding_model('new')")
        assert progress["state"] == "removing"
        # Half dropped: recall goes on by the active one.
        assert db.execute("select content from memoriesdb.recall('heron')").fetchone() == (
            "the heron stands",
        )
        error = refused(db, "select memoriesdb.use_embedding_model('new')")
        assert error.sqlstate == "MD510"


def test_a_choice_opens_nobodys_memories(database: Database, change: Change, bob: UUID) -> None:
    change.add()
    change.do("backfill", "new", "--no-wait")
    change.embed()
    with database.acting(bob) as db:
        for model in ("old", "new"):
            db.execute("select memoriesdb.use_embedding_model(%s)", (model,))
            recall = "select * from memoriesdb.recall('the heron stands')"
            assert db.execute(recall).fetchall() == []
            assert db.execute("select owner_id from memoriesdb.memory_embeddings").fetchall() == []


def test_a_choice_that_named_no_transaction_would_be_seen_to_leak(
    change: Change, bob: UUID
) -> None:
    """The control of the test above: without the time of the transaction it counts in the next."""
    change.add()
    with change.database.superuser() as db:
        made = value(db, "select pg_get_functiondef('memoriesdb._active_model'::regproc)")
        careless = made.replace("extract(epoch from transaction_timestamp())::text", "v_at")
        careless = careless.replace("declare\n", "declare\n  v_at text := '1';\n")
        assert careless.count("v_at") == 2
        db.execute(careless)
        model_id = value(db, "select id from memoriesdb.embedding_models where name = 'new'")
    with change.database.acting(bob) as db:
        db.execute("select set_config('app.embedding_model', %s, false)", (f"{model_id} 1",))
    with change.database.acting(change.owner_id) as db:
        db.execute("select memoriesdb.recall('tea at five')")
    assert change.new.texts == ["tea at five"]
