"""Lines that may wait a second: many are written in one transaction, so that a click does not wait for the disk.

A process that is killed loses at most the lines that still wait. What cannot be written is kept and tried again, up to a
limit; how many were lost beyond it is a line of its own as soon as the log can be written again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from synapse_analytics.access import Person
from synapse_analytics.audit import chain, witness
from synapse_analytics.audit.entries import Event, Happening, Subject, entry
from synapse_analytics.vocabulary.plurals import counted

PAUSE = 1.0  # seconds in which further lines join the first one
NEXT_TRY = 10.0  # seconds after a write that failed
MOST_WAITING = 10_000  # questions of one folder
ITSELF = Person("the log itself")
_logger = logging.getLogger("synapse_analytics.audit")


class Batches:
    """The lines that wait, by folder, and the thread that writes them.

    With `pause=None` there is no thread: `flush` and `write` alone write lines.
    """

    def __init__(self, pause: float | None = PAUSE) -> None:
        self._pause = pause
        self._waiting: dict[Path, list[Happening]] = {}
        self._lost: dict[Path, int] = {}
        self._failing: set[Path] = set()
        self._guard = threading.Lock()  # held for no longer than a list takes to grow
        self._turn = threading.RLock()  # one writes at a time, so that the lines keep their order
        self._untold: set[Path] = set()  # folders with a last line that the witnesses of the settings do not know
        self._telling = threading.Lock()  # not the turn to write: a command of the clinic may take seconds
        self._writer, self._teller = _Worker("audit", pause, self.flush), _Worker("audit witnesses", pause, self.tell)

    def add(self, folder: Path, happening: Happening) -> None:
        """Let a line wait; never waits for the disk and never raises."""
        with self._guard:
            waiting = self._waiting.setdefault(folder, [])
            if len(waiting) < MOST_WAITING:
                waiting.append(happening)
            else:
                self._lost[folder] = self._lost.get(folder, 0) + 1
        self._writer.wake()

    def write(self, folder: Path, *happenings: Happening) -> None:
        """Write the lines that wait for this folder and then these, all or none; OSError or sqlite3.Error where that fails."""
        with self._turn:
            with self._guard:
                waiting, lost = self._waiting.pop(folder, []), self._lost.pop(folder, 0)
            gap = [Happening(Event.QUESTIONS_LOST, ITSELF, Subject(rows=lost), time.time())] if lost else []
            try:
                chain.write(folder, [entry(happening) for happening in (*waiting, *gap, *happenings)])
            except BaseException:
                with self._guard:
                    self._waiting[folder] = waiting + self._waiting.get(folder, [])
                    self._lost[folder] = lost + self._lost.get(folder, 0)
                raise
        self._failing.discard(folder)
        if witness.others(folder):
            self._untold.add(folder)
            self._teller.wake()

    def flush(self) -> bool:
        """Write all lines that wait; True if all are on disk now. The fault of a folder is logged once until it can be written again."""
        with self._turn:  # what another thread is writing waits no more, and is not on disk yet
            written = [self._written(folder) for folder in list(self._waiting)]
        return all(written)

    def tell(self) -> bool:
        """Tell the witnesses of the settings the last lines that they do not know. This may take seconds, in which lines are written all the same."""
        with self._telling:
            for folder in list(self._untold):
                self._untold.discard(folder)
                chain.tell_others(folder)
        return True

    def close(self) -> None:
        """Write all lines that wait, for the last time, and tell the witnesses."""
        if not self.flush():
            count = sum(map(len, self._waiting.values())) + sum(self._lost.values())
            _logger.warning("Answered, and could not be logged: %s.", counted(count, "question"))
        self.tell()

    def _written(self, folder: Path) -> bool:
        try:
            if not folder.is_dir():  # the store was removed: its log must not make the folder anew
                raise FileNotFoundError("there is no such folder")
            self.write(folder)
        except (OSError, sqlite3.Error) as fault:
            if folder not in self._failing:
                self._failing.add(folder)
                _logger.warning(
                    "Questions cannot be logged in '%s' (%s). They are answered now, and logged once that is repaired.", folder, fault
                )
            return False
        return True


class _Worker:
    """A thread that does its work a while after it was woken, again after a longer one where that failed; it begins with the first time."""

    def __init__(self, name: str, pause: float | None, work: Callable[[], bool]) -> None:
        self._name, self._pause, self._work = name, pause, work
        self._woken, self._guard = threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Have the work done soon; harmless where there is no pause: then nothing is done by itself."""
        if self._pause is None:
            return
        self._woken.set()
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._woken.wait()
            time.sleep(self._pause or 0)
            self._woken.clear()
            if not self._work():
                time.sleep(NEXT_TRY)
                self._woken.set()
