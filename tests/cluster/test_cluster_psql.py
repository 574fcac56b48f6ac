"""`psql` of a private cluster: as which user, with which options."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from memoriesdb.cluster import (
    Instance,
    UnknownUserError,
    psql_command,
)

pytestmark = pytest.mark.timeout(120)


def test_psql_acts_as_the_user(running: Instance) -> None:
    query = "select session_user, current_setting('app.current_user')"
    command, environment = psql_command(running, "alice", ["-X", "-At", "-c", query])
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "memoriesdb_demo_app|00000000-0000-7000-8000-000000000001"
    assert not any(secret in " ".join(command) for secret in running.passwords.values())


@pytest.mark.parametrize(
    "user",
    [
        "mallory",
        "gone",
        "00000000-0000-7000-8000-000000000002",
        "00000000-0000-7000-8000-00000000000f",
    ],
)
def test_psql_refuses_who_is_unknown_or_deactivated(running: Instance, user: str) -> None:
    with pytest.raises(UnknownUserError, match=user) as caught:
        psql_command(running, user)
    assert "--instance shared" in caught.value.hint


@pytest.mark.parametrize(
    ("user", "prompt"),
    [
        ("alice", "alice@memoriesdb%R%# "),
        ("00000000-0000-7000-8000-000000000001", "alice@memoriesdb%R%# "),
        # psql runs what stands between backquotes after a percent sign.
        ("100%`id`", "100%%`id`@memoriesdb%R%# "),
        (None, "nobody@memoriesdb%R%# "),
    ],
)
def test_the_prompt_of_psql_names_the_user(
    running: Instance, user: str | None, prompt: str
) -> None:
    command, _ = psql_command(running, user)
    assert f"--set=PROMPT1={prompt}" in command


@pytest.mark.parametrize("separator", [[], ["--"]])
def test_what_is_no_option_here_is_psqls(running: Instance, separator: list[str]) -> None:
    words = ["--instance", "shared", "--as", "alice", *separator, "-X", "-Atc", "select 1"]
    done = subprocess.run(
        [sys.executable, "-m", "memoriesdb", "psql", *words],
        env={**os.environ, "MEMORIESDB_HOME": str(running.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == ("1", "")


def test_psql_without_a_user_says_that_nothing_is_visible(running: Instance) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "memoriesdb", "psql", "--instance", "shared", "-Atc", "select 1"],
        env={**os.environ, "MEMORIESDB_HOME": str(running.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "1"
    assert "--as" in done.stderr
