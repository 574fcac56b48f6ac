"""`memoriesdb import`: nothing lost, nothing twice, and each line that is left out is named."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from acting import Database, one
from memoriesdb.bulk.lines import read
from memoriesdb.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, database: Database, alice: UUID) -> Run:
    monkeypatch.setenv("MEMORIESDB_APP_DSN", database.dsn("app"))

    def call(file: object, *options: str, stdin: bytes | None = None) -> Result:
        arguments = ["import", str(file), "--user", "alice", *options]
        return CliRunner().invoke(app, arguments, input=stdin)

    return call


def kept(database: Database, user: UUID) -> list[tuple[Any, ...]]:
    """Return what a user has, in the order of its arrival."""
    with database.acting(user) as db:
        return db.execute(
            "select content, kind, metadata, stream, importance::text::float8, occurred_at "
            "from memoriesdb.memories order by seq"
        ).fetchall()


def texts(database: Database, user: UUID) -> list[str]:
    return [row[0] for row in kept(database, user)]


def written(path: Path, *items: object) -> Path:
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    return path


def test_json_lines_are_kept_in_order_with_all_they_say(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    file = written(
        tmp_path / "a.jsonl",
        {
            "content": "Grüße, 世界",
            "kind": "message",
            "metadata": {"speaker": "Ada"},
            "stream": "chat",
            "importance": 0.75,
            "occurred_at": "2024-02-29T12:00:00Z",
        },
        {"content": "tea"},
    )
    result = run(file)
    assert result.exit_code == 0, result.output
    assert "2 kept, 0 there already, 0 left out." in result.output
    first, second = kept(database, alice)
    assert first[:5] == ("Grüße, 世界", "message", {"speaker": "Ada"}, "chat", 0.75)
    assert first[5].isoformat().startswith("2024-02-29T12:00")
    assert second[:5] == ("tea", "note", {}, None, 0.5)


def test_csv_is_kept_as_json_lines_are(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(
        b"\xef\xbb\xbfcontent,metadata,importance,stream\r\n"
        b'"two\nlines, ""quoted""","{""speaker"": ""Ada""}",0.25,chat\r\n'
        b"plain,,,\r\n"
    )
    assert run(file).exit_code == 0
    assert [row[:5] for row in kept(database, alice)] == [
        ('two\nlines, "quoted"', "note", {"speaker": "Ada"}, "chat", 0.25),
        ("plain", "note", {}, None, 0.5),
    ]


BAD = [
    (b"{", "it is not JSON"),
    (b"[1]", "it is no JSON object"),
    (b'{"kind": "note"}', "it has no content"),
    (b'{"content": "x", "id": 1}', 'unknown key "id"'),
    (b'{"content": "\xff"}', "it is not UTF-8"),
    (b'{"content": "x", "importance": NaN}', "NaN is no number"),
    (b'{"content": "x", "importance": 2}', "[MD105]"),
    (b'{"content": "x", "importance": "much"}', "[MD107]"),
    (b'{"content": "x", "occurred_at": "yesteryear"}', "[MD107]"),
    (b'{"content": "x", "kind": "Two Words"}', "[MD103]"),
    (b'{"content": " "}', "[MD101]"),
    (b'{"content": "a\\u0000b"}', "left out"),
    (b'{"content": "\\ud800"}', "left out"),
    (b"[" * 100_000, "it is not JSON"),
]


@pytest.mark.parametrize(("bad", "said"), BAD)
def test_a_bad_line_is_named_and_left_out_and_the_others_are_kept(
    run: Run, database: Database, alice: UUID, tmp_path: Path, bad: bytes, said: str
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b'{"content": "one"}\n\n{"content": "two"}\n' + bad + b'\n{"content": "four"}')
    result = run(file)
    assert result.exit_code == 1
    assert "line 4 is left out" in result.output
    assert said in result.output
    assert "3 kept, 0 there already, 1 left out." in result.output
    assert texts(database, alice) == ["one", "two", "four"]


@pytest.mark.parametrize("size", [1, 2, 7, 500])
def test_many_bad_lines_among_good_ones(
    run: Run, database: Database, alice: UUID, tmp_path: Path, size: int
) -> None:
    items = [{"content": f"note {n}", "importance": 2 if n % 3 == 0 else 0.5} for n in range(40)]
    result = run(written(tmp_path / "a.jsonl", *items), "--batch", str(size))
    assert "26 kept, 0 there already, 14 left out." in result.output
    assert sorted(texts(database, alice)) == sorted(f"note {n}" for n in range(40) if n % 3)
    named = [line.split()[1] for line in result.output.splitlines() if "is left out:" in line]
    assert sorted(map(int, named)) == [n + 1 for n in range(40) if n % 3 == 0]


def test_a_csv_line_that_is_wrong_does_not_end_the_file(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"content,metadata\none,\ntwo,{\nthree,,,\n\xff,\nfive,\n")
    result = run(file)
    assert [f"line {n} is left out" in result.output for n in range(2, 7)] == [
        *(False, True, True, True, False)
    ]
    assert texts(database, alice) == ["one", "five"]


