"""Faults, drawn from a seed: the same seed gives the same faults in the same order."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from chaos.embedder import FAULTS
from chaos.place import Place, Slot

Act = Callable[[Place], None]
# The steps of a job, as a worker says them; the last word of each is where it dies.
STEPS = {
    "before it claims": ((b"claim_embeddings",), False),
    "when it has claimed": ((b"claim_embeddings", b"COMMIT"), True),
    "before it stores": ((b"complete_embeddings",), False),
    "before it commits": ((b"complete_embeddings", b"COMMIT"), False),
    "when it has stored": ((b"complete_embeddings", b"COMMIT"), True),
    "before it gives back": ((b"release_embeddings",), False),
    "at its heartbeat": ((b"worker_heartbeat",), False),
}


@dataclass(frozen=True)
class Fault:
    """One fault: what is done, and what ends it, so many seconds later."""

    name: str
    act: Act
    undo: Act | None
    lasts: float
    gap: float
    """Seconds until the next one."""


def draw(seed: int) -> Iterator[Fault]:
    """Draw faults without end; each kind comes once before any comes again."""
    choice = random.Random(seed)
    while True:
        kinds = [*_kinds(choice)]
        choice.shuffle(kinds)
        for name, act, undo in kinds:
            lasts, gap = choice.uniform(0.3, 4.5), choice.uniform(0.1, 1.0)
            yield Fault(name, act, undo, lasts, gap)


def _kinds(choice: random.Random) -> Iterator[tuple[str, Act, Act | None]]:
    def slot() -> int:
        return choice.randrange(3)

    yield _of_slot("kill", slot(), Slot.kill)
    yield _of_slot("stop", slot(), Slot.stop)
    yield _of_slot("freeze", slot(), _freeze, _thaw)
    for step in STEPS:
        yield _of_slot(f"kill {step}", slot(), partial(_kill_when, step=step))
    yield _of_slot("cut", slot(), lambda each: each.proxy.cut())
    yield _of_slot("tear", slot(), lambda each: each.proxy.tear())
    yield _of_slot("stall", slot(), lambda each: each.proxy.stall(), lambda each: each.proxy.flow())
    for mode in FAULTS:
        number = choice.randrange(2)
        yield (
            f"embedder {number}: {mode}",
            partial(_fail, number=number, mode=mode),
            partial(_work, number=number),
        )
    yield "server: fast restart", lambda place: place.restart_server(signal.SIGINT), None
    yield "server: immediate restart", lambda place: place.restart_server(signal.SIGQUIT), None
    yield "pooler: restart", lambda place: place.restart_pooler(), None


def _of_slot(
    name: str, number: int, act: Callable[[Slot], None], undo: Callable[[Slot], None] | None = None
) -> tuple[str, Act, Act | None]:
    return (
        f"worker {number}: {name}",
        partial(_on, number=number, act=act),
        None if undo is None else partial(_on, number=number, act=undo),
    )


def _on(place: Place, number: int, act: Callable[[Slot], None]) -> None:
    act(place.slots[number])


def _freeze(slot: Slot) -> None:
    slot.send(signal.SIGSTOP)


def _thaw(slot: Slot) -> None:
    slot.send(signal.SIGCONT)


def _kill_when(slot: Slot, step: str) -> None:
    words, after = STEPS[step]
    slot.proxy.when(*words, after=after, act=slot.kill)


def _fail(place: Place, number: int, mode: str) -> None:
    # One fault of an endpoint at a time.
    place.embedders[number].work()
    place.embedders[number].fail(mode)


def _work(place: Place, number: int) -> None:
    place.embedders[number].work()


def rage(place: Place, seed: int, seconds: float) -> list[str]:
    """Do faults for so long, then end them all; return what was done."""
    done: list[str] = []
    undo: list[tuple[float, Act]] = []
    end = time.monotonic() + seconds
    faults = draw(seed)
    while time.monotonic() < end:
        fault = next(faults)
        fault.act(place)
        done.append(fault.name)
        if fault.undo is not None:
            undo.append((time.monotonic() + fault.lasts, fault.undo))
        pause = min(time.monotonic() + fault.gap, end)
        while True:
            now = time.monotonic()
            for due in [each for each in undo if each[0] <= now]:
                undo.remove(due)
                due[1](place)
            for slot in place.slots:
                slot.start()
            if now >= pause:
                break
            time.sleep(0.05)
    for _, act in undo:
        act(place)
    for embedder in place.embedders:
        embedder.work()
    for slot in place.slots:
        slot.proxy.forget()
        _thaw(slot)
        slot.start()
    return done
