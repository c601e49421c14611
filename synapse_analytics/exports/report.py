"""The report for print: one HTML file that needs nothing else. Unless it is asked for inside the clinic, it is made under the policy publish."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort, check_allowed
from synapse_analytics.disclosure import POLICIES, PUBLISH, Released
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.exports import report_page as page
from synapse_analytics.exports.stamps import cohort_slug, end_of_name, may_leave, stamp
from synapse_analytics.figures import indicators, svg
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.findings import words as w
from synapse_analytics.findings.control_chart import control_chart
from synapse_analytics.indicators import OVERVIEW, THEMES, indicator
from synapse_analytics.vocabulary.periods import MONTH, QUARTER, overlap, spoken

A_QUARTER = re.compile(r"[12][0-9]{3}-Q[1-4]")


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything the report is made of: the answers, under which policy, and the quarter that is pointed out (None: each one's latest period)."""

    clinic: Clinic
    indicators: Released
    charts: Mapping[str, Released]
    quarter: str | None

    @property
    def withheld(self) -> int:
        """Numbers withheld in what is shown."""
        return sum(answer.withheld for answer in (self.indicators, *self.charts.values()))


def check_reportable(cohort: Cohort, patients: int | None = None, *, policy: str = PUBLISH.name) -> None:
    """Raise NotAllowed, in words, where no report about this cohort may be made under a policy; `patients` where it is known."""
    check_allowed(cohort, policy)
    fewest = POLICIES[policy].group
    if patients is not None and patients < fewest:
        raise NotAllowed(f"The cohort has fewer than {fewest} patients.")


def report_name(clinic: Clinic, cohort: Cohort, policy: str = PUBLISH.name) -> str:
    """What the file of a report is called."""
    return f"spine-outcomes-report-{cohort_slug(cohort)}-{end_of_name(clinic.under(policy).policy)}.html"


def report(clinic: Clinic, cohort: Cohort | None = None, *, quarter: str | None = None, policy: str = PUBLISH.name) -> str:
    """The report about a cohort as HTML: the same numbers as every page shows under the policy, `publish` where nothing else is asked.

    `clinic` asks for a report for use inside the clinic, stamped with who made it and when; NotAllowed where the deployment is stricter.
    Every indicator is judged by the same period as on its tile and chart. `quarter` (2026-Q3) is pointed out: its value (of an
    indicator that is judged by half-years that of its half-year) stands beside that of the whole, and the charts mark it. Nothing is
    cut off: values, limits and verdicts rest on all data that are loaded. What was known at an earlier date is in its generation.
    """
    asked = _ask(clinic.under(policy), cohort or Cohort(), quarter)
    sections = [_summary(asked), _charts(asked), _others(asked), page.reading(), _definitions(asked), _privacy(asked)]
    return page.document(f"Spine outcomes: {clinic.generation.clinic}", _head(asked), sections, stamp=stamp(asked.clinic))


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
    _check_quarter(charts, quarter)
    return Asked(clinic, listed, charts, quarter)


def _check_quarter(charts: Mapping[str, Released], quarter: str | None) -> None:
    known = sorted({row["period"] for answer in charts.values() for row in answer.tables["points"]})
    if quarter is not None and not any(overlap(period, quarter) for period in known):
        raise UsageError(f"There are no data of {quarter}. The data of this cohort hold {spoken(known[0])} to {spoken(known[-1])}.")


def _head(asked: Asked) -> str:
    info, answer = asked.clinic.generation, asked.indicators
    printed = datetime.now().astimezone().date().isoformat()
    facts = {
        "Data until": info.data_until,
        "Generation": info.id,
        "Policy": f"{answer.policy}, coarse and rounded" if may_leave(asked.clinic.policy) else answer.policy,
        "Printed": printed,
    }
    if asked.quarter:
        facts["Quarter"] = spoken(asked.quarter)
    patients = "number withheld" if answer.n is None else f"{_about(asked)}{answer.n:,} patients"
    episodes = "" if answer.episodes is None else f", {answer.episodes:,} episodes"
    made_up = '<p class="synthetic" role="note">Synthetic data: these patients do not exist.</p>' if info.synthetic else ""
    listed = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items())
    who = f"<strong>{escape(answer.cohort.sentence())}</strong>; {patients}{episodes}"
    mark = f'<p class="stamp" role="note">{escape(stamp(asked.clinic))}</p>'
    return f'{mark}{made_up}<p class="clinic">{escape(info.clinic)}</p><h1>Spine outcomes</h1><p class="cohort">{who}</p><dl class="facts">{listed}</dl>'


