"""Lines that may wait a second: many are written in one transaction, so that a click does not wait for the disk.

A process that is killed loses at most the lines that still wait. What cannot be written is kept and tried again, up to a
limit; how many were lost beyond it is a line of its own as soon as the log can be written again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from pathlib import Path

from synapse_analytics.access import Person
from synapse_analytics.audit import chain, witness
from synapse_analytics.audit.entries import Event, Happening, Subject, entry

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
        self._some_wait = threading.Event()
        self._writer: threading.Thread | None = None

    def add(self, folder: Path, happening: Happening) -> None:
        """Let a line wait; never waits for the disk and never raises."""
        with self._guard:
            waiting = self._waiting.setdefault(folder, [])
            if len(waiting) < MOST_WAITING:
                waiting.append(happening)
            else:
                self._lost[folder] = self._lost.get(folder, 0) + 1
        self._wake()

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
            self._wake()

    def flush(self) -> bool:
        """Write all lines that wait, and tell the witnesses of the settings; True if all are on disk now. The fault of a folder is logged once until it can be written again."""
        with self._turn:  # what another thread is writing waits no more, and is not on disk yet
            written = [self._written(folder) for folder in list(self._waiting)]
        with self._telling:
            for folder in list(self._untold):
                self._untold.discard(folder)
                chain.tell_others(folder)
        return all(written)

    def close(self) -> None:
        """Write all lines that wait, for the last time."""
        if not self.flush():
            count = sum(map(len, self._waiting.values())) + sum(self._lost.values())
            _logger.warning("%d questions were answered and could not be logged.", count)

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

    def _wake(self) -> None:
        """Have the thread write and tell; it begins with the first line."""
        if self._pause is None:
            return
        self._some_wait.set()
        if self._writer is None or not self._writer.is_alive():
            self._start()

    def _start(self) -> None:
        with self._guard:
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._run, name="audit", daemon=True)
                self._writer.start()

    def _run(self) -> None:
        while True:
            self._some_wait.wait()
            time.sleep(self._pause or 0)
            self._some_wait.clear()
            if not self.flush():
                time.sleep(NEXT_TRY)
                self._some_wait.set()
