"""`memoriesdb export`, and `memoriesdb import` of what it wrote."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from typer.testing import CliRunner, Result

import memoriesdb
from acting import Database, one
from bulk.exports import (
    edges,
    exported,
    imported,
    lines,
    sealed,
    states,
    with_history,
    written,
)
from memoriesdb.bulk.exporter import Exporter
from memoriesdb.cli import app

Run = Callable[..., Result]
PROGRAM = [sys.executable, "-m", "memoriesdb"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, database: Database, alice: UUID) -> Run:
    monkeypatch.setenv("MEMORIESDB_APP_DSN", database.dsn("app"))
    monkeypatch.delenv("MEMORIESDB_TOKEN", raising=False)

    def call(*arguments: object, stdin: bytes | None = None, code: int = 0) -> Result:
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
        assert result.exit_code == code, result.output
        return result

    return call


def environment(database: Database) -> dict[str, str]:
    return {**os.environ, "MEMORIESDB_APP_DSN": database.dsn("app")}


def test_an_owner_comes_back_whole(
    run: Run, database: Database, alice: UUID, bob: UUID, tmp_path: Path
) -> None:
    with_history(database, alice)
    file = tmp_path / "a.jsonl"
    assert "3 memories exported with 5 former versions, 2 links and 0 embeddings." in (
        run("export", file, "--user", "alice").output
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
    said = run("import", file, "--user", "bob").output
    assert "4 kept with 2 links and 0 embeddings, 0 there already, 0 left out." in said
    assert states(database, bob) == states(database, alice)
    assert edges(database, bob) == edges(database, alice)
    # The states are what they are thought to be.
    assert [row[1] for row in states(database, alice)] == [1, 2, 3, 1, 2, 1, 2, 1]
    said = run("import", file, "--user", "bob").output
    assert "0 kept with 0 links and 0 embeddings, 4 there already, 0 left out." in said
    assert len(states(database, bob)) == len(states(database, alice))


def test_each_line_says_what_it_is(database: Database, alice: UUID) -> None:
    with_history(database, alice)
    data = exported(database, alice)
    found = lines(data)
    head, end = found[0], found[-1]
    assert list(head)[:3] == ["type", "format", "version"]
    assert (head["format"], head["version"]) == ("memoriesdb-export", 1)
    assert head["owner"] == {"id": str(alice), "username": "alice"}
    assert end["counts"] == {"memories": 3, "versions": 5, "edges": 2, "embeddings": 0}
    assert end["sha256"] == sha256(data[: data.rindex(b"\n", 0, -1) + 1]).hexdigest()
    present = [line for line in found if line["type"] == "memory"]
    assert [line["content"] for line in present] == [
        "tea at five",
        "Grüße, 世界\n\u2028",
        "a secret",
    ]
    assert present[0]["metadata"]["none"] is None
    assert b"12345678901234567890.10" in data
    (deleted,) = (line for line in found if line.get("operation") == "DELETE")
    assert deleted["content"] == "gone for good"


def test_what_others_share_is_not_exported(database: Database, alice: UUID, bob: UUID) -> None:
    memory_id = database.remember(bob, "hers to read")
    with database.acting(bob) as db:
        db.execute("select memoriesdb.share(%s, %s, 'write')", (memory_id, alice))
    with database.acting(alice) as db:
        assert one(db, "select count(*) from memoriesdb.memories") == 1
    assert [line["type"] for line in lines(exported(database, alice))] == ["header", "end"]


def test_an_owner_of_nothing(run: Run, database: Database, bob: UUID, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    run("export", file, "--user", "alice")
    assert "0 kept with 0 links" in run("import", file, "--user", "bob").output
    assert states(database, bob) == []


def test_it_is_entered_into_the_access_log(database: Database, alice: UUID) -> None:
    with_history(database, alice)
    exported(database, alice)
    with database.acting(alice) as db:
        query = "select outcome, result_count from memoriesdb.access_log where action = 'export'"
        assert db.execute(query).fetchall() == [("answered", 3)]


def test_everything_is_of_one_moment(database: Database, alice: UUID) -> None:
    with_history(database, alice)
    before = states(database, alice), edges(database, alice)

    class Sink:
        """Writes to the database after the first line, as somebody else would."""

        data = b""

        def write(self, data: bytes) -> None:
            if not self.data:
                with database.acting(alice) as db:
                    db.execute("update memoriesdb.memories set content = 'another'")
                    db.execute("delete from memoriesdb.memory_edges")
                database.remember(alice, "a new one")
            self.data += data

        def flush(self) -> None:
            pass

    sink: Any = Sink()
    level = psycopg.IsolationLevel.REPEATABLE_READ
    with (
        memoriesdb.connect(database.dsn("app"), isolation_level=level) as client,
        client.as_user(alice) as me,
    ):
        Exporter(me, sink).run(lambda written, lines: None)
    assert states(database, alice) != before[0]
    carol = database.create_user("carol")
    imported(database, carol, sink.data)
    assert (states(database, carol), edges(database, carol)) == before


def test_who_may_not_is_told_so(
    run: Run, monkeypatch: pytest.MonkeyPatch, database: Database, alice: UUID, tmp_path: Path
) -> None:
    with_history(database, alice)
    file = written(tmp_path / "in.jsonl", exported(database, alice))
    monkeypatch.setenv("MEMORIESDB_APP_DSN", database.dsn("client"))
    targets = {"import": file, "export": tmp_path / "out.jsonl"}
    users = {role: database.create_user(f"the {role}", role) for role in ("viewer", "admin")}
    users["user"] = database.create_user("carol")
    for role, scopes, command in (
        ("user", ["write"], "export"),
        ("user", ["read"], "import"),
        ("user", ["write"], "import"),
        ("viewer", ["read"], "import"),
        ("admin", ["read", "admin"], "export"),
    ):
        token = database.issue_token(users[role], scopes=scopes)
        monkeypatch.setenv("MEMORIESDB_TOKEN", token)
        assert "[MD004]" in run(command, targets[command], code=1).output
        assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]
    assert states(database, users["user"]) == []
    # Negative control: one who may.
    token = database.issue_token(users["user"], scopes=["read", "write"])
    monkeypatch.setenv("MEMORIESDB_TOKEN", token)
    run("import", file)
    run("export", targets["export"])
    assert states(database, users["user"]) == states(database, alice)


def test_no_such_user_and_no_such_folder(run: Run, tmp_path: Path) -> None:
    said = run("export", tmp_path / "a.jsonl", "--user", "nobody", code=1).output
    assert "nobody has the name 'nobody'" in said
    said = run("export", tmp_path / "none" / "a.jsonl", "--user", "alice", code=2).output
    assert "what to do next: give a file in a folder that is there" in said
    assert list(tmp_path.iterdir()) == []


def truncated(data: bytes) -> list[bytes]:
    whole = data.splitlines(keepends=True)
    return [
        whole[0],
        b"".join(whole[:-1]),
        b"".join(whole[:3]),
        data[: len(data) // 2],
        data[:-2],
        data[:-80],
    ]


def test_what_is_cut_off_is_refused(run: Run, database: Database, alice: UUID, bob: UUID) -> None:
    with_history(database, alice)
    data = exported(database, alice)
    for part in truncated(data):
        said = run("import", "-", "--user", "bob", stdin=part, code=1).output
        assert "the export is cut off" in said
        assert "what to do next: nothing was imported" in said
    assert states(database, bob) == []
    # All but the last line's end is whole.
    run("import", "-", "--user", "bob", stdin=data[:-1])
    assert states(database, bob) == states(database, alice)


def test_what_was_changed_is_refused(run: Run, database: Database, alice: UUID, bob: UUID) -> None:
    with_history(database, alice)
    data = exported(database, alice)
    whole = data.splitlines(keepends=True)
    for damaged, said in (
        (data.replace(b"tea at four", b"tea at five"), "its SHA-256 or its counts"),
        (data.replace(b'"version" : 1', b'"version" ; 1', 1), "line 2 is no JSON object"),
        (data.replace("世".encode(), b"\xff"), "is no JSON object"),
        (b"".join([*whole[:2], *whole[3:]]), "its SHA-256 or its counts"),
        (b"".join([whole[0], whole[2], whole[1], *whole[3:]]), "its SHA-256 or its counts"),
        (data.replace(b'"sha256": "', b'"sha256": "0'), "its SHA-256 or its counts"),
        (data.replace(b'"memories": 3', b'"memories": 4', 1), "its SHA-256 or its counts"),
        (data + data, "its SHA-256 or its counts"),
    ):
        assert damaged != data
        result = run("import", "-", "--user", "bob", stdin=damaged, code=1)
        assert "the export was changed or damaged" in result.output
        assert said in result.output
    result = run("import", "-", "--user", "bob", stdin=data + b"{}\n", code=1)
    assert "the export is cut off: line 13" in result.output
    assert states(database, bob) == []


def test_another_version_and_no_export_at_all(run: Run, database: Database, alice: UUID) -> None:
    with_history(database, alice)
    head, *others = lines(exported(database, alice))
    later = sealed([{**head, "version": 2}, *others])
    said = run("import", "-", "--user", "alice", stdin=later, code=1).output
    assert "the export has version 2, and this program reads 1" in said
    said = run(
        "import", "-", "--format", "export", "--user", "alice", stdin=b'{"content": "x"}\n', code=1
    ).output
    assert "this is no export" in said
    assert (
        "this is no export"
        in run("import", "-", "--format", "export", "--user", "alice", stdin=b"", code=1).output
    )


FORGED: list[tuple[dict[str, Any], str]] = [
    ({"type": "thing"}, "line 3 is not as an export has it: KeyError: 'thing'"),
    ({"id": "x"}, "line 3 is not as an export has it: ValueError"),
    ({"content": None}, "has no text"),
    ({"content": " "}, "line 2 is left out: content is empty [MD101]"),
    ({"kind": "Two Words"}, "line 2 is left out: invalid kind [MD103]"),
    ({"importance": 2}, "line 2 is left out: importance is out of range [MD105]"),
    ({"importance": "much"}, "line 2 is left out: invalid input syntax for type real"),
    ({"trust": 0.9, "trust_limit": 0.5}, "[MD205]"),
    ({"metadata": [1]}, "[MD104]"),
    ({"occurred_at": "yesteryear"}, "line 2 is left out: invalid input syntax"),
    ({"content": "a\0b"}, "[22021]"),
    ({"content": "\ud800"}, "[22021]"),
]


def test_a_forged_line_is_told(run: Run, database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, "tea at four")
    other_id = database.remember(alice, "milk")
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set stream = 'chat' where id = %s", (memory_id,))
        db.execute("select memoriesdb.link(%s, %s)", (memory_id, other_id))
    found = lines(exported(database, alice))
    assert found[2]["id"] == str(memory_id)
    for number, (change, said) in enumerate(FORGED):
        user_id = database.create_user(f"user-{number}")
        forged = sealed([*found[:2], {**found[2], **change}, *found[3:]])
        output = run("import", "-", "--user", f"user-{number}", stdin=forged, code=1).output
        assert said in output
        texts = [row[4] for row in states(database, user_id)]
        if "is left out" in output:
            # The one is left out with its history and its link, the other is there.
            assert "1 kept with 0 links" in output
            assert "2 left out." in output
            assert "a memory that it links was left out" in output
            assert texts == ["milk"]
        else:
            assert texts == []


def test_a_history_without_its_beginning(database: Database, alice: UUID, bob: UUID) -> None:
    memory_id = database.remember(alice, "tea")
    with database.acting(alice) as db:
        db.execute("select memoriesdb.forget(%s)", (memory_id,))
    head, _, present, end = lines(exported(database, alice))
    head["counts"]["versions"] = end["counts"]["versions"] = 0
    pruned = sealed([head, present, end])
    for kept in (1, 0):
        assert imported(database, bob, pruned).kept == kept
    with database.acting(bob) as db:
        same = "select count(*) from memoriesdb.memories where forgotten_at = %s::timestamptz"
        assert one(db, same, present["forgotten_at"]) == 1


def test_a_pipe_from_one_to_the_other(
    database: Database, alice: UUID, bob: UUID, tmp_path: Path
) -> None:
    with_history(database, alice)
    source = subprocess.Popen(
        [*PROGRAM, "export", "--user", "alice"],
        env=environment(database), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    target = subprocess.run(
        [*PROGRAM, "import", "-", "--user", "bob"],
        env=environment(database), stdin=source.stdout, capture_output=True, check=False,
    )  # fmt: skip
    assert b"3 memories exported" in source.communicate()[1]
    assert (source.returncode, target.returncode) == (0, 0), target.stderr
    assert b"4 kept" in target.stdout
    assert states(database, bob) == states(database, alice)


def test_a_reader_that_has_enough(database: Database, alice: UUID) -> None:
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select repeat('tea ', 5000) from generate_series(1, 50)"
        )
    process = subprocess.Popen(
        [*PROGRAM, "export", "--user", "alice"],
        env=environment(database), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout
    assert process.stderr
    assert process.stdout.readline().startswith(b'{"type": "header"')
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert b"Traceback" not in said
    assert b"exported" not in said


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_an_export_that_was_stopped_leaves_the_former_one(
    database: Database, alice: UUID, tmp_path: Path, stop: signal.Signals
) -> None:
    with_history(database, alice)
    file = written(tmp_path / "a.jsonl", b"the former one")
    lock = database.connect("superuser")
    lock.execute("lock table memoriesdb.memory_edges in access exclusive mode")
    process = subprocess.Popen(
        [*PROGRAM, "export", str(file), "--user", "alice"],
        env=environment(database), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    watcher = database.superuser()
    while not one(
        watcher,
        "select exists (select from pg_locks where not granted "
        "and relation = 'memoriesdb.memory_edges'::regclass)",
    ):
        assert process.poll() is None
        time.sleep(0.01)
    parts = list(tmp_path.glob(".a.jsonl.*.part"))
    assert len(parts) == 1
    process.send_signal(stop)
    said = process.communicate()[1]
    lock.rollback()
    assert file.read_bytes() == b"the former one"
    if stop == signal.SIGINT:
        assert process.returncode == 130
        assert b"nothing was written to the file" in said
        assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]
    else:
        # What is left has no end, and another name.
        assert b'"end"' not in parts[0].read_bytes()


def test_a_full_disk_is_told(run: Run, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    said = run("export", "/dev/full", "--user", "alice", code=1).output
    assert "what to do next" in said


def test_an_import_that_was_killed_goes_on(
    database: Database, alice: UUID, bob: UUID, tmp_path: Path
) -> None:
    with database.acting(alice) as db:
        db.execute(
            "insert into memoriesdb.memories (content) "
            "select 'note ' || n % 300 from generate_series(1, 500) as n"
        )
        db.execute("update memoriesdb.memories set trust = 0.25 where content like '%%7'")
        db.execute("delete from memoriesdb.memories where content like '%%8'")
        db.execute("update memoriesdb.memories set forgotten_at = now() where content like '%%7'")
        db.execute(
            "insert into memoriesdb.memory_edges (source_id, target_id, relation) "
            "select id, lead(id) over (order by seq), 'derived_from' from memoriesdb.memories "
            "order by seq limit 300"
        )
    file = written(tmp_path / "a.jsonl", exported(database, alice))
    options = [str(file), "--user", "bob", "--batch", "10"]
    process = subprocess.Popen(
        [*PROGRAM, "import", *options],
        env=environment(database), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    watcher = database.superuser()
    begun = "select exists (select from memoriesdb.memories where owner_id = %s)"
    while not one(watcher, begun, bob):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.communicate()
    half = len(states(database, bob))
    assert 0 < half < len(states(database, alice))
    result = subprocess.run(
        [*PROGRAM, "import", *options], env=environment(database), capture_output=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert b" 0 left out." in result.stdout
    assert states(database, bob) == states(database, alice)
    assert edges(database, bob) == edges(database, alice)


def test_what_was_changed_since_stays_and_what_was_deleted_comes_back(
    database: Database, alice: UUID, bob: UUID
) -> None:
    for text in ("kept", "edited", "forgotten", "deleted", "erased"):
        database.remember(alice, text)
    export = exported(database, alice)
    imported(database, bob, export)
    with database.acting(bob) as db:
        db.execute("update memoriesdb.memories set content = 'new' where content = 'edited'")
        db.execute("delete from memoriesdb.memories where content = 'deleted'")
        db.execute(
            "select memoriesdb.forget(id) from memoriesdb.memories where content = 'forgotten'"
        )
        db.execute("select memoriesdb.erase(id) from memoriesdb.memories where content = 'erased'")
    again = imported(database, bob, export)
    assert (again.kept, again.known) == (2, 3)
    with database.acting(bob) as db:
        texts = db.execute("select content from memoriesdb.memories order by seq").fetchall()
        assert texts == [("kept",), ("new",), ("forgotten",), ("deleted",), ("erased",)]


def test_equal_memories_come_as_often_as_they_are_there(
    database: Database, alice: UUID, bob: UUID
) -> None:
    with database.acting(alice) as db:
        for _ in range(3):
            db.execute("select memoriesdb.remember('tea', occurred_at => '2026-01-01Z')")
        db.execute("update memoriesdb.memories set content = 'milk' where seq = (select max(seq) "
                   "from memoriesdb.memories)")  # fmt: skip
    export = exported(database, alice)
    for kept in (3, 0):
        assert imported(database, bob, export, batch_size=1).kept == kept
    assert states(database, bob) == states(database, alice)


def test_a_held_memory_is_not_deleted_by_an_import(
    run: Run, database: Database, alice: UUID, bob: UUID
) -> None:
    with_history(database, alice)
    database.administer("hold(%s, 'a lawsuit')", bob)
    said = run("import", "-", "--user", "bob", stdin=exported(database, alice), code=1).output
    # It may neither be forgotten nor expire earlier, either; and two links are of these.
    assert said.count("[MD204]") == 3
    assert "1 kept with 0 links" in said
    assert "5 left out" in said


def test_the_limit_of_trust_comes_along(database: Database, alice: UUID, bob: UUID) -> None:
    memory_id = database.remember(alice, "a rumour")
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set trust = 0.25")
        db.execute("select memoriesdb.share(%s, %s)", (memory_id, bob))
    with database.acting(bob) as db:
        db.execute("select memoriesdb.acquire(%s)", (memory_id,))
    carol = database.create_user("carol")
    imported(database, carol, exported(database, bob))
    with database.acting(carol) as db:
        query = "select trust, trust_limit, origin_id from memoriesdb.memories"
        assert db.execute(query).fetchall() == [(0.25, 0.25, None)]
        with pytest.raises(psycopg.DatabaseError) as caught:
            db.execute("update memoriesdb.memories set trust = 0.5")
        db.rollback()
    assert caught.value.sqlstate == "MD205"


def test_duplicates_are_not_to_be_kept_of_an_export(
    run: Run, database: Database, alice: UUID
) -> None:
    data = exported(database, alice)
    options = ("--duplicates", "keep", "--user", "alice")
    said = run("import", "-", *options, stdin=data, code=2).output
    assert "--duplicates keep is not for exports" in said


def test_json_lines_are_json_lines_still(run: Run, database: Database, alice: UUID) -> None:
    data = b'{"content": "tea"}\n{"content": "milk"}\n'
    assert "2 kept" in run("import", "-", "--user", "alice", stdin=data).output
    with database.acting(alice) as db:
        found = db.execute("select content from memoriesdb.memories order by seq").fetchall()
    assert found == [("tea",), ("milk",)]
    head = exported(database, alice).splitlines()[0]
    said = run("import", "-", "--format", "jsonl", "--user", "alice", stdin=head, code=1).output
    assert 'unknown key "type"' in said
