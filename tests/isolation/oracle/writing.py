"""What a statement changes, compared with what the model says it changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import psycopg

from acting import Connection
from oracle.actors import Actor, Doors
from oracle.changes import Change
from oracle.reading import MismatchError

TABLES = {
    "memories": "concat_ws(' ', owner_id, id)",
    "memory_edges": "concat_ws(' ', owner_id, source_id, target_id, relation)",
    "memory_grants": "concat_ws(' ', owner_id, memory_id, grantee_id)",
    "memory_embeddings": "concat_ws(' ', owner_id, memory_id, model_id)",
    "memory_versions": "concat_ws(' ', owner_id, memory_id, version)",
    "audit_log": "concat_ws(' ', audit_id, table_name, operation, user_id, owner_id, row_id)",
    "users": "id::text",
    "memory_holds": "id::text",
    "api_tokens": "id::text",
    "service_assignments": "concat_ws(' ', service_id, user_id)",
}
# What a statement that must fail may fail with: no right, no scope, not the owner's, a hold, or an
# edge's end that is not there.
REFUSALS = {"42501", "MD001", "MD004", "MD303", "MD204", "23503"}
State = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Difference:
    """The keys of one table's rows that came, went or became others."""

    made: set[str]
    gone: set[str]
    changed: set[str]


def _state(db: Connection) -> State:
    return {
        table: dict(
            db.execute(f"select {key}, md5(t::text) from memoriesdb.{table} as t").fetchall()
        )
        for table, key in TABLES.items()
    }


def _difference(before: dict[str, str], after: dict[str, str]) -> Difference:
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    return Difference(after.keys() - before.keys(), before.keys() - after.keys(), changed)


class Trial:
    """One statement of one actor."""

    def __init__(self, doors: Doors, actor: Actor, change: Change) -> None:
        self.doors, self.actor, self.change = doors, actor, change
        self.sql = doors.fill(change.sql, "memoriesdb")
        with doors.model(actor) as db:
            self.touched = {row[0] for row in self._ask(db, change.touched)} - {None}
            self.made = Counter(row[0] for row in self._ask(db, change.made)) - Counter([None])
            self.is_refused = bool(self._ask(db, change.refused)[0][0])
        self.before = _state(doors.superuser)

    def _ask(self, db: Connection, sql: str) -> list[tuple[str | None]]:
        return db.execute(self.doors.fill(sql, "model").encode()).fetchall()

    def run(self) -> int:
        """Let it happen, and return how many rows it made, changed or removed."""
        failure = None
        try:
            with self.doors.enter(self.actor) as db:
                db.execute(self.sql.encode())
        except psycopg.Error as error:
            failure = error.sqlstate
            self._expect("failure", self.is_refused and failure in REFUSALS, failure)
        self._expect("refusal", bool(failure) == self.is_refused, failure)
        after = _state(self.doors.superuser)
        found = {table: _difference(self.before[table], after[table]) for table in TABLES}
        if failure:
            self._expect("nothing", after == self.before, found)
            return 0
        self._memories(found)
        self._edges(found)
        self._history(found)
        for table in ("users", "memory_holds", "api_tokens", "service_assignments"):
            self._expect(table, found[table] == Difference(set(), set(), set()), found[table])
        return len(self.touched) + self.made.total()

    def _expect(self, what: str, is_right: bool, found: object) -> None:
        if not is_right:
            raise MismatchError(
                f"{what}: {self.actor}\n{self.sql}\nfound: {found}\n"
                f"expected: {self.touched}, {self.made}, refused: {self.is_refused}"
            )

    def _memories(self, found: dict[str, Difference]) -> None:
        mine, memories = self.change.table == "memories", found["memories"]
        touched = self.touched if mine else set[str]()
        removed = touched if self.change.is_removal else set[str]()
        self._expect("removed", memories.gone == removed, memories)
        self._expect("changed", memories.changed == touched - removed, memories)
        made = Counter(self._contents(memories.made))
        self._expect("made", made == (self.made if mine else Counter()), made)
        for table in ("memory_grants", "memory_embeddings"):
            gone = {key for key in self.before[table] if _of(key, 0, 1) in removed}
            self._expect(table, found[table] == Difference(set(), gone, set()), found[table])

    def _contents(self, keys: set[str]) -> list[str]:
        rows = self.doors.superuser.execute(
            "select concat_ws(' ', owner_id, content) from memoriesdb.memories "
            "where concat_ws(' ', owner_id, id) = any (%s)",
            (list(keys),),
        )
        return [row[0] for row in rows.fetchall()]

    def _edges(self, found: dict[str, Difference]) -> None:
        edges = found["memory_edges"]
        if self.change.table == "memory_edges":
            removed = self.touched if self.change.is_removal else set[str]()
            changed = self.touched - removed
            made = Counter(_of(key, 1, 2, 3) for key in edges.made)
            self._expect("edges", made == self.made, edges)
        else:
            gone = found["memories"].gone
            removed = {
                key
                for key in self.before["memory_edges"]
                if {_of(key, 0, 1), _of(key, 0, 2)} & gone
            }
            changed = set()
            self._expect("edges", not edges.made, edges)
        self._expect("edges", (edges.gone, edges.changed) == (removed, changed), edges)

    def _history(self, found: dict[str, Difference]) -> None:
        """Each change is in the audit as this user's, and each former state is a version."""
        memories, versions = found["memories"], found["memory_versions"]
        former = Counter(_of(key, 0, 1) for key in versions.made)
        self._expect("versions", former == Counter(memories.changed | memories.gone), versions)
        self._expect("versions", not versions.gone | versions.changed, versions)
        writer = self.actor.writer
        user = None if writer is None else self.doors.built.users[writer]
        entries = Counter(
            _of(key, *range(2, 6)) for key in found["audit_log"].made if _of(key, 1) == "memories"
        )
        expected = Counter(
            f"{operation} {user} {key}"
            for operation, keys in (
                ("INSERT", memories.made),
                ("UPDATE", memories.changed),
                ("DELETE", memories.gone),
            )
            for key in keys
        )
        self._expect("audit", entries == expected, entries)
        others = found["audit_log"].gone | found["audit_log"].changed
        self._expect("audit", not others, others)


def _of(key: str, *places: int) -> str:
    parts = key.split(" ")
    return " ".join(parts[place] for place in places)
