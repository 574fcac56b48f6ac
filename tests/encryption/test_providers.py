"""Wrapping keys: a file, a variable, Vault's transit engine, AWS KMS."""

from __future__ import annotations

import base64
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import ANY, Stubber

from encryption.vault_server import TOKEN, Transit, transit
from memoriesdb import errors
from memoriesdb.encryption import (
    Context,
    Encryption,
    Environment,
    Keyring,
    Provider,
    VaultTransit,
    Wrapped,
    named,
)
from memoriesdb.encryption.providers.kms import AwsKms

KEY = os.urandom(32)
OWNER = uuid4()
HERE = Context(OWNER, 1)
VARIABLE = "MEMORIESDB_ENCRYPTION_KEYS"


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def server() -> Iterator[Transit]:
    with transit() as running:
        yield running


def vault(server: Transit, **options: Any) -> VaultTransit:
    given = {"address": server.address, "token": TOKEN, **options}
    return VaultTransit("memories", **given)


@pytest.fixture(params=["keyring", "environment", "vault"])
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Provider]:
    if request.param == "keyring":
        yield Keyring.create(tmp_path / "deeper" / "keyring.json")
    elif request.param == "environment":
        yield Environment(environment={VARIABLE: f"{new_key()}, {new_key()}"})
    else:
        with transit() as running:
            yield vault(running)


def test_a_key_comes_back_and_is_not_in_its_wrapping(provider: Provider) -> None:
    wrapped = provider.wrap(KEY, HERE)
    assert wrapped.provider == provider.name
    assert KEY not in wrapped.wrapped_key
    assert base64.b64encode(KEY) not in wrapped.wrapped_key
    assert provider.unwrap(wrapped, HERE) == KEY
    assert provider.wrap(KEY, HERE) != wrapped


def test_a_wrapping_that_was_moved_or_changed_does_not_unwrap(provider: Provider) -> None:
    wrapped = provider.wrap(KEY, HERE)
    for elsewhere in (Context(uuid4(), 1), Context(OWNER, 2)):
        with pytest.raises(errors.WrappingKeyError):
            provider.unwrap(wrapped, elsewhere)
    body = bytearray(wrapped.wrapped_key)
    body[-5] ^= 1
    with pytest.raises(errors.WrappingKeyError):
        provider.unwrap(replace(wrapped, wrapped_key=bytes(body)), HERE)


def test_a_wrapping_key_of_another_name_is_named_in_the_error(provider: Provider) -> None:
    wrapped = replace(provider.wrap(KEY, HERE), provider_key="transit/theirs")
    with pytest.raises(errors.WrappingKeyError, match="transit/theirs"):
        provider.unwrap(wrapped, HERE)


def test_a_new_wrapping_key_takes_over_and_the_former_one_still_unwraps(tmp_path: Path) -> None:
    keyring = Keyring.create(tmp_path / "keyring.json")
    former = keyring.wrap(KEY, HERE)
    name = keyring.add()
    assert keyring.names() == [name, former.provider_key]
    assert keyring.wrap(KEY, HERE).provider_key == name
    assert keyring.unwrap(former, HERE) == KEY
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["keyring.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o606, 0o610, 0o644, 0o777])
def test_a_keyring_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    keyring = Keyring.create(tmp_path / "keyring.json")
    keyring.path.chmod(mode)
    with pytest.raises(errors.WrappingKeyError, match="others may read"):
        keyring.wrap(KEY, HERE)
    keyring.path.chmod(0o400)
    assert keyring.wrap(KEY, HERE)


def test_a_keyring_is_made_for_its_user_alone_whatever_the_umask(tmp_path: Path) -> None:
    former = os.umask(0)
    try:
        keyring = Keyring.create(tmp_path / "new" / "keyring.json")
    finally:
        os.umask(former)
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(keyring.path.parent.stat().st_mode) == 0o700


def test_a_keyring_is_never_overwritten_and_a_link_not_followed(tmp_path: Path) -> None:
    keyring = Keyring.create(tmp_path / "keyring.json")
    before = keyring.path.read_bytes()
    with pytest.raises(errors.WrappingKeyError, match="there already"):
        Keyring.create(keyring.path)
    assert keyring.path.read_bytes() == before
    link = tmp_path / "link.json"
    link.symlink_to(keyring.path)
    with pytest.raises(errors.WrappingKeyError):
        Keyring(link).names()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"key": "eA=="}]}'])
def test_a_file_that_is_no_keyring_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(errors.WrappingKeyError):
        Keyring(path).names()
    with pytest.raises(errors.WrappingKeyError, match="cannot be read"):
        Keyring(tmp_path / "missing.json").names()