@pytest.mark.parametrize(
    ("head", "said"), [(b"text\nx\n", "unknown column 'text'"), (b"kind\nnote\n", "no column")]
)
def test_a_csv_without_its_columns_says_which_there_are(
    run: Run, tmp_path: Path, head: bytes, said: str
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(head)
    result = run(file)
    assert result.exit_code == 1
    assert said in result.output


def test_what_is_there_already_is_skipped_or_kept_as_asked(
    run: Run, database: Database, alice: UUID, bob: UUID, tmp_path: Path
) -> None:
    with database.acting(bob) as db:
        db.execute("select memoriesdb.remember('tea')")
    file = written(tmp_path / "a.jsonl", *({"content": text} for text in ("tea", "milk", "tea")))
    assert "2 kept, 1 there already" in run(file).output
    assert "0 kept, 3 there already" in run(file).output
    assert "3 kept, 0 there already" in run(file, "--duplicates", "keep").output
    # The same file in the same way: its batches are known.
    assert "0 kept, 3 there already" in run(file, "--duplicates", "keep").output
    assert texts(database, alice) == ["tea", "milk", "tea", "milk", "tea"]


def test_a_text_is_kept_from_a_later_line_where_the_first_is_refused(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    file = written(tmp_path / "a.jsonl", {"content": "tea", "importance": 7}, {"content": "tea"})
    assert "1 kept, 0 there already, 1 left out." in run(file).output
    assert texts(database, alice) == ["tea"]


def test_what_was_forgotten_is_kept_anew(
    run: Run, database: Database, alice: UUID, tmp_path: Path
) -> None:
    with database.acting(alice) as db:
        db.execute("select memoriesdb.forget(memoriesdb.remember('tea'))")
    assert "1 kept" in run(written(tmp_path / "a.jsonl", {"content": "tea"})).output


@pytest.mark.parametrize("gone", ["forget", "erase"])
def test_what_an_import_brought_and_is_gone_is_kept_anew(
    run: Run, database: Database, alice: UUID, tmp_path: Path, gone: str
) -> None:
    file = written(tmp_path / "a.jsonl", {"content": "tea"})
    assert "1 kept" in run(file).output
    with database.acting(alice) as db:
        db.execute(f"select memoriesdb.{gone}(id) from memoriesdb.memories".encode())
    assert "1 kept, 0 there already" in run(file).output


def test_standard_input_is_read(run: Run, database: Database, alice: UUID) -> None:
    assert run("-", stdin=b'{"content": "tea"}\n').exit_code == 0
    assert run("-", "--format", "csv", stdin=b"content\nmilk\n").exit_code == 0
    assert texts(database, alice) == ["tea", "milk"]


def test_no_such_file_and_no_such_user_are_two_lines(run: Run, tmp_path: Path) -> None:
    missing = run(tmp_path / "none.jsonl")
    assert missing.exit_code == 2
    assert "what to do next: give a file" in missing.output
    assert run(tmp_path).exit_code == 2
    file = written(tmp_path / "a.jsonl", {"content": "tea"})
    stranger = run(file, "--user", "nobody")
    assert "nobody has the name 'nobody'" in stranger.output


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("duplicates", ["skip", "keep"])
def test_an_import_that_was_stopped_goes_on(
    run: Run,
    database: Database,
    alice: UUID,
    tmp_path: Path,
    stop: signal.Signals,
    duplicates: str,
) -> None:
    items = [{"content": f"note {n}"} for n in range(2000)]
    file = written(tmp_path / "a.jsonl", *items)
    options = ("--batch", "20", "--duplicates", duplicates)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "memoriesdb", "import", str(file), "--user", "alice"),
            *(*options, "--dsn", database.dsn("app")),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    watcher = database.superuser()
    while not one(watcher, "select exists (select from memoriesdb.memories)"):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(stop)
    said = process.communicate()[1]
    if stop == signal.SIGINT:
        assert process.returncode in (130, 5)
        assert b"Traceback" not in said
    before = len(texts(database, alice))
    assert 0 < before < 2000
    assert run(file, *options).exit_code == 0
    assert texts(database, alice) == [item["content"] for item in items]


ITEMS = st.lists(
    st.fixed_dictionaries(
        {"content": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))},
        optional={
            "stream": st.sampled_from(["a", "b"]),
            "importance": st.floats(0, 1, width=16),
            "metadata": st.dictionaries(st.sampled_from("xyz"), st.integers(-5, 5)),
        },
    ),
    max_size=8,
)


@settings(max_examples=100)
@given(ITEMS)
def test_what_is_written_is_what_is_read(items: list[dict[str, Any]]) -> None:
    lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items)
    found = list(read(io.BytesIO(lines.encode()), "jsonl"))
    assert [line.item for line in found] == items
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, ["content", "stream", "importance", "metadata"])
    writer.writeheader()
    for item in items:
        given = {**item, "metadata": json.dumps(item["metadata"])} if "metadata" in item else item
        writer.writerow(given)
    rows = list(read(io.BytesIO(table.getvalue().encode()), "csv"))
    for item, line in zip(items, rows, strict=True):
        if not item["content"]:
            assert line.problem == "it has no content"
            continue
        expected = {**item, "importance": str(item["importance"])} if "importance" in item else item
        assert line.item == expected


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200), st.sampled_from(["jsonl", "csv"]))
def test_no_bytes_break_the_reader(data: bytes, form: Any) -> None:
    for line in read(io.BytesIO(data), form):
        assert bool(line.item) != bool(line.problem)
        assert line.number >= 1
