"""Users who write while everything breaks: whatever they do may fail, and be half known to them."""

import random
import threading
from uuid import UUID

import psycopg

from acting import Connection, Database
from chaos.embedder import POISON

ACTIONS = {
    "remember": 6,
    "remember many": 1,
    "edit": 5,
    "edit all": 1,
    "poison": 1,
    "forget": 1,
    "restore": 1,
    "delete": 1,
    "erase": 1,
    "transfer": 1,
}
# What breaks off: the connection, the server behind it, or a transaction that met another.
BROKEN = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError)


class Writer(threading.Thread):
    """One user's transactions, each of one or two changes, some rolled back."""

    def __init__(self, database: Database, users: list[UUID], number: int, seed: int) -> None:
        super().__init__(name=f"writer {number}", daemon=True)
        self.user = users[number]
        self.others = [user for user in users if user != self.user]
        self.committed = 0
        self.wrong: list[BaseException] = []
        self._database, self._number = database, number
        self._choice = random.Random(seed)
        self._texts = 0
        self._is_over = threading.Event()

    def stop(self) -> None:
        """Begin nothing more."""
        self._is_over.set()

    def run(self) -> None:
        while not self._is_over.is_set():
            try:
                with psycopg.connect(
                    self._database.dsn("app"),
                    autocommit=True,
                    prepare_threshold=None,
                    connect_timeout=5,
                ) as db:
                    while not self._is_over.is_set():
                        self._transaction(db)
                        self._is_over.wait(self._choice.choice([0.01, 0.03, 0.1]))
            except BROKEN:
                self._is_over.wait(0.1)
            except BaseException as error:
                self.wrong.append(error)
                return

    def _transaction(self, db: Connection) -> None:
        with db.transaction(force_rollback=self._choice.random() < 0.1):
            db.execute("select memoriesdb.set_user(%s)", (self.user,))
            for _ in range(self._choice.choice([1, 1, 2])):
                self._write(db)
        self.committed += 1

    def _write(self, db: Connection) -> None:
        (action,) = self._choice.choices(list(ACTIONS), list(ACTIONS.values()))
        rows = db.execute("select id from memoriesdb.memories").fetchall()
        some = self._choice.choice(rows)[0] if rows else None
        if action == "remember many":
            texts = ", ".join(f'{{"content": "{self._text()}"}}' for _ in range(6))
            db.execute("select memoriesdb.remember_many(%s)", (f"[{texts}]",))
        elif action == "remember" or some is None:
            db.execute("select memoriesdb.remember(%s)", (self._text(),))
        elif action == "poison":
            db.execute("select memoriesdb.remember(%s)", (f"{self._text()} {POISON}",))
        elif action == "edit":
            db.execute(
                "update memoriesdb.memories set content = %s where id = %s", (self._text(), some)
            )
        elif action == "edit all":
            db.execute("update memoriesdb.memories set content = content || ' again'")
        elif action == "delete":
            db.execute("delete from memoriesdb.memories where id = %s", (some,))
        elif action == "transfer":
            other = self._choice.choice(self.others)
            db.execute("select memoriesdb.transfer(%s, %s)", (some, other))
        else:
            db.execute(f"select memoriesdb.{action}(%s)", (some,))

    def _text(self) -> str:
        """A text that is written once, so that whatever is doubled shows."""
        self._texts += 1
        return f"writer {self._number} text {self._texts}"
