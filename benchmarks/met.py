"""What many people at once met: how long each click took, what went wrong, and what the server held in memory meanwhile; as a page of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.document import machine
from benchmarks.replaying import FILTER, OPENING, PAGE, TAB, Click
from benchmarks.sessions import Rerun
from benchmarks.tables import table, whole
from benchmarks.workloads import USERS_TARGET

PEOPLE = "all clicks"
HELD_AT = (1, 5, 10)  # minutes
FLAT = 0.05  # by which the line through the second half may rise from its beginning to its end
HEADER = ["", "clicks", "p50", "p95", "p99", "longest", "target p95"]


@dataclass
class Met:
    """All that they met together."""

    clicks: list[tuple[Click, Rerun, bool]] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)  # seconds since the beginning, MB
    worked: float = 0  # seconds of a processor that the server took for all of it

    def saw(self, click: Click, took: Rerun, *, shared: bool) -> None:
        """A click, what the server made of it, and whether it was about the people that half of the tabs ask about."""
        self.clicks.append((click, took, shared))
        if took.error:
            self.wrong(f"{click.page}: {took.error}")

    def wrong(self, what: str) -> None:
        """Something that must not be."""
        self.errors[what] += 1

    def parts(self) -> dict[str, list[Rerun]]:
        """The clicks by what they did, by whom they asked about, and by the page on which they ended."""
        found = {PEOPLE: [took for _, took, _ in self.clicks]}
        for kind in (FILTER, TAB, PAGE, OPENING):
            found[kind] = [took for click, took, _ in self.clicks if click.kind == kind]
        found["people that half of the tabs ask about"] = [took for _, took, shared in self.clicks if shared]
        found["people of one tab's own"] = [took for _, took, shared in self.clicks if not shared]
        for page in sorted({click.page for click, _, _ in self.clicks}):
            found[page] = [took for click, took, _ in self.clicks if click.page == page]
        return {name: reruns for name, reruns in found.items() if reruns}


def times(reruns: Sequence[Rerun]) -> list[str]:
    """How many there were, and in how many ms half, 95, 99 of 100 and all of them were done."""
    found = np.percentile([rerun.seconds * 1000 for rerun in reruns], [50, 95, 99, 100])
    return [whole(len(reruns)), *map(whole, found.tolist())]


def worked(met: Met) -> str:
    """What a click costs the server, which does not depend on what else the machine does."""
    return f"For each click the server takes {met.worked * 1000 / len(met.clicks):,.0f} ms of a processor."


def held(memory: Sequence[tuple[float, float]]) -> str:
    """What the server held, how fast it grew in the second half, and whether that is flat."""
    at = np.array(memory)
    said = [
        f"{at[np.abs(at[:, 0] - minute * 60).argmin(), 1]:,.0f} MB after {minute} min" for minute in HELD_AT if at[-1, 0] > minute * 60 - 10
    ]
    late = at[at[:, 0] >= at[-1, 0] / 2]
    slope, level = np.polyfit(late[:, 0] - late[0, 0], late[:, 1], 1)
    rise = slope * (late[-1, 0] - late[0, 0]) / level
    verdict = "flat" if rise < FLAT else "not flat"
    return (
        f"Memory of the server and its children: {', '.join([*said, f'{at[:, 1].max():,.0f} MB at most'])}. "
        f"A line through the second half changes by {slope * 60:+.1f} MB a minute, {rise:+.1%} in all: {verdict} (rule: less than {FLAT:.0%})."
    )


def section(found: Mapping[str, Met], size: str, options: str) -> str:
    """The section of docs/benchmarks.md; the first of those found is the dashboard, the others are peers."""
    ours = next(iter(found.values()))
    rows = [[name, *times(part), whole(USERS_TARGET) if name == PEOPLE else ""] for name, part in ours.parts().items()]
    for peer, theirs in list(found.items())[1:]:
        rows += [[f"{peer}: {name}", *times(part), ""] for name, part in theirs.parts().items() if name in (FILTER, OPENING)]
    wrong = ", ".join(f"{what} ({many})" for what, many in sorted(ours.errors.items()))
    missed = np.percentile([took.seconds * 1000 for took in ours.parts()[PEOPLE]], 95) > USERS_TARGET
    return f"""Printed by `python -m benchmarks.users {options}` on {machine()}.

{size}. Each person is signed in, with a session and a websocket of their own, and thinks for 2.5 to 7.5 s before each click; leaders, doctors and analysts
go round the pages of their role. After a round the tab is closed, and another one asks about other people: half of the tabs about the same people, the
others each about people from an age on that is drawn. What is sent was recorded in Chromium. Milliseconds of the server, from the message of a click to the end of its run,
waiting in line included; those who click share the machine with it.

{table(HEADER, rows)}

Errors: {sum(ours.errors.values())}{f" ({wrong})" if wrong else ""}. The target is {"missed" if missed else "met"}. {worked(ours)} {held(ours.memory)}"""
