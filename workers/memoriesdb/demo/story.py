"""The story: remember, find, keep apart, share, transfer, verify, tamper, tell it by the ledger."""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import memoriesdb
from memoriesdb.client import Client, Recalled
from memoriesdb.cluster import Instance
from memoriesdb.cluster import dsn as cluster_dsn
from memoriesdb.console import program_name
from memoriesdb.demo.ledger import LedgerChapter
from memoriesdb.demo.texts import ADA, BEN, Reading
from memoriesdb.queries import demo as queries

PATIENCE_SECONDS = 120.0
CAKE = "a very small cake EAT ME in currants"
WATCH = "the Rabbit took a watch out of its waistcoat-pocket"


class Story:
    """One telling, on a running private cluster."""

    def __init__(self, instance: Instance, console: Console) -> None:
        self.console = console
        self.instance = instance
        self.app_dsn = cluster_dsn(instance, "app")
        self.admin_dsn = cluster_dsn(instance, "admin")
        self.superuser_dsn = cluster_dsn(instance, "superuser")

    def tell(self) -> None:
        """Tell it from the beginning to the end."""
        ada, ben = self._user(ADA.reader), self._user(BEN.reader)
        with memoriesdb.connect(self.app_dsn) as client:
            self._remember(client, ada, ben)
            has_meaning = self._wait_for_workers()
            cake = self._find(client, ada, has_meaning)
            self._keep_apart(client, ada, ben)
            self._share(client, ada, ben, cake)
            self._transfer(client, ada, ben)
            self._verify(client, ada, cake)
        self._heading("8. And behind the audit log? The ledger tells whoever kept a digest")
        LedgerChapter(self.instance, self._say).tell(cake, ada, ben)

    def _user(self, name: str) -> UUID:
        with psycopg.connect(self.admin_dsn, prepare_threshold=None) as db:
            row = db.execute(queries.find_user.sql, {"username": name}).fetchone()
        if row is None:
            raise LookupError(name)
        return UUID(str(row[0]))

    def _heading(self, text: str) -> None:
        self.console.print(f"\n[bold cyan]{text}[/]")

    def _say(self, text: str) -> None:
        self.console.print(f"   {text}")

    def _print(self, text: str) -> None:
        # As it stands, for copying: no markup, and no line broken.
        self.console.print(f"   {text}", markup=False, highlight=False, soft_wrap=True)

    def _remember(self, client: Client, ada: UUID, ben: UUID) -> None:
        self._heading("1. Two users remember what they have read")
        self._say("through PgBouncer in transaction mode, over one application login")
        with self._bar() as bar:
            for user_id, reading in ((ada, ADA), (ben, BEN)):
                items = reading.items()
                task = bar.add_task(f"{reading.reader} remembers", total=len(items))
                with client.as_user(user_id, reason="demo") as me:
                    me.connection.execute(queries.clear.sql)
                    bar.advance(task, len(me.remember_many(items)))

    def _bar(self) -> Progress:
        return Progress(
            TextColumn("   {task.description:<24}"),
            BarColumn(40),
            TextColumn("{task.completed:>3.0f} of {task.total:.0f}"),
            TimeElapsedColumn(),
            console=self.console,
        )

    def _wait_for_workers(self) -> bool:
        """Wait until the queues are drained; False where there are no embeddings."""
        self._heading("2. Workers embed and index them, outside of any transaction of theirs")
        with psycopg.connect(self.admin_dsn, autocommit=True, prepare_threshold=None) as db:
            has_meaning = db.execute(queries.has_model.sql).fetchone() == (True,)
            if not has_meaning:
                self._say("[yellow]There is no model here:[/] going on with words.")
            elif not self._is_drained(db, "embedding", "embedded"):
                self._say("[yellow]No worker drains the queue:[/] going on with words.")
                has_meaning = False
            if not self._is_drained(db, "indexing", "indexed"):
                self._say("[yellow]No worker indexes the words:[/] going on without spelling.")
        return has_meaning

    def _is_drained(
        self, db: psycopg.Connection[tuple[object, ...]], queue: str, done: str
    ) -> bool:
        """Wait until a queue is empty; False where nobody drains it."""
        total = self._waiting(db, queue)
        left, since, best = total, time.monotonic(), total
        with self._bar() as bar:
            # What another worker has done meanwhile needs no bar.
            task = bar.add_task(done, total=total, visible=total > 0)
            while left:
                time.sleep(0.1)
                left = self._waiting(db, queue)
                bar.update(task, completed=max(total - left, 0))
                if left < best:
                    best, since = left, time.monotonic()
                if time.monotonic() - since > PATIENCE_SECONDS:
                    return False
        return True

    def _waiting(self, db: psycopg.Connection[tuple[object, ...]], queue: str) -> int:
        row = db.execute(queries.waiting.sql, {"queue": queue}).fetchone()
        return int(str(row[0])) if row else 0

    def _find(self, client: Client, ada: UUID, has_meaning: bool) -> UUID:
        self._heading("3. Ada finds them again")
        questions = (
            ("a dessert to swallow", "meaning, not one word of it is in the text"),
            ("orange marmalade", "its words"),
            ("Dinha", "spelling, in spite of the typo"),
        )
        for question, how in questions:
            with client.as_user(ada) as me:
                answer = me.recall(question, k=1, stream=ADA.stream)
            self._show(f"“{question}”: by {how}", answer)
        with client.as_user(ada) as me:
            (cake, *_) = me.recall(CAKE, k=1, stream=ADA.stream)
        if not has_meaning:
            self._say("(without embeddings, by words alone)")
        return cake.memory_id

    def _show(self, title: str, answer: Sequence[Recalled]) -> None:
        self._say(f"[bold]{title}[/]")
        table = Table("score", "similarity", "content", box=None, padding=(0, 1, 0, 4))
        for row in answer:
            similarity = "" if row.similarity is None else f"{row.similarity:.2f}"
            table.add_row(f"{row.score:.2f}", similarity, self._shorten(row.content))
        if answer:
            self.console.print(table)
        else:
            self._say(" nothing")

    def _shorten(self, text: str) -> str:
        width = max(self.console.width - 34, 20)
        return text if len(text) <= width else text[: width - 1] + "…"

    def _keep_apart(self, client: Client, ada: UUID, ben: UUID) -> None:
        self._heading("4. Ben asks the same database for Ada's memories")
        with client.as_user(ben) as me:
            strangers = me.recall("orange marmalade", k=1, stream=ADA.stream)
            answer = me.recall("orange marmalade", k=1, stream=BEN.stream)
            self._say(f"of Ada's memories he finds {len(strangers)}; of his own, this is nearest:")
            self._show("“orange marmalade”", answer)

    def _share(self, client: Client, ada: UUID, ben: UUID, cake: UUID) -> None:
        self._heading("5. Ada shares one memory with Ben")
        with client.as_user(ada) as me:
            me.share(cake, ben, "read")
        with client.as_user(ben) as me:
            answer = me.recall("a cake with currants", k=1, stream=ADA.stream)
            self._show("“a cake with currants”, asked by Ben", answer)

    def _transfer(self, client: Client, ada: UUID, ben: UUID) -> None:
        self._heading("6. Ada gives one to Ben for good, and both can see the chain of custody")
        with client.as_user(ada) as me:
            (watch, *_) = me.recall(WATCH, k=1, stream=ADA.stream)
            me.transfer(watch.memory_id, ben, "a gift for a detective")
        names = {ada: "ada", ben: "ben"}
        with client.as_user(ben) as me:
            table = Table("holder", "from", "until", "reason", box=None, padding=(0, 1, 0, 4))
            for stay in me.custody(watch.memory_id):
                until = f"{stay.held_until:%H:%M:%S}" if stay.held_until else "now"
                holder = names.get(stay.owner_id, str(stay.owner_id))
                table.add_row(holder, f"{stay.held_from:%H:%M:%S}", until, stay.reason or "")
        self.console.print(table)

    def _verify(self, client: Client, ada: UUID, cake: UUID) -> None:
        self._heading("7. Did anybody change a memory behind the triggers?")
        with client.as_user(ada) as me:
            text = me.recall(CAKE, k=1, stream=ADA.stream)[0].content
            self._say(f"verify_memories finds {len(me.verify_memories())} problems")
        self._say("now a superuser switches the triggers off and edits a text …")
        self._tamper(cake, text.replace("EAT ME", "EAT MORE"))
        try:
            with client.as_user(ada) as me:
                for problem in me.verify_memories():
                    self._say(f"[bold red]found:[/] {problem.problem}")
                    self._say(f"       in memory {problem.memory_id}")
        finally:
            self._tamper(cake, text)
        self._say("… and puts it back, so that the next telling begins clean.")

    def _tamper(self, memory_id: UUID, content: str) -> None:
        statement = sql.SQL(queries.tamper.sql.decode()).format(
            content=sql.Literal(content), memory_id=sql.Literal(memory_id)
        )
        with psycopg.connect(self.superuser_dsn, autocommit=True) as db:
            db.execute(statement)

    def say_what_next(self) -> None:
        """Print how to go on from here."""
        self._heading("What to try next")
        lines = (
            ("psql --as ada", "a prompt that sees Ada's memories and no others"),
            ("status", "what runs, on which ports, how full the queues are"),
            ("ledger verify", "compute the ledger anew, trusting nothing but its bytes"),
            ("dsn --role app", "the DSN of an application, through PgBouncer"),
            ("down", "stop everything; with --purge leave nothing"),
        )
        program = program_name()
        # With the instance and the home, where they are not the ones that are found unasked.
        which = self.instance.command("").removeprefix("memoriesdb ")
        for command, what in lines:
            self._print(f"{f'{program} {command}{which}':<36} {what}")
        self._say("")
        self._say("DSNs of this cluster, with passwords of their own, are printed by:")
        for role in ("app", "admin", "superuser"):
            self._print(f"{program} dsn --role {role}{which}")


def tell(instance: Instance, console: Console) -> None:
    """Tell the story on a running private cluster and say what to try next."""
    story = Story(instance, console)
    story.tell()
    story.say_what_next()


__all__ = ["Reading", "Story", "tell"]
