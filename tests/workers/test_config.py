"""Settings: file < secret files < environment < flags, and errors that name the variable."""

from pathlib import Path
from typing import Any

import pytest

from memoriesdb.config import SettingsError, WorkerSettings

DSN = "postgresql://worker:hunter2@db/memoriesdb"


def test_flags_win_over_environment_over_secrets_over_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "worker.toml"
    config.write_text(
        'dsn = "host=file"\nbatch = 1\npoll_max_seconds = 11\nheartbeat_seconds = 21\n'
        "[embedding]\nbatch = 2\n[vindexing]\nbatch = 3\n"
    )
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "memoriesdb_dsn").write_text(DSN + "\n")
    (secrets / "memoriesdb_poll_max_seconds").write_text("12")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(secrets))
    monkeypatch.setenv("MEMORIESDB_POLL_MAX_SECONDS", "13")
    monkeypatch.setenv("MEMORIESDB_BATCH", "4")

    settings = WorkerSettings.load("embedding", config, batch=5, lease_seconds=None)

    assert settings.batch == 5
    assert settings.poll_max_seconds == 13
    assert settings.heartbeat_seconds == 21
    assert settings.dsn.get_secret_value() == DSN


def test_a_dutys_table_wins_over_the_top_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "worker.toml"
    config.write_text('dsn = "host=file"\nbatch = 1\n[vindexing]\nbatch = 3\n')
    monkeypatch.setenv("MEMORIESDB_CONFIG", str(config))
    assert WorkerSettings.load("embedding").batch == 1
    assert WorkerSettings.load("vindexing").batch == 3


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMORIESDB_API_KEY", "sk-secret")
    settings = WorkerSettings.load("embedding", dsn=DSN)
    assert "hunter2" not in repr(settings)
    assert "sk-secret" not in repr(settings)
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == "sk-secret"


def test_an_api_key_in_the_config_file_is_refused(tmp_path: Path) -> None:
    config = tmp_path / "worker.toml"
    config.write_text('dsn = "host=file"\napi_key = "sk-secret"\n')
    with pytest.raises(SettingsError, match="set MEMORIESDB_API_KEY") as refused:
        WorkerSettings.load("embedding", config)
    assert "sk-secret" not in str(refused.value)


def test_a_missing_dsn_says_how_to_give_it() -> None:
    with pytest.raises(SettingsError, match="give --dsn or set MEMORIESDB_DSN"):
        WorkerSettings.load("embedding")


@pytest.mark.parametrize("dsn", ["hunter2 is my password", "postgresql://a:hunter2@[h/db"])
def test_a_malformed_dsn_is_not_echoed(dsn: str) -> None:
    with pytest.raises(SettingsError, match="not a Postgres connection string") as refused:
        WorkerSettings.load("embedding", dsn=dsn)
    assert "hunter2" not in str(refused.value)


def test_an_unknown_key_of_the_file_is_named(tmp_path: Path) -> None:
    config = tmp_path / "worker.toml"
    config.write_text('dsn = "host=file"\nbatchsize = 3\n')
    with pytest.raises(SettingsError, match="batchsize is not a setting"):
        WorkerSettings.load("embedding", config)


def test_a_directory_of_secrets_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMORIESDB_SECRETS_DIR", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="directory of secret files is not there"):
        WorkerSettings.load("embedding", dsn=DSN)


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read the config file"):
        WorkerSettings.load("embedding", tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("dsn: yaml")
    with pytest.raises(SettingsError, match="is not TOML"):
        WorkerSettings.load("embedding", broken)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"batch": 0}, "MEMORIESDB_BATCH"),
        ({"lease_seconds": 4000}, "MEMORIESDB_LEASE_SECONDS"),
        ({"poll_min_seconds": 9, "poll_max_seconds": 1}, "poll_min_seconds is greater"),
        ({"endpoint": "ftp://models"}, "MEMORIESDB_ENDPOINT"),
        ({"log_level": "loud"}, "MEMORIESDB_LOG_LEVEL"),
    ],
)
def test_values_out_of_range_are_refused(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        WorkerSettings.load("embedding", dsn=DSN, **flags)


@pytest.mark.parametrize("off", ["0", "none", "None", "off", ""])
def test_the_metrics_port_can_be_turned_off(off: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMORIESDB_METRICS_PORT", off)
    assert WorkerSettings.load("embedding", dsn=DSN).metrics_port == 0


def test_empty_variables_count_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEMORIESDB_API_KEY", "")
    monkeypatch.setenv("MEMORIESDB_ENDPOINT", "")
    settings = WorkerSettings.load("embedding", dsn=DSN)
    assert settings.api_key is None
    assert settings.endpoint is None


def test_every_setting_is_described() -> None:
    for name, field in WorkerSettings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_workers_without_a_name_get_one_that_no_other_process_has() -> None:
    first = WorkerSettings.load("embedding", dsn=DSN)
    assert first.name_for("embedding").startswith("embedding@")
    assert first.name_for("embedding") != first.name_for("vindexing")
