"""Circuits: pauses that grow, one text that tries, and whose failure is whose."""

import pytest

from memoriesdb.providers import BadAnswer, RateLimited, Rejected, TimedOut, Unavailable
from memoriesdb.workers.circuit import Breaker, Circuit
from memoriesdb.workers.stop import OverdueError


def test_a_circuit_obeys_the_provider_or_grows_its_own_pauses() -> None:
    circuit = Circuit(longest_pause=4.0)
    assert (circuit.seconds_left(), circuit.state) == (0, "closed")
    assert circuit.failed(7.0) == 7.0
    assert 6 < circuit.seconds_left() <= 7
    assert circuit.state == "open"
    assert circuit.failed(1e9) == 3600.0
    assert circuit.failed(float("nan")) <= 4.0
    assert 2.0 <= circuit.failed(None) <= 4.0
    circuit.succeeded()
    assert (circuit.seconds_left(), circuit.state) == (0, "closed")
    assert circuit.failed(None) <= 1.0


def test_once_its_pause_is_over_it_is_half_open_until_the_provider_answers() -> None:
    circuit = Circuit(longest_pause=0.05)
    circuit.failed(None)
    states = [circuit.state]
    while circuit.seconds_left():
        states.append(circuit.state)
    states.append(circuit.state)
    circuit.succeeded()
    states.append(circuit.state)
    assert list(dict.fromkeys(states))[-3:] == ["open", "half_open", "closed"]


@pytest.mark.parametrize(
    ("error", "others"),
    [
        (RateLimited("429", retry_after=9.0, status=429), "open"),
        (Unavailable("refused"), "open"),
        (Unavailable("key", status=401), "open"),
        (Unavailable("crash", status=500), "closed"),
        (TimedOut("hangs"), "closed"),
        (OverdueError("hangs"), "closed"),
        (Rejected("no such model", status=404), "closed"),
        (BadAnswer("nan"), "closed"),
    ],
)
def test_models_of_one_endpoint_share_its_failures_and_not_each_others(
    error: Exception, others: str
) -> None:
    endpoint = Circuit(60)
    first, second = Breaker(endpoint, Circuit(60)), Breaker(endpoint, Circuit(60))
    pause = first.failed(error)
    assert first.state == "open"
    assert pause - 0.5 < first.seconds_left() <= pause
    assert second.state == others
    first.succeeded()
    assert (first.state, second.state) == ("closed", "closed")
