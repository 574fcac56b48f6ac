"""Erasure and holds in the Python client, with errors of their own classes."""

from __future__ import annotations

from uuid import UUID

import pytest

from acting import Database
from erasure.support import CANARY
from memoriesdb.client import connect
from memoriesdb.errors import (
    HeldError,
    MemoryNotFoundError,
    TextNotErasedError,
    UnknownReceiptError,
)


def test_a_user_erases_and_checks(database: Database, alice: UUID) -> None:
    with connect(database.dsn("app")) as client, client.as_user(alice) as me:
        memory_id = me.remember(CANARY)
        receipt = me.erase(memory_id)
        assert receipt["memory_ids"] == [str(memory_id)]
    with connect(database.dsn("app")) as client, client.as_user(alice) as me:
        assert me.erasure_check(receipt) == me.erasure_check(receipt, CANARY) == []
        again = me.remember(CANARY)
        assert {found.what for found in me.erasure_check(receipt, CANARY)} >= {"text"}
        me.erase(again)
    with connect(database.dsn("app")) as client:
        for receipts, text, error in (
            ({**receipt, "counts": {}}, None, UnknownReceiptError),
            (receipt, "another", TextNotErasedError),
        ):
            with pytest.raises(error), client.as_user(alice) as me:
                me.erasure_check(receipts, text)
        with pytest.raises(MemoryNotFoundError), client.as_user(alice) as me:
            me.erase(memory_id)


def test_an_admin_holds_releases_and_erases(database: Database, alice: UUID) -> None:
    memory_id = database.remember(alice, CANARY)
    with connect(database.dsn("admin")) as client:
        hold_id = client.hold(memory_id, "case 12")
        with pytest.raises(HeldError):
            client.erase(memory_id)
        with pytest.raises(HeldError):
            client.erase_user(alice)
        assert client.release(hold_id)
        assert not client.release(hold_id)
        assert client.erase(memory_id)["counts"]["memories"] == 1
        receipt = client.erase_user(alice)
        assert client.erasure_check(receipt) == []
