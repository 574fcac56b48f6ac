"""What the demo asks beyond what a client does."""

from memoriesdb.queries.loader import Query, load

waiting: Query[int] = load("demo/waiting", int)
clear: Query[int] = load("demo/clear", int)
find_user: Query[str] = load("demo/find_user", str)
has_model: Query[bool] = load("demo/has_model", bool)
tamper: Query[str] = load("demo/tamper", str)

__all__ = ["clear", "find_user", "has_model", "tamper", "waiting"]
