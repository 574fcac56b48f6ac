"""Halving a batch down to the texts at fault."""

import pytest

from memoriesdb.providers import BadAnswer, RateLimited, Rejected, Unavailable
from memoriesdb.workers.split import Split, embed_and_split
from memoriesdb.workers.stop import GraceOverError

VECTOR = [1.0]


class Asked:
    """Raises for parts that hold one of these jobs; counts requests and probes."""

    def __init__(self, faults: dict[int, Exception], probe: Exception | None = None) -> None:
        self.faults = faults
        self.probe_error = probe
        self.parts: list[list[int]] = []
        self.probes = 0

    def ask(self, part: object) -> list[list[float]]:
        jobs = list(part)  # type: ignore[call-overload]
        self.parts.append(jobs)
        for job in jobs:
            if job in self.faults:
                raise self.faults[job]
        return [VECTOR] * len(jobs)

    def probe(self) -> None:
        self.probes += 1
        if self.probe_error is not None:
            raise self.probe_error

    def split(self, jobs: int, requests: int = 1000) -> Split[int]:
        return embed_and_split(
            range(jobs), self.ask, self.probe, may_ask=lambda: len(self.parts) < requests
        )


def test_a_batch_without_fault_is_one_request() -> None:
    asked = Asked({})
    split = asked.split(32)
    assert [job for job, _ in split.vectors] == list(range(32))
    assert (len(asked.parts), asked.probes) == (1, 0)


@pytest.mark.parametrize("poison", [0, 13, 31])
def test_one_poison_text_is_found_in_a_logarithm_of_requests(poison: int) -> None:
    asked = Asked({poison: Rejected("no")})
    split = asked.split(32)
    assert [job for job, _ in split.faults] == [poison]
    assert sorted(job for job, _ in split.vectors) == [job for job in range(32) if job != poison]
    assert split.left == []
    assert len(asked.parts) == 11


def test_several_poison_texts_are_all_found() -> None:
    asked = Asked({2: Rejected("no"), 3: BadAnswer("nan"), 17: Unavailable("500")})
    split = asked.split(20)
    assert sorted(job for job, _ in split.faults) == [2, 3, 17]
    assert len(split.vectors) == 17


def test_a_rate_limit_blames_nobody_and_asks_no_more() -> None:
    asked = Asked({0: RateLimited("busy", retry_after=7.0)})
    split = asked.split(8)
    assert split.left == list(range(8))
    assert isinstance(split.trouble, RateLimited)
    assert (len(asked.parts), asked.probes) == (1, 0)


@pytest.mark.parametrize("error", [Unavailable("away"), Rejected("404"), BadAnswer("html")])
def test_a_failed_probe_blames_the_provider(error: Exception) -> None:
    asked = Asked({0: error}, probe=Unavailable("away"))
    split = asked.split(8)
    assert split.trouble is error
    assert sorted(split.left) == list(range(8))
    assert split.faults == []
    assert len(asked.parts) == 1


def test_what_was_embedded_before_the_provider_went_is_kept() -> None:
    asked = Asked({7: Rejected("no")})
    probe = asked.probe

    def fails_later() -> None:
        probe()
        if asked.probes == 3:
            raise Unavailable("away")

    split = embed_and_split(range(8), asked.ask, fails_later, may_ask=lambda: True)
    assert [job for job, _ in split.vectors] == [0, 1, 2, 3, 4, 5]
    assert sorted(split.left) == [6, 7]
    assert split.trouble is not None


def test_without_time_for_another_request_the_rest_is_left() -> None:
    asked = Asked({0: Rejected("no")})
    split = asked.split(8, requests=2)
    assert len(split.left) == 8
    assert split.trouble is None
    assert split.faults == []


def test_the_end_of_the_grace_leaves_the_part_in_hand() -> None:
    asked = Asked({0: GraceOverError()})
    split = asked.split(4)
    assert split.left == [0, 1, 2, 3]
    assert split.trouble is None
