"""A load in a process of its own: what a bundle does to the memory, or to the program that reads it, ends there.

The process here and the one there talk through its standard input and output. The one there asks before a data version comes into use,
and stops when nobody answers.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

from synapse_analytics.errors import StoreError, SynapseError
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.store.alone import alone
from synapse_analytics.store.building import sweep
from synapse_analytics.store.contents import GENERATIONS, LOCK
from synapse_analytics.store.engine import store_folder
from synapse_analytics.store.generations import current_id, open_generation
from synapse_analytics.store.load import BeforePublish, load_bundle
from synapse_analytics.store.locks import waiting_for
from synapse_analytics.store.manifest import GenerationInfo

GIGABYTE = 1 << 30
# What the process may take, whatever the machine: a load of 100,000 patients uses 0.9 GB, but Arrow and DuckDB reserve 1.3 GB beside it.
LEAST_MEMORY = 4 * GIGABYTE
HEARD_AGAIN = 0.5  # seconds after which the last progress is told again, as a person who cancels is noticed only then
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "from synapse_analytics.store.apart import load_there; load_there()"
AS_BEFORE = "Nothing was loaded, and the data in use are as they were."


def memory_limit() -> int:
    """Bytes a load may take: half of the memory of this machine, so that those who look at pages are served meanwhile."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return max(LEAST_MEMORY, whole // 2)


def load_apart(
    path: Path, database: str | None = None, progress: Progress = quiet, before_publish: BeforePublish | None = None
) -> GenerationInfo:
    """Check a bundle and load it, as `load_bundle` does, in a process of its own; whatever stops this one stops that one as well."""
    store, asked = store_folder(database), ""
    with alone(store), _beside(store, path, database) as there:
        while True:
            kind, what = there.heard(progress)
            if kind == "publish":
                if before_publish is not None:
                    before_publish(what)
                there.tell("go")
                asked, progress = what, quiet  # nothing may stop from here on: what is in use has to be said
            elif kind == "loaded":
                return what
            elif kind == "refused":
                raise what
            elif asked and current_id(store) == asked:  # it ended, but after its deed
                return open_generation(store)[1]
            else:
                raise StoreError(what)


class _There:
    """The other process, as this one sees it."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._told: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with self._process.stdout as said, suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):  # type: ignore[union-attr]
            while True:
                self._told.put(pickle.load(said))  # noqa: S301 - our own program wrote it
        self._told.put(("ended", _how_it_ended(self._process.wait())))

    def heard(self, progress: Progress) -> tuple[str, Any]:
        """The next that is more than progress; the progress is passed on."""
        last = ("Reading the bundle", 0, 0)
        while True:
            try:
                kind, what = self._told.get(timeout=HEARD_AGAIN)
            except Empty:
                kind, what = "progress", last
            if kind != "progress":
                return kind, what
            last = what
            progress(*last)

    def tell(self, *what: Any) -> None:
        """Send something; if nobody is there any more, `heard` says so."""
        with suppress(OSError):
            _send(self._process.stdin, what)


@contextmanager
def _beside(store: Path, *what: Any) -> Iterator[_There]:
    """Start the other process and tell it what to load; when this ends, so does that, and nothing half built stays."""
    command = [sys.executable, "-P", "-c", PROGRAM]
    named = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": named}
    )
    there = _There(process)
    try:
        there.tell(memory_limit(), *what)
        yield there
    finally:
        was_killed = process.poll() is None
        process.kill()
        process.wait()
        if process.stdin:
            with suppress(OSError):
                process.stdin.close()
        if was_killed or process.returncode:
            _tidy(store)


def _tidy(store: Path) -> None:
    """Remove what a killed load left; where that cannot be done now, the next load does it."""
    with suppress(OSError, StoreError):
        if (store / GENERATIONS).is_dir():
            with waiting_for(store / LOCK):
                sweep(store)


def _how_it_ended(code: int) -> str:
    if code < 0:
        how = f"signal {-code}; as a rule it needed more memory than the {memory_limit() / GIGABYTE:.0f} GB that a load may take"
    else:
        how = f"exit code {code}"
    return f"The process that reads the bundle ended before its work was done ({how}). {AS_BEFORE}"


def load_there() -> None:
    """The program of the other process."""
    answers, said = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not come between
    memory, path, database = pickle.load(answers)  # noqa: S301 - our own program wrote it
    _bound(memory)

    def tell(kind: str, what: Any) -> None:
        _send(said, (kind, what))

    def wait_for_go(generation: str) -> None:
        tell("publish", generation)
        pickle.load(answers)  # noqa: S301 - EOFError when nobody is there any more: then nothing comes into use

    try:
        tell("loaded", load_bundle(path, database, lambda *how: tell("progress", how), wait_for_go))
    except SynapseError as refusal:
        tell("refused", refusal)
    except MemoryError:
        tell("ended", f"The bundle needs more memory than the {memory / GIGABYTE:.0f} GB that a load may take. {AS_BEFORE}")
    except Exception as fault:  # noqa: BLE001 - its message may hold a value of a patient, so its kind and place are said alone
        place = traceback.extract_tb(fault.__traceback__)[-1]
        where = f"{type(fault).__name__} in {Path(place.filename).name}, line {place.lineno}"
        tell("ended", f"The bundle could not be read: a fault of this program ({where}). {AS_BEFORE}")


def _bound(memory: int) -> None:
    """Let this process take so much memory and no more, and be the first to go when the machine has none left."""
    with suppress(ImportError, OSError, ValueError):  # a system without these goes without
        import resource  # noqa: PLC0415 - not on Windows

        # Not RLIMIT_AS: that counts what is only reserved, some 2 GB by the threads of Arrow and DuckDB.
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _send(to: IO[bytes] | None, what: Any) -> None:
    assert to is not None  # noqa: S101 - a pipe was asked for
    to.write(pickle.dumps(what))
    to.flush()
