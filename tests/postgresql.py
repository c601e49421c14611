"""A PostgreSQL server for the tests that need one: started in a second, in a folder of its own, without a port, and gone at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = "postgres"


def programs() -> Path | None:
    """The folder with initdb and pg_ctl of the newest PostgreSQL of this machine; None when there is none."""
    found = shutil.which("initdb")
    known = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]) if path.parts[-3].isdigit() else 0
    )
    return Path(found).parent if found else known[-1].parent if known else None


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that runs as long as this is open; a test is skipped without PostgreSQL, and fails on a machine of CI."""
    folder = programs()
    if folder is None:
        if os.environ.get("CI"):
            pytest.fail("no PostgreSQL on this machine: tests/install_postgresql.sh should have installed it")
        pytest.skip("no PostgreSQL on this machine (tests/install_postgresql.sh installs it)")
    place = Path(tempfile.mkdtemp(prefix="pg-"))  # a short path: that of a socket has at most 107 letters
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(place, USER)
    options = f"-k {place} -c listen_addresses='' -c fsync=off -c full_page_writes=off -c shared_buffers=16MB"
    try:
        _run(folder / "initdb", "-D", f"{place}/data", "-U", USER, "-A", "trust", "--no-sync", "--encoding=UTF8", "--locale=C")
        _run(folder / "pg_ctl", "-D", f"{place}/data", "-l", f"{place}/log", "-w", "-o", options, "start")
        yield f"postgresql+psycopg://{USER}@/postgres?host={place}"
    finally:
        _run(folder / "pg_ctl", "-D", f"{place}/data", "-m", "immediate", "stop", check=False)
        shutil.rmtree(place, ignore_errors=True)


def _run(*command: object, check: bool = True) -> None:
    words = [str(word) for word in command]
    as_other = ["runuser", "-u", USER, "--"] if os.getuid() == 0 else []
    # Nothing is captured: the server would keep the pipe open.
    subprocess.run([*as_other, *words], check=check, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
