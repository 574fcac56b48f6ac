"""Processes that outlive the command: started detached, known by pid and start time, stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from memoriesdb.cluster.accounts import Account
from memoriesdb.cluster.errors import ClusterError, log_tail


def set_log_aside(log: Path) -> None:
    """Let each start begin a log of its own; the one before is kept, older ones are not."""
    if log.exists():
        log.replace(log.with_suffix(".log.1"))


@dataclass(frozen=True)
class ProcessId:
    """A process, told apart from a later one that was given the same number."""

    pid: int
    ticks: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """Return the live process with this number; None for none, and for a dead one unreaped."""
        try:
            # The name, in parentheses, may hold spaces and parentheses itself.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        if fields[0] in "ZX":
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return cls(pid, int(fields[19]), boot)

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return ProcessId.of(self.pid) == self

    @property
    def since(self) -> datetime:
        """When it started."""
        stat = Path("/proc/stat").read_text().splitlines()
        booted = next(int(line.split()[1]) for line in stat if line.startswith("btime "))
        ticks_a_second = os.sysconf("SC_CLK_TCK")
        return datetime.fromtimestamp(booted + self.ticks // ticks_a_second, UTC)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to this very process, and to no other with its number."""
        with contextlib.suppress(ProcessLookupError):
            # The descriptor stays bound to one process, so nothing comes between check and kill.
            descriptor = os.pidfd_open(self.pid)
            try:
                if self.is_alive():
                    signal.pidfd_send_signal(descriptor, number)
            finally:
                os.close(descriptor)


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Poll ``condition`` until it holds (True) or the time is over (False)."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def _reap(pid: int) -> None:
    # A child of this very process stays a zombie until it is waited for; others are init's.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


@dataclass(frozen=True)
class Daemon:
    """A program that runs in the background, with a log file and a pid file."""

    name: str
    pid_file: Path
    log: Path
    command: Sequence[str] = ()
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    directory: Path = Path("/")

    def running(self) -> ProcessId | None:
        """Return the live process that the pid file names; a stale or broken file names none."""
        try:
            recorded = ProcessId(**json.loads(self.pid_file.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return recorded if recorded.is_alive() else None

    def start(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Start it unless it runs, wait until ``ready``; True when it was started by this call."""
        started = self.launch()
        try:
            self.await_ready(ready, seconds)
        except BaseException:  # Ctrl-C too: what did not come up does not stay
            if started:
                self.stop()
            raise
        return started

    def launch(self) -> bool:
        """Start it unless it runs, without waiting; True when it was started by this call."""
        if self.running():
            return False
        self._spawn()
        return True

    def await_ready(self, ready: Callable[[], bool], seconds: float) -> None:
        """Wait until ``ready``; raise when it ends, or the time does, before that."""

        def settled() -> bool:
            return self.running() is None or ready()

        in_time = wait_until(settled, seconds)
        if in_time and self.running():
            return
        what = "does not answer" if self.running() else "ended at once"
        raise ClusterError(
            f"{self.name} {what}. The end of {self.log}:\n{log_tail(self.log)}",
            "repair what the log names, then run `memoriesdb up` again.",
        )

    def stop(self, grace: float = 10.0) -> bool:
        """Stop it: its signal, then SIGKILL after ``grace`` seconds; True when it was running."""
        process = self.running()
        if process is not None:
            process.send(self.stop_signal)
            if not wait_until(lambda: not process.is_alive(), grace):
                process.send(signal.SIGKILL)
                wait_until(lambda: not process.is_alive(), 5.0)
            _reap(process.pid)
        self.pid_file.unlink(missing_ok=True)
        return process is not None

    def _spawn(self) -> None:
        set_log_aside(self.log)
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            child = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd=self.directory,
                env=self.environment,
                start_new_session=True,
                **(self.account.spawn_options() if self.account else {}),
            )
        finally:
            os.close(descriptor)
        process = ProcessId.of(child.pid)
        # Not waited for on purpose: it outlives this command.
        child.returncode = 0
        if process is None:
            raise ClusterError(
                f"{self.name} ended at once. The end of {self.log}:\n{log_tail(self.log)}",
                "repair what the log names, then run `memoriesdb up` again.",
            )
        record = {"pid": process.pid, "ticks": process.ticks, "boot": process.boot}
        self.pid_file.write_text(json.dumps(record))
