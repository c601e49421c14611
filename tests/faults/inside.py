"""What classes of faults share: a home of their own for the length of a case, a command in this process, and what a sentence for people is."""

from __future__ import annotations

import atexit
import functools
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from synapse_analytics import audit, logs
from synapse_analytics.__main__ import main
from synapse_analytics.audit.batches import Batches
from synapse_analytics.store import load_bundle
from synapse_analytics.synthetic import generate
from synapse_analytics.web.door.sessions import SESSIONS

OF_THE_PERSON = ("SYNAPSE_POLICY", "SYNAPSE_SETTINGS", "SYNAPSE_CLIENT_SECRET")
# The words of a library or of this language, which say nothing to a person.
STRANGE = re.compile(r"Traceback|\b\w*(?:Error|Exception)\b|object at 0x|pyarrow\.|pandas\.|duckdb\.|NoneType|\bline \d+, in ")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


@functools.cache
def drawn_home() -> Path:
    """The folder of a store of three hundred patients, made once for all classes that only ask."""
    folder = Path(tempfile.mkdtemp(prefix="faults-home-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    generate(folder / "bundle", patients=300, seed=5, months=36)
    load_bundle(folder / "bundle", f"duckdb:///{folder / 'store'}")
    return folder / "store"


@contextmanager
def at_home(home: Path) -> Iterator[pytest.MonkeyPatch]:
    """No store, witness, setting or session but those below this folder; what a case patches beside them ends with it, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYNAPSE_HOME", str(home))
        patch.setenv("XDG_STATE_HOME", str(home / "state"))
        patch.setenv("COLUMNS", "20000")  # a sentence stays on a line
        for name in OF_THE_PERSON:
            patch.delenv(name, raising=False)
        patch.setattr(SESSIONS, "needed", False)
        patch.setattr(audit, "_batches", Batches(pause=None))
        patch.setattr(logs, "install", lambda: None)
        yield patch


def command(patch: pytest.MonkeyPatch, *words: str | Path) -> Ended:
    """Run a command in this process; what is no exit gets out."""
    patch.setattr("sys.argv", ["synapse-analytics", *map(str, words)])
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape", write_through=True) for _ in range(2))
    code = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as stopped:
            code = int(stopped.code or 0)
    return Ended(code, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> str:
    held = stream.buffer
    assert isinstance(held, io.BytesIO)
    return held.getvalue().decode("utf-8", "replace")


def not_words(message: str) -> str:
    """Why a message is no sentence that says what to do; empty if it is one."""
    if strange := STRANGE.search(message):
        return f"the message holds '{strange[0]}'"
    return "" if len(message.split()) > 4 else "there is no sentence"
