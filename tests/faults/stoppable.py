"""The real command line, which kills its own process at a deed: `python -m tests.faults.stoppable NUMBER COMMAND ...`.

A deed is whatever changes the disk or takes a lock, counted from 1 after all is imported; at 0 nothing is killed.
"begin" is said before the first one, and a line waited for. Two programs more, for what no command does by itself:
`apart BUNDLE STORE` loads in a process of its own, as an upload does, and `append STORE` writes one line after the other into the log.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synapse_analytics import __main__ as program
from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.audit import Event, Subject
from synapse_analytics.store import load_apart, store_home

CHANGES = {
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.chmod",
    "os.link",
    "os.truncate",
    "os.utime",
    "sqlite3.connect",
    "fcntl.flock",
}
LINES = 40  # that `append` writes


class Deeds:
    """Counts what changes the disk, and kills the process at one of them."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.count, self.over = fatal, 0, False

    def __call__(self, event: str, said: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(said[2], int) and said[2] & (os.O_WRONLY | os.O_RDWR)
        if not self.over and (event in CHANGES or writes):
            self.count += 1
            if self.count == self.fatal:
                os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def counting() -> Iterator[Deeds]:
    """Count the deeds of this process in the block."""
    deeds = Deeds(0)
    sys.addaudithook(deeds)
    try:
        yield deeds
    finally:
        deeds.over = True  # a hook cannot be taken away


def append(home: str) -> None:
    """Say after each line that it is written: from then on it must not be lost."""
    for number in range(LINES):
        audit.append(Event.QUESTION, local_person("ana"), Subject(cohort="sex=female", rows=number), home=Path(home))
        print(f"written {number + 1}", flush=True)  # noqa: T201


def upload(bundle: Path, database: str) -> None:
    """Load as the page Data does: the log is told before and after."""
    with audit.deed(Event.LOAD_ASKED, local_person("ana"), home=store_home(database)) as deed:
        info = load_apart(
            bundle, database, before_publish=lambda name: deed.asks(Event.PUBLISH_ASKED, Subject(detail={"generation": name}))
        )
        deed.ends(Event.PUBLISH, Subject(detail={"generation": info.id}), done="The data version is in use")


def main(number: int, words: list[str]) -> None:
    """Run the command or the program."""
    for module in (name for name, commands in program.COMMANDS.items() if words[0] in commands):
        importlib.import_module(f"synapse_analytics.commands.{module}")
    deeds = Deeds(number)
    print("begin", flush=True)  # noqa: T201
    sys.stdin.readline()
    sys.addaudithook(deeds)
    if words[0] == "append":
        append(words[1])
    elif words[0] == "apart":
        upload(Path(words[1]), words[2])
    else:
        sys.argv = ["synapse-analytics", *words]
        program.main()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
