"""A user with a key, and clients that have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

import memoriesdb
from acting import Database
from memoriesdb import Client
from memoriesdb.encryption import Encryption, Keyring
from memoriesdb.encryption.manage import add_key


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keyring.json")


@pytest.fixture
def encryption(keyring: Keyring) -> Encryption:
    return Encryption(keyring)


@pytest.fixture
def client(database: Database, encryption: Encryption, alice: UUID) -> Iterator[Client]:
    """A client of the application's login that encrypts, through PgBouncer; alice has a key."""
    with memoriesdb.connect(database.dsn("app"), encryption=encryption) as opened:
        with opened.as_user(alice) as me:
            assert add_key(me, encryption) == 1
        yield opened
