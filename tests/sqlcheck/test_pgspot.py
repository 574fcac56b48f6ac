"""pgspot over the printed install script: nothing in it can be taken over by another schema."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from memoriesdb.installer import script
from memoriesdb.installer.sources import Target

# What is not looked at, and why.
IGNORED = (
    # CREATE SCHEMA IF NOT EXISTS: the statement after it refuses a schema of another owner
    # (test_a_schema_that_somebody_else_has_made_is_refused).
    "--ignore=PS010",
    # Python bodies are compiled by the style tests; what they import is under mypy and pytest.
    "--ignore-lang=plpython3u",
)
ELSEWHERE = tuple((name, "extensions") for name, _ in Target().extension_schemas)


def _pgspot(sql: str, directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    file = directory / "install.sql"
    file.write_text(sql, encoding="utf-8")
    return subprocess.run(
        [str(Path(sys.executable).parent / "pgspot"), *options, str(file)],
        check=False,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    "target",
    [
        Target(),
        replace(Target(), plpython=False),
        replace(Target(), plpython=False, superuser=False),
        replace(Target(), server_version=18),
        replace(Target(), extension_schemas=ELSEWHERE),
    ],
    ids=["default", "without plpython", "without superuser", "18", "extensions elsewhere"],
)
def test_the_install_script_has_no_findings(target: Target, tmp_path: Path) -> None:
    done = _pgspot(script(target), tmp_path, *IGNORED)
    assert done.stdout.split() == ["Errors:", "0", "Warnings:", "0", "Unknown:", "0"]
    # A body that its parser does not understand is a body that was not looked at.
    assert done.stderr.strip() == ""
    assert done.returncode == 0


def test_what_is_ignored_is_still_there(tmp_path: Path) -> None:
    found = _pgspot(script(), tmp_path).stdout
    assert "PS010" in found
    assert "plpython3u" in found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("set search_path = pg_catalog, pg_temp\n", ""), "PS003"),
        (("set local search_path = pg_catalog, pg_temp;", ""), "PS017"),
    ],
)
def test_an_unsafe_script_would_be_found(
    change: tuple[str, str], code: str, tmp_path: Path
) -> None:
    text = script()
    assert change[0] in text
    done = _pgspot(text.replace(*change), tmp_path, *IGNORED)
    assert code in done.stdout
    assert done.returncode != 0
