"""Read JSON Lines and CSV: of each line an item as remember_many() takes it, or what is wrong."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO, Literal, NoReturn

Form = Literal["jsonl", "csv"]
KEYS = ("content", "kind", "metadata", "stream", "importance", "occurred_at", "expires_at")
# As long as the longest text that a database may be set to take, escaped.
csv.field_size_limit(16_000_000)


@dataclass(frozen=True)
class Line:
    """A line by its number in the file, from 1, with its item, or with what is wrong."""

    number: int
    item: dict[str, Any]
    problem: str = ""


def read(source: BinaryIO, form: Form, first: bytes = b"") -> Iterator[Line]:
    """Read a file to its end; a line that is wrong does not end it.

    Of JSON Lines the first line may have been read already.
    """
    return _rows(source) if form == "csv" else _objects(chain([first] if first else [], source))


def _objects(source: Iterable[bytes]) -> Iterator[Line]:
    for number, raw in enumerate(source, 1):
        if not raw.strip():
            continue
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            item = json.loads(text, parse_constant=_no_number)
            problem = _problem(item)
        except UnicodeDecodeError:
            item, problem = {}, "it is not UTF-8"
        except (ValueError, RecursionError) as error:
            item, problem = {}, f"it is not JSON: {error}"
        yield Line(number, {} if problem else item, problem)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _problem(item: object) -> str:
    if not isinstance(item, dict):
        return "it is no JSON object"
    unknown = next((key for key in item if key not in KEYS), None)
    if unknown is not None:
        return f"unknown key {json.dumps(unknown)}: the keys are {', '.join(KEYS)}"
    if not isinstance(item.get("content"), str):
        return "it has no content"
    return ""


def _rows(source: BinaryIO) -> Iterator[Line]:
    # What is not UTF-8 is told of its line, and does not end the file.
    text = io.TextIOWrapper(source, "utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from _of_table(csv.DictReader(text, strict=True))
    finally:
        # It would close the file, which is not its own.
        text.detach()


def _of_table(reader: csv.DictReader[str]) -> Iterator[Line]:
    try:
        head = reader.fieldnames or []
    except csv.Error as error:
        yield Line(1, {}, f"it is not CSV: {error}")
        return
    unknown = next((name for name in head if name not in KEYS), None)
    if unknown is not None or "content" not in head:
        what = "there is no column content" if unknown is None else f"unknown column {unknown!r}"
        yield Line(1, {}, f"{what}: the first line names columns out of {', '.join(KEYS)}")
        return
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(reader.line_num, {}, f"it is not CSV: {error}")
            continue
        item, problem = _of_row(row)
        yield Line(reader.line_num, {} if problem else item, problem)


def _of_row(row: dict[str | Any, str | Any]) -> tuple[dict[str, Any], str]:
    if None in row:
        return {}, "it has more fields than the first line"
    item: dict[str, Any] = {key: value for key, value in row.items() if value}
    try:
        "".join(item.values()).encode()
    except UnicodeEncodeError:
        return {}, "it is not UTF-8"
    if "metadata" in item:
        try:
            item["metadata"] = json.loads(item["metadata"], parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            return {}, f"metadata is not JSON: {error}"
    return item, _problem(item)
