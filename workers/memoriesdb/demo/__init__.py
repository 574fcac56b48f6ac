"""A story on real text, told through PgBouncer as two users."""

from memoriesdb.demo.story import tell

__all__ = ["tell"]
