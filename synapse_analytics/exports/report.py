"""The report for print: two sheets of A4 in one HTML file that needs nothing else, made under the policy publish unless asked for inside the clinic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import FILTERS, Cohort, check_allowed
from synapse_analytics.disclosure import POLICIES, PUBLISH, Released
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.exports.paper import chart_on_paper
from synapse_analytics.exports.stamps import cohort_slug, end_of_name, how_many, may_leave, spoken_day, stamp, today
from synapse_analytics.figures import overview
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.figures.verdicts import MARKS, colour_of
from synapse_analytics.findings import overview as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.control_chart import control_chart, read
from synapse_analytics.findings.overview import Standing
from synapse_analytics.indicators import indicator
from synapse_analytics.vocabulary.periods import MONTH, QUARTER, overlap, spoken, within

A_TIME = re.compile(r"\b(3|12)[ -]months?\b")
A_QUARTER = re.compile(r"[12][0-9]{3}-Q[1-4]")


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers of a report and the clinic they were asked of; `quarter` is pointed out, if it is not None."""

    clinic: Clinic
    overview: Released
    outside: Released | None  # units outside their limits; None where the policy compares none
    charts: Mapping[str, Released]  # of the indicators that are looked at more closely, by name
    quarter: str | None

    @property
    def standings(self) -> tuple[Standing, ...]:
        """How every indicator stands."""
        return said.standings(self.overview)


def check_reportable(cohort: Cohort, patients: int | None = None, *, policy: str = PUBLISH.name) -> None:
    """Raise NotAllowed if no report about this cohort may be made under a policy; `patients` is their number, if it is known."""
    try:
        check_allowed(cohort, policy)
    except NotAllowed as error:
        raise NotAllowed(_too_fine(cohort, error.drop), drop=error.drop) from error
    fewest = POLICIES[policy].group
    if patients is not None and patients < fewest:
        raise NotAllowed(f"The cohort has fewer than {fewest} patients.")


def _too_fine(cohort: Cohort, names: Sequence[str]) -> str:
    used = cohort.in_use()
    filters = [f"{FILTERS[name].label} ({FILTERS[name].words(used[name])})" for name in names if name in used]
    return f"A report to share is about broad groups only. Leave out: {', '.join(filters)}. A report for use inside the clinic can be about this group."


def report_name(clinic: Clinic, cohort: Cohort, policy: str = PUBLISH.name) -> str:
    """The name of the file of a report: `spine-outcomes-report-everybody-to_share.html`."""
    return f"spine-outcomes-report-{cohort_slug(cohort)}-{end_of_name(clinic.under(policy).policy)}.html"


def report(clinic: Clinic, cohort: Cohort | None = None, *, quarter: str | None = None, policy: str = PUBLISH.name) -> str:
    """The report about a cohort as HTML: the sentences, table and verdicts of the overview under the policy, and what needs attention.

    The policy `clinic` makes a report for use inside the clinic, stamped with who made it and when; NotAllowed where the deployment
    is stricter. `quarter` (2026-Q3) is pointed out: its value (of an indicator that is judged by half-years the value of that
    half-year) stands in the place of the small courses, and the charts mark it. Nothing is cut off: values, limits and verdicts
    rest on all data that are loaded. What was known at an earlier date is in the generation of that date.
    """
    asked = _ask(clinic.under(policy), cohort or Cohort(), quarter)
    parts = _head(asked) | _first_page(asked) | _second_page(asked)
    return templates().get_template("report.html").render(parts)


@cache
def templates() -> Environment:
    """The templates of everything that is printed; every text in them is escaped."""
    loader = PackageLoader("synapse_analytics.exports")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters |= {"css_text": css_text, "kept": lambda text: text.replace(" %", "\u00a0%")}
    return made


def _drawn(html: str) -> Markup:
    """HTML or SVG that figures and svg.py made of texts they have escaped; every other text is escaped by the template."""
    return Markup(html)  # noqa: S704 (as said above)


def css_text(text: str) -> str:
    """Text inside a CSS string that can end neither the string nor the style: letters other than these are written as their number."""
    return "".join(letter if letter.isalnum() or letter in " .,:-" else f"\\{ord(letter):06x}" for letter in text)


def _ask(clinic: Clinic, cohort: Cohort, quarter: str | None) -> Asked:
    check_reportable(cohort, policy=clinic.policy.name)
    if quarter is not None and not A_QUARTER.fullmatch(quarter):
        raise UsageError(f"'{quarter}' is not a quarter. Write the year and the quarter, as 2026-Q3.")
    seen = analyses.answer(clinic, "overview", cohort)
    if seen.refused:
        raise NotAllowed(seen.refused)
    if not seen.n:
        raise NotAllowed("No patients match this cohort, so there is nothing to report.")
    if quarter is not None:
        _check_known(clinic, quarter)
    outside = None if clinic.policy.rounds else analyses.answer(clinic, "units_outside", cohort)
    closer = said.looked_at(said.standings(seen))
    names = [standing.declared.name for standing in closer]
    charts = {name: analyses.answer(clinic, "control_chart", cohort, indicator=name) for name in names}
    return Asked(clinic, seen, outside, charts, quarter)


