"""Named SQL files: commented, loadable, without a statement in Python."""

import ast
import re
from importlib import resources
from pathlib import Path

import pytest

from memoriesdb import queries
from memoriesdb.queries import Query, loader


def names() -> list[str]:
    """All of them, those in subdirectories with their directory's name."""
    top = Path(str(resources.files("memoriesdb.queries")))
    return sorted(file.relative_to(top).with_suffix("").as_posix() for file in top.rglob("*.sql"))


@pytest.mark.parametrize("name", names())
def test_each_file_says_what_it_does_and_holds_a_statement(name: str) -> None:
    query = loader.load(name, str)
    assert len(query.doc) > 20
    assert not query.sql.startswith(b"--")
    assert not query.sql.endswith(b";")


def test_the_workers_queries_are_functions_and_views_of_the_schema() -> None:
    loaded = [value for value in vars(queries).values() if isinstance(value, Query)]
    assert len(loaded) >= 10
    for query in loaded:
        from_function = rb"(memoriesdb|pg_catalog)\.\w+\("
        assert re.search(rb"%b|memoriesdb\.ledger_status" % from_function, query.sql), query.name


def test_a_file_without_comment_or_statement_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bare.sql").write_text("select 1;\n")
    (tmp_path / "empty.sql").write_text("-- Says much, does nothing.\n")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    for name in ("bare", "empty"):
        with pytest.raises(ValueError, match=f"{name}.sql needs a comment"):
            loader.load(name, int)


def test_python_of_the_workers_holds_no_sql() -> None:
    statement = re.compile(r"\s*(select|insert|update|delete|with|set|call|refresh)\s", re.I)
    for package in ("queries", "workers"):
        directory = Path(str(resources.files("memoriesdb").joinpath(package)))
        for file in directory.glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call):
                    strings = [a.value for a in node.args if isinstance(a, ast.Constant)]
                    found = [s for s in strings if isinstance(s, str) and statement.match(s)]
                    assert not found, file.name