def _about(asked: Asked) -> str:
    return "about " if asked.clinic.policy.rounds else ""


def _summary(asked: Asked) -> str:
    head = f"In {spoken(asked.quarter)}" if asked.quarter else "Latest period"
    told = {name: _of_quarter(asked, name, asked.quarter) if asked.quarter else _latest(asked, name) for name in OVERVIEW}
    notes = "".join(f"<p>{escape(text)}</p>" for text in asked.indicators.notes)
    return page.section("At a glance", notes + indicators.summary(asked.indicators, LIGHT, told, head), name="summary")


def _latest(asked: Asked, name: str) -> str:
    """The value of the latest period whose follow-up is over and that may be shown, of the period by which the indicator is judged."""
    answer = asked.charts[name]
    if not control_chart(answer).drawn:
        return w.WITHHELD if any(row["n"] != 0 for row in answer.tables["points"]) else "none yet"
    last = [row for row in answer.tables["points"] if row["value"] is not None and row["state"] == "closed"][-1]
    return f"{_amount(name, last)}, {_named(last)}"


def _of_quarter(asked: Asked, name: str, quarter: str) -> str:
    """The value of the quarter that is pointed out, or of the half-year or year it lies in where the indicator is judged by that."""
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


def _charts(asked: Asked) -> str:
    drawn = {name: svg.control_chart(answer, marked=asked.quarter) for name, answer in asked.charts.items()}
    cards = "".join(_card(name, asked.charts[name], picture) for name, picture in drawn.items() if picture)
    lead = page.key()
    lead += f"<p>{page.BY_PERIOD}</p>"
    if asked.quarter:
        lead += f"<p>A frame marks {spoken(asked.quarter)}. Limits and verdicts rest on all data that are loaded.</p>"
    without = _without_chart({name: asked.charts[name] for name, picture in drawn.items() if not picture})
    return page.section("Better, or noise?", f'{lead}<div class="cards">{cards}</div>{without}', name="charts")


def _card(name: str, answer: Released, picture: str) -> str:
    said = page.kept(control_chart(answer).answer)
    return f'<article class="card"><h3>{escape(indicator(name).title)}</h3><p>{said}</p>{picture}</article>'


def _without_chart(answers: Mapping[str, Released]) -> str:
    """Which indicators have no chart, by reason: a sentence takes less room than empty cards."""
    reasons: dict[str, list[str]] = {}
    for name, answer in answers.items():
        reasons.setdefault(control_chart(answer).answer, []).append(indicator(name).title)
    return "".join(f"<p><strong>{escape(reason)}</strong> {escape('; '.join(titles))}.</p>" for reason, titles in reasons.items())


def _others(asked: Asked) -> str:
    return page.section("All other indicators", indicators.by_theme(asked.indicators, LIGHT, but=OVERVIEW), name="others")


def _definitions(asked: Asked) -> str:
    """What every shown indicator counts, and where its target comes from."""
    rows = [row for row in asked.indicators.tables["indicators"] if row["value"] is not None]
    parts = []
    for theme in THEMES:
        entries = [_defined(row) for row in rows if row["theme"] == theme.code]
        if entries:
            parts.append(page.definitions(theme.label, entries))
    return page.section("What was counted", f'<div class="columns">{"".join(parts)}</div>', name="definitions")


def _defined(row: Mapping[str, Any]) -> tuple[str, str]:
    declared = indicator(row["name"])
    target = "" if row["target"] is None else f" Target {w.amount(row['target'], declared.unit)}: {row['target_source']}."
    return declared.title, f"Counted: {declared.numerator}. Of: {declared.denominator}.{target}"


def _privacy(asked: Asked) -> str:
    policy = asked.clinic.policy
    if may_leave(policy):
        rule = (
            f"No number rests on 1 to {policy.group - 1} patients, counts are rounded to {policy.count_step}, and shares are computed from "
            f"rounded counts. {asked.withheld:,} numbers are withheld in this report. Every other number has two significant digits."
        )
    else:
        rule = (
            f"This report is for staff of the clinic, who are bound by confidentiality: counts are exact, and a group of 1 to {policy.group - 1} "
            f"patients shows its counts alone. {asked.withheld:,} numbers are withheld. To hand a report on, make the one to share."
        )
    rows = "The report holds aggregates only: no row, no date and no identifier of a patient is in this file."
    return page.section("Privacy", f"<p>{rule} {rows}</p>", name="privacy")
