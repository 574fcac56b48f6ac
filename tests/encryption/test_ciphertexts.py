"""A ciphertext is of use at its place alone, and nowhere after a single changed bit."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memoriesdb
from acting import Database
from memoriesdb import Client, errors
from memoriesdb.encryption.ciphertext import Head, head_of, seal, unseal

KEY = bytes(range(32))
OWNER = UUID("0198c0de-0000-7000-8000-000000000001")
MEMORY = UUID("0198c0de-0000-7000-8000-0000000000ff")
HEAD = Head(1, 1, MEMORY)


def tamper(database: Database, memory_id: UUID, content: str, *, with_hash: bool = True) -> None:
    """Put a text there as whoever owns the server can: past every trigger."""
    content_hash = "sha256(convert_to(%(content)s, 'UTF8'))" if with_hash else "content_hash"
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute("alter table memoriesdb.memories disable trigger user")
        db.execute(
            "update memoriesdb.memories set content = %(content)s, "
            f"content_hash = {content_hash} where id = %(id)s",
            {"content": content, "id": memory_id},
        )
        db.execute("alter table memoriesdb.memories enable trigger user")


def kept(database: Database, memory_id: UUID) -> str:
    row = (
        database.superuser()
        .execute("select content from memoriesdb.memories where id = %s", (memory_id,))
        .fetchone()
    )
    assert row is not None
    content: str = row[0]
    return content


def test_the_format_is_the_one_that_was_released() -> None:
    """What was encrypted by any release is read by every later one."""
    released = (
        "mdbenc1:1:1:0198c0de-0000-7000-8000-0000000000ff:"
        "XgjfNdQ2j0IhA+r+qn1yn7sFWWobNwSb2TsamoRnKdCKQQL65UJAaDtBz5UCnOu2XgdGYKELftwKZYZLa/H/"
    )
    assert unseal(released, KEY, OWNER) == "The combination is 3141 — 🗝️"


@given(text=st.text(min_size=1, max_size=200).filter(lambda t: t.isprintable()))
def test_two_ciphertexts_of_a_text_have_nothing_in_common(text: str) -> None:
    one, other = (seal(text, KEY, OWNER, HEAD) for _ in range(2))
    assert one != other
    assert unseal(one, KEY, OWNER) == unseal(other, KEY, OWNER) == text


def test_no_flipped_bit_of_head_or_body_goes_unnoticed() -> None:
    sealed = seal("attack at dawn", KEY, OWNER, HEAD)
    start = len(str(HEAD))
    body = bytearray(base64.b64decode(sealed[start:]))
    for bit in range(len(body) * 8):
        flipped = bytearray(body)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(errors.DecryptionError):
            unseal(sealed[:start] + base64.b64encode(flipped).decode(), KEY, OWNER)
    for place in range(start):
        for bit in range(7):
            character = chr(ord(sealed[place]) ^ 1 << bit)
            with pytest.raises(errors.DecryptionError):
                unseal(sealed[:place] + character + sealed[place + 1 :], KEY, OWNER)
    assert unseal(sealed, KEY, OWNER) == "attack at dawn"


@given(cut=st.integers(0, 200), tail=st.text(max_size=5))
def test_no_cut_or_added_text_goes_unnoticed(cut: int, tail: str) -> None:
    sealed = seal("attack at dawn", KEY, OWNER, HEAD)
    damaged = sealed[:cut] + tail
    if damaged != sealed:
        with pytest.raises(errors.DecryptionError):
            unseal(damaged, KEY, OWNER)


def test_another_key_owner_memory_or_version_does_not_open_it() -> None:
    sealed = seal("attack at dawn", KEY, OWNER, HEAD)
    body = sealed[len(str(HEAD)) :]
    for head in (Head(2, 1, MEMORY), Head(1, 2, MEMORY), Head(1, 1, uuid4())):
        with pytest.raises(errors.DecryptionError):
            unseal(f"{head}{body}", KEY, OWNER)
    for key, owner in ((KEY[::-1], OWNER), (KEY, uuid4())):
        with pytest.raises(errors.DecryptionError) as caught:
            unseal(sealed, key, owner)
        assert "dawn" not in str(caught.value) + (caught.value.detail or "")


def test_the_database_and_the_client_read_the_same_head(database: Database) -> None:
    db = database.superuser()
    texts = [
        seal("x", KEY, OWNER, HEAD), str(HEAD), str(Head(999999999, 999999999, MEMORY)),
        "mdbenc1:0:1:" + str(MEMORY) + ":", "mdbenc1:1:01:" + str(MEMORY) + ":",
        "mdbenc1:1:1:" + str(MEMORY).upper() + ":", "mdbenc2:1:1:" + str(MEMORY) + ":",
        " " + str(HEAD), "mdbenc1:1:1:" + str(MEMORY), "mdbenc1:", "tea", "mdbenc1:\uff11:1:",
    ]  # fmt: skip
    for text in texts:
        row = db.execute("select * from memoriesdb._ciphertext_header(%s)", (text,)).fetchone()
        head = head_of(text)
        expected = (
            (None, None, None) if head is None else (head.key_id, head.version, head.memory_id)
        )
        assert row == expected, text


def test_a_ciphertext_put_elsewhere_past_the_triggers_is_refused_by_every_reader(
    database: Database, client: Client, alice: UUID, bob: UUID
) -> None:
    with client.as_user(alice) as me:
        first, second = me.remember_many([{"content": "first"}, {"content": "second"}])
        me.link(first, second)
    whole = kept(database, second)
    head = head_of(whole)
    assert head is not None
    damage = random.Random(1)
    place = damage.randrange(len(str(head)) + 1, len(whole) - 3)
    flipped = "B" if whole[place] != "B" else "C"
    for bad in (
        kept(database, first),
        str(head) + kept(database, first)[len(str(head)) :],
        whole[:place] + flipped + whole[place + 1 :],
        str(head),
    ):
        tamper(database, second, bad)
        with client.as_user(alice) as me:
            for read in (
                lambda: me.get(second),
                lambda: me.history(second),
                lambda: me.neighbors(first),
                lambda: me.as_of(datetime.now(UTC)),
            ):
                with pytest.raises(errors.DecryptionError):
                    read()
            memory = me.get(first)
            assert memory is not None
            assert memory.content == "first"
        with pytest.raises(errors.DecryptionError), client.as_user(alice) as me:
            me.update(second, importance=0.1)
        tamper(database, second, whole)
    with client.as_user(alice) as me:
        memory = me.get(second)
        assert memory is not None
        assert memory.content == "second"


@pytest.mark.parametrize("with_hash", [True, False])
def test_a_former_text_brought_back_past_the_triggers_is_refused(
    database: Database, client: Client, alice: UUID, *, with_hash: bool
) -> None:
    with memoriesdb.connect(database.dsn("admin")) as admin:
        admin.register_embedding_model("m", "ollama", "http://127.0.0.1:1", 2)
    with client.as_user(alice) as me:
        memory_id = me.remember("the old word")
        me.put_embedding(memory_id, [1.0, 0.0])
    old = kept(database, memory_id)
    with client.as_user(alice) as me:
        me.update(memory_id, content="the new word")
        me.update(memory_id, importance=0.9)
        memory = me.get(memory_id)
        assert memory is not None
        assert memory.content == "the new word"
        (found,) = me.recall("word", query_embedding=[1.0, 0.0])
        assert found.content == "the new word"
    tamper(database, memory_id, old, with_hash=with_hash)
    with client.as_user(alice) as me:
        with pytest.raises(errors.DecryptionError):
            me.get(memory_id)
        with pytest.raises(errors.DecryptionError):
            me.recall("word", query_embedding=[1.0, 0.0])


def test_a_ciphertext_of_another_owner_is_refused(
    database: Database, client: Client, alice: UUID, bob: UUID
) -> None:
    """With the same data key, even: the owner is bound, too."""
    with client.as_user(alice) as me:
        memory_id = me.remember("alice's")
    text = kept(database, memory_id)
    with psycopg.connect(database.dsn("superuser")) as db:
        db.execute("alter table memoriesdb.owner_keys disable trigger user")
        db.execute(
            "insert into memoriesdb.owner_keys select %s, key_id, wrapped_key, provider, "
            "provider_key, created_at from memoriesdb.owner_keys where owner_id = %s",
            (bob, alice),
        )
    other = database.remember(bob, "bob's")
    tamper(database, other, text)
    with client.as_user(bob) as me, pytest.raises(errors.DecryptionError):
        me.get(other)
    # As if it were of the same memory: then the wrapped key is that of another owner.
    tamper(database, other, text.replace(str(memory_id), str(other)))
    with client.as_user(bob) as me, pytest.raises(errors.WrappingKeyError):
        me.get(other)
