"""Who wraps the data keys: a file, a variable, Vault or OpenBao, AWS KMS."""

from memoriesdb.encryption.providers.base import Context, Provider, Wrapped
from memoriesdb.encryption.providers.local import Environment, Keyring
from memoriesdb.encryption.providers.named import named
from memoriesdb.encryption.providers.vault import VaultTransit

__all__ = ["Context", "Environment", "Keyring", "Provider", "VaultTransit", "Wrapped", "named"]
