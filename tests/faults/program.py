"""How the classes of faults run the program: in this process, in one of its own, or in one that is killed on its way."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from synapse_analytics.__main__ import main
from tests.faults.stoppable import append, counting

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = 0.6180339887


class Ended(NamedTuple):
    """How a command ended, and what it said; broken lines are put together again."""

    code: int
    said: str

    def is_sentence(self, *words: str, code: int = 1) -> bool:
        """Whether it ended with this exit code and a sentence that holds one of these words, and no traceback."""
        spaced = "".join(self.said.split())
        whole = "Traceback" not in self.said and "fault of the program" not in self.said
        return self.code == code and whole and (not words or any("".join(word.split()) in spaced for word in words))


def command(*words: object) -> Ended:
    """Run a command line in this process: what is not caught there comes out here."""
    out, err = io.StringIO(), io.StringIO()
    argv = mock.patch.object(sys, "argv", ["synapse-analytics", *map(str, words)])
    with argv, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stopped:
            return Ended(int(stopped.code or 0), f"{out.getvalue()}{err.getvalue()}")
    raise AssertionError("a command ends with an exit code")


def started(words: Sequence[object], fatal: int = 0) -> subprocess.Popen[str]:
    """A process that runs these words as soon as it is told to `go`, with all imported; it kills itself at the deed of this number."""
    line = [sys.executable, "-m", "tests.faults.stoppable", str(fatal), *map(str, words)]
    own, pipe = os.environ | {"PYTHONPATH": str(ROOT)}, subprocess.PIPE
    process = subprocess.Popen(line, cwd=ROOT, env=own, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    while (said := process.stdout.readline()) != "begin\n":
        assert said, "the program ended before it began"
    return process


def go(*processes: subprocess.Popen[str]) -> None:
    """Let them begin."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a process; what it said since it began."""
    said, _none = process.communicate(timeout=120)
    return Ended(process.returncode, said)


class Killing:
    """A command that is killed anywhere on its way: every second time at a deed, else at a moment; the numbers spread over the whole of it."""

    def __init__(self, words: Sequence[object], fresh: Callable[[], object]) -> None:
        """The command, and what puts the store back to how it was."""
        self.words, self._fresh = words, fresh

    @functools.cached_property
    def deeds(self) -> int:
        """How many deeds it does, counted in this process."""
        self._fresh()
        with contextlib.redirect_stdout(io.StringIO()), counting() as deeds:
            if self.words[0] == "append":
                append(str(self.words[1]))
            else:
                assert command(*self.words).code == 0
        return deeds.count

    @functools.cached_property
    def seconds(self) -> float:
        """How long it takes in a process of its own."""
        self._fresh()
        process = started(self.words)
        begin = time.monotonic()
        go(process)
        code, said = ended(process)
        assert code == 0, said
        return time.monotonic() - begin

    def killed(self, number: int) -> Ended:
        """Run it and kill it."""
        place = moment(number)
        if number % 2 == 0:
            fatal = 1 + int(place * self.deeds)
            self._fresh()
            process = started(self.words, fatal)
            go(process)
            return ended(process)
        seconds = self.seconds * 1.05  # some kills come after the end, which is a moment too
        self._fresh()
        process = started(self.words)
        go(process)
        time.sleep(place * seconds)
        process.kill()
        return ended(process)


def moment(number: int) -> float:
    """A place from 0 to 1: those of many numbers are spread evenly, however many there are."""
    return (number * GOLDEN + 0.75) % 1
