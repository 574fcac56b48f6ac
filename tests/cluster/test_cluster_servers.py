"""The server and the pooler of our own: start, stop, survive a crash, let the right logins in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from memoriesdb.cluster import Cluster, ClusterError, MissingPackageError, temporary_cluster
from memoriesdb.cluster import binaries as binaries_module
from memoriesdb.cluster.accounts import Account
from memoriesdb.cluster.binaries import find_postgres
from memoriesdb.cluster.pgbouncer import AUTH_USER
from memoriesdb.cluster.ports import (
    CANDIDATES,
    free_port,
    is_free,
    make_socket_directory,
    socket_directory,
)
from memoriesdb.cluster.processes import Daemon, ProcessId, wait_until

pytestmark = pytest.mark.timeout(120)

SCHEMA = Path(__file__).with_name("schema.sql").read_text()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with temporary_cluster() as running:
        with psycopg.connect(running.superuser_dsn, autocommit=True) as db:
            db.execute(SCHEMA)
            db.execute("create role app_login login password 'right'")
            db.execute("create role expired login password 'right' valid until '2020-01-01'")
            # Given as clear text by this test alone; `up` sends the SCRAM secret.
            db.execute(f"alter role {AUTH_USER} login password '{running.pooler.auth_password}'")
            db.execute(f"grant connect on database postgres to {AUTH_USER}, app_login, expired")
        running.pooler.start()
        yield running


def session_user(dsn: str) -> object:
    with psycopg.connect(dsn, prepare_threshold=None, connect_timeout=5) as db:
        row = db.execute("select session_user").fetchone()
    return row[0] if row else None


def sleeper(directory: Path, code: str = "import time; time.sleep(60)") -> Daemon:
    return Daemon(
        name="the sleeper",
        pid_file=directory / "sleeper.process",
        log=directory / "sleeper.log",
        command=(sys.executable, "-c", code),
    )


def test_a_temporary_cluster_leaves_nothing() -> None:
    with temporary_cluster() as running:
        process = running.postgres.running()
        directory = running.postgres.directory.parent
        assert process is not None
        assert session_user(running.superuser_dsn) == "postgres"
    assert not process.is_alive()
    assert not directory.exists()


def test_a_temporary_cluster_is_stopped_when_its_body_fails() -> None:
    seen: list[ProcessId | None] = []

    def body_fails() -> None:
        with temporary_cluster() as running:
            seen.append(running.postgres.running())
            raise RuntimeError("body")

    with pytest.raises(RuntimeError, match="body"):
        body_fails()
    assert seen[0] is not None
    assert not seen[0].is_alive()


def test_the_server_does_not_run_as_root(cluster: Cluster) -> None:
    process = cluster.postgres.running()
    assert process is not None
    assert Path(f"/proc/{process.pid}").stat().st_uid != 0


def test_the_server_is_utf8_with_checksums_on_loopback(cluster: Cluster) -> None:
    with psycopg.connect(cluster.superuser_dsn) as db:
        wanted = {
            "server_encoding": "UTF8",
            "data_checksums": "on",
            "listen_addresses": "127.0.0.1",
            "password_encryption": "scram-sha-256",
        }
        found = {k: db.execute(f"show {k}").fetchone() for k in wanted}
    assert found == {name: (value,) for name, value in wanted.items()}


def test_the_socket_asks_for_a_password_too(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host=str(cluster.socket_directory), port=cluster.port, user="postgres", password="no"
        )


def test_the_log_holds_no_contents(cluster: Cluster) -> None:
    secret = "a thing that nobody should read in a log"
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        db.execute("create temp table kept (content text check (content = ''))")
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute("insert into kept values (%s)", [secret])
        with pytest.raises(psycopg.errors.UndefinedTable):
            db.execute(f"select '{secret}' from nowhere")
    log = cluster.postgres.log.read_text()
    assert "violates check constraint" in log
    assert secret not in log


def test_starting_what_runs_changes_nothing(cluster: Cluster) -> None:
    before = cluster.postgres.running(), cluster.pooler.running()
    assert not cluster.postgres.start()
    assert not cluster.pooler.start()
    assert (cluster.postgres.running(), cluster.pooler.running()) == before


@pytest.mark.parametrize("pooled", [True, False])
def test_a_login_gets_in_with_its_password(cluster: Cluster, pooled: bool) -> None:
    assert session_user(cluster.dsn("postgres", "app_login", "right", pooled=pooled)) == "app_login"


@pytest.mark.parametrize(
    ("user", "password"), [("app_login", "wrong"), ("app_login", ""), ("nobody", "x")]
)
def test_the_pooler_refuses_wrong_passwords(cluster: Cluster, user: str, password: str) -> None:
    with pytest.raises(psycopg.OperationalError):
        session_user(cluster.dsn("postgres", user, password, pooled=True))


def test_the_pooler_refuses_the_superuser(cluster: Cluster) -> None:
    assert session_user(cluster.superuser_dsn) == "postgres"
    with pytest.raises(psycopg.OperationalError):
        session_user(cluster.dsn("postgres", "postgres", cluster.postgres.password, pooled=True))


def test_an_expired_login_is_refused_by_the_server_behind_the_pooler(cluster: Cluster) -> None:
    with pytest.raises(psycopg.OperationalError):
        session_user(cluster.dsn("postgres", "expired", "right", pooled=True))


def test_the_pooler_lends_connections_for_one_transaction(cluster: Cluster) -> None:
    dsn = cluster.dsn("postgres", "app_login", "right", pooled=True)
    with psycopg.connect(dsn, prepare_threshold=None) as one:
        one.execute("select set_config('app.current_user', 'someone', true)")
        one.commit()
        with psycopg.connect(dsn, prepare_threshold=None) as two:
            setting = two.execute("select current_setting('app.current_user', true)").fetchone()
    assert setting in [(None,), ("",)]


def test_the_pooler_follows_a_changed_password(cluster: Cluster) -> None:
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        db.execute("create role changing login password 'old'")
        db.execute("grant connect on database postgres to changing")
        assert session_user(cluster.dsn("postgres", "changing", "old", pooled=True)) == "changing"
        db.execute("alter role changing password 'new'")
    assert session_user(cluster.dsn("postgres", "changing", "new", pooled=True)) == "changing"


def test_the_pooler_follows_a_restart_of_the_server(cluster: Cluster) -> None:
    dsn = cluster.dsn("postgres", "app_login", "right", pooled=True)
    assert session_user(dsn) == "app_login"
    assert cluster.postgres.stop()
    assert cluster.postgres.start()

    def answers() -> bool:
        try:
            return session_user(dsn) == "app_login"
        except psycopg.OperationalError:
            return False

    assert wait_until(answers, 30)


def test_the_pooler_does_not_write_passwords(cluster: Cluster) -> None:
    assert cluster.pooler.auth_password not in cluster.pooler.log.read_text()
    assert cluster.pooler.auth_password not in cluster.pooler.configuration()
    userlist = cluster.pooler.directory / "userlist.txt"
    assert userlist.stat().st_mode & 0o777 == 0o600


def test_prepared_statements_are_configured_only_where_they_are_known(cluster: Cluster) -> None:
    def line(version: tuple[int, int]) -> str:
        pooler = replace(cluster.pooler, program=replace(cluster.pooler.program, version=version))
        lines = pooler.configuration().splitlines()
        return next(each for each in lines if "max_prepared_statements" in each)

    assert line((1, 18)).startswith(";")
    assert line((1, 21)) == "max_prepared_statements = 200"


def test_a_killed_server_starts_again() -> None:
    with temporary_cluster() as running:
        process = running.postgres.running()
        assert process is not None
        process.send(signal.SIGKILL)
        assert wait_until(lambda: not process.is_alive(), 10)
        assert running.postgres.running() is None
        assert running.postgres.start()
        assert session_user(running.superuser_dsn) == "postgres"


def test_a_stale_pid_of_a_stranger_is_neither_believed_nor_killed() -> None:
    with temporary_cluster() as running:
        server = running.postgres
        server.stop()
        # A process of the server's own user: PostgreSQL alone would refuse to start.
        stranger = subprocess.Popen(["sleep", "60"], **server.account.spawn_options())
        try:
            pid_file = server.data / "postmaster.pid"
            server.account.write(pid_file, f"{stranger.pid}\n{server.data}\n")
            assert server.running() is None
            assert not server.stop()
            assert server.start()
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()


def test_a_server_that_cannot_start_says_why() -> None:
    with temporary_cluster() as running:
        running.postgres.stop()
        broken = replace(running.postgres, settings={"shared_buffers": "a lot"})
        with pytest.raises(ClusterError, match="shared_buffers"):
            broken.start()


def test_a_failed_initdb_leaves_no_data_directory() -> None:
    with temporary_cluster() as running:
        bindir = running.socket_directory / "bin"
        bindir.mkdir()
        initdb = bindir / "initdb"
        initdb.write_text('#!/bin/sh\nmkdir -p "$2/base"; echo "no space left"; exit 1\n')
        for path in (bindir, initdb):
            path.chmod(0o755)
        broken = replace(
            running.postgres,
            directory=running.socket_directory / "other",
            installation=replace(running.postgres.installation, bindir=bindir),
        )
        with pytest.raises(ClusterError, match="no space left"):
            broken.create()
        assert not broken.is_created
        assert [entry.name for entry in broken.directory.iterdir()] == ["postgres.log"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root writes what another user owns")
def test_root_writes_only_where_the_server_s_user_cannot_plant_a_link(cluster: Cluster) -> None:
    for directory in (cluster.postgres.directory, cluster.pooler.directory):
        assert (directory.stat().st_uid, directory.stat().st_mode & 0o777) == (0, 0o711)


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("as it was")
    link = tmp_path / "link"
    link.symlink_to(target)
    account = Account.of_servers()
    with pytest.raises(OSError, match="symbolic links"):
        account.open_append(link)
    account.write(link, "new")
    assert not link.is_symlink()
    assert target.read_text() == "as it was"
    assert target.stat().st_uid == os.geteuid()


def test_a_daemon_is_started_once_and_stopped(tmp_path: Path) -> None:
    daemon = sleeper(tmp_path)
    assert daemon.start(lambda: True, 5)
    try:
        process = daemon.running()
        assert not daemon.start(lambda: True, 5)
        assert daemon.running() == process
    finally:
        assert daemon.stop()
    assert process is not None
    assert not process.is_alive()
    assert not daemon.stop()


def test_a_daemon_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    code = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    daemon = sleeper(tmp_path, code)
    daemon.start(ready.exists, 10)
    process = daemon.running()
    daemon.stop(grace=0.2)
    assert process is not None
    assert not process.is_alive()


def test_a_daemon_that_ends_at_once_shows_its_own_log(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="first"):
        sleeper(tmp_path, "raise SystemExit('first reason')").start(lambda: False, 10)
    with pytest.raises(ClusterError) as caught:
        sleeper(tmp_path, "raise SystemExit('second reason')").start(lambda: False, 10)
    assert "second reason" in str(caught.value)
    assert "first reason" not in str(caught.value)


def test_a_daemon_that_does_not_answer_is_stopped_again(tmp_path: Path) -> None:
    daemon = sleeper(tmp_path)
    with pytest.raises(ClusterError, match="does not answer"):
        daemon.start(lambda: False, 0.3)
    assert daemon.running() is None


@pytest.mark.parametrize("content", ["", "{}", "12", "[1]", '{"pid": 1, "ticks": 1, "boot": "x"}'])
def test_a_broken_or_stale_pid_file_names_nobody(tmp_path: Path, content: str) -> None:
    daemon = sleeper(tmp_path)
    daemon.pid_file.write_text(content)
    assert daemon.running() is None
    assert not daemon.stop()


def test_a_number_given_to_another_process_is_not_signalled() -> None:
    myself = ProcessId.of(os.getpid())
    assert myself is not None
    assert myself.is_alive()
    earlier = replace(myself, ticks=myself.ticks - 1)
    assert not earlier.is_alive()
    earlier.send(signal.SIGKILL)  # would end this test run


def test_a_free_port_is_none_in_use() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert not is_free(server.getsockname()[1])
    first = free_port()
    assert first in CANDIDATES
    assert free_port([first]) != first


def test_long_socket_paths_are_replaced_by_a_short_directory(tmp_path: Path) -> None:
    short = socket_directory(tmp_path / ("x" * 100) / "run")
    assert len(str(short)) < 60
    assert short == socket_directory(tmp_path / ("x" * 100) / "run")
    assert short != socket_directory(tmp_path / ("y" * 100) / "run")
    assert socket_directory(Path("/var/lib/memoriesdb/x/run")) == Path("/var/lib/memoriesdb/x/run")


def test_a_socket_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    account = Account.of_servers()
    make_socket_directory(tmp_path / "ours", account)
    make_socket_directory(tmp_path / "ours", account)
    (tmp_path / "planted").symlink_to(tmp_path / "ours")
    with pytest.raises(ClusterError, match="somebody else"):
        make_socket_directory(tmp_path / "planted", account)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries_module, "NEEDED_EXTENSIONS", ("plpgsql", "no_such_extension"))
    with pytest.raises(MissingPackageError, match="no_such_extension") as caught:
        find_postgres()
    assert "make demo" in caught.value.hint
    with pytest.raises(MissingPackageError, match="PostgreSQL 9 is not installed"):
        find_postgres(9)
