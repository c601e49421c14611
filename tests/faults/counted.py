"""What it means to count faults: a class of faults, how one of its cases ends, and how many of them did not survive.

A class injects real faults into the real product. `make faults` runs every case of every class and writes docs/faults.md;
`make test` runs a sample of each class (test_counted.py). Where a new class goes: tests/faults/classes/__init__.py.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from synapse_analytics import audit, logs
from synapse_analytics.audit.batches import Batches


@dataclass(frozen=True, slots=True)
class End:
    """How a case ended: survived, or what went wrong in one sentence; and how many rows were neither stored nor reported."""

    wrong: str = ""
    lost: int = 0

    @property
    def is_survived(self) -> bool:
        return not self.wrong and not self.lost


SURVIVED = End()
Inject = Callable[[int], End]  # the number of a case, from 0: the same fault each time


@dataclass(frozen=True, slots=True)
class Faults:
    """A class of faults; `prepare` gets an empty folder that only this class uses, and gives what injects one case."""

    name: str  # of the row in docs/faults.md, such as "kill -9 during a load"
    expected: str  # what surviving means, as a sentence for an administrator
    cases: int
    sample: int  # as many in `make test`, spread over all
    prepare: Callable[[Path], Inject | AbstractContextManager[Inject]]  # a context where something runs until the last case
    why_not: Callable[[], str] = lambda: ""  # why this machine cannot try it (no root, no mount), in a few words


@dataclass(frozen=True, slots=True)
class Count:
    """A row of docs/faults.md."""

    faults: Faults
    tried: int
    survived: int
    lost: int
    wrong: tuple[str, ...]  # "case 17: ..." of those that did not survive
    seconds: float


def count(faults: Faults, cases: int | None = None) -> Count:
    """Try so many cases of a class (None: all), spread over its numbers."""
    of = faults.cases if cases is None else min(cases, faults.cases)
    numbers = [place * faults.cases // of for place in range(of)]
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, _apart(Path(folder)), _prepared(faults, Path(folder)) as inject:
        ends = [_end(inject, number) for number in numbers]
    wrong = tuple(
        f"case {number}: {end.wrong or f'{end.lost} rows lost'}" for number, end in zip(numbers, ends, strict=True) if not end.is_survived
    )
    return Count(faults, of, of - len(wrong), sum(end.lost for end in ends), wrong, time.monotonic() - begin)


@contextmanager
def _prepared(faults: Faults, folder: Path) -> Iterator[Inject]:
    """What injects; a class that cannot even be prepared did not survive."""
    with ExitStack() as held:
        try:
            made = faults.prepare(folder)
            inject = held.enter_context(made) if isinstance(made, AbstractContextManager) else made
        except Exception as fault:  # noqa: BLE001
            said = f"nothing could be tried: {type(fault).__name__}: {str(fault)[:300]}"
            inject = lambda _number: End(said)  # noqa: E731
        yield inject


def _end(inject: Inject, number: int) -> End:
    try:
        return inject(number)
    except Exception as fault:  # noqa: BLE001 - whatever gets out of the product is what a class looks for
        return End(f"{type(fault).__name__}: {str(fault)[:300]}")


@contextmanager
def _apart(folder: Path) -> Iterator[None]:
    """Nothing reaches the store, the settings or the witness of the person who runs this; questions go to disk when they are flushed."""
    own = {"SYNAPSE_HOME": f"{folder}/none", "XDG_STATE_HOME": f"{folder}/state"}
    batches, hooks = mock.patch.object(audit, "_batches", Batches(pause=None)), mock.patch.object(logs, "install")
    with mock.patch.dict(os.environ, own), batches, hooks:
        for name in ("SYNAPSE_SETTINGS", "SYNAPSE_POLICY", "PYTHONDONTWRITEBYTECODE"):  # the last makes each process compile all anew
            os.environ.pop(name, None)
        yield
