"""What the overview says: what is steady, what changed and since when, what falls short of its target; the same words on page and paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding
from synapse_analytics.findings.verdicts import ASSURANCE, COURSE, MISSED, TOO_FEW, USUAL
from synapse_analytics.indicators import Indicator, indicator
from synapse_analytics.vocabulary.periods import spoken

Row = Mapping[str, Any]
QUESTION = "What needs attention?"
MOST = 3  # indicators that are pointed out
FEWEST_LATEST = 20  # episodes of the latest year; with fewer the value of all years stands
FEW_EVENTS = 4  # up to so many are counted, not given in per cent
ORDER = ("concern", MISSED, "change", "improvement")  # what is looked at first


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One indicator of the overview: its row over all years, that of the latest year where it has enough episodes, and its points."""

    row: Row
    latest: Row | None
    points: tuple[Row, ...]

    @property
    def declared(self) -> Indicator:
        """The indicator."""
        return indicator(str(self.row["name"]))

    @property
    def shown(self) -> Row:
        """The row whose value is shown: that of the latest year, else that of all years."""
        return self.latest or self.row

    @property
    def course(self) -> str | None:
        """usual, improvement, concern, change or too few; None where it is withheld."""
        return None if self.row["course"] is None else str(self.row["course"])

    @property
    def has_changed(self) -> bool:
        """True after a recent change that is too strong for chance."""
        return self.row["since"] is not None and self.course not in (None, USUAL, TOO_FEW)

    @property
    def calls(self) -> str | None:
        """Why it needs attention: the meaning of its change, or that its target is reliably missed; None where it does not."""
        if self.has_changed:
            return self.course
        return MISSED if self.row["assurance"] == MISSED else None

    @property
    def falls_short(self) -> bool:
        """True if the value shown is on the wrong side of the target by more than chance: its 95 % interval lies there, too."""
        target, low, high = self.row["target"], self.shown["low"], self.shown["high"]
        return self.is_aimed and bool(high < target if self.row["direction"] == "higher" else low > target)

    @property
    def is_aimed(self) -> bool:
        """True if its value can be held against a target: it has one, a direction that is better, and an interval."""
        return self.row["target"] is not None and self.row["direction"] != "none" and self.shown["low"] is not None

    def value(self) -> str:
        """The value shown, in words; of few events how many of how many."""
        events, n = self.shown["events"], self.shown["n"]
        if events is not None and n and events <= FEW_EVENTS and self.latest:
            return f"{events} of {n:,}"
        return w.standing(self.shown, str(self.row["unit"]))

    def amount(self, value: float | None) -> str:
        """A level of its course in words; of a count how many in one period."""
        return w.level(value, str(self.row["unit"]), str(self.row["judged_by"]))

    def change(self) -> str:
        """Its course in a few words: `higher since Q4 2023`, `usual`, `too few to tell`."""
        if not self.has_changed:
            return w.WITHHELD if self.course is None else COURSE[self.course]
        return f"{self.way} since {spoken(str(self.row['since']))}"

    @property
    def way(self) -> str:
        """Which way it changed: higher or lower."""
        return "higher" if self.row["after"] > self.row["before"] else "lower"

    def levels(self) -> str:
        """The levels after and before the change, and how far the course is known: `74 % since then, 62 % before; data to Jun 2024`."""
        last = next((point["period"] for point in reversed(self.points) if point["value"] is not None), self.row["since"])
        after, before = self.amount(self.row["after"]), self.amount(self.row["before"])
        return f"{after} since then, {before} before; data to {spoken(str(last))}"

    def target(self) -> str:
        """Its target and whether it is met: `80 %, not reliably met`; empty without one."""
        if self.row["target"] is None:
            return ""
        assured = self.row["assurance"]
        return w.amount(self.row["target"], str(self.row["unit"])) + (f", {ASSURANCE[assured]}" if assured else "")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence; `strong` is its beginning that stands out, `about` the indicator whose chart shows it, `by` the units of its funnel."""

    strong: str
    text: str
    about: str = ""
    by: str = ""


def standings(released: Released) -> tuple[Standing, ...]:
    """The indicators in the order of the answer. The latest year is told where most of them have enough episodes in it, else no row has it."""
    every = released.tables["indicators"]
    latest = {row["name"]: row for row in released.tables["latest_year"] if _is_enough(row)}
    latest = latest if 2 * len(latest) > len(every) else {}
    points: dict[str, list[Row]] = {}
    for row in released.tables["periods"]:
        points.setdefault(row["name"], []).append(row)
    return tuple(Standing(row, latest.get(row["name"]), tuple(points.get(row["name"], ()))) for row in every)


def _is_enough(row: Row) -> bool:
    return row["value"] is not None and row["n"] is not None and row["n"] >= FEWEST_LATEST


def attention(every: Iterable[Standing]) -> tuple[Standing, ...]:
    """The indicators that need attention: concerns first, then targets that are reliably missed, then other changes."""
    calling = [standing for standing in every if standing.calls]
    return tuple(sorted(calling, key=lambda standing: ORDER.index(str(standing.calls)))[:MOST])


def looked_at(every: Sequence[Standing]) -> tuple[Standing, ...]:
    """The indicators whose charts a report shows: those that need attention, then those that fall short of their target."""
    short = [standing for standing in every if standing.falls_short]
    return tuple(dict.fromkeys([*attention(every), *short]))[:MOST]


def sentences(every: Sequence[Standing]) -> tuple[tuple[Sentence, ...], ...]:
    """What is steady; what changed and since when; what falls short of its target: three points at most, each of one or more sentences."""
    changed = sorted((standing for standing in every if standing.has_changed), key=lambda standing: ORDER.index(str(standing.calls)))
    points = ((_steady(every),), tuple(_changes(changed)), tuple(_targets(every)))
    return tuple(point for point in points if point)


def _steady(every: Sequence[Standing]) -> Sentence:
    usual = sum(standing.course == USUAL for standing in every)
    changed = sum(standing.has_changed for standing in every)
    untold = len(every) - usual - changed
    if untold == len(every):
        return Sentence("", f"All {len(every)} indicators have too few patients or periods to show a change; their values are shown.")
    if 2 * untold > len(every):
        return Sentence(
            "", f"{untold} of {len(every)} indicators have too few patients or periods to show a change; their values are shown."
        )
    rest = f"; {untold} {'has' if untold == 1 else 'have'} too few patients or periods to judge" if untold else ""
    how_many = f"{usual} of {len(every)} indicators {'is' if usual == 1 else 'are'} as usual{rest}." if rest or changed else ""
    if changed:
        return Sentence("", how_many)
    return Sentence(
        "No indicator has changed by more than chance in its latest two years:",
        how_many or f"all {usual} indicators are as usual.",
    )


def _changes(changed: Sequence[Standing]) -> list[Sentence]:
    said = [Sentence(*_change(standing), standing.declared.name) for standing in changed[:MOST]]
    more = len(changed) - MOST
    return said if more <= 0 else [*said, Sentence("", f"{more} more {'has' if more == 1 else 'have'} changed: see the table.")]


def _change(standing: Standing) -> tuple[str, str]:
    target = f"; target {_target(standing)}" if standing.row["target"] is not None else ""
    meant = {"improvement": " This is an improvement.", "concern": " This is a concern."}.get(str(standing.course), "")
    return f"{standing.declared.title}: {standing.change()}", f"({standing.levels()}{target}).{meant}"


def _targets(every: Sequence[Standing]) -> list[Sentence]:
    aimed = [standing for standing in every if standing.is_aimed]
    short = [standing for standing in aimed if standing.falls_short]
    if not aimed:
        return []
    if not short:
        year = "In the latest year" if all(standing.latest for standing in aimed) else "Over all years"
        missed = {1: "the target was not", 2: "neither of the 2 targets was"}.get(len(aimed), f"none of the {len(aimed)} targets was")
        return [Sentence("", f"{year} {missed} missed by more than chance.")]
    return [Sentence("Target not met:", f"{'; '.join(_short(standing) for standing in short)}.", short[0].declared.name)]


def _target(standing: Standing) -> str:
    return w.amount(standing.row["target"], str(standing.row["unit"]))


def _short(standing: Standing) -> str:
    return f"{_within(standing.declared.title)} ({standing.value()}, target {_target(standing)})"


def units_sentence(outside: Released) -> Sentence:
    """Which clinician or site lies outside its limits."""
    rows = outside.tables["units"]
    if not rows:
        return Sentence("", "No clinician or site differs from the others by more than chance.")
    named = "; ".join(_unit(row) for row in rows[:MOST])
    more = f"; {len(rows) - MOST} more" if len(rows) > MOST else ""
    return Sentence(
        "Outside the limits:", f"{named}{more}. This is a reason to review, not a judgement.", str(rows[0]["indicator"]), str(rows[0]["by"])
    )


def _unit(row: Row) -> str:
    unit = w.group(str(row["by"]), row["group"])
    named = unit if " " in unit else f"{row['by']} {unit}"
    return f"{named} is {row['side']} them for {_within(indicator(str(row['indicator'])).title)}"


def _within(title: str) -> str:
    """A title inside a sentence; ODI stays ODI."""
    return title if title[1:2].isupper() else f"{title[0].lower()}{title[1:]}"


@finding("units_outside")
def units_outside(released: Released) -> Finding:
    """Which unit lies outside its limits."""
    sentence = units_sentence(released)
    return Finding("Does a clinician or site differ by more than chance?", f"{sentence.strong} {sentence.text}".strip())


@finding("overview")
def overview(released: Released) -> Finding:
    """The sentences of the overview, one after the other."""
    said = (sentence for point in sentences(standings(released)) for sentence in point)
    return Finding(QUESTION, " ".join(f"{sentence.strong} {sentence.text}".strip() for sentence in said))
