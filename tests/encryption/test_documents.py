"""The how-to does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import memoriesdb
from acting import Database

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "encrypt-contents.md"
BLOCK = re.compile(r"^```(python|text|sh)\n(.*?)^```$", re.M | re.S)


def test_the_examples_run_and_print_what_is_shown(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    database.create_user("ada")
    provider = f"keyring:{tmp_path}/.config/memoriesdb/keyring.json"
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for name, value in {
        "HOME": str(tmp_path),
        "PATH": programs,
        "MEMORIESDB_APP_DSN": database.dsn("app"),
        "MEMORIESDB_KEY_PROVIDER": provider,
    }.items():
        monkeypatch.setenv(name, value)
    names: dict[str, object] = {"__name__": "example"}
    printed = ""
    ran = 0
    for kind, block in BLOCK.findall(PAGE.read_text()):
        # What needs a Vault, a model, or was shown to be refused before, is not run.
        if kind == "text" and printed:
            assert printed == block
            printed = ""
        elif kind == "python":
            assert printed == ""
            exec(compile(block, PAGE.name, "exec"), names)
            printed = capsys.readouterr().out
        elif kind == "sh" and "vault:" not in block:
            for line in block.splitlines():
                command = line + " --yes" * (" drop " in line)
                done = subprocess.run(
                    ["sh", "-c", command], capture_output=True, text=True, check=False
                )
                refused = " drop " in line and "--shred" not in line
                assert done.returncode == int(refused), done.stderr
                ran += 1
    client = names["client"]
    assert isinstance(client, memoriesdb.Client)
    client.close()
    assert printed == ""
    assert ran >= 9
