"""Encryption of contents by the client: the database keeps ciphertexts and wrapped keys alone.

::

    from memoriesdb.encryption import Encryption, Keyring

    encryption = Encryption(Keyring("~/.config/memoriesdb/keyring.json"))
    with memoriesdb.connect(dsn, encryption=encryption) as client, client.as_user(ada) as me:
        me.remember("The combination is 3141")
"""

from memoriesdb.encryption.datakeys import Encryption
from memoriesdb.encryption.providers import (
    Context,
    Environment,
    Keyring,
    Provider,
    VaultTransit,
    Wrapped,
    named,
)

__all__ = [
    "Context",
    "Encryption",
    "Environment",
    "Keyring",
    "Provider",
    "VaultTransit",
    "Wrapped",
    "named",
]
