"""A server to measure with: started on a free port, waited for, and killed afterwards."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from benchmarks.entering import enter
from benchmarks.measure import ROOT, free_port

PATIENCE, LAST_WORDS = 60, 4_000  # s; letters
SHARE = re.compile(r"^Pss:\s+(\d+) kB$", re.MULTILINE)
Command = Callable[[int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers: its address, and the process group that its processes are in."""

    address: str
    group: int
    said: Path | None = None  # what it writes for the people who run it

    def last_words(self) -> str:
        """The end of what it has written."""
        return "" if self.said is None else self.said.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:]

    def megabytes(self) -> float:
        """What its processes hold in memory now, in MB; what several of them share counts once (the proportional set size of Linux)."""
        return sum(int(SHARE.findall((folder / "smaps_rollup").read_text(encoding="ascii"))[0]) for folder in self._processes()) / 1024

    def worked(self) -> float:
        """Seconds of a processor that its processes have taken so far."""
        times = [(folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13] for folder in self._processes()]
        return sum(int(user) + int(system) for user, system in times) / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> Iterator[Path]:
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # a process that has just ended
                if int((folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[2]) == self.group:
                    yield folder


@contextmanager
def started(command: Command, health: str, environment: Mapping[str, str] | None = None, port: int | None = None) -> Iterator[Server]:
    """Start a server on a free port or this one, wait until it answers, and open its link if it is ours."""
    port = port or free_port()
    with tempfile.NamedTemporaryFile() as said:
        server = subprocess.Popen(  # noqa: S603 - commands of our own
            command(port),
            cwd=ROOT,
            env=os.environ | dict(environment or {}),
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/{health}")
            if command is dashboard:
                enter(address, Path(said.name))
            yield Server(address, server.pid, Path(said.name))
        finally:
            os.killpg(server.pid, signal.SIGKILL)  # nothing is left to write, and a browser that is open would make it wait
            server.wait()


@contextmanager
def serving(command: Command, health: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """A server of which only the address matters."""
    with started(command, health, environment) as server:
        yield server.address


def dashboard(port: int) -> list[str]:
    """The command that serves the store that SYNAPSE_HOME names."""
    return [sys.executable, "-m", "synapse_analytics", "serve", "--port", str(port)]


def _wait_for(address: str) -> None:
    end = time.time() + PATIENCE
    while time.time() < end:
        try:
            urlopen(address, timeout=2).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(f"{address} does not answer")
