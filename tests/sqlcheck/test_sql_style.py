"""The layout of sql/, where a linter does not see it: one function a file, its header first."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from memoriesdb.installer.sources import SQL

FILES = sorted(SQL.rglob("*.sql"))
# Other names of built-in functions: without a body, or a search_path that would slow them down.
ALIASES = {"_gate_equal", "_gate_position"}
FUNCTIONS = sorted(path for path in (SQL / "functions").rglob("*.sql") if path.stem not in ALIASES)
HEADER = re.compile(
    r"""
    (--[ ].*\n)*
    create[ ]or[ ]replace[ ]function[ ](?P<name>[\w.]+)\([^$]*?\)\n
    returns[ ][^$]+?\n
    language[ ](?P<language>sql|plpgsql|plpython3u)\n
    (?:immutable|stable|volatile)\n
    parallel[ ](?:safe|restricted|unsafe)\n
    security[ ](?P<security>invoker|definer)(?P<reason>[ ]--[ ].+)?\n
    set[ ]search_path[ ]=[ ]pg_catalog,[ ]pg_temp\n
    (?:(?:--[ ].+|set[ ]\w+[ ]=[ ].+)\n)*
    as[ ]\$(?P<tag>function|python)\$\n
    (?P<body>(?:.|\n)*)
    \$(?P=tag)\$;\n
    (?P<rest>(?:.|\n)*)
    """,
    re.X,
)
# What PostgreSQL's own documentation writes in capitals, and this house in lower case.
SHOUTED = re.compile(
    r"\b(SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|BEGIN|END|DECLARE|RETURN|IF|THEN|ELSE|LOOP|AND|OR"
    r"|NOT|NULL|TRUE|FALSE|JOIN|ON|GROUP|ORDER|BY|LIMIT|CREATE|ALTER|GRANT|REVOKE|SET|AS)\b"
)


def _name(path: Path) -> str:
    return path.relative_to(SQL).as_posix()


def _without_texts(text: str) -> str:
    """Leave out comments and quoted texts, which are prose."""
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", text)


@pytest.mark.parametrize("path", FUNCTIONS, ids=_name)
def test_a_file_is_one_function_with_its_header_first_and_its_rights(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = HEADER.fullmatch(text)
    assert found, "comment, create, returns, language, volatility, parallel, security, search_path"
    schema, _, name = found["name"].partition(".")
    assert name == path.name.split(".")[0], "the file is named as its function"
    assert text.count("create or replace function") == 1
    assert found["tag"] == ("python" if found["language"] == "plpython3u" else "function")
    assert found["security"] == "invoker" or found["reason"], "say why it is a definer"
    signature = r"[ ]function[ ]" + re.escape(found["name"]) + r"\([^;]*?\)\s+"
    rest = found["rest"]
    if schema == "memoriesdb":
        owner = r"memoriesdb_(definer|owner|signer|eraser)"
        assert re.search(rf"^alter{signature}owner\s+to\s+{owner};", rest, re.M)
    assert re.search(rf"^revoke all on{signature}from\s+public;", rest, re.M)
    assert re.search(rf"^comment on{signature}is\n'", rest, re.M)
    statements = [part.split()[0] for part in _without_texts(rest).split(";") if part.strip()]
    assert set(statements) <= {"alter", "revoke", "grant", "comment"}


@pytest.mark.parametrize("path", FUNCTIONS, ids=_name)
def test_bodies_are_short_and_lower_case(path: Path) -> None:
    found = HEADER.fullmatch(path.read_text(encoding="utf-8"))
    assert found
    body = found["body"]
    if found["language"] == "plpython3u":
        # A server compiles it at its first call only.
        compile("def body():\n" + textwrap.indent(body, "    "), str(path), "exec")
    else:
        assert SHOUTED.findall(_without_texts(body)) == []
    assert len(body.splitlines()) <= LONG.get(path.stem, 80), "think again at 80 lines"


# Longer ones, and why.
LONG = {
    "_gather": 660,  # one statement and so one snapshot: each arm, filters, neighbours in streams
    "_fuse": 210,  # one statement: each step reads the one before it, with what it is told of it
    "_erasure_probes": 100,  # one look at the catalogue: what is sought where, and what may stay
    "claim_embeddings": 130,  # one statement: the walk round the owners, locks, the claim
    "tg_memories__stamp": 130,  # all that a memory's own columns must be, in line for each row
    "_write_audit": 105,  # one entry, as most writes make, and many: two ways of the same
    "transfer": 90,  # two owners' rows in one place, where they can be read together
    "complete_embeddings": 130,  # each way that an answer can be wrong
    "maintain_audit_partitions": 90,  # all that a partition needs, in the order that locks least
}


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_lines_fit_and_end_where_they_end(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    assert [
        line for line in lines if len(line) > 100 or line != line.rstrip() or "\t" in line
    ] == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_sqruff_has_no_findings_and_parses_all() -> None:
    """What sqruff cannot parse it would not lint; without the option it says nothing of that."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "sqruff"), "lint", "--parsing-errors", "sql"],
        check=False,
        capture_output=True,
        text=True,
        cwd=SQL.parent,
    )
    said = done.stdout + done.stderr
    assert (done.returncode, "FAIL" in said) == (0, False), said
    assert f"processed {len(FILES)} file" in said


def test_sqruff_would_find_faults(tmp_path: Path) -> None:
    (tmp_path / "bad.sql").write_text("SELECT a\nfrom where;\n")
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "sqruff"), "lint", "--parsing-errors"),
            *("--config", str(SQL.parent / ".sqruff"), "bad.sql"),
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert "CP01" in said
    assert "Unparsable" in said
