"""AWS KMS, through boto3: `pip install 'memoriesdb[aws]'`."""

from __future__ import annotations

from typing import Any, ClassVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from memoriesdb.encryption.providers.base import Context, Wrapped
from memoriesdb.errors import KeyProviderError, WrappingKeyError

# The ciphertext or its context is not what it was, or another key made it.
_NOT_THE_ONE = {"InvalidCiphertextException", "IncorrectKeyException"}


class AwsKms:
    """A symmetric key of AWS KMS, which never leaves it.

    Region and credentials are found as boto3 finds them: variables, files, the machine's role.
    """

    name: ClassVar[str] = "aws-kms"

    def __init__(self, key: str, client: Any = None) -> None:
        """Name the key by its id, ARN or alias; ``client`` is boto3's, where one is at hand."""
        self._key = key
        try:
            self._client = client or boto3.client(
                "kms",
                config=Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 3}),
            )
        except BotoCoreError as error:
            raise _away(error) from None

    def wrap(self, key: bytes, context: Context) -> Wrapped:
        """Wrap a data key."""
        answer = self._ask("encrypt", context, KeyId=self._key, Plaintext=key)
        # The key's ARN, and not an alias, which may name another key tomorrow.
        return Wrapped(self.name, answer["KeyId"], answer["CiphertextBlob"])

    def unwrap(self, wrapped: Wrapped, context: Context) -> bytes:
        """Give a data key back."""
        # By the key that was named here, and not by what the database says: who can write to it
        # must not choose the key that texts are encrypted with.
        answer = self._ask("decrypt", context, KeyId=self._key, CiphertextBlob=wrapped.wrapped_key)
        key: bytes = answer["Plaintext"]
        return key

    def _ask(self, what: str, context: Context, **given: Any) -> dict[str, Any]:
        bound = {
            "purpose": "memoriesdb.owner-key.v1",
            "owner_id": str(context.owner_id),
            "key_id": str(context.key_id),
        }
        try:
            answer: dict[str, Any] = getattr(self._client, what)(EncryptionContext=bound, **given)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if what == "decrypt" and code in _NOT_THE_ONE:
                raise WrappingKeyError(
                    "AWS KMS cannot unwrap the data key",
                    detail=f"{code}, key {given['KeyId']}.",
                    hint="What the database keeps of it was changed, or belongs to another owner.",
                ) from None
            raise KeyProviderError(
                "AWS KMS refuses",
                detail=f"{code}, key {given['KeyId']}.",
                hint=f"Look at the key's state and policy: it must allow kms:{what.title()}.",
            ) from None
        except BotoCoreError as error:
            raise _away(error) from None
        return answer


def _away(error: BotoCoreError) -> KeyProviderError:
    return KeyProviderError(
        "AWS KMS cannot be asked",
        detail=f"{type(error).__name__}: {error}",
        hint="Set the region and credentials as for the command `aws`, and look at the network.",
    )
