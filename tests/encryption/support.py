"""What the tests of keys look at."""

from __future__ import annotations

from uuid import UUID

from acting import Database
from memoriesdb import Client
from memoriesdb.encryption import Encryption, manage


def used_keys(database: Database) -> dict[int, int]:
    """How many memories are encrypted with each key, read past all functions."""
    rows = database.superuser().execute(
        "select split_part(content, ':', 2)::integer, count(*) from memoriesdb.memories "
        "where is_encrypted group by 1"
    )
    return dict(rows.fetchall())


def contents(client: Client, user_id: UUID) -> dict[UUID, str]:
    """Everything of a user, decrypted one by one."""
    with client.as_user(user_id) as me:
        ids = [i for (i,) in me.connection.execute("select id from memoriesdb.memories")]
        found = {memory_id: me.get(memory_id) for memory_id in ids}
    return {memory_id: memory.content for memory_id, memory in found.items() if memory}


def finish(client: Client, encryption: Encryption, user_id: UUID, **options: bool) -> int:
    begin = lambda: client.as_user(user_id)  # noqa: E731
    return sum(done.written for done in manage.reencrypt(begin, encryption, batch=7, **options))
