"""The report for print: one HTML file that needs nothing else, made under the policy publish unless it is asked for inside the clinic."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed
from synapse_analytics.disclosure import POLICIES, PUBLISH, Released
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.exports.paper import chart_on_paper
from synapse_analytics.exports.stamps import cohort_slug, end_of_name, how_many, may_leave, stamp, today
from synapse_analytics.figures import indicators
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.figures.verdicts import MARKS, assurance_icon, variation_icon
from synapse_analytics.findings import words as w
from synapse_analytics.findings.control_chart import control_chart
from synapse_analytics.findings.verdicts import ASSURANCE, VARIATION
from synapse_analytics.indicators import OVERVIEW, THEMES, indicator
from synapse_analytics.vocabulary.periods import MONTH, QUARTER, overlap, spoken

A_QUARTER = re.compile(r"[12][0-9]{3}-Q[1-4]")


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers of a report and the clinic they were asked of; `quarter` is pointed out (None: the latest period of each indicator)."""

    clinic: Clinic
    indicators: Released
    charts: Mapping[str, Released]  # by the name of the indicator
    quarter: str | None


def check_reportable(cohort: Cohort, patients: int | None = None, *, policy: str = PUBLISH.name) -> None:
    """Raise NotAllowed if no report about this cohort may be made under a policy; `patients` is their number, if it is known."""
    check_allowed(cohort, policy)
    fewest = POLICIES[policy].group
    if patients is not None and patients < fewest:
        raise NotAllowed(f"The cohort has fewer than {fewest} patients.")


def report_name(clinic: Clinic, cohort: Cohort, policy: str = PUBLISH.name) -> str:
    """The name of the file of a report: `spine-outcomes-report-everybody-to_share.html`."""
    return f"spine-outcomes-report-{cohort_slug(cohort)}-{end_of_name(clinic.under(policy).policy)}.html"


def report(clinic: Clinic, cohort: Cohort | None = None, *, quarter: str | None = None, policy: str = PUBLISH.name) -> str:
    """The report about a cohort as HTML: the same numbers as every page shows under the policy, `publish` where nothing else is asked.

    The policy `clinic` makes a report for use inside the clinic, stamped with who made it and when; NotAllowed where the deployment
    is stricter. Every indicator is judged by the same period as on its tile and chart. `quarter` (2026-Q3) is pointed out: its value
    (of an indicator that is judged by half-years the value of that half-year) stands beside the value of the whole time, and the
    charts mark it. Nothing is cut off: values, limits and verdicts rest on all data that are loaded. What was known at an earlier
    date is in the generation of that date.
    """
    asked = _ask(clinic.under(policy), cohort or Cohort(), quarter)
    parts = _head(asked) | _charts(asked) | _tables(asked)
    return _templates().get_template("report.html").render(parts)


@cache
def _templates() -> Environment:
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
    listed = analyses.answer(clinic, "indicators", cohort)
    if listed.refused:
        raise NotAllowed(listed.refused)
    if not listed.n:
        raise NotAllowed("No patients match this cohort, so there is nothing to report.")
    charts = {name: analyses.answer(clinic, "control_chart", cohort, indicator=name) for name in OVERVIEW}
    known = sorted({row["period"] for answer in charts.values() for row in answer.tables["points"]})
    if quarter is not None and not any(overlap(period, quarter) for period in known):
        raise UsageError(f"There are no data of {quarter}. The data of this cohort hold {spoken(known[0])} to {spoken(known[-1])}.")
    return Asked(clinic, listed, charts, quarter)


def _head(asked: Asked) -> dict[str, Any]:
    info, answer, policy = asked.clinic.generation, asked.indicators, asked.clinic.policy
    facts = {
        "Data until": info.data_until,
        "Generation": info.id,
        "Policy": f"{policy.name}, coarse and rounded" if may_leave(policy) else policy.name,
        "Made on": today().isoformat(),
    }
    if asked.quarter:
        facts["Quarter"] = spoken(asked.quarter)
    return {
        "stamp": stamp(asked.clinic),
        "clinic": info.clinic,
        "synthetic": info.synthetic,
        "cohort": answer.cohort.sentence(),
        "size": how_many(answer),
        "facts": facts,
        "policy": policy,
        "to_share": may_leave(policy),
        "withheld": f"{sum(part.withheld for part in (answer, *asked.charts.values())):,}",
    }


def _charts(asked: Asked) -> dict[str, Any]:
    cards = []
    without: dict[str, list[str]] = {}  # titles by the reason why they have no chart: a sentence takes less room than empty cards
    for name, answer in asked.charts.items():
        title, chart = indicator(name).title, chart_on_paper(answer, marked=asked.quarter)
        if chart:
            cards.append((title, control_chart(answer).answer, _drawn(chart)))
        else:
            without.setdefault(control_chart(answer).answer, []).append(title)
    quarter = spoken(asked.quarter) if asked.quarter else None
    return {"marks": list(MARKS.values()), "cards": cards, "without_chart": without, "quarter": quarter}


def _tables(asked: Asked) -> dict[str, Any]:
    column = f"In {spoken(asked.quarter)}" if asked.quarter else "Latest period"
    values = {name: _of_quarter(asked, name, asked.quarter) if asked.quarter else _latest(asked, name) for name in OVERVIEW}
    icons = [(variation_icon(code, "higher"), words) for code, words in VARIATION.items()]
    icons += [(assurance_icon(code), f"Target {words}") for code, words in ASSURANCE.items()]
    return {
        "notes": asked.indicators.notes,
        "summary": _drawn(indicators.summary(asked.indicators, LIGHT, values, column)),
        "others": _drawn(indicators.by_theme(asked.indicators, LIGHT, but=OVERVIEW)),
        "icons": [(_drawn(icon), words) for icon, words in icons],
        "definitions": dict(_definitions(asked)),
    }


def _latest(asked: Asked, name: str) -> str:
    """The value of the last closed period that may be shown, of the period by which the indicator is judged."""
    answer = asked.charts[name]
    if not control_chart(answer).drawn:
        return w.WITHHELD if any(row["n"] != 0 for row in answer.tables["points"]) else "none yet"
    last = [row for row in answer.tables["points"] if row["value"] is not None and row["state"] == "closed"][-1]
    return f"{_amount(name, last)}, {_named(last)}"


def _of_quarter(asked: Asked, name: str, quarter: str) -> str:
    """The value of the quarter that is pointed out, or of the half-year or year around it if the indicator is judged by that."""
    answer = asked.charts[name]
    if answer.tables["summary"][0]["period"] == MONTH:
        answer = analyses.answer(asked.clinic, "control_chart", answer.cohort, indicator=name, period=QUARTER)
    row = next((row for row in answer.tables["points"] if overlap(row["period"], quarter)), None)
    if row is None or row["n"] == 0:
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


def _definitions(asked: Asked) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """By theme what every shown indicator counts, and where its target comes from."""
    rows = [row for row in asked.indicators.tables["indicators"] if row["value"] is not None]
    for theme in THEMES:
        entries = [_defined(row) for row in rows if row["theme"] == theme.code]
        if entries:
            yield theme.label, entries


def _defined(row: Mapping[str, Any]) -> tuple[str, str]:
    declared = indicator(row["name"])
    target = "" if row["target"] is None else f" Target {w.amount(row['target'], declared.unit)}: {row['target_source']}."
    return declared.title, f"Counted: {declared.numerator}. Of: {declared.denominator}.{target}"
