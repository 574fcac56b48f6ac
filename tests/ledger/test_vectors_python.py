"""The package agrees with the vectors that the database's functions are tested with."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.make_vectors import ENTRIES, VECTORS, path, root
from memoriesdb.ledger.encoding import (
    BLOCK_TAG,
    ENTRY_TAG,
    Header,
    entry_as_json,
    entry_from_json,
    format_timestamp,
    parse_timestamp,
)
from memoriesdb.ledger.errors import FormatError
from memoriesdb.ledger.merkle import block_hash, leaf_hash, path_to, root_by_path, root_of

GOLDEN: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
# The roots of certificate transparency's own test vectors, over its inputs of 1 to 8 leaves.
RFC_INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")  # fmt: skip  # noqa: E501
RFC_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


@pytest.mark.parametrize("vector", GOLDEN["entries"], ids=lambda v: str(v["entry"]["audit_id"]))
def test_entries_are_encoded_and_hashed_as_defined(vector: dict[str, Any]) -> None:
    entry = entry_from_json(vector["entry"])
    assert (ENTRY_TAG + entry.encoding).hex() == vector["encoding"]
    assert leaf_hash(entry.encoding).hex() == vector["leaf_hash"]
    assert entry_as_json(entry.encoding) == vector["entry"]


@pytest.mark.parametrize("block", GOLDEN["blocks"], ids=lambda b: str(b["block_no"]))
def test_blocks_are_hashed_as_defined(block: dict[str, Any]) -> None:
    header = Header.from_json(block)
    assert block_hash(header).hex() == block["hash"] == header.hash.hex()
    assert sha256(BLOCK_TAG + header.encode()).hexdigest() == block["hash"]
    assert header.as_json() == block


@pytest.mark.parametrize("count", range(1, len(ENTRIES) + 1))
def test_roots_and_paths_are_as_defined(count: int) -> None:
    leaves = [bytes.fromhex(v["leaf_hash"]) for v in GOLDEN["entries"][:count]]
    assert root_of(leaves).hex() == GOLDEN["roots"][str(count)]
    for index, nodes in enumerate(GOLDEN["paths"][str(count)]):
        assert [node.hex() for node in path_to(leaves, index)] == nodes


@pytest.mark.parametrize("count", range(1, 9))
def test_trees_are_those_of_certificate_transparency(count: int) -> None:
    leaves = [sha256(b"\0" + bytes.fromhex(each)).digest() for each in RFC_INPUTS[:count]]
    assert root_of(leaves).hex() == RFC_ROOTS[count - 1]


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=70), st.data())
def test_trees_of_any_size_agree_with_the_definition(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    assert root_of(leaves) == root(leaves)
    assert path_to(leaves, index) == path(index, leaves)
    assert root_by_path(leaves[index], index, len(leaves), path_to(leaves, index)) == root(leaves)


@given(st.integers(-63082281600000000, 252455615999999999))
def test_times_keep_every_microsecond(microseconds: int) -> None:
    assert parse_timestamp(format_timestamp(microseconds)) == microseconds


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("audit_id", True),
        ("audit_id", "1"),
        ("audit_id", 2**63),
        ("audit_id", None),
        ("xid", -1),
        ("xid", "01"),
        ("xid", str(2**64)),
        ("xid", 741),
        ("at", "2026-01-31T12:00:00Z"),
        ("at", "2026-02-30T12:00:00.000001Z"),
        ("at", "٢٠٢٦-01-31T12:00:00.000001Z"),
        ("user_id", "01890A5D-AC96-774B-BCCE-B302099A8057"),
        ("user_id", ""),
        ("login", "\ud800"),
        ("commitment", "AB"),
        ("commitment", "abc"),
        ("row_key", {}),
        ("none_such", 1),
    ],
)
def test_only_one_form_of_each_value_is_taken(name: str, value: object) -> None:
    assert entry_from_json(ENTRIES[0])
    with pytest.raises(FormatError):
        entry_from_json({**ENTRIES[0], name: value})
