"""A queue as pgmq keeps one: a time before which a message is not seen, read, then deleted.

Plain statements, prepared, where pgmq's functions build them anew in each call: that favours it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import psycopg

from bench.queues.places import Connection, Place, connect, value
from bench.queues.system import ENQUEUED_AT_ONCE, Record, System

NAME = "pgmq-style SQL"
PAUSE = 0.002

TABLE = """
create table if not exists bench_messages (
  msg_id bigint primary key generated always as identity,
  read_ct integer not null default 0,
  enqueued_at timestamptz not null default now(),
  vt timestamptz not null,
  message jsonb
);
create index if not exists bench_messages_vt_idx on bench_messages (vt)
"""
SEND = """
insert into bench_messages (vt, message)
select clock_timestamp(), unnest(%s::jsonb[])
"""
READ = """
with visible as (
  select msg_id from bench_messages
  where vt <= clock_timestamp()
  order by msg_id
  limit %s
  for update skip locked
)
update bench_messages as m
set vt = clock_timestamp() + interval '30 seconds', read_ct = m.read_ct + 1
from visible as v
where m.msg_id = v.msg_id
returning m.msg_id, m.message
"""
DELETE = "delete from bench_messages where msg_id = any (%s)"


class PgmqStyle(System):
    """A table, read by so many messages at a time, which are deleted in one statement."""

    name = NAME
    tables = ("bench_messages",)

    def __init__(self, place: Place, batch: int) -> None:
        super().__init__(place)
        self.batch = batch

    @property
    def about(self) -> str:
        """How it is used, for the page."""
        return (
            f"a process and a direct connection a worker, autocommit, psycopg with prepared "
            f"statements; {self.batch} messages a read, deleted by one statement"
        )

    def set_up(self) -> None:
        """Make the table."""
        with connect(self.place.superuser) as db:
            db.execute(TABLE)

    def enqueue(self, numbers: Sequence[int], record: Record) -> None:
        """Send messages, many in a statement."""
        with self._connect() as db:
            record.ready()
            for start in range(0, len(numbers), ENQUEUED_AT_ONCE):
                part = numbers[start : start + ENQUEUED_AT_ONCE]
                db.execute(SEND, ([json.dumps({"number": number}) for number in part],))
                record.done(part)

    def drain(self, record: Record, connections: int) -> None:
        """Read and delete."""
        with self._connect() as db:
            record.ready()
            while not record.is_over():
                messages = db.execute(READ, (self.batch,)).fetchall()
                if messages:
                    db.execute(DELETE, ([msg_id for msg_id, _ in messages],))
                    record.done(message["number"] for _, message in messages)
                else:
                    time.sleep(PAUSE)

    def left(self) -> int:
        """Return how many messages there are."""
        with connect(self.place.superuser) as db:
            return int(value(db, "select count(*) from bench_messages"))

    def _connect(self) -> Connection:
        return psycopg.connect(self.place.superuser, autocommit=True, prepare_threshold=0)
