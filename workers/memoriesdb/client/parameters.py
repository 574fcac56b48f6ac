"""Make parameters fit to be sent, and say what is wrong with those that cannot be."""

from __future__ import annotations

import json
import math
import operator
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from numbers import Real
from typing import Any
from uuid import UUID

from memoriesdb.errors import (
    EmptyContentError,
    InvalidArgumentError,
    InvalidCountError,
    InvalidTextError,
    InvalidTimeError,
    OutOfRangeError,
    UsageError,
    WrongDimensionError,
    WrongTypeError,
)

_NUMBERED = frozenset({"key_id"})  # all other ids are UUIDs
# As JSON writes it: an odd number of backslashes before the u.
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_CAST = re.compile(rb"%\((\w+)\)s::(\w+(?: precision)?(?:\[\])?)")
# From here on a number is infinite as a real, which a vector's are.
_INFINITE_AS_REAL = (2 - 2**-24) * 2.0**127
_TYPES: dict[bytes, tuple[tuple[type, ...], str]] = {
    b"text": ((str,), "a str"),
    b"name": ((str,), "a str"),
    b"double precision": ((Real, Decimal), "a number"),
    b"timestamptz": ((datetime,), "a datetime with a time zone"),
    b"interval": ((timedelta, str), "a timedelta or a str"),
    b"boolean": ((bool,), "a bool"),
}
_INTEGERS = frozenset({b"integer", b"bigint"})
# Of what an update changes, which is sent as one JSON.
_CHANGES = {
    "content": b"text",
    "kind": b"text",
    "stream": b"text",
    "importance": b"double precision",
    "trust": b"double precision",
    "occurred_at": b"timestamptz",
    "expires_at": b"timestamptz",
}


def checked(parameters: Mapping[str, object], sql: bytes = b"") -> dict[str, object]:
    """Return the parameters, none of which holds what would fail or change on its way.

    ``sql`` says by its casts of which type each is.
    """
    parameters = _typed(parameters, _casts(sql))
    for name, value in parameters.items():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, str):
                _check_text(name, item)
            elif isinstance(item, datetime):
                _check_time(name, item)
            elif isinstance(item, float) and math.isnan(item):
                raise OutOfRangeError(f"{name} is not a number", hint="Leave it out, or give one.")
            elif isinstance(item, int) and not -(2**31) <= item < 2**31:
                raise InvalidCountError(f"{name} is out of range", hint="Give a smaller number.")
    return {
        name: to_id(name, value) if name.endswith("_id") and name not in _NUMBERED else value
        for name, value in parameters.items()
    }


@cache
def _casts(sql: bytes) -> dict[str, bytes]:
    return {name.decode(): cast for name, cast in _CAST.findall(sql)}


def _typed(parameters: Mapping[str, object], casts: Mapping[str, bytes]) -> dict[str, object]:
    typed = dict(parameters)
    for name, cast in casts.items():
        value = typed.get(name)
        if value is None:
            continue
        if cast in _INTEGERS:
            typed[name] = _to_integer(name, value)
        elif cast in _TYPES:
            types, wanted = _TYPES[cast]
            # To Python a truth value is a number.
            if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
                raise _wrong_type(name, wanted, value)
    return typed


def _to_integer(name: str, value: object) -> int:
    if isinstance(value, bool):
        raise _wrong_type(name, "an int", value)
    try:
        return operator.index(value)  # type: ignore[arg-type]  # found out here
    except TypeError:
        raise _wrong_type(name, "an int", value) from None


def _wrong_type(name: str, wanted: str, value: object) -> WrongTypeError:
    return WrongTypeError(
        f"{name} is {wanted}, and not of type {type(value).__name__}",
        hint="Nothing was sent: give it as the method's signature says.",
    )


def to_texts(name: str, given: Iterable[str] | None) -> list[str] | None:
    """Return a list of texts; one text alone is none, though Python would take it letter by letter.

    Raises WrongTypeError.
    """
    if given is None:
        return None
    if isinstance(given, str | bytes | bytearray | memoryview) or not isinstance(given, Iterable):
        raise _wrong_type(name, "a sequence of str", given)
    texts = list(given)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise _wrong_type(f"{name}[{number}]", "a str", text)
    return texts


def to_queries(given: Iterable[str], is_text_needed: bool) -> list[str] | None:
    """Return the queries of a batch; where there are no vectors, say which one is empty."""
    queries = to_texts("queries", given)
    for number, query in enumerate(queries or [], 1):
        if is_text_needed and not query.strip():
            raise EmptyContentError(
                f"query {number} is empty",
                detail=f"Of {len(queries or [])} queries, counted from 1.",
                hint="Leave it out, or give query_embeddings as well.",
            )
    return queries


def check_changes(changes: Mapping[str, object]) -> None:
    """Raise WrongTypeError where a change of a memory has another type than its column."""
    _typed(changes, _CHANGES)


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
    if isinstance(numbers, str | bytes) or not isinstance(numbers, Iterable):
        raise _wrong_type(name, "a sequence of numbers", numbers)
    values = [_to_float(f"{name}[{place}]", number) for place, number in enumerate(numbers)]
    if not values:
        raise WrongDimensionError(f"{name} is empty", hint="Embed the query, or leave it out.")
    if not all(map(math.isfinite, values)):
        raise InvalidArgumentError(
            f"{name} holds a number that is not finite",
            hint="Look at the model that made it: NaN and infinity have no place in a vector.",
        )
    if not all(abs(value) < _INFINITE_AS_REAL for value in values):
        raise InvalidArgumentError(
            f"{name} holds a number that is too large",
            hint="Numbers of a vector have single precision: they are below 3.4e38.",
        )
    return f"[{','.join(map(repr, values))}]"


def _to_float(name: str, number: object) -> float:
    if isinstance(number, str | bytes):
        raise _wrong_type(name, "a number", number)
    try:
        return float(number)  # type: ignore[arg-type]  # found out here
    except (TypeError, ValueError):
        raise _wrong_type(name, "a number", number) from None
    except OverflowError:
        return math.inf


def to_vectors(name: str, vectors: Iterable[Iterable[float] | None] | None) -> str | None:
    """Return the literal of an array of vectors, some of which may be missing."""
    return None if vectors is None else to_array(to_vector(name, vector) for vector in vectors)


def to_array(literals: Iterable[str | None]) -> str:
    """Return the literal of an array; the function's signature gives it its type."""
    return f"{{{','.join('NULL' if text is None else json.dumps(text) for text in literals)}}}"


def given(values: Mapping[str, Any], absent: object) -> dict[str, Any]:
    """Return what was given: all but the keys that have the value ``absent``."""
    return {name: value for name, value in values.items() if value is not absent}
