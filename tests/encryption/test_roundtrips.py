"""What is remembered with a key comes back as it was, and the database never has it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import memoriesdb
from acting import Database
from memoriesdb import Client, errors
from memoriesdb.encryption import Encryption, Keyring
from memoriesdb.encryption.ciphertext import head_of

TEXTS = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=2000
).filter(lambda text: bool(text.strip()) and any(not c.isspace() for c in text))


def kept(database: Database, memory_id: UUID) -> tuple[str, bool, str]:
    row = (
        database.superuser()
        .execute(
            "select content, is_encrypted, search::text from memoriesdb.memories where id = %s",
            (memory_id,),
        )
        .fetchone()
    )
    assert row is not None
    return row[0], row[1], row[2]


def test_a_text_comes_back_and_the_database_has_a_ciphertext(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("the combination is 3141", stream="safe")
        memory = me.get(memory_id)
    assert memory is not None
    assert memory.id == memory_id
    assert memory.content == "the combination is 3141"
    assert memory.is_encrypted
    content, is_encrypted, search = kept(database, memory_id)
    head = head_of(content)
    assert head is not None
    assert (head.key_id, head.version, head.memory_id) == (1, 1, memory_id)
    assert "3141" not in content
    assert is_encrypted
    assert search == ""


def test_without_encryption_the_database_has_the_text(database: Database, alice: UUID) -> None:
    """Negative control."""
    memory_id = database.remember(alice, "the combination is 3141")
    assert kept(database, memory_id)[:2] == ("the combination is 3141", False)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_any_text_comes_back_from_everything_that_reads(
    client: Client, alice: UUID, texts: list[str]
) -> None:
    with client.as_user(alice) as me:
        first, *others = me.remember_many([{"content": text} for text in texts])
        for text in texts:
            assert me.update(first, content=text).content == text
        memory = me.get(first)
        assert memory is not None
        assert memory.content == texts[-1]
        assert [state.content for state in me.history(first)] == [texts[0], *texts]
        for text, other in zip(texts[1:], others, strict=True):
            memory = me.get(other)
            assert memory is not None
            assert memory.content == text


def test_every_state_comes_back(client: Client, alice: UUID) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("one")
    before = datetime.now(UTC)
    with client.as_user(alice) as me:
        me.update(memory_id, importance=0.9)
        me.update(memory_id, content="two", kind="fact")
        assert me.forget(memory_id)
        assert me.restore(memory_id)
        memory = me.get(memory_id)
        assert memory is not None
        assert (memory.version, memory.content, memory.kind) == (5, "two", "fact")
        states = [state.content for state in me.history(memory_id)]
        assert states == ["one", "one", "two", "two", "two"]
        (then,) = me.as_of(before)
        assert then.content == "one"
        (now,) = me.as_of(datetime.now(UTC))
        assert now.content == "two"
        assert me.delete(memory_id)
        assert [state.content for state in me.history(memory_id)] == states


def test_what_is_found_and_what_is_linked_is_decrypted(
    database: Database, client: Client, alice: UUID
) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 3)
    with client.as_user(alice) as me:
        memory_id = me.remember("tea at five")
        me.put_embedding(memory_id, [1.0, 0.0, 0.0])
        other = me.remember("cake at six")
        me.link(memory_id, other)
        (found,) = me.recall("when is tea?", query_embedding=[1.0, 0.1, 0.0])
        assert found.content == "tea at five"
        assert found.embedding_state == "ready"
        (neighbour,) = me.neighbors(memory_id)
        assert neighbour.content == "cake at six"
        me.put_embedding(memory_id, None)
        assert me.recall("when is tea?", query_embedding=[1.0, 0.1, 0.0]) == []


def test_an_embedder_of_the_clients_own_makes_texts_findable(
    database: Database, client: Client, keyring: Keyring, alice: UUID
) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 2)

    def embed(text: str) -> list[float]:
        return [float("tea" in text), float("cake" in text)]

    finder = Encryption(keyring, embed=embed)
    with (
        memoriesdb.connect(database.dsn("app"), encryption=finder) as finding,
        finding.as_user(alice) as me,
    ):
        memory_id = me.remember("tea at five")
        (cake,) = me.remember_many([{"content": "cake at six"}])
        assert next(found.content for found in me.recall("tea?")) == "tea at five"
        batch = me.recall_batch(["tea?", "cake?"], k=1)
        assert [found.content for found in batch] == ["tea at five", "cake at six"]
        explained = me.explain_recall("tea?", memory_id)
        assert "vector" in {step.step for step in explained if step.rank == 1}
        assert me.build_context("tea?").memory_count == 0, "the database cannot read it"
        me.update(memory_id, content="more cake")
        assert {found.memory_id for found in me.recall("cake?", min_score=0.5)} == {memory_id, cake}


def test_the_asynchronous_client_does_the_same(
    database: Database, client: Client, encryption: Encryption, alice: UUID
) -> None:
    async def act() -> None:
        dsn = database.dsn("app")
        async with (
            await memoriesdb.aconnect(dsn, encryption=encryption) as opened,
            opened.as_user(alice) as me,
        ):
            memory_id = await me.remember("tea at five")
            (other,) = await me.remember_many([{"content": "cake at six"}])
            memory = await me.update(memory_id, content="tea at four")
            assert memory.content == "tea at four"
            found = await me.get(other)
            assert found is not None
            assert found.content == "cake at six"
            states = await me.history(memory_id)
            assert [state.content for state in states] == ["tea at five", "tea at four"]
        assert head_of(kept(database, memory_id)[0]) is not None

    asyncio.run(act())


def test_a_user_without_a_key_is_told_to_make_one(
    database: Database, client: Client, alice: UUID, bob: UUID
) -> None:
    with client.as_user(bob) as me, pytest.raises(errors.NoKeyError) as caught:
        me.remember("tea")
    assert caught.value.hint is not None
    assert "init" in caught.value.hint
    row = database.superuser().execute("select count(*) from memoriesdb.memories").fetchone()
    assert row == (0,)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_text_is_refused_although_its_ciphertext_is_long(
    client: Client, alice: UUID, text: str
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("x")
        for act in (
            lambda: me.remember(text),
            lambda: me.remember_many([{"content": text}]),
            lambda: me.update(memory_id, content=text),
        ):
            with pytest.raises(errors.EmptyContentError):
                act()


def test_items_without_a_text_are_refused_before_anything_is_sent(
    client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        for items in ([{"kind": "note"}], [{"content": 1}], ["tea"]):
            with pytest.raises(errors.InvalidItemError):
                me.remember_many(items)  # type: ignore[arg-type]
        assert len(me.remember_many([{"content": "tea"}])) == 1


def test_a_client_without_the_key_reads_ciphertexts_and_cannot_overwrite_them(
    database: Database, client: Client, alice: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("tea at five")
    with memoriesdb.connect(database.dsn("app")) as plain:
        with plain.as_user(alice) as me:
            memory = me.get(memory_id)
            assert memory is not None
            assert head_of(memory.content) is not None
            assert memory.is_encrypted
        with pytest.raises(errors.CiphertextRefusedError), plain.as_user(alice) as me:
            me.update(memory_id, content="cake")


def test_plain_memories_are_read_and_become_encrypted_when_their_text_changes(
    database: Database, client: Client, keyring: Keyring, alice: UUID
) -> None:
    memory_id = database.remember(alice, "tea at five")
    with client.as_user(alice) as me:
        memory = me.get(memory_id)
        assert memory is not None
        assert (memory.content, memory.is_encrypted) == ("tea at five", False)
        assert me.update(memory_id, importance=1).is_encrypted is False
        memory = me.update(memory_id, content="tea at four")
        assert (memory.content, memory.is_encrypted) == ("tea at four", True)
        assert [state.content for state in me.history(memory_id)][-1] == "tea at four"
    strict = Encryption(keyring, accepts_plain=False)
    other = database.remember(alice, "in plain text")
    with (
        memoriesdb.connect(database.dsn("app"), encryption=strict) as opened,
        opened.as_user(alice) as me,
    ):
        memory = me.get(memory_id)
        assert memory is not None
        assert memory.content == "tea at four"
        with pytest.raises(errors.NotEncryptedError):
            me.get(other)


def test_a_grantee_sees_the_ciphertext_and_cannot_change_it(
    database: Database, client: Client, alice: UUID, bob: UUID
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("tea at five")
        me.share(memory_id, bob, "write")
    with client.as_user(bob) as me:
        memory = me.get(memory_id)
        assert memory is not None
        assert head_of(memory.content) is not None
        assert me.update(memory_id, importance=0.9).importance == pytest.approx(0.9)
    for content in ("cake", memory.content.replace(":1:1:", ":1:3:")):
        with pytest.raises(errors.OwnerOnlyError), client.as_user(bob) as me:
            me.update(memory_id, content=content)
    with client.as_user(alice) as me:
        memory = me.get(memory_id)
        assert memory is not None
        assert memory.content == "tea at five"


def test_long_texts_are_measured_as_they_are_kept(
    client: Client, alice: UUID, tmp_path: Path
) -> None:
    with client.as_user(alice) as me:
        memory_id = me.remember("x" * 190_000)
        memory = me.get(memory_id)
        assert memory is not None
        assert len(memory.content) == 190_000
    with pytest.raises(errors.TooLongError), client.as_user(alice) as me:
        me.remember("x" * 200_000)
