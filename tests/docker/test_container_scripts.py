"""The scripts of the containers, run for real: against a private server, without Docker."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

import psycopg
import pytest

from acting import Database
from memoriesdb.cluster import Cluster
from memoriesdb.cluster.accounts import SERVER_ENVIRONMENT, Account
from memoriesdb.cluster.pgbouncer import AUTH_QUERY, AUTH_USER, answers, template
from memoriesdb.cluster.ports import free_port
from memoriesdb.cluster.processes import wait_until

DOCKER = Path(__file__).resolve().parents[2] / "docker"
SETUP = DOCKER / "database" / "memoriesdb-setup.py"
ENTRYPOINT = DOCKER / "pgbouncer" / "entrypoint.sh"
SCRIPTS = [
    ENTRYPOINT,
    DOCKER / "make-secrets.sh",
    DOCKER / "database" / "10-memoriesdb.sh",
]


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[str]:
    """The DSN of a database in which nothing is installed."""
    name = f"docker_{secrets.token_hex(4)}"
    with psycopg.connect(cluster.superuser_dsn, autocommit=True) as db:
        db.execute(f"create database {name} encoding 'UTF8' template template0")
        yield cluster.postgres.dsn(name)
        db.execute(f"drop database {name} with (force)")
        with contextlib.suppress(psycopg.errors.UndefinedObject):
            db.execute("drop role memories_app")


def _setup(dsn: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SETUP), "--dsn", dsn, *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _app(cluster: Cluster, dsn: str, password: str) -> psycopg.Connection[tuple[object, ...]]:
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    return psycopg.connect(cluster.dsn(str(name), "memories_app", password))


def test_setup_installs_the_schema_makes_logins_and_registers_the_model(
    cluster: Cluster, empty_database: str, tmp_path: Path
) -> None:
    (tmp_path / "app_password").write_text("from-a-file\n")
    environment = {
        "MEMORIESDB_APP_PASSWORD_FILE": str(tmp_path / "app_password"),
        "MEMORIESDB_MODEL_ENDPOINT": "http://ollama.example.internal:11434",
        "MEMORIESDB_MODEL_NAME": "nomic-embed-text",
        "MEMORIESDB_MODEL_DIMENSIONS": "768",
        "MEMORIESDB_MODEL_QUERY_PREFIX": "search_query: ",
    }
    first = _setup(empty_database, **environment)
    assert first.returncode == 0, first.stderr
    assert "from-a-file" not in first.stdout

    with _app(cluster, empty_database, "from-a-file") as db:
        assert db.execute("select memoriesdb.current_user_id()").fetchone() == (None,)
        assert db.execute(
            "select name, dimensions, query_prefix, is_active from memoriesdb.embedding_models"
        ).fetchall() == [("nomic-embed-text", 768, "search_query: ", True)]

    again = _setup(empty_database, **environment)
    assert again.returncode == 0, again.stderr
    assert ", 0 objects applied" in again.stdout


def test_the_database_is_not_healthy_until_the_schema_is_installed(
    database: Database, empty_database: str
) -> None:
    dockerfile = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    (query,) = re.findall(r"psql -qAtX -d memoriesdb -c '(.*?)'", dockerfile)
    assert database.superuser().execute(query.encode()).fetchone() is not None
    with psycopg.connect(empty_database) as db, pytest.raises(psycopg.errors.UndefinedTable):
        db.execute(query.encode())


def test_setup_keeps_a_password_until_it_is_told_to_set_it_anew(
    cluster: Cluster, database: Database
) -> None:
    dsn = database.dsn("superuser")
    try:
        _setup(dsn, MEMORIESDB_APP_PASSWORD="first")
        _setup(dsn, MEMORIESDB_APP_PASSWORD="second")
        _app(cluster, dsn, "first").close()
        _setup(dsn, "--passwords", MEMORIESDB_APP_PASSWORD="second")
        _app(cluster, dsn, "second").close()
        with pytest.raises(psycopg.OperationalError):
            _app(cluster, dsn, "first")
    finally:
        superuser = database.superuser()
        superuser.execute("drop owned by memories_app")
        superuser.execute("drop role memories_app")


def test_setup_makes_no_login_with_an_empty_password(database: Database, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    done = _setup(database.dsn("superuser"), MEMORIESDB_APP_PASSWORD_FILE=str(tmp_path / "empty"))
    assert done.returncode == 1
    assert "is empty" in done.stderr


def _render(directory: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", str(ENTRYPOINT), "--render"],
        env={
            "PATH": os.environ["PATH"],
            "PGBOUNCER_TEMPLATE": str(DOCKER.parent / "pgbouncer" / "pgbouncer.ini"),
            "PGBOUNCER_DIRECTORY": str(directory),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("version", "line"),
    [("1.18.0", "; (needs 1.21) "), ("1.21.0", ""), ("1.25.1", ""), ("2.0.0", "")],
)
def test_the_pooler_has_the_configuration_of_a_private_cluster(
    tmp_path: Path, version: str, line: str
) -> None:
    program = tmp_path / "bin" / "pgbouncer"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho 'PgBouncer {version}'\n")
    program.chmod(0o755)
    done = _render(
        tmp_path,
        MEMORIESDB_PGBOUNCER_PASSWORD='with "quotes"',
        PATH=f"{program.parent}:{os.environ['PATH']}",
    )
    assert done.returncode == 0, done.stderr
    expected: Template = template()
    assert (tmp_path / "pgbouncer.ini").read_text() == expected.substitute(
        listen_addr="*",
        listen_port=6432,
        unix_socket_dir=tmp_path,
        server_host="database",
        server_port=5432,
        auth_file=tmp_path / "userlist.txt",
        auth_user=AUTH_USER,
        auth_query=AUTH_QUERY,
        stats_users=AUTH_USER,
        if_1_21=line,
    )
    users = tmp_path / "userlist.txt"
    assert users.read_text() == f'"{AUTH_USER}" "with ""quotes"""\n'
    assert stat.S_IMODE(users.stat().st_mode) == 0o600


