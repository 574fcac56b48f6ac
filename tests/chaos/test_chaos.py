"""Everything breaks, again and again, while users write: in the end every last text is embedded.

Real worker processes, PostgreSQL, PgBouncer and endpoints over HTTP. The faults are drawn from a
seed, which is printed: `MEMORIESDB_CHAOS_SEED=… MEMORIESDB_CHAOS_SECONDS=… pytest tests/chaos`
draws the same again. `make chaos SECONDS=300` breaks things for five minutes.
"""

import os
import random
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from acting import Database
from chaos.checks import check, waiting
from chaos.embedder import FAULTS, POISON
from chaos.place import place
from chaos.schedule import STEPS, draw, rage
from queues.endpoint import endpoint
from queues.support import register, run_once, worker_processes

# A seed that draws restarts of both servers, workers killed and frozen, cuts, hangs and lies.
SHORT_SECONDS, SHORT_SEED = 8.0, 396
LONG_SECONDS = float(os.environ.get("MEMORIESDB_CHAOS_SECONDS", "60"))
# In which all that was broken off must be made good again, and as long again as it was broken.
DRAIN_SECONDS = 60.0


def chaos(directory: Path, seconds: float, seed: int) -> None:
    print(f"MEMORIESDB_CHAOS_SEED={seed} MEMORIESDB_CHAOS_SECONDS={seconds:g}", flush=True)
    with place(directory, seed) as here:
        for slot in here.slots:
            slot.start()
        for writer in here.writers:
            writer.start()
        done = rage(here, seed, seconds)
        for writer in here.writers:
            writer.stop()
        for writer in here.writers:
            writer.join(30)
        here.forget_back_offs()
        end = time.monotonic() + DRAIN_SECONDS + seconds
        while waiting(here.database) != (0, 0, 0, 0) and time.monotonic() < end:
            assert here.wrong() == []
            for slot in here.slots:
                slot.start()
            time.sleep(0.2)
        for slot in here.slots:
            slot.ask_to_stop()
        for slot in here.slots:
            slot.await_end()
        kinds = Counter(name.partition(": ")[2] for name in done)
        print(f"{len(done)} faults: {dict(kinds)}", flush=True)
        print(
            f"{sum(writer.committed for writer in here.writers)} transactions, "
            f"{sum(embedder.requests for embedder in here.embedders)} requests",
            flush=True,
        )
        assert here.wrong() == []
        assert min(writer.committed for writer in here.writers) > 0
        check(here.database)


def test_for_a_short_while(tmp_path: Path) -> None:
    chaos(tmp_path, SHORT_SECONDS, int(os.environ.get("MEMORIESDB_CHAOS_SEED", SHORT_SEED)))


@pytest.mark.slow
@pytest.mark.timeout(2 * LONG_SECONDS + 300)
def test_for_a_long_while(tmp_path: Path) -> None:
    seed = os.environ.get("MEMORIESDB_CHAOS_SEED")
    chaos(tmp_path, LONG_SECONDS, int(seed) if seed else random.SystemRandom().randrange(10**6))


def test_a_seed_draws_the_same_again_and_every_kind() -> None:
    def names(seed: int, count: int) -> list[str]:
        faults = draw(seed)
        return [next(faults).name for _ in range(count)]

    assert names(1, 60) == names(1, 60)
    assert names(1, 60) != names(2, 60)
    kinds = {name.partition(": ")[2] for name in names(1, 27)}
    assert {*FAULTS, *(f"kill {step}" for step in STEPS), "stop", "freeze", "cut"} <= kinds


def edit(database: Database, user_id: UUID, content: str) -> None:
    """Change every text but the one that no endpoint embeds."""
    with database.acting(user_id) as db:
        db.execute(
            "update memoriesdb.memories set content = %s where content <> %s", (content, POISON)
        )


def test_the_last_check_sees_what_went_wrong(database: Database, alice: UUID) -> None:
    """By a superuser's hand, each harm one that the check comes to before the former."""
    with endpoint() as opened, worker_processes(database) as start:
        register(database, opened.url)
        for text in ("embedded", POISON):
            database.remember(alice, text)
        run_once(start, "all")
    check(database)
    superuser = database.superuser()

    def harmed(message: str, harm: str) -> None:
        superuser.execute(harm.encode())
        # So that nothing else is amiss.
        superuser.execute("delete from memoriesdb.search_schedule")
        superuser.execute("select memoriesdb.seal_ledger(10000)")
        with pytest.raises(AssertionError, match=message):
            check(database)

    touch = "update memoriesdb.memory_embeddings set created_at = clock_timestamp()"
    harmed("written twice", touch)
    edit(database, alice, "changed, and its job was lost")
    harmed("neither embedding", "delete from memoriesdb.embedding_schedule where dead_at is null")
    edit(database, alice, "changed, and given up")
    bury = "update memoriesdb.embedding_schedule set dead_at = now(), turn = null"
    harmed("should not be", f"{bury} where dead_at is null")
    edit(database, alice, "changed, and still waiting")
    harmed(r"\(1, 0, 0, 0\)", "select 1")
