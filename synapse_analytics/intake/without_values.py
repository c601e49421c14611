"""A fault nobody expected, told without what it holds: the message of a library may repeat a value of a patient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from synapse_analytics.errors import SynapseError

OURS = "synapse_analytics."


@contextmanager
def without_values(so_far: str) -> Iterator[None]:
    """Let faults that are told in sentences pass; of every other one say its kind and module alone. `so_far` says what was written."""
    try:
        yield
    except SynapseError:
        raise
    except Exception as fault:  # whatever it is, its message may hold a value
        if isinstance(fault, OSError) and fault.strerror:  # of the system, which knows no values
            raise
        said = f"{type(fault).__name__} in {_place(fault.__traceback__)}"
    else:
        return
    raise SynapseError(
        f"A fault of this program stopped the work: {said}. {so_far} These words hold no value of your records: report them."
    )


def _place(trace: TracebackType | None) -> str:
    """The innermost of our modules that the fault went through, with its line."""
    place = "an unknown module"
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith(OURS) and module != __name__:
            place = f"{module.removeprefix(OURS)}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return place
