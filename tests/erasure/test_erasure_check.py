"""erasure_check(): it finds what is left in every column, and is no oracle for anything else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from acting import Connection, Database
from erasure.support import EDITED, Receipt, check, erase, erase_user, register_model, rich_memory

# Types in which nothing of a memory can stand that an id or a hash beside it would not tell.
HARMLESS = {
    *("timestamptz", "int2", "int4", "int8", "float4", "float8", "numeric", "bool", "oid", "xid8"),
    "_int8",
    *("vector", "halfvec"),
}
# Ids stay there by right: entries of the ledger, accesses, what a copy was made of, retries.
IDS_STAY = {("row_id", "audit_log"), ("row_key", "audit_log"), ("memory_ids", "access_log")}
IDS_STAY |= {("origin_id", "memories"), ("memory_ids", "idempotency_keys")}


def _columns(db: Connection) -> list[tuple[str, str, str]]:
    return db.execute(
        "select c.relname, a.attname, t.typname from pg_class as c "
        "join pg_attribute as a on a.attrelid = c.oid join pg_type as t on t.oid = a.atttypid "
        "where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind = 'r' "
        "and a.attnum > 0 and not a.attisdropped and c.relname <> 'signing_keys' order by 1, 2"
    ).fetchall()


def _open_up(db: Connection) -> None:
    """Let anything be written into any table: no trigger and no constraint is in the way."""
    for statement in (
        "select format('alter table %s drop constraint if exists %I cascade', "
        "conrelid::regclass, conname) from pg_constraint "
        "where connamespace = 'memoriesdb'::regnamespace and conrelid <> 0 and conparentid = 0 "
        "and coninhcount = 0",
        "select format('alter table %s disable trigger all', oid::regclass) from pg_class "
        "where relnamespace = 'memoriesdb'::regnamespace and relkind = 'r'",
        "select format('alter table %s alter column %I drop not null', attrelid::regclass, "
        "attname) from pg_attribute join pg_class as c on c.oid = attrelid "
        "where relnamespace = 'memoriesdb'::regnamespace and relkind in ('r', 'p') "
        "and not relispartition and attnum > 0 and not attisdropped and attnotnull "
        "and attidentity = ''",
    ):
        for (command,) in db.execute(statement.encode()).fetchall():
            db.execute(command.encode())


def _plant(db: Connection, table: str, column: str, kind: str, value: object) -> None:
    cast = "to_tsvector('english', {})" if kind == "tsvector" else "{}::" + kind
    names, values = [column], [cast]
    # A partition takes numbers of its range alone, and the default one those of no other.
    number = table.rpartition("_")[2].replace("default", "999999")
    if number.isdigit():
        names.append("audit_id")
        values.append(str(int(number) * 1_000_000 + 1))
    statement = "insert into memoriesdb.{} ({}) values (" + ", ".join(values) + ")"
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    db.execute(
        sql.SQL(statement).format(sql.Identifier(table), columns, sql.Placeholder()), (value,)
    )


def _leftovers(kind: str, memory_id: UUID) -> dict[str, Any]:
    """Return what could be left in a column of this type, by what it is."""
    content_hash = hashlib.sha256(EDITED.encode()).digest()
    by_type: dict[str, dict[str, Any]] = {
        "uuid": {"memory id": memory_id},
        "_uuid": {"memory id": [uuid4(), memory_id]},
        "bytea": {"hash of a text": content_hash, "text": b"..." + EDITED.encode()},
        "text": {
            "memory id": f"about {memory_id}!",
            "hash of a text": f"it was {content_hash.hex()}.",
            "text": f"<{EDITED.upper()}>",
        },
        # A name has at most 63 bytes.
        "name": {"memory id": str(memory_id), "text": EDITED},
        "jsonb": {
            "memory id": Jsonb({"a": [str(memory_id)]}),
            "hash of a text": Jsonb({"a": content_hash.hex()}),
            "text": Jsonb({"a": {"b": EDITED}}),
        },
        "_text": {"memory id": [str(memory_id)], "text": ["a", EDITED]},
        "tsvector": {"text": EDITED},
    }
    return by_type.get(kind, {})


def _whole(kind: str, memory_id: UUID) -> dict[str, Any]:
    """Return the same as values of their own: what is sought for who may not read."""
    values: dict[str, Any] = {"bytea": EDITED.encode(), "text": EDITED, "name": EDITED}
    left = _leftovers(kind, memory_id)
    text = left.pop("text", None)
    # The words of a text are not the text.
    if text and kind != "tsvector":
        left["whole text"] = values.get(kind, text)
    return left


@pytest.fixture
def erased(database: Database, alice: UUID, bob: UUID) -> Receipt:
    """The receipt of a memory that had everything."""
    register_model(database)
    return erase(database, alice, rich_memory(database, alice, bob).id)


@pytest.mark.parametrize(("role", "leftovers"), [("superuser", _leftovers), ("auditor", _whole)])
def test_a_leftover_is_found_in_every_column_of_every_table(
    database: Database, alice: UUID, role: str, leftovers: Callable[[str, UUID], dict[str, Any]]
) -> None:
    """The control of every test that finds nothing, made from the catalogue."""
    memory_id = database.remember(alice, EDITED)
    receipt = erase(database, alice, memory_id)
    assert check(database, receipt, EDITED, role) == []
    superuser = database.superuser()
    columns = _columns(superuser)
    tested = {kind for *_, kind in columns if _leftovers(kind, memory_id)}
    assert {kind for *_, kind in columns} <= tested | HARMLESS, "a type that nobody thought of"
    _open_up(superuser)
    planted = set()
    for table, column, kind in columns:
        for what, value in leftovers(kind, memory_id).items():
            _plant(superuser, table, column, kind, value)
            log = table.rstrip("0123456789").removesuffix("_default").rstrip("_")
            if what != "memory id" or (column, log) not in IDS_STAY:
                planted.add((table, column, what))
    found = {
        (table, column, what.removesuffix(" of nobody"))
        for table, column, _, what in check(database, receipt, EDITED, role)
    }
    assert planted - found == set()
    assert found - planted == set()


def test_a_leftover_of_a_user_is_found_wherever_it_is_his(database: Database, alice: UUID) -> None:
    receipt = erase_user(database, alice)
    assert check(database, receipt) == []
    superuser = database.superuser()
    _open_up(superuser)
    his = {"owner_id", "user_id", "grantee_id", "service_id"}
    planted = {
        (table, column)
        for table, column, kind in _columns(superuser)
        if kind == "uuid"
        and (column in his or (table, column) == ("users", "id"))
        and not table.startswith("audit_log")
        and (table, column) != ("access_log", "owner_id")
    }
    assert len(planted) > 15
    for table, column in planted:
        _plant(superuser, table, column, "uuid", alice)
    found = {(row[0], row[1]) for row in check(database, receipt)}
    assert found == planted


def _forged(receipt: Receipt) -> dict[str, Any]:
    other = hashlib.sha256(b"a guess").hexdigest()
    return {
        "another salt": {"salt": "00" * 32},
        "another hash": {"content_hashes": [other]},
        "one hash more": {"content_hashes": [*receipt["content_hashes"], other]},
        "hashes in another order": {"content_hashes": receipt["content_hashes"][::-1]},
        "no hash": {"content_hashes": []},
        "another memory": {"memory_ids": [str(uuid4())]},
        "another owner": {"owner_id": str(uuid4())},
        "another time": {"erased_at": "2026-01-01T00:00:00+00:00"},
        "another entry": {"receipt_id": receipt["receipt_id"] - 1},
        "no entry": {"receipt_id": None},
        "a huge entry": {"receipt_id": 10**30},
        "no number": {"receipt_id": "1; drop table x"},
        "other counts": {"counts": {}},
        "a key more": {"note": "x"},
        "hashes that are none": {"content_hashes": ["xyz"]},
        "hashes that are no list": {"content_hashes": "xyz"},
        "hashes that are numbers": {"content_hashes": [1, None]},
    }


def test_a_forged_receipt_is_refused(database: Database, erased: Receipt) -> None:
    assert len(erased["content_hashes"]) > 1
    forged: list[Any] = [{**erased, **change} for change in _forged(erased).values()]
    forged += [{}, [], "x", 1, None]
    for key in erased:
        forged.append({name: value for name, value in erased.items() if name != key})
    for receipt in forged:
        with pytest.raises(psycopg.DatabaseError) as caught:
            check(database, receipt)
        assert caught.value.sqlstate == "MD411", receipt
    assert check(database, erased, role="admin") == [] or erased["pending"]


def test_a_stored_receipt_that_was_changed_is_refused(database: Database, erased: Receipt) -> None:
    """The entry's commitment, which the ledger seals, holds against who rewrites the payload."""
    superuser = database.superuser()
    superuser.execute("alter table memoriesdb.audit_payloads disable trigger all")
    superuser.execute(
        "update memoriesdb.audit_payloads set after = after || '{\"note\": 1}' where audit_id = %s",
        (erased["receipt_id"],),
    )
    with pytest.raises(psycopg.DatabaseError) as caught:
        check(database, {**erased, "note": 1})
    assert caught.value.sqlstate == "MD411"


