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
from synapse_analytics.figures import control_points, indicators, svg
from synapse_analytics.figures import words as w
from synapse_analytics.figures.overview import mostly_shown
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.indicators import OVERVIEW, THEMES, indicator
from synapse_analytics.vocabulary.periods import spoken

QUARTER = re.compile(r"[12][0-9]{3}-Q[1-4]")


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything the report is made of: the answers, under which policy, and the quarter that is pointed out (None: each one's latest)."""

    clinic: Clinic
    overview: Released
    indicators: Released
    charts: Mapping[str, Released]
    quarter: str | None

    @property
    def withheld(self) -> int:
        """Numbers withheld in what is shown."""
        return sum(answer.withheld for answer in (self.overview, self.indicators, *self.charts.values()))


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
    `quarter` (2026-Q3) is pointed out: its value stands beside that of the whole, and the charts mark it. Nothing is cut off:
    values, limits and verdicts rest on all data that are loaded. What was known at an earlier date is in its generation.
    """
    asked = _ask(clinic.under(policy), cohort or Cohort(), quarter)
    sections = [_summary(asked), _charts(asked), _others(asked), page.reading(), _definitions(asked), _privacy(asked)]
    return page.document(f"Spine outcomes: {clinic.generation.clinic}", _head(asked), sections, stamp=stamp(asked.clinic))


def _ask(clinic: Clinic, cohort: Cohort, quarter: str | None) -> Asked:
    check_reportable(cohort, policy=clinic.policy.name)
    if quarter is not None and not QUARTER.fullmatch(quarter):
        raise UsageError(f"'{quarter}' is not a quarter. Write the year and the quarter, as 2026-Q3.")
    overview = analyses.answer(clinic, "overview", cohort)
    if overview.refused:
        raise NotAllowed(overview.refused)
    if not overview.n:
        raise NotAllowed("No patients match this cohort, so there is nothing to report.")
    _check_quarter(overview, quarter)
    charts = {name: analyses.answer(clinic, "control_chart", cohort, indicator=name, period="quarter") for name in OVERVIEW}
    return Asked(clinic, overview, analyses.answer(clinic, "indicators", cohort), charts, quarter)


def _check_quarter(overview: Released, quarter: str | None) -> None:
    known = sorted({row["quarter"] for row in overview.tables["quarters"]})
    if quarter is not None and quarter not in known:
        raise UsageError(f"There are no data of {quarter}. The data of this cohort hold {known[0]} to {known[-1]}.")


def _head(asked: Asked) -> str:
    info, answer = asked.clinic.generation, asked.overview
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
    head = f"In {spoken(asked.quarter)}" if asked.quarter else "Latest quarter"
    told = {name: _of_quarter(asked, name) for name in OVERVIEW}
    notes = "".join(f"<p>{escape(text)}</p>" for text in asked.overview.notes)
    return page.section("At a glance", notes + indicators.summary(asked.indicators, LIGHT, told, head), name="summary")


def _of_quarter(asked: Asked, name: str) -> str:
    """The value of the quarter that is pointed out, or of the latest whose follow-up is over and that may be shown."""
    rows = [row for row in asked.overview.tables["quarters"] if row["name"] == name]
    if rows and not mostly_shown(rows):
        return w.WITHHELD  # the quarters that may be shown are mostly those without an event, and would look too good
    still_open = {row["period"] for row in asked.charts[name].tables["points"] if row["state"] == "open"}
    if asked.quarter:
        chosen = [row for row in rows if row["quarter"] == asked.quarter]
    else:
        chosen = [row for row in rows if row["value"] is not None and row["quarter"] not in still_open]
    if not chosen:
        return "follow-up still open" if asked.quarter in still_open else "none yet"
    last = chosen[-1]
    value = w.amount(last["value"], indicator(name).unit)
    if asked.quarter:
        return f"{value}, still open" if asked.quarter in still_open else value
    when = spoken(last["quarter"]).replace(" ", "\u00a0")
    return f"{value}, {when}"


def _charts(asked: Asked) -> str:
    drawn = {name: svg.control_chart(answer, marked=asked.quarter) for name, answer in asked.charts.items()}
    cards = "".join(_card(name, asked.charts[name], picture) for name, picture in drawn.items() if picture)
    lead = page.key()
    if not may_leave(asked.clinic.policy):
        lead += "<p>These charts are by quarter. The tables judge by month, so that a verdict there can differ.</p>"
    if asked.quarter:
        lead += f"<p>A frame marks {spoken(asked.quarter)}. Limits and verdicts rest on all quarters that are loaded.</p>"
    without = _without_chart({name: asked.charts[name] for name, picture in drawn.items() if not picture})
    return page.section("Better, or noise?", f'{lead}<div class="cards">{cards}</div>{without}', name="charts")


def _card(name: str, answer: Released, picture: str) -> str:
    said = page.kept(control_points.answer(control_points.read(answer)))
    return f'<article class="card"><h3>{escape(indicator(name).title)}</h3><p>{said}</p>{picture}</article>'


def _without_chart(answers: Mapping[str, Released]) -> str:
    """Which indicators have no chart, by reason: a sentence takes less room than empty cards."""
    reasons: dict[str, list[str]] = {}
    for name, answer in answers.items():
        reasons.setdefault(control_points.refusal(answer), []).append(indicator(name).title)
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
