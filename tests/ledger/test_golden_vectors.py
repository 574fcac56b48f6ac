"""The database's functions agree with vectors computed from the definitions' text alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from psycopg.types.json import Json

from acting import Connection, Database
from ledger.make_vectors import VECTORS, vectors

GOLDEN: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
# bytea reads hexadecimal digits after \x.
ENTRY = (
    "jsonb_populate_record(null::memoriesdb.audit_log, %(entry)s::jsonb || jsonb_build_object("
    "'commitment', '\\x' || (%(entry)s ->> 'commitment'), "
    "'row_key', (%(entry)s ->> 'row_key')::jsonb))"
)


@pytest.fixture
def db(database: Database) -> Connection:
    """A superuser: the functions are the definer's own."""
    return database.superuser()


def test_the_golden_file_is_what_its_generator_computes() -> None:
    assert vectors() == GOLDEN


@pytest.mark.parametrize("vector", GOLDEN["entries"], ids=lambda v: str(v["entry"]["audit_id"]))
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu"])
def test_entries_are_encoded_and_hashed_as_defined(
    db: Connection, vector: dict[str, Any], zone: str
) -> None:
    """In any time zone, and whatever the client's encoding is."""
    db.execute("select set_config('timezone', %s, false)", (zone,))
    row = db.execute(
        f"select encode(memoriesdb._entry_encoding(e), 'hex'), "
        f"encode(memoriesdb._leaf_hash(e), 'hex') from {ENTRY} as e",
        {"entry": Json(vector["entry"])},
    ).fetchone()
    assert row == (vector["encoding"], vector["leaf_hash"])


def test_an_entry_is_encoded_as_binary_copy_writes_it(database: Database) -> None:
    """An outsider needs no function of the database: COPY gives the bytes."""
    database.create_user("alice")
    db = database.superuser()
    with db.cursor().copy(
        "copy (select audit_id, at, xid, incarnation, user_id, token_id, actor_id, login::text, "
        "table_name::text, operation, owner_id, row_id, row_key::text, commitment "
        "from memoriesdb.audit_log order by audit_id) to stdout (format binary)"
    ) as copy:
        stream = b"".join(copy)
    rows = db.execute(
        "select memoriesdb._entry_encoding(a) from memoriesdb.audit_log as a order by audit_id"
    ).fetchall()
    tag = b"memoriesdb.entry.v1\0"
    assert rows
    assert all(row[0].startswith(tag) for row in rows)
    # A header of 19 bytes, before each row the number of its fields, and -1 at the end.
    fields = b"".join(b"\0\x0e" + row[0].removeprefix(tag) for row in rows)
    assert stream[19:] == fields + b"\xff\xff"


@pytest.mark.parametrize("count", range(1, len(GOLDEN["entries"]) + 1))
def test_roots_and_paths_are_as_rfc_6962_has_them(db: Connection, count: int) -> None:
    leaves = b"".join(bytes.fromhex(v["leaf_hash"]) for v in GOLDEN["entries"][:count])
    root = db.execute("select encode(memoriesdb._merkle_root(%s), 'hex')", (leaves,)).fetchone()
    assert root == (GOLDEN["roots"][str(count)],)
    paths = db.execute(
        "select array(select encode(n, 'hex') from unnest(memoriesdb._merkle_path(%s, i)) "
        "with ordinality as p (n, place) order by place) from generate_series(0, %s - 1) as i",
        (leaves, count),
    ).fetchall()
    assert [row[0] for row in paths] == GOLDEN["paths"][str(count)]


@pytest.mark.parametrize("block", GOLDEN["blocks"], ids=lambda b: str(b["block_no"]))
def test_blocks_are_hashed_as_defined(db: Connection, block: dict[str, Any]) -> None:
    hashes = {key: rf"\x{block[key]}" for key in ("previous_hash", "root", "hash")}
    row = db.execute(
        "select encode(memoriesdb._block_hash(b), 'hex') "
        "from jsonb_populate_record(null::memoriesdb.ledger_blocks, %s::jsonb) as b",
        (Json({**block, **hashes}),),
    ).fetchone()
    assert row == (block["hash"],)
