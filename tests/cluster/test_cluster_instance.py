"""`up`, `down`, `status`, `dsn` and `psql` of a whole private cluster."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import psycopg
import pytest
from typer.testing import CliRunner

from cluster.stand_in import ANSWERS, Ollama
from cluster.whole_cluster import CHOICES, STAND_IN, fresh
from memoriesdb.cluster import (
    ClusterError,
    Instance,
    NotRunningError,
    Status,
    down,
    dsn,
    status,
    up,
)
from memoriesdb.cluster.cli import app
from memoriesdb.cluster.instance import ROLES, Role, login_name
from memoriesdb.cluster.processes import ProcessId, wait_until

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def ollama() -> Iterator[str]:
    class Busy(Ollama):
        answers: ClassVar[dict[str, object]] = {
            **ANSWERS,
            "/api/tags": {"models": [{"name": "nomic-embed-text:v1.5"}]},
        }

    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def pids(found: Status) -> dict[str, int | None]:
    return {part.name: part.pid for part in found.components}


def models(instance: Instance) -> list[tuple[object, ...]]:
    with psycopg.connect(instance.dsn("superuser")) as db:
        return db.execute(
            "select name, endpoint, dimensions, login from memoriesdb.models"
        ).fetchall()


def test_up_starts_every_part_and_again_changes_nothing(running: Instance) -> None:
    first = status(fresh(running))
    assert first.running
    assert all(part.running and part.since for part in first.components)
    lines: list[str] = []
    again = up(fresh(running), lines.append, CHOICES)
    assert pids(again) == pids(first)
    assert not [line for line in lines if "started" in line]


def test_the_model_is_registered_by_the_admin_with_the_dimensions_it_gives(
    running: Instance,
) -> None:
    endpoint = f"http://127.0.0.1:{running.ports['embedder']}"
    assert models(running) == [("all-minilm", endpoint, 3, "memoriesdb_demo_admin")]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("direct", [True, False])
def test_the_dsn_of_each_role_connects_as_its_login(
    running: Instance, role: Role, direct: bool
) -> None:
    address = dsn(running, role, direct)
    with psycopg.connect(address, prepare_threshold=None) as db:
        found = db.execute("select session_user, current_database(), inet_server_port()").fetchone()
    assert found == (login_name(role), "memoriesdb", running.ports["postgres"])
    straight = direct or role in {"superuser", "maintainer"}
    assert str(running.ports["postgres" if straight else "pgbouncer"]) in address


def test_queues_are_part_of_the_status_and_it_is_json(running: Instance) -> None:
    content = json.loads(json.dumps(status(fresh(running)).as_json()))
    assert content["running"] is True
    assert content["queues"][0]["pending"] == 3
    assert {part["name"] for part in content["components"]} >= {"postgres", "pgbouncer"}


def test_no_password_is_in_arguments_logs_or_readable_files(running: Instance) -> None:
    secrets = set(running.passwords.values())
    for pid in pids(status(fresh(running))).values():
        arguments = Path(f"/proc/{pid}/cmdline").read_text()
        assert not any(secret in arguments for secret in secrets)
    for path in running.directory.rglob("*"):
        if path.is_file() and "data" not in path.relative_to(running.directory).parts:
            text = path.read_text()
            if any(secret in text for secret in secrets):
                assert path.name in {"credentials.json", "userlist.txt"}
                assert path.stat().st_mode & 0o077 == 0


def test_workers_get_the_pooled_dsn_of_the_worker_role(running: Instance) -> None:
    process = running.worker("embedding").running()
    assert process is not None
    environment = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
    assert f"MEMORIESDB_DSN={running.dsn('worker')}" in environment


def test_the_commands_print_and_exit_as_promised(
    running: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEMORIESDB_HOME", str(running.home))
    call = partial(CliRunner().invoke, app)
    shared = ["--instance", "shared"]
    assert call(["status", *shared]).exit_code == 0
    assert json.loads(call(["status", "--json", *shared]).output)["running"] is True
    assert call(["dsn", "--role", "admin", *shared]).output.strip() == running.dsn("admin")
    assert call(["dsn", "--role", "king", *shared]).exit_code == 2
    assert call(["psql", "--as", "mallory", *shared]).exit_code == 1
    assert call(["status", "--instance", "other"]).exit_code == 3
    absent = call(["dsn", "--instance", "other"])
    assert absent.exit_code == 3
    assert "memoriesdb up --instance other" in absent.output
    shown = call(["status", *shared]).output.splitlines()
    assert shown == [line.rstrip() for line in shown]
    assert call(["down", "--instance", "other"]).exit_code == 0
    assert call(["up", "--instance", "../other"]).exit_code == 2


@pytest.mark.parametrize("command", ["up", "down", "status", "dsn", "psql"])
def test_each_command_helps_with_an_example(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert "Example" in done.output
    assert f"memoriesdb {command}" in done.output or "memoriesdb dsn" in done.output


@pytest.mark.parametrize("victims", [{"postgres"}, {"pgbouncer", "embedder", "vindexing worker"}])
def test_what_died_is_started_again_and_the_rest_left_alone(
    instance: Instance, victims: set[str]
) -> None:
    before = up(instance, choices=CHOICES)
    for name in victims:
        pid = pids(before)[name]
        assert pid is not None
        process = ProcessId.of(pid)
        assert process is not None
        process.send(signal.SIGKILL)
        assert wait_until(lambda process=process: not process.is_alive(), 5)  # type: ignore[misc]
    assert not status(fresh(instance)).running
    after = up(fresh(instance), choices=CHOICES)
    assert after.running
    changed = {name for name, pid in pids(after).items() if pid != pids(before)[name]}
    assert changed == victims


def test_down_stops_everything_and_keeps_data_ports_and_passwords(instance: Instance) -> None:
    before = up(instance, choices=CHOICES)
    with psycopg.connect(instance.dsn("superuser"), autocommit=True) as db:
        db.execute("create table kept ()")
    assert down(fresh(instance))
    assert not any(ProcessId.of(pid) for pid in pids(before).values() if pid)
    assert not down(fresh(instance))
    with pytest.raises(NotRunningError):
        dsn(fresh(instance), "app")
    assert not status(fresh(instance)).running
    home = ["--home", str(instance.home), "--instance", "trial"]
    shown = CliRunner().invoke(app, ["status", *home])
    assert (shown.exit_code, "is stopped" in shown.output) == (3, True)
    assert "not running" not in shown.output
    again = fresh(instance)
    up(again, choices=CHOICES)
    assert (again.ports, again.passwords) == (instance.ports, instance.passwords)
    with psycopg.connect(again.dsn("superuser")) as db:
        assert db.execute("select to_regclass('kept') is not null").fetchone() == (True,)


def test_purge_leaves_nothing(instance: Instance) -> None:
    found = up(instance, choices=CHOICES)
    assert down(fresh(instance), purge=True)
    assert not any(ProcessId.of(pid) for pid in pids(found).values() if pid)
    assert not instance.home.exists()
    assert not status(fresh(instance)).exists


def test_a_directory_that_is_no_instance_is_not_touched(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir(mode=0o750)
    (precious / "thesis.txt").write_text("years of work")
    for command in (partial(down, purge=True), partial(up, choices=CHOICES)):
        with pytest.raises(ClusterError, match="not the state"):
            command(Instance("precious", tmp_path))
    assert [path.name for path in precious.iterdir()] == ["thesis.txt"]
    assert precious.stat().st_mode & 0o777 == 0o750


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_failing_step_stops_what_this_call_started(
    instance: Instance, error: type[BaseException]
) -> None:
    def fail(address: str, report: object) -> None:
        raise error

    with pytest.raises(error):
        up(instance, choices=replace(CHOICES, install=fail))
    assert not any(part.running for part in status(fresh(instance)).components)
    assert up(fresh(instance), choices=CHOICES).running


def test_a_failing_step_leaves_alone_what_ran_before(instance: Instance) -> None:
    before = up(instance, choices=CHOICES)

    def fail(address: str, report: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        up(fresh(instance), choices=replace(CHOICES, install=fail))
    assert pids(status(fresh(instance))) == pids(before)


def test_a_worker_that_cannot_start_shows_its_log(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_FAILS", "vindexing")
    with pytest.raises(ClusterError, match="vindexing cannot start here") as caught:
        up(instance, choices=replace(CHOICES, settle_seconds=3))
    assert "vindexing.log" in caught.value.message
    assert not any(part.running for part in status(fresh(instance)).components)


def test_without_an_embedder_it_goes_on_with_words_and_says_so(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_FAILS", "embedder")
    lines: list[str] = []
    found = up(instance, lines.append, CHOICES)
    assert found.running
    assert pids(found)["embedder"] is None
    assert any("words only" in line and "embedder cannot start" in line for line in lines)
    assert models(instance) == []


def test_ollama_is_used_where_it_answers(instance: Instance, ollama: str) -> None:
    found = up(instance, choices=replace(CHOICES, ollama=ollama))
    assert pids(found)["embedder"] is None
    assert models(instance) == [("nomic-embed-text", ollama, 3, "memoriesdb_demo_admin")]


def test_a_port_that_somebody_took_is_replaced(instance: Instance) -> None:
    up(instance, choices=CHOICES)
    down(fresh(instance))
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", instance.ports["pgbouncer"]))
        taken.listen()
        again = fresh(instance)
        lines: list[str] = []
        assert up(again, lines.append, CHOICES).running
    assert again.ports["pgbouncer"] != instance.ports["pgbouncer"]
    assert again.ports["postgres"] == instance.ports["postgres"]
    assert any("taken by another program" in line for line in lines)


def test_two_at_once_start_one_cluster(instance: Instance) -> None:
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(up, fresh(instance), choices=CHOICES) for _ in range(2)]
        first, second = (call.result() for call in calls)
    assert pids(first) == pids(second)


def test_a_home_with_a_very_long_name_works(instance: Instance) -> None:
    long = Instance("trial", instance.home / ("x" * 120), STAND_IN)
    try:
        assert up(long, choices=CHOICES).running
        sockets = long.sockets
        assert sockets.exists()
    finally:
        down(fresh(long), purge=True)
    assert not sockets.exists()
    instance.directory.mkdir(parents=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")
def test_a_home_that_the_servers_cannot_enter_is_refused_with_a_hint(instance: Instance) -> None:
    instance.home.chmod(0o700)
    with pytest.raises(ClusterError, match="cannot enter") as caught:
        up(instance, choices=CHOICES)
    assert "--home" in caught.value.hint


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "A", "x" * 32])
def test_names_that_would_leave_the_home_are_refused(name: str) -> None:
    with pytest.raises(ClusterError, match="cannot name"):
        Instance.locate(name)


@pytest.mark.parametrize("content", ["[]", "", "{", '{"no": "ports"}'])
def test_damaged_state_is_told(instance: Instance, content: str) -> None:
    instance.directory.mkdir()
    state = instance.directory / "state.json"
    state.write_text(content)
    with pytest.raises(ClusterError, match="damaged"):
        dsn(instance, "app")
    state.unlink()
