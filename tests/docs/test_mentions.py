"""The functions, commands and variables that the documents name are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

import memoriesdb
from memoriesdb.cli import app
from memoriesdb.config import WorkerSettings

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "reference"),
]
FENCED = re.compile(r"^( *)```.*?\n(.*?)^\1```", re.S | re.M)


def _documents() -> pytest.MarkDecorator:
    names = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
    return pytest.mark.parametrize("path", DOCUMENTS, ids=names)


def _commands(command: Any) -> set[str]:
    """Return the commands, with those of groups written as two words."""
    found = set()
    for name, child in getattr(command, "commands", {}).items():
        inner = _commands(child)
        found |= {f"{name} {word}" for word in inner} or {name}
    return found


def _unknown_functions(text: str) -> set[str]:
    functions = {path.stem for path in (ROOT / "sql" / "functions").rglob("*.sql")}
    named = set(re.findall(r"\bmemoriesdb\.(\w+)\(", text))
    return named - functions - set(memoriesdb.__all__)


def _unknown_commands(text: str) -> set[str]:
    known = _commands(typer.main.get_command(app))
    blocks = "\n".join(block for _, block in FENCED.findall(text))
    blocks = re.sub(r"<<'?(\w+)'?\n.*?^\s*\1$", "", blocks, flags=re.S | re.M)
    named = set()
    for line in re.findall(
        r"^\s*(?:\$ )?(?:[A-Z]+=\S+ )*(?:\S*/)?memoriesdb ([a-z].*)$", blocks, re.M
    ):
        words = line.split()
        named.add(words[0] if words[0] in known else " ".join(words[:2]))
    return named - known


def _unknown_variables(text: str) -> set[str]:
    known = {f"MEMORIESDB_{name.upper()}" for name in WorkerSettings.model_fields}
    # An example's own.
    known |= set(re.findall(r"os\.environ\[\"(\w+)\"\]", text))
    for folder in ("workers", "docker", "tests"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc" and path != Path(__file__):
                source = path.read_text(encoding="utf-8", errors="ignore")
                known |= set(re.findall(r"\bMEMORIESDB_[A-Z_]*[A-Z]\b", source))
    return set(re.findall(r"\bMEMORIESDB_[A-Z_]*[A-Z]\b", text)) - known


@_documents()
def test_functions_are_there(path: Path) -> None:
    assert _unknown_functions(path.read_text(encoding="utf-8")) == set()


@_documents()
def test_commands_are_there(path: Path) -> None:
    assert _unknown_commands(path.read_text(encoding="utf-8")) == set()


@_documents()
def test_variables_are_there(path: Path) -> None:
    assert _unknown_variables(path.read_text(encoding="utf-8")) == set()


def test_what_is_not_there_is_noticed() -> None:
    text = "`memoriesdb.no_such(…)` MEMORIESDB_NO_SUCH\n```sh\nA=b memoriesdb no such\n```\n"
    assert _unknown_functions(text) == {"no_such"}
    assert _unknown_commands(text) == {"no such"}
    assert _unknown_variables(text) == {"MEMORIESDB_NO_SUCH"}
