"""What the demo asks beyond what a client does."""

from memoriesdb.queries.loader import Query, load

waiting: Query[int] = load("demo/waiting", int)
clear: Query[int] = load("demo/clear", int)
find_user: Query[str] = load("demo/find_user", str)
has_model: Query[bool] = load("demo/has_model", bool)
tamper: Query[str] = load("demo/tamper", str)
tamper_entry: Query[str] = load("demo/tamper_entry", str)
last_entry: Query[int] = load("demo/last_entry", int)

__all__ = [
    "clear",
    "find_user",
    "has_model",
    "last_entry",
    "tamper",
    "tamper_entry",
    "waiting",
]