def test_the_pooler_does_not_start_without_a_password(tmp_path: Path) -> None:
    done = _render(tmp_path)
    assert done.returncode == 1
    assert "MEMORIESDB_PGBOUNCER_PASSWORD_FILE" in done.stderr
    assert not (tmp_path / "userlist.txt").exists()


@contextlib.contextmanager
def _container(cluster: Cluster, server_port: int) -> Iterator[int]:
    """Run the pooler's entry point as its container would; give the port it listens on."""
    account = Account.of_servers()
    # Below the cluster's own directory, which the servers' user reaches; pytest's is closed to it.
    directory = cluster.socket_directory / f"container-{server_port}"
    account.make_directory(directory)
    account.write(directory / "template.ini", template().template)
    port = free_port()
    with ENTRYPOINT.open("rb") as script:
        pooler = subprocess.Popen(
            ["sh", "-s"],
            stdin=script,
            env={
                **SERVER_ENVIRONMENT,
                "PATH": "/usr/sbin:/usr/bin:/bin",
                "MEMORIESDB_PGBOUNCER_PASSWORD": cluster.pooler.auth_password,
                "PGBOUNCER_TEMPLATE": str(directory / "template.ini"),
                "PGBOUNCER_DIRECTORY": str(directory),
                "PGBOUNCER_SERVER_HOST": cluster.host,
                "PGBOUNCER_SERVER_PORT": str(server_port),
                "PGBOUNCER_LISTEN_PORT": str(port),
            },
            stderr=subprocess.DEVNULL,
            cwd="/",
            **account.spawn_options(),
        )
    try:
        assert wait_until(lambda: answers(cluster.host, port), 15, every=0.1)
        yield port
    finally:
        # From PgBouncer 1.23 on SIGTERM waits for clients, also for one that no server lets in.
        pooler.kill()
        pooler.wait(10)


def _is_ready(cluster: Cluster, port: int, database: str) -> bool:
    """Ask as the image's health check does."""
    program = cluster.postgres.installation.program("pg_isready")
    target = ["-h", cluster.host, "-p", str(port), "-U", "test_app", "-d", database]
    return subprocess.run([program, "-q", "-t", "4", *target], check=False).returncode == 0


def test_an_application_gets_in_through_the_containers_pooler(
    cluster: Cluster, database: Database
) -> None:
    with _container(cluster, cluster.port) as port:
        dsn = database.dsn("app").replace(str(cluster.pooler.port), str(port))
        with psycopg.connect(dsn, connect_timeout=10, prepare_threshold=None) as db:
            assert db.execute("select session_user").fetchone() == ("test_app",)
        assert _is_ready(cluster, port, database.name)


def test_a_pooler_without_its_server_is_not_healthy(cluster: Cluster, database: Database) -> None:
    with _container(cluster, free_port()) as port:
        assert not _is_ready(cluster, port, database.name)


def test_secret_files_are_made_once_and_lie_behind_a_closed_door(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    command = ["sh", str(DOCKER / "make-secrets.sh"), str(directory)]
    subprocess.run(command, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in directory.iterdir()}
    subprocess.run(command, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in directory.iterdir()} == made

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o444 for path in directory.iterdir())
    passwords = {text for name, text in made.items() if name.endswith("_password")}
    assert len(passwords) == len(made) - 1
    assert all(len(password.strip()) == 48 for password in passwords)
    assert made["worker_password"].strip() in made["worker_dsn"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_are_understood_by_a_plain_shell(script: Path) -> None:
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_shellcheck_finds_nothing() -> None:
    program = Path(sys.executable).with_name("shellcheck")
    subprocess.run([str(program), *map(str, SCRIPTS)], check=True)
