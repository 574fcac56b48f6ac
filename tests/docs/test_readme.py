"""The SQL of the README works as it stands, pasted whole."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from uuid import UUID

from acting import Database, one

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"^```sql\n(.*?)^```$", re.M | re.S)


def test_the_first_block_of_sql_does_what_it_shows_when_pasted_whole(database: Database) -> None:
    ada, ben = database.create_user("ada"), database.create_user("ben")
    block = BLOCK.findall(README.read_text(encoding="utf-8"))[0]
    pasted = subprocess.run(
        ["psql", "-X", "-At", database.dsn("app")],
        input=block,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert pasted.stderr == ""
    assert pasted.stdout.splitlines()[-1] == "COMMIT"
    db = database.superuser()
    written = "select count(*) from memoriesdb.memories where owner_id = %s"
    assert [one(db, written, user) for user in (ada, ben)] == [1, 1]
    given = one(db, "select id from memoriesdb.memories where owner_id = %s", ben)
    assert isinstance(given, UUID)
    # Shown in recall, explained, packed, and handed over.
    assert "The build breaks when two jobs share a cache." in pasted.stdout
    assert "returned" in pasted.stdout
    assert str(given) in pasted.stdout
