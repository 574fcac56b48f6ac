"""Digests: signed, kept in a file that only grows, and never beside one that they contradict."""

from __future__ import annotations

import base64
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from hypothesis import given
from hypothesis import strategies as st

from acting import Database
from memoriesdb.ledger import ContradictionError, Digest, FormatError, Kept, LedgerError
from memoriesdb.ledger.digest import (
    generate_key,
    load_key,
    load_public_key,
    read_digests,
)
from memoriesdb.ledger.keeping import append, hand_over, last_kept

FIRST = Digest(3, b"\1" * 32, b"\2" * 32, 30, 7, "2026-01-31T12:00:00.000001Z")
LATER = replace(FIRST, block_no=5, block_hash=b"\3" * 32, entries=50,
                sealed_at="2026-01-31T12:01:00.000000Z")  # fmt: skip
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()


def test_what_is_signed_is_canonical_json() -> None:
    """As the format says: sorted names, no spaces. Ed25519 signs the same bytes the same way."""
    assert FIRST.canonical() == (
        b'{"block_hash":"' + b"01" * 32 + b'","block_no":3,"entries":30,"incarnation":7,'
        b'"previous_hash":"' + b"02" * 32 + b'","sealed_at":"2026-01-31T12:00:00.000001Z",'
        b'"version":1}'
    )
    line = json.loads(Kept.signed(FIRST, KEY).as_line())
    assert line["digest"] == FIRST.as_json()
    assert base64.b64decode(line["public_key"]) == PUBLIC
    KEY.public_key().verify(base64.b64decode(line["signature"]), FIRST.canonical())


def test_a_line_is_read_back_signed_or_not_and_bare() -> None:
    for kept in (Kept.signed(FIRST, KEY), Kept(FIRST)):
        assert Kept.from_line(kept.as_line()) == kept
        assert kept.signature_problem(None) is None
    assert Kept.from_line(json.dumps(FIRST.as_json())).digest == FIRST
    assert Kept.signed(FIRST, KEY).signature_problem(PUBLIC) is None
    assert Kept(FIRST).signature_problem(PUBLIC) == "it is not signed"


def test_the_database_gives_the_same_digest(database: Database) -> None:
    empty = database.superuser().execute("select memoriesdb.ledger_digest()").fetchone()
    assert empty is not None
    assert Digest.from_json(empty[0]) == Digest.of(None, 0)


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_a_flipped_bit_is_refused(place: int, bit: int) -> None:
    line = bytearray(Kept.signed(FIRST, KEY).as_line().encode())
    line[place % len(line)] ^= 1 << bit
    try:
        kept = Kept.from_line(bytes(line))
    except FormatError:
        return
    assert kept.signature_problem(PUBLIC) is not None


def test_a_digest_signed_with_another_key_is_refused() -> None:
    other = Ed25519PrivateKey.generate()
    assert "another key" in str(Kept.signed(FIRST, other).signature_problem(PUBLIC))
    stolen = replace(Kept.signed(LATER, KEY), digest=FIRST)
    assert stolen.signature_problem(None) == "its signature does not fit"


SMALL_ORDER = [
    bytes(32),
    b"\1" + bytes(31),
    b"\1" + bytes(30) + b"\x80",
    b"\xec" + b"\xff" * 30 + b"\x7f",
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
]


@pytest.mark.parametrize("key", SMALL_ORDER, ids=range(len(SMALL_ORDER)))
def test_a_key_under_which_anybody_can_sign_is_refused(key: bytes) -> None:
    """Of one digest in eight, or more, the curve takes a signature that nobody made."""
    accepted = 0
    for number in range(200):
        signature = b"\1" + bytes(63)
        kept = Kept(replace(LATER, entries=50 + number), signature, key)
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, kept.digest.canonical())
            accepted += 1
        except InvalidSignature:
            pass
        assert "anybody" in str(kept.signature_problem(None))
    assert accepted


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": True},
        {"block_no": -1},
        {"block_no": "3"},
        {"block_hash": "00"},
        {"entries": 2},
        {"entries": None},
        {"incarnation": None},
        {"sealed_at": "yesterday"},
        {"sealed_at": None},
        {"block_no": 0},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_digest_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        Kept.from_line(json.dumps({"digest": {**FIRST.as_json(), **change}}))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "1", "x", '{"digest": null}', "[" * 9999])
def test_garbage_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError):
        Kept.from_line(text)
    file = tmp_path / "digests.jsonl"
    file.write_text(text)
    with pytest.raises(FormatError):
        read_digests(file)


