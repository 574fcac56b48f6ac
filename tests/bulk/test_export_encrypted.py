"""Encrypted memories are encrypted anew for where they are imported, or refused."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

import memoriesdb
from acting import Database
from bulk.exports import exported, imported, lines, states, written
from memoriesdb.cli import app
from memoriesdb.encryption import Encryption, Keyring
from memoriesdb.encryption.manage import add_key, drop_key

HISTORY = ["the combination is 3141", "the combination is 2718", "the combination is 3141"]


@pytest.fixture
def hers(tmp_path: Path) -> Encryption:
    return Encryption(Keyring.create(tmp_path / "hers.json"))


@pytest.fixture
def his(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "his.json")


@pytest.fixture
def secret(database: Database, alice: UUID, hers: Encryption) -> UUID:
    """A memory of Alice whose former versions are encrypted by two keys, beside a plain one."""
    database.remember(alice, "plain")
    with memoriesdb.connect(database.dsn("app"), encryption=hers) as client:
        with client.as_user(alice) as me:
            add_key(me, hers)
            memory_id = me.remember(HISTORY[0], stream="safe")
            me.update(memory_id, content=HISTORY[1])
        with client.as_user(alice) as me:
            add_key(me, hers)
            me.update(memory_id, importance=0.25)
            me.update(memory_id, content=HISTORY[2])
            me.forget(memory_id)
    return memory_id


def read(database: Database, user_id: UUID, encryption: Encryption) -> list[list[str | None]]:
    """Return all texts of each memory, decrypted."""
    with (
        memoriesdb.connect(database.dsn("app"), encryption=encryption) as client,
        client.as_user(user_id) as me,
    ):
        query = "select id from memoriesdb.memories order by seq"
        ids = [row[0] for row in me.connection.execute(query)]
        return [[state.content for state in me.history(memory_id)] for memory_id in ids]


def test_texts_come_by_the_key_of_who_imports(
    database: Database, alice: UUID, bob: UUID, secret: UUID, hers: Encryption, his: Keyring
) -> None:
    data = exported(database, alice)
    assert lines(data)[0]["counts"]["encrypted"] == 3
    assert b"3141" not in data
    both = Encryption(his, former=[hers.provider])
    with (
        memoriesdb.connect(database.dsn("app")) as client,
        client.as_user(bob) as me,
    ):
        add_key(me, both)
    counts = imported(database, bob, data, encryption=both, batch_size=1)
    assert counts.kept == 2
    expected = [["plain"], [HISTORY[0], HISTORY[1], HISTORY[1], HISTORY[2], HISTORY[2]]]
    # By his provider alone.
    assert read(database, bob, Encryption(his)) == expected
    assert read(database, alice, hers) == expected
    found = database.superuser().execute(
        "select content from memoriesdb.memories where owner_id = %s and is_encrypted "
        "and search = ''",
        (bob,),
    )
    assert [row[0].split(":")[0] for row in found] == ["mdbenc1"]

    again = imported(database, bob, data, encryption=both)
    assert (again.kept, again.known) == (0, 2)


def test_without_a_provider_it_is_refused_before_anything_is_kept(
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    alice: UUID,
    bob: UUID,
    secret: UUID,
    his: Keyring,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("MEMORIESDB_APP_DSN", database.dsn("app"))
    monkeypatch.delenv("MEMORIESDB_KEY_PROVIDER", raising=False)
    file = written(tmp_path / "a.jsonl", exported(database, alice))
    command = ["import", str(file), "--user", "bob"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "the export has 3 encrypted texts" in result.output
    assert "give --provider" in result.output
    # The user has no key to encrypt with.
    providers = [f"keyring:{tmp_path / name}.json" for name in ("his", "hers")]
    command += ["--provider", providers[0], "--former-provider", providers[1]]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "[MD607]" in result.output
    # A provider that is not the one.
    result = CliRunner().invoke(app, command[:6])
    assert result.exit_code == 1
    assert "[MD609]" in result.output
    assert states(database, bob) == []

    with memoriesdb.connect(database.dsn("app")) as client, client.as_user(bob) as me:
        add_key(me, Encryption(his))
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "2 kept" in result.output


def test_a_text_whose_key_is_gone_is_left_out(
    database: Database, alice: UUID, bob: UUID, secret: UUID, hers: Encryption
) -> None:
    with memoriesdb.connect(database.dsn("app")) as client:
        with client.as_user(alice) as me:
            assert drop_key(me, 1, shred=True)
        with client.as_user(bob) as me:
            add_key(me, hers)
    said: list[str] = []
    counts = imported(
        database,
        bob,
        exported(database, alice),
        encryption=hers,
        refuse=lambda number, problem: said.append(f"{number}: {problem}"),
    )
    assert (counts.kept, counts.refused) == (1, 1)
    assert len(said) == 1
    assert said[0].startswith("3: key 1 is not there [MD607]")


def test_a_vector_of_an_encrypted_text_comes_along(
    database: Database, alice: UUID, bob: UUID, secret: UUID, hers: Encryption
) -> None:
    with database.connect("admin") as db:
        db.execute("select memoriesdb.register_embedding_model('m', 'ollama', 'http://h', 3)")
    with memoriesdb.connect(database.dsn("app"), encryption=hers) as client:
        with client.as_user(alice) as me:
            me.put_embedding(secret, [1, 2, 3])
        with client.as_user(bob) as me:
            add_key(me, hers)
    data = exported(database, alice, with_embeddings=True)
    assert imported(database, bob, data, encryption=hers).embeddings == 1
    query = "select embedding::text from memoriesdb.memory_embeddings where owner_id = %s"
    found = database.superuser().execute(query, (bob,)).fetchall()
    assert found == [("[1,2,3]",)]


def test_what_something_else_has_encrypted_comes_as_it_is(
    database: Database, alice: UUID, bob: UUID
) -> None:
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content, is_encrypted) values ('age1…', true), "
            "('plain', false)"
        )
        db.execute("update memoriesdb.memories set content = 'age2…' where is_encrypted")
    data = exported(database, alice)
    for kept in (2, 0):
        assert imported(database, bob, data).kept == kept
    assert states(database, bob) == states(database, alice)
