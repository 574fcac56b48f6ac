"""`memoriesdb ledger watch` keeps a digest of what it compared, and says what it could not."""

from __future__ import annotations

import shutil
from pathlib import Path
from uuid import UUID

import pytest

from acting import Database
from ledger.conftest import Run
from ledger.sealing import seal_all, status
from memoriesdb.ledger import Digest, Kept, Tables


@pytest.fixture
def archived(full: Database, alice: UUID, run: Run, tmp_path: Path) -> Path:
    """The directory with the archive of the first partition."""
    directory = tmp_path / "archives"
    directory.mkdir()
    assert run("archive", 0, "--to", directory / "a.jsonl").exit_code == 0
    full.remember(alice, "since then")
    seal_all(full)
    return directory


def first_digest(database: Database, file: Path) -> Path:
    """Keep the digest of the first block, which is from before anything was archived."""
    header = Tables(database.connect("auditor", autocommit=True)).header(1)
    assert header is not None
    file.write_text(f"{Kept(Digest.of(header, header.entry_count)).as_line()}\n")
    return file


@pytest.mark.parametrize("is_kept", [True, False], ids=["digest from before", "no digest"])
def test_what_was_archived_since_is_not_said_to_be_verified(
    full: Database, run: Run, archived: Path, tmp_path: Path, is_kept: bool
) -> None:
    file = tmp_path / "d.jsonl"
    if is_kept:
        first_digest(full, file)
    before = file.read_bytes() if is_kept else None
    watch = ("watch", "--once", "--to", file)
    row = full.superuser().execute(
        "select entry_count from memoriesdb.ledger_archives"
    ).fetchone()  # fmt: skip
    assert row is not None
    for more in ((), ("--archive", archived)):
        result = run(*watch, *more)
        sealed = status(full)
        total, blocks = sealed["sealed_entries"], sealed["blocks"]
        if more:
            said = f"block {blocks}: {total} entries in {blocks} blocks compared; digest kept\n"
            assert (result.exit_code, result.stdout) == (0, said), result.output
            continue
        assert (result.exit_code, result.stdout) == (4, ""), result.output
        assert f" {total - row[0]} entries in {blocks} blocks compared" in result.stderr
        assert f"{row[0]} archived ones not; no digest was kept" in result.stderr
        assert "--archive" in result.stderr.splitlines()[1]
        assert (file.read_bytes() if file.exists() else None) == before


def test_a_directory_may_be_named_before_it_holds_an_archive(
    full: Database, run: Run, tmp_path: Path
) -> None:
    directory = tmp_path / "archives"
    directory.mkdir()
    result = run("watch", "--once", "--to", tmp_path / "d.jsonl", "--archive", directory)
    assert (result.exit_code, "digest kept" in result.stdout) == (0, True), result.output
    assert run("verify", "--archive", directory).exit_code == 2, "there is nothing to verify by it"


def test_archives_are_left_out_on_purpose_alone(
    full: Database, run: Run, archived: Path, tmp_path: Path
) -> None:
    file = first_digest(full, tmp_path / "d.jsonl")
    result = run("watch", "--once", "--to", file, "--without-archives")
    assert (result.exit_code, "archived ones not; digest kept" in result.stdout) == (0, True)
    assert len(file.read_text().splitlines()) == 2


def test_an_archive_that_was_changed_is_an_alarm(
    full: Database, run: Run, archived: Path, tmp_path: Path
) -> None:
    file = first_digest(full, tmp_path / "d.jsonl")
    archive = archived / "a.jsonl"
    content = archive.read_bytes()
    assert content.count(b'"INSERT"') > 0
    archive.write_bytes(content.replace(b'"INSERT"', b'"UPDATE"', 1))
    before = file.read_bytes()
    for to in (file, tmp_path / "new.jsonl"):
        result = run("watch", "--once", "--to", to, "--archive", archive)
        assert (result.exit_code, "TAMPERED" in result.stderr) == (1, True), result.output
    assert file.read_bytes() == before
    archive.write_bytes(content)
    assert run("watch", "--once", "--to", file, "--archive", archive).exit_code == 0


def test_a_digest_from_after_the_archived_entries_needs_no_archive(
    full: Database, alice: UUID, run: Run, tmp_path: Path
) -> None:
    digests, archives = tmp_path / "d.jsonl", tmp_path / "archives"
    archives.mkdir()
    assert run("watch", "--once", "--to", digests).exit_code == 0
    assert run("archive", 0, "--to", archives / "a.jsonl").exit_code == 0
    for more in range(2):
        full.remember(alice, f"since then {more}")
        seal_all(full)
        assert run("watch", "--once", "--to", digests).exit_code == 0
        assert len(digests.read_text().splitlines()) == 2 + more
    assert run("digest", "--to", tmp_path / "another.jsonl").exit_code == 0
    assert run("verify", "--digest", digests, "--archive", archives).exit_code == 0
    shutil.rmtree(archives)
    assert run("verify", "--digest", digests).exit_code == 4


def test_a_digest_of_a_later_block_says_where_the_ledger_ends(
    full: Database, run: Run, tmp_path: Path
) -> None:
    kept = first_digest(full, tmp_path / "d.jsonl")
    digest = Kept.from_line(kept.read_text()).digest
    last = status(full)["blocks"]
    later = Digest(**{**vars(digest), "block_no": last + 5, "entries": digest.entries + last + 5})
    kept.write_text(f"{Kept(later).as_line()}\n")
    before = kept.read_bytes()
    for command in (("watch", "--once", "--to", kept), ("digest", "--to", kept)):
        result = run(*command)
        assert (result.exit_code, f"block {last + 1}: blocks are" in result.stderr) == (1, True)
        assert f"of block {last + 5}: the ledger ends at block {last})" in result.stderr
    assert kept.read_bytes() == before