@pytest.mark.parametrize("value", [None, "", " , ", "tea", "dGVh", "ключ"])
def test_a_variable_without_a_key_is_refused(value: str | None) -> None:
    environment = {} if value is None else {VARIABLE: value}
    with pytest.raises(errors.WrappingKeyError) as caught:
        Environment(environment=environment).wrap(KEY, HERE)
    assert caught.value.hint is not None
    assert "openssl rand" in caught.value.hint


def test_a_former_key_of_a_variable_still_unwraps() -> None:
    old, new = new_key(), new_key()
    wrapped = Environment(environment={VARIABLE: old}).wrap(KEY, HERE)
    assert Environment(environment={VARIABLE: f"{new},{old}"}).unwrap(wrapped, HERE) == KEY
    with pytest.raises(errors.WrappingKeyError, match="is not in"):
        Environment(environment={VARIABLE: new}).unwrap(wrapped, HERE)


def test_vault_is_asked_as_its_documentation_says(server: Transit) -> None:
    provider = vault(server, namespace="team")
    wrapped = provider.wrap(KEY, HERE)
    assert wrapped.provider_key == "transit/memories"
    assert wrapped.wrapped_key.startswith(b"vault:v1:")
    server.rotate("transit/memories")
    assert provider.wrap(KEY, HERE).wrapped_key.startswith(b"vault:v2:")
    assert provider.unwrap(wrapped, HERE) == KEY
    path, headers, body = server.requests[0]
    assert path == "/v1/transit/encrypt/memories"
    assert headers["X-Vault-Token"] == TOKEN
    assert headers["X-Vault-Namespace"] == "team"
    assert base64.b64decode(body["plaintext"]) == KEY
    assert str(OWNER) in base64.b64decode(body["associated_data"]).decode()


def sealed(server: Transit) -> None:
    server.sealed = True


def strange(status: int, body: bytes) -> Callable[[Transit], None]:
    def act(server: Transit) -> None:
        server.answer = (status, body)

    return act


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (sealed, "unseal"),
        (strange(403, b'{"errors":["permission denied"]}'), "policy"),
        (strange(404, b'{"errors":[]}'), "mounted"),
        (strange(500, b"<html>"), "status"),
        (strange(429, b"[]"), "status"),
        (strange(302, b""), "status"),
        (strange(200, b"not json"), "status"),
        (strange(200, b'{"data":null}'), "status"),
        (strange(200, b'{"data":{"ciphertext":1,"plaintext":2}}'), "status"),
        (strange(200, b'{"data":{"ciphertext":null,"plaintext":"\xc3\xa9"}}'), "status"),
    ],
)
def test_what_vault_cannot_answer_is_a_clear_error_without_the_token(
    server: Transit, fault: Callable[[Transit], None], says: str
) -> None:
    provider = vault(server)
    wrapped = provider.wrap(KEY, HERE)
    fault(server)
    for act in (lambda: provider.wrap(KEY, HERE), lambda: provider.unwrap(wrapped, HERE)):
        with pytest.raises(errors.KeyProviderError) as caught:
            act()
        assert caught.value.hint is not None
        assert says in caught.value.hint
        shown = f"{caught.value} {caught.value.detail} {caught.value.hint}"
        assert TOKEN not in shown
        assert base64.b64encode(KEY).decode() not in shown


def test_the_token_follows_no_redirect(server: Transit) -> None:
    with transit() as elsewhere:
        server.answer = (307, b"")
        server.location = f"{elsewhere.address}/v1/transit/encrypt/memories"
        with pytest.raises(errors.KeyProviderError):
            vault(server).wrap(KEY, HERE)
        assert elsewhere.requests == []


def test_an_absent_vault_is_a_clear_error(server: Transit) -> None:
    provider = vault(server)
    server.shutdown()
    server.server_close()
    with pytest.raises(errors.KeyProviderError, match="does not answer"):
        provider.wrap(KEY, HERE)


@pytest.mark.parametrize("address", ["http://vault.example:8200", "vault:8200", "", "ftp://x"])
def test_keys_cross_no_network_in_the_clear(address: str) -> None:
    with pytest.raises(errors.WrappingKeyError, match="https"):
        VaultTransit("memories", address=address, token=TOKEN)


