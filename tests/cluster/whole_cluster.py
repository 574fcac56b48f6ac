"""What the tests of whole private clusters share."""

from __future__ import annotations

import sys
from pathlib import Path

import psycopg

from memoriesdb.cluster import Choices, Instance

HERE = Path(__file__).parent
STAND_IN = (sys.executable, str(HERE / "stand_in.py"))
NOBODY_THERE = "http://127.0.0.1:9"


def install(address: str, _: object) -> None:
    with psycopg.connect(address, autocommit=True) as db:
        db.execute((HERE / "schema.sql").read_text())


CHOICES = Choices(install=install, ollama=NOBODY_THERE, settle_seconds=0.2)


def fresh(instance: Instance) -> Instance:
    """Return the instance as the next command sees it, nothing cached."""
    return Instance(instance.name, instance.home, instance.program)
