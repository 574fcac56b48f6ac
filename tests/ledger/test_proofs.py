"""Inclusion proofs: true ones are accepted offline, and of corrupted ones none, ever."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acting import Database
from ledger.outside import SmallLedger
from memoriesdb.ledger import ContradictionError, FormatError, Kept, LedgerError, Tables
from memoriesdb.ledger.proofs import Proof, build

FUZZ = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
BLOCK = 3


class Case:
    """A proof as it was written, and the digest that vouches for it."""

    def __init__(self, ledger: SmallLedger) -> None:
        (audit_id,) = ledger.db.execute(
            "select low_audit_id + 2 from memoriesdb.ledger_blocks where block_no = %s", (BLOCK,)
        ).fetchone() or (0,)
        digests = [kept.digest for kept in ledger.kept]
        self.content = build(Tables(ledger.db), audit_id, digests).as_json()
        self.other = build(Tables(ledger.db), audit_id + 1, digests).as_json()
        self.kept = ledger.kept

    def is_accepted(self, content: object) -> bool:
        """Check it as the command does; anything but acceptance or a FormatError is a fault."""
        text = content if isinstance(content, str | bytes) else json.dumps(content)
        try:
            Proof.from_text(text).check(self.kept)
        except FormatError:
            return False
        return True


@pytest.fixture
def case(database: Database) -> Case:
    return Case(SmallLedger(database))


def test_a_true_proof_is_accepted(case: Case) -> None:
    assert case.is_accepted(case.content)
    assert case.is_accepted(case.other)


def hexes(content: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where hashes lie in it."""
    found = []
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    for key, value in pairs:
        if isinstance(value, dict | list):
            found += hexes(value, (*place, key))
        elif isinstance(value, str) and len(value) == 64:
            found.append((*place, key))
    return found


