"""`memoriesdb model compare`: both models are asked the same, as the owner and as nobody else."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from models.support import Change, value


@pytest.fixture
def two(change: Change, bob: UUID) -> Change:
    """Both models have all vectors; bob has a memory of his own."""
    change.database.remember(bob, "a secret of bob")
    change.add()
    change.do("backfill", "new", "--no-wait")
    change.embed()
    return change


def test_a_sample_of_ones_own_is_sought_by_its_own_words(two: Change) -> None:
    found = json.loads(two.do("compare", "new", "--user", "alice", "--json"))
    assert found["queries"] == 4
    assert (found["old"]["model"], found["new"]["model"]) == ("old", "new")
    for side in ("old", "new"):
        assert found[side]["found"] == 1
        assert found[side]["mean_rank"] == 1
        assert 1 <= found[side]["mean_vector_rank"] <= 4
    # Everything of so few is among ten.
    assert found["overlap"] == 1
    asked = " ".join(two.old.texts + two.new.texts)
    assert "heron" in asked
    assert "secret" not in asked
    assert two.active() == "old"


def test_a_table_tells_what_differs(two: Change) -> None:
    """The new model lacks what was written last, which the old one finds by meaning alone."""
    said = two.do("compare", "new", "--user", "alice", "--sample", "2", "-k", "1")
    assert "2 queries" in said
    assert "expected memory found in 1" in said
    assert "overlap@1: 100.0 %" in said


def test_given_queries_are_asked_and_what_they_should_find_is_looked_for(
    two: Change, tmp_path: Path
) -> None:
    with two.database.acting(two.owner_id) as db:
        heron, boat = (
            str(value(db, "select id from memoriesdb.memories where content = %s", text))
            for text in two.texts[:2]
        )
    file = tmp_path / "queries.jsonl"
    asked = [
        {"query": "the heron stands", "memory_id": heron},
        # Not what it finds first.
        {"query": "the heron stands", "memory_id": boat},
        {"query": "tea"},
    ]
    file.write_text("".join(json.dumps(each) + "\n" for each in asked))
    options = ("--user", "alice", "--queries", str(file), "--json")
    found = json.loads(two.do("compare", "new", *options, "-k", "1"))
    assert found["queries"] == 3
    assert found["old"]["found"] == found["new"]["found"] == 0.5
    assert found["old"]["mean_rank"] == found["old"]["mean_vector_rank"] == 1
    plain = tmp_path / "queries.txt"
    plain.write_text("heron\n\nboat\n")
    found = json.loads(two.do("compare", "new", *options[:3], str(plain), "--json"))
    assert (found["queries"], found["new"]["found"]) == (2, None)


def test_the_user_of_a_token_compares_his_own(
    two: Change, bob: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMORIESDB_TOKEN", two.database.issue_token(bob, scopes=["read"]))
    dsn = two.database.dsn("client")
    found = json.loads(two.do("compare", "new", "--dsn", dsn, "--json"))
    assert found["queries"] == 1
    assert set(two.new.texts) == {"a secret of"}


def test_an_admin_compares_nothing_of_others(two: Change) -> None:
    for options in (("--user", "alice"), ()):
        result = two.run("compare", "new", "--dsn", two.database.dsn("admin"), *options)
        assert result.exit_code == 1, result.output
    assert two.old.texts == two.new.texts == []


def test_words_alone_are_no_comparison(two: Change) -> None:
    two.new.mode = "broken"
    result = two.run("compare", "new", "--user", "alice")
    assert result.exit_code == 1
    assert "no vectors of queries by new" in result.output
    two.new.mode = "works"
    assert two.run("compare", "nobody", "--user", "alice").exit_code == 1


NO_QUERIES = (
    ("a.jsonl", "heron"),
    ("a.jsonl", '{"memory_id": null}'),
    ("a.txt", " \n"),
    ("a.json", "[1]"),
)


def test_a_file_without_queries_is_refused(two: Change, tmp_path: Path) -> None:
    for name, text in NO_QUERIES:
        file = tmp_path / name
        file.write_text(text)
        result = two.run("compare", "new", "--user", "alice", "--queries", str(file))
        assert result.exit_code == 2, name
    assert two.new.texts == []
