"""What an indicator is. One declaration holds all of it: what is asked, who counts, who of them is a hit, which way is better.

The clauses are SQL over the columns of an index (store/marts/indicator_rows.py lists them). They are evaluated once, at load:
each becomes a bit of `indicator_rows.flags`, so that a click only counts bits. Mart, gate, chart, funnel, the Methods page and
the data dictionary all read these declarations.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any


class Measured(StrEnum):
    """What kind of number an indicator is."""

    COUNT = "count"
    MEAN = "mean"
    SHARE = "share"
    INCIDENCE = "incidence"
    MEDIAN = "median"
    RATE = "rate"  # events per 100


SET_BY_CLINIC = "set by the clinic"
NO_TARGET = "no target; the clinic may set one"
SMALLEST_N = 10  # units under it are pooled; NORspine hides them
YEAR, SAFETY_DAYS = 365, 90
SETTLED_DAYS = 90  # by then nearly everybody is investigated and treated: the months after it would hold only the quick ones


@dataclass(frozen=True, slots=True)
class Index:
    """The event from which an indicator counts, such as the first surgery: an episode that has it counts once, in its month."""

    code: str
    months: str  # what the months of a control chart are
    month_is_known: bool = False  # only that of the first visit is; a later one can be off by one


FIRST_VISIT = Index("first_visit", "month of the first visit", month_is_known=True)
CONSERVATIVE_ONLY = Index("conservative_only", "month of the first visit", month_is_known=True)
ESCALATION = Index("escalation", "month of the injection or surgery")
INJECTION = Index("injection", "month of the injection")
SURGERY = Index("surgery", "month of surgery")
DISCECTOMY = Index("discectomy", "month of surgery")
LAMINECTOMY = Index("laminectomy", "month of surgery")
SPINAL_FUSION = Index("spinal_fusion", "month of surgery")
OTHER_SPINE_SURGERY = Index("other_spine_surgery", "month of surgery")
OF_PROCEDURE = {index.code: index for index in (DISCECTOMY, LAMINECTOMY, SPINAL_FUSION, OTHER_SPINE_SURGERY)}
INDEXES = (FIRST_VISIT, CONSERVATIVE_ONLY, ESCALATION, INJECTION, SURGERY, *OF_PROCEDURE.values())


@dataclass(frozen=True, slots=True)
class Facts:
    """The clauses that are counted: `n` is the denominator, `hit` the part of it that had it; completeness is `followed` of `expected`."""

    n: str
    hit: str
    expected: str
    followed: str

    def each(self) -> tuple[str, ...]:
        """The clauses there are."""
        return tuple(dict.fromkeys(clause for clause in (self.n, self.hit, self.expected, self.followed) if clause))


@dataclass(frozen=True)
class Indicator:
    """One indicator: what it asks, who is counted by which clauses, which way is better, its target, and how it is shown."""

    name: str
    title: str
    question: str
    theme: str  # code in THEMES
    measured: Measured
    index: Index
    among: str  # clause: who counts
    numerator: str  # the same in words
    denominator: str
    unit: str  # patients | points | share | days | per_100
    direction: str  # higher | lower | none: what would be better
    decimals: int  # of the number as shown; shares are shown in per cent
    why: str
    hit: str = ""  # clause: who of them had it
    expected: str = ""  # clause: of whom an answer was expected, or who was to be watched to the end; empty: everybody who counts
    followed: str = ""  # clause: who of these answered, or was watched
    amount: str = ""  # whole number that is added up (mean, rate) or counted per value (median, incidence: days)
    competing: str = ""  # clause of an incidence: who had an end that competes
    over: str = ""  # clause of an incidence: whose window is surely over; charts and funnels count these alone
    target: float | None = None
    target_source: str = NO_TARGET
    smallest_n: int = SMALLEST_N
    closes_after: int = 0  # days from its index until its window is over
    adjustable: bool = True  # whether case mix may be adjusted for; not where the event itself is made of it
    needs: str | None = None  # the file it rests on; without rows in it the indicator is unknown, not 0

    @property
    def charts(self) -> tuple[str, ...]:
        """Which charts it has: all have a control chart; counts and medians have no funnel."""
        return ("control",) if self.measured in (Measured.COUNT, Measured.MEDIAN, Measured.RATE) else ("control", "funnel")

    @property
    def told_as(self) -> str:
        """What its value over the whole cohort is called where charts draw another number; else nothing."""
        return "cumulative incidence" if self.measured is Measured.INCIDENCE else ""

    @property
    def drawn_as(self) -> str:
        """What its charts draw where that is not its value over the whole cohort; else nothing."""
        return "plain share, lost patients counted as without it" if self.measured is Measured.INCIDENCE else ""

    @property
    def over_time(self) -> str:
        """What the months of its control chart are."""
        return self.index.months

    @cached_property
    def whole(self) -> Facts:
        """What is counted for its value over the whole cohort."""
        watched = both(self.expected or self.among, self.over)
        followed = both(watched, self.followed) if self.followed else ""
        return Facts(self.among, both(self.among, self.hit) if self.hit else "", watched if followed else "", followed)

    @cached_property
    def plain(self) -> Facts:
        """What charts and funnels count: of an incidence the plain share of those whose window is surely over."""
        whole = self.whole
        if not self.over:
            return whole
        return Facts(both(self.among, self.over), both(self.among, self.over, self.hit), whole.expected, whole.followed)

    @cached_property
    def competes(self) -> str:
        """Clause: who of those who count had a competing end; empty where nothing competes."""
        return both(self.among, self.competing) if self.competing else ""

    @cached_property
    def waits(self) -> str:
        """Clause: who of those who count was still under observation at the end of the window."""
        return both(self.among, f"{self.amount} >= {self.closes_after}")

    def clauses(self) -> tuple[str, ...]:
        """Every clause that is a bit of the mart."""
        curve = (self.competes, self.waits) if self.measured is Measured.INCIDENCE else ()
        found = (*self.whole.each(), *self.plain.each(), *curve)
        return tuple(clause for clause in dict.fromkeys(found) if clause)


def both(*clauses: str) -> str:
    """Clauses that all have to hold, as one."""
    given = [clause for clause in dict.fromkeys(clauses) if clause]
    return given[0] if len(given) == 1 else " AND ".join(f"({clause})" for clause in given)


def count(name: str, **said: Any) -> Indicator:
    """How many patients; `among` says who."""
    return Indicator(name, measured=Measured.COUNT, unit="patients", decimals=0, **said)


def mean(name: str, **said: Any) -> Indicator:
    """The mean of `amount` (thousandths of a point) over those who count, with its sign turned: a fall of the score is an improvement."""
    return Indicator(name, measured=Measured.MEAN, unit="points", **said)


def share(name: str, **said: Any) -> Indicator:
    """The share of those who count that had it."""
    return Indicator(name, measured=Measured.SHARE, unit="share", **said)


def rate(name: str, **said: Any) -> Indicator:
    """Events (`amount`) per 100 of those who count; `hit` says who had any."""
    return Indicator(name, measured=Measured.RATE, unit="per_100", **said)


def incidence(name: str, **said: Any) -> Indicator:
    """Cumulative incidence by the end of the window: `amount` is the day an episode left, `hit` and `competing` say why."""
    return Indicator(name, measured=Measured.INCIDENCE, unit="share", **said)


def median(name: str, **said: Any) -> Indicator:
    """The median of `amount` (days) over those who count."""
    return Indicator(name, measured=Measured.MEDIAN, unit="days", **said)