def kms() -> tuple[AwsKms, Stubber]:
    client = boto3.client(
        "kms", region_name="eu-central-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    return AwsKms("alias/memories", client), Stubber(client)


ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
BOUND = {"purpose": "memoriesdb.owner-key.v1", "owner_id": str(OWNER), "key_id": "1"}


def test_kms_is_asked_with_the_owner_bound() -> None:
    provider, stub = kms()
    with stub:
        stub.add_response(
            "encrypt",
            {"CiphertextBlob": b"sealed", "KeyId": ARN},
            {"KeyId": "alias/memories", "Plaintext": KEY, "EncryptionContext": BOUND},
        )
        wrapped = provider.wrap(KEY, HERE)
        assert wrapped == Wrapped("aws-kms", ARN, b"sealed")
        stub.add_response(
            "decrypt",
            {"Plaintext": KEY, "KeyId": ARN},
            {"KeyId": "alias/memories", "CiphertextBlob": b"sealed", "EncryptionContext": BOUND},
        )
        assert provider.unwrap(wrapped, HERE) == KEY
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidCiphertextException", errors.WrappingKeyError),
        ("IncorrectKeyException", errors.WrappingKeyError),
        ("AccessDeniedException", errors.KeyProviderError),
        ("DisabledException", errors.KeyProviderError),
    ],
)
def test_what_kms_refuses_is_a_clear_error(code: str, expected: type[errors.MemoriesError]) -> None:
    provider, stub = kms()
    with stub:
        stub.add_client_error(
            "decrypt",
            code,
            expected_params={"KeyId": ANY, "CiphertextBlob": ANY, "EncryptionContext": ANY},
        )
        with pytest.raises(expected) as caught:
            provider.unwrap(Wrapped("aws-kms", ARN, b"sealed"), HERE)
        assert caught.value.detail is not None
        assert code in caught.value.detail


def test_an_absent_kms_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    provider, _ = kms()

    def away(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://kms")

    monkeypatch.setattr(provider._client, "encrypt", away)
    with pytest.raises(errors.KeyProviderError, match="cannot be asked"):
        provider.wrap(KEY, HERE)


def test_without_boto3_kms_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['boto3'] = None\n"
        "from memoriesdb.encryption import named\n"
        "from memoriesdb.errors import WrappingKeyError\n"
        "try: named('aws-kms:alias/x')\n"
        "except WrappingKeyError as error: print(error.hint)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "memoriesdb[aws]" in done.stdout


def test_a_provider_is_named_in_one_text(
    tmp_path: Path, server: Transit, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(named(f"keyring:{tmp_path}/keys"), Keyring)
    assert isinstance(named("environment:KEYS"), Environment)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert named("aws-kms:alias/x").name == "aws-kms"
    monkeypatch.delenv("VAULT_TOKEN", raising=False)
    with pytest.raises(errors.WrappingKeyError, match="VAULT_TOKEN"):
        named("vault:transit/memories")
    monkeypatch.setenv("VAULT_ADDR", server.address)
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    provider = named("vault:transit/memories")
    assert provider.unwrap(provider.wrap(KEY, HERE), HERE) == KEY
    for text in ("", "keyring", "keyring:", "gpg:me"):
        with pytest.raises(errors.WrappingKeyError, match="no provider"):
            named(text)


class Counting:
    """Counts what is asked of a provider."""

    def __init__(self, inner: Provider) -> None:
        self.inner = inner
        self.name = inner.name
        self.unwrapped = 0

    def wrap(self, key: bytes, context: Context) -> Wrapped:
        return self.inner.wrap(key, context)

    def unwrap(self, wrapped: Wrapped, context: Context) -> bytes:
        self.unwrapped += 1
        return self.inner.unwrap(wrapped, context)


def test_data_keys_are_kept_for_a_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    provider = Counting(Keyring.create(tmp_path / "keyring.json"))
    encryption = Encryption(provider, cache_seconds=300)
    clock = [1000.0]
    monkeypatch.setattr("memoriesdb.encryption.datakeys.time.monotonic", lambda: clock[0])
    wrapped = encryption.new_key(OWNER, 1)
    key = encryption.unwrap(wrapped, OWNER, 1)
    clock[0] += 299
    assert encryption.unwrap(wrapped, OWNER, 1) == key
    assert provider.unwrapped == 1
    clock[0] += 1
    assert encryption.unwrap(wrapped, OWNER, 1) == key
    assert provider.unwrapped == 2
    encryption.forget_keys()
    encryption.unwrap(wrapped, OWNER, 1)
    assert provider.unwrapped == 3
    # In memory, too, a wrapping counts at its place alone.
    with pytest.raises(errors.WrappingKeyError):
        encryption.unwrap(wrapped, uuid4(), 1)


def test_a_former_provider_is_asked_for_what_it_wrapped(tmp_path: Path, server: Transit) -> None:
    old = Keyring.create(tmp_path / "keyring.json")
    wrapped = Encryption(old).new_key(OWNER, 1)
    moving = Encryption(vault(server), former=[old])
    renewed = moving.rewrap(wrapped, OWNER, 1)
    assert renewed.provider == "vault"
    only_new = Encryption(vault(server))
    assert only_new.unwrap(renewed, OWNER, 1) == Encryption(old).unwrap(wrapped, OWNER, 1)
    with pytest.raises(errors.WrappingKeyError, match="keyring"):
        only_new.unwrap(wrapped, OWNER, 1)
