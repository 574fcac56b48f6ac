"""The units: understood by systemd, hardened, and in step with the worker's settings."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from memoriesdb.config import WorkerSettings
from memoriesdb.workers.heart import EXIT_OUTDATED

DIRECTORY = Path(__file__).parents[2] / "workers" / "systemd"
UNITS = [
    "memoriesdb-embedding@.service",
    "memoriesdb-vindexing@.service",
    "memoriesdb-sealing@.service",
]
TOGETHER = "memoriesdb-worker-all.service"
ALL = [*UNITS, TOGETHER]

analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def service(unit: str) -> dict[str, list[str]]:
    settings: dict[str, list[str]] = {}
    section = (DIRECTORY / unit).read_text().partition("[Service]")[2].partition("[Install]")[0]
    for line in section.splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            settings.setdefault(name, []).append(value)
    return settings


@pytest.fixture
def instances(tmp_path: Path) -> list[str]:
    """The units as instances, with a command that exists on this machine."""
    paths = []
    for unit in ALL:
        text = (DIRECTORY / unit).read_text()
        path = tmp_path / unit.replace("@", "@main")
        path.write_text(text.replace("/opt/memoriesdb/bin/memoriesdb", "/bin/true"))
        paths.append(str(path))
    return paths


@analyze
def test_systemd_understands_the_units(instances: list[str]) -> None:
    command = ["systemd-analyze", "verify", "--man=no", *instances]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@analyze
def test_systemd_rates_the_units_as_little_exposed(instances: list[str]) -> None:
    for path in instances:
        command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        rated = re.search(r"Overall exposure level for .*: (\d+\.\d+)", done.stdout)
        assert rated, done.stderr
        assert float(rated[1]) <= 1.5


@pytest.mark.parametrize("unit", ALL)
def test_the_stop_lasts_longer_than_the_grace(unit: str) -> None:
    grace = WorkerSettings.model_fields["shutdown_grace_seconds"].default
    assert float(service(unit)["TimeoutStopSec"][0]) >= grace * 2


@pytest.mark.parametrize("unit", ALL)
def test_an_outdated_or_misconfigured_worker_is_not_started_again(unit: str) -> None:
    assert service(unit)["RestartPreventExitStatus"] == [f"2 {EXIT_OUTDATED}"]


@pytest.mark.parametrize("unit", UNITS)
def test_the_unit_runs_its_own_duty_with_a_watchdog(unit: str) -> None:
    settings = service(unit)
    duty = unit.removeprefix("memoriesdb-").removesuffix("@.service")
    assert settings["ExecStart"] == [f"/opt/memoriesdb/bin/memoriesdb worker {duty}"]
    assert settings["Type"] == ["notify"]
    assert int(settings["WatchdogSec"][0]) > 0
    assert settings["EnvironmentFile"][0] == "/etc/memoriesdb/%i.env"


def test_the_unit_of_all_duties_may_what_any_of_them_may() -> None:
    settings, sealing = service(TOGETHER), service("memoriesdb-sealing@.service")
    assert settings["ExecStart"] == ["/opt/memoriesdb/bin/memoriesdb worker all"]
    assert settings["Restart"] == ["on-failure"]
    differing = {n for n in settings.keys() | sealing if settings.get(n) != sealing.get(n)}
    assert differing == {
        *("ExecStart", "Environment", "EnvironmentFile", "SyslogIdentifier"),
        *("StateDirectory", "MemoryMax", "TasksMax"),
    }


def test_the_units_differ_in_their_duty_alone() -> None:
    first, *others = (service(unit) for unit in UNITS)
    for other, more in zip(others, (set(), {"StateDirectory", "StateDirectoryMode"}), strict=True):
        differing = {name for name in first.keys() | other if first.get(name) != other.get(name)}
        assert differing == {"ExecStart", "SyslogIdentifier", "MemoryMax"} | more


def test_each_unit_is_one_ini_file() -> None:
    for unit in ALL:
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.read(DIRECTORY / unit)
        assert parser.sections() == ["Unit", "Service", "Install"]