def test_it_is_no_oracle_for_other_texts(
    database: Database, alice: UUID, bob: UUID, erased: Receipt
) -> None:
    database.remember(bob, "what Bob thinks")
    for role in ("admin", "auditor"):
        with pytest.raises(psycopg.DatabaseError) as caught:
            check(database, erased, "what Bob thinks", role)
        assert caught.value.sqlstate == "MD412"
    with pytest.raises(psycopg.DatabaseError) as caught, database.acting(alice) as db:
        db.execute("select memoriesdb.erasure_check(%s, 'what')", (Jsonb(erased),))
    assert caught.value.sqlstate == "MD412"


def test_the_same_text_of_another_user_is_shown_to_auditors_alone(
    database: Database, alice: UUID, bob: UUID
) -> None:
    memory_id = database.remember(alice, EDITED)
    database.remember(bob, EDITED)
    receipt = erase(database, alice, memory_id)
    assert {row[0] for row in check(database, receipt, EDITED)} >= {"memories"}
    with database.acting(alice) as db:
        arguments = (Jsonb(receipt), EDITED)
        seen = db.execute("select * from memoriesdb.erasure_check(%s, %s)", arguments).fetchall()
    assert seen == []


def test_somebody_who_is_nobody_checks_nothing(database: Database, erased: Receipt) -> None:
    for role, code in (("app", "MD001"), ("client", "MD001"), ("worker", "42501")):
        with pytest.raises(psycopg.DatabaseError) as caught:
            check(database, erased, role=role)
        assert caught.value.sqlstate == code
