"""Make parameters fit to be sent, and say what is wrong with those that cannot be."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from memoriesdb.errors import (
    InvalidArgumentError,
    InvalidCountError,
    InvalidTextError,
    InvalidTimeError,
    UsageError,
    WrongDimensionError,
)

# As JSON writes it: an odd number of backslashes before the u.
_NUMBERED = frozenset({"key_id"})  # all other ids are UUIDs
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def checked(parameters: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters, none of which holds what would fail or change on its way."""
    for name, value in parameters.items():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, str):
                _check_text(name, item)
            elif isinstance(item, datetime):
                _check_time(name, item)
            elif isinstance(item, int) and not -(2**31) <= item < 2**31:
                raise InvalidCountError(f"{name} is out of range", hint="Give a smaller number.")
    return {
        name: to_id(name, value) if name.endswith("_id") and name not in _NUMBERED else value
        for name, value in parameters.items()
    }


def to_id(name: str, given: object) -> UUID:
    """Return the id: a UUID, or the text of one."""
    if isinstance(given, UUID):
        return given
    try:
        return UUID(given)  # type: ignore[arg-type]  # found out here
    except (AttributeError, TypeError, ValueError):
        raise UsageError(
            f"{name} is an id, a uuid.UUID or its text, and not {given!r}",
            hint="client.user_id(name) gives the id of a user's name; remember and recall give "
            "those of memories.",
        ) from None


def _check_text(name: str, text: str) -> None:
    place = text.find("\0")
    if place >= 0:
        raise InvalidTextError(f"{name} holds NUL", detail=f"At character {place}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidTextError(
            f"{name} is not valid Unicode",
            detail=f"Half a surrogate pair at character {error.start}.",
        ) from None


def _check_time(name: str, time: datetime) -> None:
    if time.utcoffset() is None:
        raise InvalidTimeError(
            f"{name} has no time zone",
            detail="The server would read it in its own zone.",
            hint="Such as datetime.now(timezone.utc), or time.astimezone() for local time.",
        )


def to_json(name: str, value: object) -> str:
    """Return JSON for a parameter cast to jsonb."""
    try:
        # As it is and not escaped: half a surrogate pair is then found like in any other text.
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_to_plain)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(
            f"{name} cannot be written as JSON",
            detail=str(error),
            hint="Give texts, numbers, booleans, None, lists, dicts, UUIDs and times.",
        ) from None
    if _NUL.search(text):
        raise InvalidTextError(f"{name} holds NUL", detail="In a text within it.")
    return text


def _to_plain(value: object) -> object:
    if isinstance(value, datetime):
        _check_time("a time within JSON", value)
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON")


def to_vector(name: str, numbers: Iterable[float] | None) -> str | None:
    """Return a vector's literal; the function's signature gives it its type, in any schema."""
    if numbers is None:
        return None
    values = [float(number) for number in numbers]
    if not values:
        raise WrongDimensionError(f"{name} is empty", hint="Embed the query, or leave it out.")
    if not all(map(math.isfinite, values)):
        raise InvalidArgumentError(
            f"{name} holds a number that is not finite",
            hint="Look at the model that made it: NaN and infinity have no place in a vector.",
        )
    return f"[{','.join(map(repr, values))}]"


def to_vectors(name: str, vectors: Iterable[Iterable[float] | None] | None) -> str | None:
    """Return the literal of an array of vectors, some of which may be missing."""
    return None if vectors is None else to_array(to_vector(name, vector) for vector in vectors)


def to_array(literals: Iterable[str | None]) -> str:
    """Return the literal of an array; the function's signature gives it its type."""
    return f"{{{','.join('NULL' if text is None else json.dumps(text) for text in literals)}}}"


def given(values: Mapping[str, Any], absent: object) -> dict[str, Any]:
    """Return what was given: all but the keys that have the value ``absent``."""
    return {name: value for name, value in values.items() if value is not absent}