def _check_known(clinic: Clinic, quarter: str) -> None:
    first, last = clinic.generation.months
    if not within(first, QUARTER) <= quarter <= within(last, QUARTER):
        raise UsageError(f"There are no data of {quarter}. The data hold {spoken(first)} to {spoken(last)}.")


def _head(asked: Asked) -> dict[str, Any]:
    info, answer, policy = asked.clinic.generation, asked.overview, asked.clinic.policy
    facts = [f"Data complete to {spoken(info.data_until)}", f"data version {info.id}", f"made on {spoken_day(today())}"]
    return {
        "style": _drawn(overview.style(LIGHT)),
        "stamp": stamp(asked.clinic),
        "clinic": info.clinic,
        "cohort": answer.cohort.sentence(),
        "size": how_many(answer),
        "facts": [*facts, f"policy {policy.name}"],
        "policy": policy,
        "to_share": may_leave(policy),
        "withheld": w.numbers_are(sum(part.withheld for part in (answer, *asked.charts.values()))),
    }


def _first_page(asked: Asked) -> dict[str, Any]:
    every, quarter = asked.standings, asked.quarter
    units = [] if asked.outside is None else [(said.units_sentence(asked.outside),)]
    instead = {} if quarter is None else {standing.declared.name: _of_quarter(asked, standing.declared.name, quarter) for standing in every}
    column = None if quarter is None else overview.Column(f"In {spoken(quarter)}", instead)
    table = overview.table(every, LIGHT, overview.Part(every, links=False, instead=column))
    return {
        "question": said.QUESTION,
        "sentences": _drawn(overview.sentences([*said.sentences(every), *units])),
        "table": _drawn(table),
        "reading": overview.reading(every),
        "notes": asked.overview.notes,
    }


def _second_page(asked: Asked) -> dict[str, Any]:
    charts = ((name, answer, chart_on_paper(answer, marked=asked.quarter)) for name, answer in asked.charts.items())
    cards = [(indicator(name).title, control_chart(answer).answer, _drawn(chart)) for name, answer, chart in charts]
    return {
        "marks": [(colour_of(LIGHT, mark), MARKS[mark]) for mark in _marks(asked)],
        "cards": cards,
        "quarter": spoken(asked.quarter) if asked.quarter else None,
        "alarm": overview.said_of_change(),
        "definitions": list(_definitions(asked)),
    }


def _marks(asked: Asked) -> list[str]:
    """The kinds of points on the charts, in the order of their key."""
    there = {mark for answer in asked.charts.values() for mark in read(answer).marks}
    return [mark for mark in MARKS if mark in there]


def _of_quarter(asked: Asked, name: str, quarter: str) -> str:
    """The value of the quarter that is pointed out, or of the half-year or year around it if the indicator is judged by that."""
    answer = analyses.answer(asked.clinic, "control_chart", asked.overview.cohort, indicator=name)
    if answer.tables["summary"][0]["period"] == MONTH:
        answer = analyses.answer(asked.clinic, "control_chart", answer.cohort, indicator=name, period=QUARTER)
    row = next((row for row in answer.tables["points"] if overlap(row["period"], quarter)), None)
    if row is None or (row["n"] == 0 and row["state"] == "closed"):
        return "none"
    if not control_chart(answer).drawn:
        return w.WITHHELD  # the periods that may be shown are mostly those without an event, and would look too good
    if row["state"] == "open":  # of a wait it would hold only those who were treated soon
        return "follow-up still open"
    return _amount(name, row) if row["period"] == quarter else f"{_amount(name, row)}, {_named(row)}"


def _amount(name: str, row: Mapping[str, Any]) -> str:
    """The value of a point; where that is another quantity than the value over the whole time, it says so."""
    declared = indicator(name)
    return w.amount(row["value"], declared.unit) + (" (plain share)" if declared.drawn_as else "")


def _named(row: Mapping[str, Any]) -> str:
    return spoken(row["period"]).replace(" ", "\u00a0")


def _definitions(asked: Asked) -> Iterator[tuple[str, str]]:
    """What every shown indicator counts, and where its target comes from; the same at 3 and at 12 months is said once."""
    said_once: dict[str, tuple[list[str], str]] = {}
    for standing in asked.standings:
        if standing.shown["value"] is not None:
            text = _defined(standing)
            title = standing.declared.title
            titles, _ = said_once.setdefault(A_TIME.sub("so many months", f"{title}: {text}"), ([], text))
            titles.append(title)
    for titles, text in said_once.values():
        yield (titles[0], text) if len(titles) == 1 else (A_TIME.sub("3 and 12 months", titles[0]), A_TIME.sub(_either, text))


def _either(found: re.Match[str]) -> str:
    return "3- or 12-month" if "-" in found[0] else "3 or 12 months"


def _defined(standing: Standing) -> str:
    row, declared = standing.row, standing.declared
    target = "" if row["target"] is None else f" Target {w.amount(row['target'], declared.unit)}: {row['target_source']}."
    of = "" if declared.denominator == "none" else f" Of: {declared.denominator}."
    return f"Counted: {declared.numerator}.{of}{target}"
