"""How pathways are read, and the table of pathways: choosing a row follows that pathway, in the URL, through the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import pathways as figures
from synapse_analytics.figures import response
from synapse_analytics.findings import care, pathways
from synapse_analytics.findings import words as w
from synapse_analytics.web import address, browser, frame, injection_before_surgery
from synapse_analytics.web.choices import WIDE, abreast, choose, labels, plain_numbers, split, switch, tied
from synapse_analytics.web.outcomes import chosen_group
from synapse_analytics.web.parts import card, columns
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic

Row = Mapping[str, Any]
NAME = "pathway"  # the parameter of the URL
BAR = "|"  # joins the steps of a pathway in the URL; no code of a step holds it
TABLE = "pathway_rows"
NOTHING, FEW = "\u2013", "few"  # where there is no number, and where it is withheld
SHOWN = 60  # rows on the screen; the download has all
LISTED = 40  # pathways in the list
UNITS = {"class": "Classes of treatment", "treatment": "Single treatments", "stage": "Stages of care"}
EVENTS = {code: w.capital(event) for code, event in pathways.EVENTS.items()}  # before which care is stepped
TIMED = {"surgery": "Surgery", "injection": "Injection"}
REPEATS = {"changes": "Merged, shown as x2", "first": "First only", "all": "Each one"}
DAYS = plain_numbers(0, 7, 14, 30, 60, 90)
READ: Mapping[str, tuple[str, Mapping[Any, str], Any]] = {
    "unit": ("Show steps as", UNITS, "class"),
    "repeats": ("Repeated steps", REPEATS, "changes"),
    "gap_collapse": ("Merge gaps up to (days)", DAYS, 30),
    "max_steps": ("Most steps shown", plain_numbers(*range(1, 13)), 6),
    "combination_overlap": ("Combine overlaps of at least (days)", DAYS, 14),
}
Fill = Callable[[], None]


def how_read(*, score: bool = False) -> tuple[dict[str, Any], Fill]:
    """The options by which courses of treatment become the steps of a pathway, as the URL holds them, and what draws their choices.

    With `score` also the score whose change is shown.
    """
    offered = dict(READ)
    if score:
        offered["pathway_score"] = ("Change in score", labels(v.INSTRUMENTS), clinic().generation.headline)
    held = {name: tied(name, options, default) for name, (_, options, default) in offered.items()}

    def draw() -> None:
        for place, part in enumerate(columns(3)):
            with part:
                for name in list(offered)[2 * place : 2 * place + 2]:
                    st.selectbox(plain(offered[name][0]), width=WIDE, **held[name][1])

    return {"instrument" if name == "pathway_score" else name: value for name, (value, _) in held.items()}, draw


def asked_event(name: str, label: str) -> list[Any]:
    """Surgery or an injection, and what to split by."""
    return abreast(lambda: switch(f"{name}_event", label, TIMED, "surgery"), lambda: split(f"{name}_by", "diagnosis"))


def curves(answer: Released) -> None:
    """The curves of one chart, or a panel for each group; of more groups than have a panel one can be chosen."""
    card = "time_to" if figures.is_one_chart(answer) else "times_to"
    frame.show(figures.escalation, answer, table="curve", key=f"{card}_{answer.options['event']}", shown=chosen_group(answer))


def asked_stepped() -> list[Any]:
    """How many days of conservative care are enough, before what, and what to split by."""
    return abreast(
        lambda: choose("min_days", "At least \u2026 days of conservative care", plain_numbers(28, 42, 56, 84), 42),
        lambda: choose("event", "Before the first", EVENTS, "escalation"),
        lambda: split("stepped_by", "diagnosis"),
    )


@dataclass(frozen=True, slots=True)
class Followed:
    """The pathway that is followed (its steps, none where the URL names none that is listed), and what draws the list to choose it from."""

    steps: tuple[str, ...]
    choose: Fill


def followed(released: Released) -> Followed:
    """What the URL says of the pathway to follow."""
    options = {"": "All pathways"} | {BAR.join(row["steps"]): care.pathway(row["steps"]) for row in _rows(released)[:LISTED]}
    chosen, shared = tied(NAME, options, "")

    def choose() -> None:
        st.selectbox("Follow one pathway", width=560, **shared)

    return Followed(tuple(chosen.split(BAR)) if chosen else (), choose)


def _rows(released: Released) -> list[Row]:
    return [row for row in released.tables["ways"] if row["n"] is not None and tuple(row["steps"]) != ("other",)]


def injection_strip(released: Released) -> None:
    """Whether an injection before surgery helps or delays, for the cohort of this answer."""
    injection_before_surgery.strip(released.episodes)


def pathway_table(released: Released, chosen: Followed) -> None:
    """The table of pathways with how they ended; choosing a row follows the pathway, and the row of the followed one is marked."""
    words = "How many patients took each pathway, the most common first, and how it ended. Choose a row to follow that pathway."
    with card("pathway_table", "Which pathways did patients take?", words):
        chosen.choose()
        _table(_rows(released)[:SHOWN], chosen.steps)
        frame.small_print(released)
        frame.save(released, "ways", "ways")
        frame.save(released, "pathways", "pathways", "One row for each pathway and outcome, with repeated steps and days:")
        frame.save(released, "links", "links", "One row for each step, with days and change in score:")


def _table(rows: Sequence[Row], chosen: tuple[str, ...]) -> None:
    marked = [place for place, row in enumerate(rows) if tuple(row["steps"]) == chosen]
    alt = "Pathways with their number, share, end states, change and follow-up; choose a row to follow its pathway"
    given = [[write(row) for write in COLUMNS.values()] for row in rows]
    wide_only = [place for place, name in enumerate(COLUMNS) if name not in NARROW]
    browser.rows(browser.Rows(list(COLUMNS), given, marked, alt, wide_only), TABLE, lambda: _follow(rows, chosen))


def _number(row: Row, column: str, write: Callable[[Any], str]) -> browser.Cell:
    value = row[column]
    if value is None:
        return (FEW if column in row["withheld"] else NOTHING), None
    return write(value), value


def _change(row: Row) -> browser.Cell:
    return _number(row, "change", lambda value: w.with_interval(value, row["change_low"], row["change_high"]))


def _end(code: str) -> Callable[[Row], browser.Cell]:
    return lambda row: _number(row, code, w.count)


SHORT = {"unchanged": "Same", "in_treatment": "In care", "lost": "Lost"}
COLUMNS: Mapping[str, Callable[[Row], browser.Cell]] = {
    "Pathway": lambda row: (care.pathway(row["steps"]),) * 2,
    "n": lambda row: _number(row, "n", w.count),
    "Of all": lambda row: _number(row, "share_of_all", w.share),
    **{SHORT.get(term.code, term.label): _end(term.code) for term in v.END_STATES},
    "Change": _change,
    "Followed up": lambda row: _number(row, "completeness", w.share),
}
NARROW = ("Pathway", "n", "Improved", "Change")  # a telephone has no room for more


def firm(unit: str) -> None:
    """The most frequent pathways under other definitions."""
    answer = frame.slow("sensitivity", unit=unit)
    frame.show(response.firmness, answer, table="pathways")
    frame.save(answer, "headline", "sensitivity_headline", "Combined steps, number of steps and share on the most common pathways:")


def _follow(rows: Sequence[Row], chosen: tuple[str, ...]) -> None:
    """Callback: the pathway of the row goes into the URL; the one that is followed already leaves it."""
    place = browser.chosen_row(TABLE, len(rows))
    steps = () if place is None else tuple(rows[place]["steps"])
    address.write(NAME, BAR.join(() if steps == chosen else steps))