def at(content: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        content = content[key]
    return content


@FUZZ
@given(st.data())
def test_a_flipped_bit_of_any_hash_is_refused(case: Case, data: st.DataObject) -> None:
    content = copy.deepcopy(case.content)
    place = data.draw(st.sampled_from(hexes(content)))
    bit = data.draw(st.integers(0, 255))
    value = int(at(content, place), 16) ^ (1 << bit)
    at(content, place[:-1])[place[-1]] = f"{value:064x}"
    assert not case.is_accepted(content)


@FUZZ
@given(st.data())
def test_a_flipped_bit_of_the_file_is_refused(case: Case, data: st.DataObject) -> None:
    """Whatever else it becomes: either the very same proof, or none."""
    text = bytearray(json.dumps(case.content).encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= 1 << data.draw(st.integers(0, 7))
    assert not case.is_accepted(bytes(text)) or json.loads(text) == case.content


@FUZZ
@given(st.data())
def test_nodes_removed_added_or_reordered_are_refused(case: Case, data: st.DataObject) -> None:
    content = copy.deepcopy(case.content)
    path = content["path"]
    place = data.draw(st.integers(0, len(path) - 1))
    kind = data.draw(st.sampled_from(["remove", "add", "repeat", "swap", "empty", "turn"]))
    if kind == "remove":
        del path[place]
    elif kind == "add":
        path.insert(place, "ab" * 32)
    elif kind == "repeat":
        path.insert(place, path[place])
    elif kind == "swap":
        path[place], path[place - 1] = path[place - 1], path[place]
    elif kind == "empty":
        path.clear()
    else:
        path.reverse()
    assert not case.is_accepted(content)


@FUZZ
@given(st.sampled_from(["index", "count"]), st.integers(-(2**65), 2**65))
def test_another_place_or_size_is_refused(case: Case, name: str, value: int) -> None:
    assert not case.is_accepted({**case.content, name: value}) or case.content[name] == value
    for step in (-1, 1):
        assert not case.is_accepted({**case.content, name: case.content[name] + step})


def test_another_leaf_or_root_is_refused(case: Case) -> None:
    for name in ("entry", "leaf_hash", "index", "path"):
        assert not case.is_accepted({**case.content, name: case.other[name]})
    both = {name: case.other[name] for name in ("entry", "leaf_hash")}
    assert not case.is_accepted({**case.content, **both})
    for name in ("root", "hash", "previous_hash", "entry_count", "low_audit_id", "last_xid"):
        block = {**case.content["block"], name: case.content["headers"][1][name]}
        if block != case.content["block"]:
            assert not case.is_accepted({**case.content, "block": block})


@pytest.mark.parametrize("name", ["at", "user_id", "login", "operation", "row_key", "xid"])
def test_a_changed_field_of_the_entry_is_refused(case: Case, name: str) -> None:
    changed: dict[str, Callable[[Any], Any]] = {
        "at": lambda v: v[:-2] + ("1Z" if v[-2] != "1" else "2Z"),
        "user_id": lambda _: "01890a5d-ac96-774b-bcce-b302099a8057",
        "login": lambda v: v + "x",
        "operation": lambda _: "DELETE",
        "row_key": lambda v: v.replace(" ", ""),
        "xid": lambda v: str(int(v) + 1),
    }
    entry = {**case.content["entry"], name: changed[name](case.content["entry"][name])}
    assert not case.is_accepted({**case.content, "entry": entry})


def test_headers_that_do_not_lead_to_the_digest_are_refused(case: Case) -> None:
    headers = case.content["headers"]
    assert len(headers) > 3
    for wrong in (
        [],
        headers[:-1],
        headers[1:],
        [headers[0], *headers[2:]],
        headers[::-1],
        [*headers, headers[-1]],
        [*headers[:2], headers[0], *headers[2:]],
    ):
        assert not case.is_accepted({**case.content, "headers": wrong})


def test_a_digest_of_another_ledger_refuses_the_proof(case: Case) -> None:
    digest = case.kept[0].digest
    for other in (replace(digest, block_hash=bytes(32)), replace(digest, block_no=1, entries=9)):
        with pytest.raises(FormatError):
            Proof.from_text(json.dumps(case.content)).check([Kept(other)])
    foreign = Kept(replace(digest, block_no=digest.block_no - 1, block_hash=bytes(32)))
    with pytest.raises(FormatError, match="another ledger"):
        Proof.from_text(json.dumps(case.content)).check([*case.kept, foreign])


GARBAGE = ["", " ", "null", "[]", "{}", "1e999", '"x"', "\x00", "[" * 100_000, '{"version": 1}']


@pytest.mark.parametrize("text", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_proof_is_refused(case: Case, text: str) -> None:
    assert not case.is_accepted(text)


def test_garbage_around_a_proof_is_refused(case: Case) -> None:
    text = json.dumps(case.content)
    assert case.is_accepted(text)
    for wrong in (text + "x", text + text, text[:-1], "x" + text, text + "\x00"):
        assert not case.is_accepted(wrong)
    assert not case.is_accepted({**case.content, "more": 1})
    assert not case.is_accepted(text.replace('"index":', '"index": 0, "index":', 1))


@FUZZ
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=8,
    ),
    st.data(),
)
def test_any_value_at_any_place_is_refused(case: Case, value: Any, data: st.DataObject) -> None:
    content = copy.deepcopy(case.content)
    place = data.draw(st.sampled_from([(name,) for name in content] + hexes(content)))
    if json.dumps(at(content, place)) != json.dumps(value):
        at(content, place[:-1])[place[-1]] = value
        assert not case.is_accepted(content)


def test_the_proof_of_the_database_is_the_same(database: Database) -> None:
    """Two implementations: what SQL gives is what Python builds, for every entry of a block."""
    ledger = SmallLedger(database)
    rows = ledger.db.execute(
        "select a.audit_id, memoriesdb.ledger_proof(a.audit_id) from memoriesdb.audit_log as a"
    ).fetchall()
    assert len(rows) > 42
    for audit_id, proof in rows:
        assert build(Tables(ledger.db), audit_id).as_json() == proof
        Proof.from_text(json.dumps(proof)).check_inclusion()


def test_what_cannot_be_proven_is_said(database: Database) -> None:
    ledger = SmallLedger(database)
    tables, digests = Tables(ledger.db), [kept.digest for kept in ledger.kept]
    with pytest.raises(LedgerError, match="no entry 99999999"):
        build(tables, 99999999)
    (last,) = ledger.db.execute("select max(audit_id) from memoriesdb.audit_log").fetchone() or (0,)
    with ledger.tampering() as db:
        db.execute("delete from memoriesdb.ledger_blocks where block_no > 2")
        with pytest.raises(LedgerError, match="not sealed yet"):
            build(tables, last)
    with pytest.raises(LedgerError, match="no digest is of it"):
        build(tables, last, [replace(digests[0], block_no=1)])
    with ledger.tampering() as db:
        db.execute("update memoriesdb.audit_log set login = 'x' where audit_id = %s", (last,))
        with pytest.raises(ContradictionError, match="does not hold what was sealed"):
            build(tables, last)