def test_the_file_grows_by_a_line_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "digests.jsonl"
    assert last_kept(file) is None
    assert append(file, Kept.signed(FIRST, KEY))
    before = file.read_bytes()
    assert not append(file, Kept(FIRST)), "it is there already"
    assert file.read_bytes() == before
    assert append(file, Kept(LATER))
    assert file.read_bytes().startswith(before)
    assert [kept.digest for kept in read_digests(file)] == [FIRST, LATER]
    assert [kept.line for kept in read_digests(file)] == [1, 2]


@pytest.mark.parametrize(
    "change",
    [
        {"block_no": 4, "entries": 40},
        {"block_hash": b"\4" * 32},
        {"entries": 51},
        {"block_no": 6, "entries": 50},
        {"block_no": 6, "entries": 60, "sealed_at": "2026-01-31T12:00:59.999999Z"},
    ],
    ids=str,
)
def test_what_contradicts_the_last_is_not_kept(change: dict[str, object], tmp_path: Path) -> None:
    file = tmp_path / "digests.jsonl"
    append(file, Kept(LATER))
    before = file.read_bytes()
    with pytest.raises(ContradictionError):
        append(file, Kept(replace(LATER, **change)))  # type: ignore[arg-type]
    with pytest.raises(ContradictionError):
        append(file, Kept(Digest.of(None, 0)))
    assert file.read_bytes() == before


def test_a_file_that_ends_in_half_a_line_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "digests.jsonl"
    for text in (Kept(FIRST).as_line(), "no digest\n"):
        file.write_text(text)
        with pytest.raises(FormatError, match="last line"):
            append(file, Kept(LATER))
        assert file.read_text() == text


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """The disk is full in the middle of the line: half of it is taken back."""
    file = tmp_path / "digests.jsonl"
    append(file, Kept(FIRST))
    before = file.read_bytes()
    code = (
        "import resource, signal, sys; from pathlib import Path; "
        "from memoriesdb.ledger.digest import Kept; from memoriesdb.ledger.keeping import append; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2); "
        "append(Path(sys.argv[1]), Kept.from_line(sys.argv[2]))"
    )
    for room in (len(before) + 10, len(before)):
        done = subprocess.run(
            [sys.executable, "-c", code, str(file), Kept(LATER).as_line(), str(room)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert file.read_bytes() == before
    assert append(file, Kept(LATER))


def test_many_at_once_each_write_a_whole_line(tmp_path: Path) -> None:
    file = tmp_path / "digests.jsonl"
    code = (
        "import sys; from pathlib import Path; from dataclasses import replace; "
        "from memoriesdb.ledger.digest import Kept; from memoriesdb.ledger import keeping; "
        "from memoriesdb.ledger.errors import ContradictionError\n"
        "kept = Kept.from_line(sys.argv[2])\n"
        "for n in range(40):\n"
        "    d = replace(kept.digest, block_no=n + 1, entries=10 * n + 10)\n"
        "    try: keeping.append(Path(sys.argv[1]), Kept(d))\n"
        "    except ContradictionError: pass\n"
    )
    line = Kept(LATER).as_line()
    running = [subprocess.Popen([sys.executable, "-c", code, str(file), line]) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    numbers = [kept.digest.block_no for kept in read_digests(file)]
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 40


def test_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "digest.pem"
    public = generate_key(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load_key(file).public_key().public_bytes_raw() == load_public_key(public)
    with pytest.raises(FileExistsError):
        generate_key(file)
    (tmp_path / "digest.pem.pub").write_text(public + "\n")
    assert load_public_key(str(tmp_path / "digest.pem.pub")) == load_public_key(public)


@pytest.mark.parametrize("text", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_key_is_refused(text: bytes, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(text)
    with pytest.raises(LedgerError):
        load_key(file)
    for public in ("", "AAAA", "not base64", str(file)):
        with pytest.raises(FormatError):
            load_public_key(public)


def test_a_command_gets_the_line_and_its_failure_is_told(tmp_path: Path) -> None:
    file = tmp_path / "given"
    hand_over(f"tee {file}", Kept(FIRST))
    assert [kept.digest for kept in read_digests(file)] == [FIRST]
    for command in ("false", "", "/nowhere/at/all", "unbalanced '"):
        with pytest.raises(LedgerError):
            hand_over(command, Kept(FIRST))
    hand_over(f"tee {file}.no-shell; {file}.either", Kept(FIRST))
    assert os.path.exists(f"{file}.no-shell;"), "no shell reads it"
