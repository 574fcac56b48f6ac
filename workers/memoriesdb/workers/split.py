"""Embed a batch, and find by halving the texts that cannot be embedded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from memoriesdb.providers import BadAnswer, ProviderError, RateLimited, Rejected, TimedOut
from memoriesdb.workers.stop import GraceOverError, OverdueError
from memoriesdb.workers.texts import Vector
from memoriesdb.workers.vectors import BadVectorError

Job = TypeVar("Job")

# What a provider's answer to a batch can be besides an answer.
Refusal = ProviderError | OverdueError | BadVectorError
REFUSALS = (ProviderError, OverdueError, BadVectorError)


@dataclass
class Split(Generic[Job]):
    """What became of the jobs of one batch. Each is in exactly one of the three lists."""

    vectors: list[tuple[Job, Vector]] = field(default_factory=list)
    faults: list[tuple[Job, Exception]] = field(default_factory=list)
    left: list[Job] = field(default_factory=list)
    trouble: Exception | None = None
    """Why the provider itself cannot be used now; None when ``left`` has another reason."""


def embed_and_split(
    jobs: Sequence[Job],
    ask: Callable[[Sequence[Job]], Sequence[Vector]],
    probe: Callable[[], None],
    may_ask: Callable[[], bool],
) -> Split[Job]:
    """Embed the jobs in one request; where that fails, in halves, down to the texts at fault.

    Whether a failure is the provider's or a text's is told by ``probe``, which embeds a short
    harmless text: if that fails as well, nobody's text is blamed. A rate limit is the provider's
    without asking. ``may_ask`` says whether time is left for another request.
    """
    split: Split[Job] = Split()
    parts = [list(jobs)]
    while parts:
        part = parts.pop()
        if split.trouble is not None or not may_ask():
            split.left.extend(part)
            continue
        try:
            split.vectors.extend(zip(part, ask(part), strict=True))
        except GraceOverError:
            split.left.extend(part)
        except RateLimited as error:
            split.trouble = error
            split.left.extend(part)
        except REFUSALS as error:
            split.trouble = _trouble(error, probe)
            if split.trouble is not None:
                split.left.extend(part)
            elif len(part) == 1:
                split.faults.append((part[0], error))
            else:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
    return split


def _trouble(error: Exception, probe: Callable[[], None]) -> Exception | None:
    """Return what is wrong with the provider; None if it embeds a harmless text."""
    try:
        probe()
    except GraceOverError:
        return error
    except RateLimited as limited:
        return limited
    except REFUSALS:
        return error
    return None


def is_permanent(error: Exception) -> bool:
    """Tell whether trying the same text again is pointless."""
    return isinstance(error, Rejected)


def kind(error: Exception) -> str:
    """Name a failure for the metrics and the state."""
    if isinstance(error, BadVectorError | BadAnswer):
        return "bad_answer"
    if isinstance(error, RateLimited):
        return "rate_limited"
    if isinstance(error, Rejected):
        return "rejected"
    # The request and the worker's own watch over it have the same limit: either may end first.
    return "timeout" if isinstance(error, OverdueError | TimedOut) else "unavailable"
