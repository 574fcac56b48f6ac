"""The examples of the how-tos do what they say, one block after another, through PgBouncer."""

import re
from pathlib import Path

import pytest

from acting import Database

DOCS = Path(__file__).parents[2] / "docs" / "how-to"
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.M | re.S)


@pytest.mark.parametrize("name", ["use-from-python", "use-with-sqlalchemy"])
def test_the_examples_run_and_print_what_is_shown(
    database: Database,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for role in ("admin", "app"):
        monkeypatch.setenv(f"MEMORIESDB_{role.upper()}_DSN", database.dsn(role))
    text = (DOCS / f"{name}.md").read_text()
    names: dict[str, object] = {"__name__": "example"}
    printed = ""
    shown = 0
    for kind, block in BLOCK.findall(text):
        if kind == "text":
            assert printed == block
            shown += 1
            printed = ""
        else:
            assert printed == "", "what is printed is shown"
            exec(compile(block, f"{name}.md", "exec"), names)
            printed = capsys.readouterr().out
    assert shown >= 4
    assert printed == ""
