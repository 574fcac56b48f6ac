"""HashiCorp Vault and OpenBao: their transit engine wraps the keys, over HTTP."""

from __future__ import annotations

import base64
import contextlib
import ipaddress
import os
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote, urlsplit

import requests

from memoriesdb.encryption.providers.base import Context, Wrapped
from memoriesdb.errors import KeyProviderError, WrappingKeyError

_AWAY = "Look at the server: `vault status` or `bao status`."


class VaultTransit:
    """A key of type aes256-gcm96 of the transit engine, which never leaves the server.

    The key's own versions are Vault's affair: after ``vault write -f transit/keys/NAME/rotate``
    what is wrapped anew has the new one.
    """

    name: ClassVar[str] = "vault"

    def __init__(
        self,
        key: str,
        *,
        address: str,
        token: str,
        mount: str = "transit",
        namespace: str | None = None,
        verify: str | bool = True,
        timeout_seconds: float = 10.0,
    ) -> None:
        """Name the key and the server; ``verify`` is a file with its certificate authority."""
        _check_address(address)
        self._key = key
        self._mount = mount.strip("/")
        self._address = address.rstrip("/")
        self._verify = verify
        self._timeout = timeout_seconds
        self._headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}
        if namespace:
            self._headers["X-Vault-Namespace"] = namespace

    @classmethod
    def from_environment(
        cls, path: str, environment: Mapping[str, str] | None = None
    ) -> VaultTransit:
        """Take ``MOUNT/KEY`` and, as the command ``vault`` does, VAULT_ADDR and VAULT_TOKEN."""
        given = os.environ if environment is None else environment
        missing = [name for name in ("VAULT_ADDR", "VAULT_TOKEN") if not given.get(name)]
        if missing:
            raise WrappingKeyError(
                f"{' and '.join(missing)} must be set",
                hint="VAULT_ADDR=https://host:8200, and a token that may update "
                "transit/encrypt/KEY and transit/decrypt/KEY.",
            )
        mount, _, key = path.rpartition("/")
        return cls(
            key,
            address=given["VAULT_ADDR"],
            token=given["VAULT_TOKEN"],
            mount=mount or "transit",
            namespace=given.get("VAULT_NAMESPACE"),
            verify=given.get("VAULT_CACERT") or True,
        )

    def wrap(self, key: bytes, context: Context) -> Wrapped:
        """Wrap a data key by the last version of the key."""
        ciphertext = self._ask("encrypt", "ciphertext", context, plaintext=_base64(key))
        return Wrapped(self.name, f"{self._mount}/{self._key}", ciphertext.encode())

    def unwrap(self, wrapped: Wrapped, context: Context) -> bytes:
        """Give a data key back."""
        ours = f"{self._mount}/{self._key}"
        # Who can write to the database must not choose the key that texts are encrypted with.
        if wrapped.provider_key != ours:
            raise WrappingKeyError(
                f"the data key was wrapped by {wrapped.provider_key}, not by {ours}",
                hint=f"Name vault:{wrapped.provider_key} as a former provider, if that was yours.",
            )
        plaintext = self._ask(
            "decrypt",
            "plaintext",
            context,
            ciphertext=wrapped.wrapped_key.decode("ascii", "replace"),
        )
        try:
            return base64.b64decode(plaintext, validate=True)
        except ValueError:
            raise KeyProviderError("Vault's answer is not base64", hint=_AWAY) from None

    def _ask(self, what: str, field: str, context: Context, **given: str) -> str:
        url = f"{self._address}/v1/{quote(self._mount)}/{what}/{quote(self._key, safe='')}"
        body = {**given, "associated_data": _base64(bytes(context))}
        try:
            answer = requests.post(
                url,
                json=body,
                headers=self._headers,
                timeout=self._timeout,
                verify=self._verify,
                allow_redirects=False,  # the token would go along
            )
        except requests.RequestException as error:
            raise KeyProviderError(
                "Vault does not answer",
                detail=f"{type(error).__name__} at {self._address}.",
                hint=_AWAY,
            ) from None
        if answer.status_code != requests.codes.ok:
            raise self._refused(what, answer)
        try:
            found = answer.json()["data"][field]
        except (ValueError, KeyError, TypeError):
            found = None
        if not isinstance(found, str):
            raise KeyProviderError("Vault's answer cannot be read", hint=_AWAY)
        return found

    def _refused(self, what: str, answer: requests.Response) -> KeyProviderError | WrappingKeyError:
        try:
            errors = [str(error) for error in answer.json().get("errors", [])]
        except (ValueError, AttributeError, TypeError):
            errors = []
        detail = f"HTTP {answer.status_code}{': ' * bool(errors)}{'; '.join(errors)[:300]}"
        if answer.status_code == requests.codes.bad_request and what == "decrypt":
            return WrappingKeyError(
                "Vault cannot unwrap the data key",
                detail=detail,
                hint="What the database keeps of it was changed, belongs to another owner, or the "
                "transit key was deleted or made anew.",
            )
        hints = {
            requests.codes.forbidden: "Give a token whose policy allows update on "
            f"{self._mount}/{what}/{self._key}; it may have expired.",
            requests.codes.not_found: "Is the transit engine mounted there, and the key made?",
            requests.codes.service_unavailable: "Vault is sealed: `vault operator unseal`.",
        }
        return KeyProviderError(
            "Vault refuses", detail=detail, hint=hints.get(answer.status_code, _AWAY)
        )


def _check_address(address: str) -> None:
    """Refuse what is no address, and HTTP beyond this machine: data keys cross it."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    is_near = host == "localhost"
    with contextlib.suppress(ValueError):
        is_near = is_near or ipaddress.ip_address(host).is_loopback
    if (
        not host
        or parts.scheme not in {"http", "https"}
        or (parts.scheme == "http" and not is_near)
    ):
        raise WrappingKeyError(
            "the address of Vault must be https://…",
            detail="Over plain HTTP others on the way could read the keys; this machine's own "
            "addresses are accepted.",
            hint="Set VAULT_ADDR=https://host:8200, and VAULT_CACERT for a private authority.",
        )


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
