"""A change of the model, step by step, and what must hold at each of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from typer.testing import CliRunner, Result

from acting import Connection, Database
from memoriesdb.cli import app
from queues.endpoint import Endpoint, vector_of


def value(db: Connection, statement: str, *parameters: Any) -> Any:
    """The one value of a statement."""
    row = db.execute(statement.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


def unheard(number: int) -> str:
    """A word for a number, which is in no text."""
    return "qz" + "".join(chr(ord("a") + int(digit)) for digit in str(number))


@dataclass
class Change:
    """An owner with memories, two endpoints, and the commands."""

    database: Database
    owner_id: UUID
    old: Endpoint
    new: Endpoint
    texts: list[str] = field(
        default_factory=lambda: ["the heron stands", "a boat of oak", "tea at five", "rain again"]
    )

    def run(self, *arguments: str, said: str | None = None) -> Result:
        """Call `memoriesdb model …` in this process, through PgBouncer."""
        return CliRunner().invoke(app, ["model", *arguments], input=said)

    def do(self, *arguments: str) -> str:
        """Call it, and it must work; gives what it says."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def add(self) -> None:
        """Add the new model."""
        self.do("add", "new", "--endpoint", self.new.url, "--dimensions", "8")

    def embed(self, most: int = 1000) -> int:
        """Claim up to so many jobs and complete them, as a worker; gives how many they were."""
        with self.database.connect("worker") as db:
            jobs = db.execute(
                "select job_id, lease_token, text_hash, input, dimensions "
                "from memoriesdb.claim_embeddings('tests', %s)",
                (most,),
            ).fetchall()
            outcomes = db.execute(
                "select distinct outcome from memoriesdb.complete_embeddings("
                "'tests', %s::bigint[], %s::bigint[], %s::bytea[], %s::vector[])",
                (
                    *([job[place] for job in jobs] for place in range(3)),
                    [str(vector_of(text, dimensions)) for *_, text, dimensions in jobs],
                ),
            ).fetchall()
            assert outcomes in ([("stored",)], [])
        return len(jobs)

    def check_recall(self, model: str | None = None, *, by: Endpoint | None = None) -> None:
        """Each memory is found for its text; by meaning, as the first one, where ``by`` is given.

        ``model`` asks that one, ``by`` is the endpoint that must have embedded the queries.
        """
        for text in self.texts:
            asked = [len(self.old.texts), len(self.new.texts)]
            with self.database.acting(self.owner_id) as db:
                # A query that was never asked, of words that are nowhere: the cache does not help.
                query = text if by is not None else f"{text} {unheard(sum(asked))}"
                if model is not None:
                    db.execute("select memoriesdb.use_embedding_model(%s)", (model,))
                found = db.execute(
                    "select content, vector_rank, embedding_state from memoriesdb.recall(%s)",
                    (query,),
                ).fetchall()
            # Found at all; what has no vector yet may stand behind what has.
            assert text in [content for content, _, _ in found], f"{text!r} was not found"
            if by is not None:
                assert found[0] == (text, 1, "ready")
                other = self.old if by is self.new else self.new
                place = 0 if other is self.old else 1
                assert len(other.texts) == asked[place], "the other model was asked"

    def rows(self, table: str, model: str) -> int:
        """How many rows a table has of a model."""
        with self.database.superuser() as db:
            count: int = value(
                db,
                f"select count(*) from memoriesdb.{table} as t "
                "join memoriesdb.embedding_models as m on m.id = t.model_id where m.name = %s",
                model,
            )
        return count

    def active(self) -> str:
        """Name of the model that recall uses."""
        with self.database.acting(self.owner_id) as db:
            name: str = value(db, "select name from memoriesdb.embedding_models where is_active")
        return name
