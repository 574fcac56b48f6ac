"""What remains in the files of the server after an erasure, and what clears it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from acting import Connection, Database
from erasure.support import erase_user, one, rows_with_mark


@pytest.fixture
def mark() -> str:
    """A word that is in no file yet: other tests share the cluster."""
    return uuid4().hex


def _files_with(directory: Path, mark: str) -> set[str]:
    found = set()
    for file in directory.rglob("*"):
        try:
            if file.is_file() and mark.encode() in file.read_bytes():
                found.add(str(file.relative_to(directory)))
        except FileNotFoundError:
            continue  # the server removes files meanwhile
    return found


def _vacuum(db: Connection, option: str) -> None:
    tables = db.execute(
        "select oid::regclass::text from pg_class "
        "where relnamespace = 'memoriesdb'::regnamespace and relkind in ('r', 'm')"
    ).fetchall()
    for (table,) in [*tables, ("pg_catalog.pg_statistic",)]:
        db.execute(f"vacuum ({option}) {table}".encode())
    db.execute("checkpoint")


def test_files_until_they_are_cleared(database: Database, alice: UUID, mark: str) -> None:
    data = Path(one(database.superuser(), "show data_directory"))
    oid = one(
        database.superuser(), "select oid from pg_database where datname = current_database()"
    )
    tables, wal = data / "base" / str(oid), data / "pg_wal"
    memory_id = database.remember(alice, f"{mark} in a memory", stream=mark)
    with database.acting(alice) as db:
        db.execute("update memoriesdb.memories set content = 'later ' || content")
        db.execute("select * from memoriesdb.recall(%s)", (mark,))
        one(db, "select memoriesdb.forget(%s)", memory_id)
    superuser = database.superuser()
    superuser.execute("checkpoint")
    assert _files_with(tables, mark), "the control: the tables' files are searched"
    assert _files_with(wal, mark)

    erase_user(database, alice)
    superuser.execute("checkpoint")
    assert rows_with_mark(superuser, mark) == []
    assert _files_with(tables, mark), "no transaction can erase dead rows"

    _vacuum(superuser, "full, freeze")
    assert _files_with(tables, mark) == set()
    # The log goes on in other files; with wal_recycle = off the old ones are removed.
    superuser.execute("alter system set wal_recycle = off")
    superuser.execute("select pg_reload_conf()")
    try:
        # Twice, or oftener where the checkpointer had not read the setting yet: then it gave an old
        # file a later name, which the log has to pass.
        for _ in range(30):
            superuser.execute("select pg_switch_wal()")
            superuser.execute("checkpoint")
            if not _files_with(wal, mark):
                break
        assert _files_with(wal, mark) == set()
    finally:
        superuser.execute("alter system reset wal_recycle")
        superuser.execute("select pg_reload_conf()")
    # Nothing has logged it: neither the server's log nor anything else beside the tables.
    assert _files_with(data, mark) == set()
    logs = {database.cluster.postgres.log, *data.parent.glob("*.log")}
    assert [log for log in logs if mark.encode() in log.read_bytes()] == []
