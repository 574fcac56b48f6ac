"""A provider by its name in one text, as commands and configurations give it."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from memoriesdb.encryption.providers.local import Environment, Keyring
from memoriesdb.encryption.providers.vault import VaultTransit
from memoriesdb.errors import WrappingKeyError

if TYPE_CHECKING:
    from memoriesdb.encryption.providers.base import Provider

FORMS = "keyring:FILE, environment:VARIABLE, vault:MOUNT/KEY or aws-kms:KEY"


def named(text: str) -> Provider:
    """Return the provider of ``keyring:FILE``, ``environment:VARIABLE``, ``vault:MOUNT/KEY`` …."""
    kind, _, rest = text.partition(":")
    if rest and kind == "keyring":
        return Keyring(rest)
    if rest and kind == "environment":
        return Environment(rest)
    if rest and kind == "vault":
        return VaultTransit.from_environment(rest)
    if rest and kind == "aws-kms":
        return _kms(rest)
    raise WrappingKeyError(f"{kind!r} is no provider of keys", hint=f"Give {FORMS}.")


def _kms(key: str) -> Provider:
    try:
        module = importlib.import_module("memoriesdb.encryption.providers.kms")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"boto3", "botocore"}:
            raise
        raise WrappingKeyError(
            "AWS KMS needs boto3", hint="`pip install 'memoriesdb[aws]'`."
        ) from None
    provider: Provider = module.AwsKms(key)
    return provider
