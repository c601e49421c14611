"""The marts once more, naively: loops over one episode at a time, straight from the definitions."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.problems import Check

Row = dict[str, Any]


@dataclass
class Episode:
    """An episode with all its rows; codes in words, values in thousandths."""

    key: int
    row: Row
    patient: Row
    only: bool
    treatments: list[Row]
    scores: list[Row]
    events: list[Row]
    investigations: list[Row]
    symptoms: list[Row]
    others: list[Row]
    data_until: str

    def observed(self) -> int:
        """Days from the last day of the month of the first visit to the end of the data."""
        month = self.row["first_visit_month"]
        return (_end_of(*map(int, self.data_until.split("-"))) - _end_of(month // 12, month % 12 + 1)).days

    def follow_up_end(self) -> int:
        """The last day the episode is known to have been watched."""
        days = [0, self.observed(), self.row["closed_day"]]
        days += [row[name] for row in self.treatments for name in ("start_day", "end_day")]
        days += [row["day"] for row in (*self.scores, *self.events, *self.investigations)]
        return max(day for day in days if day is not None)

    def closed_by(self, day: int, *statuses: str) -> bool:
        """Whether it had ended by then (in one of the states, when any is given)."""
        closed = self.row["closed_day"]
        return closed is not None and closed <= day and (not statuses or self.row["status"] in statuses)

    def window_counts(self, index_day: int, visit: v.Visit) -> bool:
        """Whether the window is surely closed and the patient lived through it."""
        end = index_day + visit.last
        died = self.row["status"] == "died" and self.row["closed_day"] < end
        return end <= self.observed() and not died

    def indexes(self) -> list[tuple[int, int]]:
        """(code, day): the first visit, and the first start on day >= 0 of each treatment."""
        found = [(0, 0)]
        for place, term in enumerate(v.TREATMENTS):
            days = [row["start_day"] for row in self.treatments if row["treatment"] == term.code and row["start_day"] >= 0]
            if days:
                found.append((place + 1, min(days)))
        return found

    def answers(self, instrument: str) -> list[tuple[int, int]]:
        """(day, value) in order of day."""
        return sorted((row["day"], row["value"]) for row in self.scores if row["instrument"] == instrument)

    def baseline(self, instrument: str, index_day: int) -> int | None:
        """The nearest answer in the 60 days up to the index."""
        found = [value for day, value in self.answers(instrument) if -60 <= day - index_day <= 0]
        return found[-1] if found else None


def episodes_of(check: Check) -> list[Episode]:
    """Every episode of a check, in its order."""
    rows = {name: [_in_words(name, row) for row in table.to_pylist()] for name, table in check.tables.items()}
    patients = {row["patient_id"]: row for row in rows["patients"]}
    owners = [row["patient_id"] for row in rows["episodes"]]
    found = []
    for key, row in enumerate(rows["episodes"]):
        names = ("treatments", "scores", "adverse_events", "investigations", "symptoms", "other_diagnoses")
        own = [[other for other in rows[name] if other["episode_id"] == row["episode_id"]] for name in names]
        found.append(
            Episode(key, row, patients[row["patient_id"]], owners.count(row["patient_id"]) == 1, *own, check.manifest["data_until"])
        )
    return found


def index_days(check: Check) -> Iterator[tuple]:
    """index_code, episode, day, closed visits."""
    for episode in episodes_of(check):
        for code, day in episode.indexes():
            yield code, episode.key, day, sum(episode.window_counts(day, visit) for visit in v.VISITS[1:])


def index_scores(check: Check) -> Iterator[tuple]:
    """index_code, instrument, episode, baseline, the answer at every reference visit, and the names of what is true."""
    for episode in episodes_of(check):
        for code, day in episode.indexes():
            for term in v.INSTRUMENTS:
                baseline = episode.baseline(term.code, day)
                if baseline is not None:
                    answers = {visit.code: _visit_value(episode, term.code, day, visit) for visit in v.VISITS[1:]}
                    expected = {f"expected_{visit.code}" for visit in v.VISITS[1:] if episode.window_counts(day, visit)}
                    facts = expected | _responses(term, baseline, answers)
                    yield code, v.position(v.INSTRUMENTS, term.code), episode.key, baseline, *answers.values(), tuple(sorted(facts))


def _responses(term: v.Instrument, baseline: int, answers: dict[str, int | None]) -> set[str]:
    """Who answered, who could reach each preset, and who met it."""
    facts = {f"answered_{code}" for code, value in answers.items() if value is not None}
    for preset in v.PRESETS:
        if not term.code.startswith(preset.instrument_family):
            continue
        best = round((term.low if term.better == "lower" else term.high) * 1000)
        if _meets(preset, term, baseline, best):
            facts.add(f"able_{preset.code}")
            facts |= {
                f"met_{preset.code}_{code}"
                for code, value in answers.items()
                if value is not None and _meets(preset, term, baseline, value)
            }
    return facts


def _meets(preset: v.Preset, term: v.Instrument, before: int, after: int) -> bool:
    gain = before - after if term.better == "lower" else after - before
    if preset.kind == "points":
        return gain >= preset.threshold * 1000
    if preset.kind == "percent":
        return before > 0 and gain / before >= preset.threshold / 100 - 1e-12
    return after <= preset.threshold * 1000 if term.better == "lower" else after >= preset.threshold * 1000


def visit_scores(check: Check) -> Iterator[tuple]:
    """index_code, instrument, visit, episode, baseline, value."""
    for episode in episodes_of(check):
        for code, index_day in episode.indexes():
            for place, term in enumerate(v.INSTRUMENTS):
                baseline = episode.baseline(term.code, index_day)
                for number, visit in list(enumerate(v.VISITS))[1:]:
                    value = _visit_value(episode, term.code, index_day, visit)
                    if value is not None:
                        yield code, place, number, episode.key, baseline, value


def week_scores(check: Check) -> Iterator[tuple]:
    """index_code, instrument, week, last_of, episode, value."""
    for episode in episodes_of(check):
        for code, index_day in episode.indexes():
            for place, term in enumerate(v.INSTRUMENTS):
                last = {(day - index_day) // 7: value for day, value in episode.answers(term.code)}
                weeks = [week for week in last if -8 <= week <= 104]
                for week in weeks:
                    lasting = [
                        step
                        for step in (1, 2, 4, 8)
                        if not any(later > week and (later + 4) // step == (week + 4) // step for later in weeks)
                    ]
                    yield code, place, week, max(lasting), episode.key, last[week]


def conservative_weeks(check: Check, headline: str) -> Iterator[tuple]:
    """class, period of 4 weeks, episode, value: the last answer of each week under a class, before any escalation."""
    for episode in episodes_of(check):
        escalated = _escalated(episode)["first_escalation_day"]
        begun: dict[str, int] = {}
        for code, day in sorted(episode.indexes(), key=lambda index: index[1]):
            term = v.TREATMENTS[code - 1]
            if code and term.stage == "conservative":
                begun.setdefault(term.treatment_class, day)
        for name, start in begun.items():
            last = {(day - start) // 7: value for day, value in episode.answers(headline)}
            for week, value in last.items():
                if 0 <= week < 52 and (escalated is None or escalated > start + 7 * week + 6):
                    yield v.position(v.TREATMENT_CLASSES, name), week // 4, episode.key, value


def episode_facts(check: Check, headline: str) -> Iterator[Row]:
    """The columns of episode_facts that are derived."""
    for episode in episodes_of(check):
        yield _who(episode) | _treated(episode) | _escalated(episode) | _left(episode) | _outcome(episode, headline)


def _who(episode: Episode) -> Row:
    row, patient = episode.row, episode.patient
    weeks, bmi = row["symptom_weeks"], patient["bmi"]
    return {
        "episode_key": episode.key,
        "year": row["first_visit_month"] // 12,
        "age_band": _band(patient["age_years"], [18, 40, 65]),
        "age_sex": 4 * _band(patient["age_years"], [18, 40, 65]) + patient["sex"],
        "comorbidities_band": None if patient["comorbidities"] is None else min(3, patient["comorbidities"]),
        "bmi_band": None if bmi is None else _band(bmi, [18_500, 25_000, 30_000]),
        "symptom_band": None if weeks is None else _band(weeks, [6, 13, 53]),
        "diagnoses": _mask(v.DIAGNOSES, {row["diagnosis"], *(other["diagnosis"] for other in episode.others)}),
        "symptoms": _mask(v.SYMPTOMS, {other["symptom"] for other in episode.symptoms}),
        "investigations": _mask(v.INVESTIGATIONS, {other["investigation"] for other in episode.investigations}),
        "confirmed_investigations": _mask(
            v.INVESTIGATIONS, {other["investigation"] for other in episode.investigations if other["finding"] == "confirmed"}
        ),
        **{
            f"first_{code}_day": min((other["day"] for other in episode.investigations if other["investigation"] == code), default=None)
            for code in v.codes(v.INVESTIGATIONS)
        },
        "days_surely_observed": episode.observed(),
        "follow_up_end": episode.follow_up_end(),
    }


def _treated(episode: Episode) -> Row:
    counted = [
        row
        for row in episode.treatments
        if row["start_day"] >= 0 or (_term(row).kind == "course" and (row["end_day"] is None or row["end_day"] >= 0))
    ]
    stages = v.codes(v.STAGES)
    started = sorted((row["start_day"], v.position(v.TREATMENTS, row["treatment"])) for row in episode.treatments if row["start_day"] >= 0)
    return {
        "treatments": _mask(v.TREATMENTS, {row["treatment"] for row in counted}),
        "highest_stage": max((stages.index(_term(row).stage) for row in counted), default=0),
        "care": sum(1 << stages.index(stage) for stage in {_term(row).stage for row in counted}),
        "first_treatment": started[0][1] if started else None,
        "first_treatment_day": started[0][0] if started else None,
        "first_conservative_day": min((row["start_day"] for row in counted if _term(row).stage == "conservative"), default=None),
        "first_injection_day": _first_day(episode, "injection"),
        "first_surgery_day": _first_day(episode, "surgery"),
        "injected_before_day_0": any(row["start_day"] < 0 and _term(row).stage == "injection" for row in episode.treatments),
        "operated_before_day_0": any(row["start_day"] < 0 and _term(row).stage == "surgery" for row in episode.treatments),
    }


def _escalated(episode: Episode) -> Row:
    injection, surgery = _first_day(episode, "injection"), _first_day(episode, "surgery")
    either = [day for day in (injection, surgery) if day is not None]
    again = [
        row["start_day"]
        for row in episode.treatments
        if _term(row).stage == "surgery" and surgery is not None and row["start_day"] > surgery
    ]
    harm = [row["day"] for row in episode.events if surgery is not None and row["day"] >= surgery]
    return {
        "first_escalation_day": min(either, default=None),
        "conservative_days_before_escalation": _conservative_days(episode, min(either)) if either else None,
        "conservative_days_before_injection": None if injection is None else _conservative_days(episode, injection),
        "conservative_days_before_surgery": None if surgery is None else _conservative_days(episode, surgery),
        "next_surgery_days": min(again) - surgery if again else None,
        "complication_days": min(harm) - surgery if harm else None,
    }


def _left(episode: Episode) -> Row:
    """When and why the episode left the risk set of each event, and whether it was still under conservative care at 12 weeks."""
    found: Row = {}
    closed, end = episode.row["closed_day"], episode.follow_up_end()
    days = {stage: [row["start_day"] for row in episode.treatments if _term(row).stage == stage] for stage in ("injection", "surgery")}
    for event in ("injection", "surgery"):
        before = any(day < 0 for day in days["surgery"]) or (event == "injection" and any(day < 0 for day in days["injection"]))
        found[f"{event}_exit_day"] = found[f"{event}_exit_cause"] = None
        if before or end < 0 or (closed is not None and closed < 0):
            continue
        happened = [(min(days[event]), 0, 1)] if days[event] else []
        rivals = days["surgery"] if event == "injection" else []
        happened += [(min(rivals), 1, 2)] if rivals else []
        happened += [(closed, 1, 2)] if episode.row["status"] in ("resolved", "discharged", "died") else []
        watched = end if closed is None else min(closed, end)
        first = min((entry for entry in happened if entry[0] <= min(watched, 730)), default=(min(watched, 731), 2, 0))
        found[f"{event}_exit_day"], found[f"{event}_exit_cause"] = first[0], first[2]
    started = [row["start_day"] for row in episode.treatments if row["start_day"] >= 0]
    conservative = any(
        _term(row).stage == "conservative" and (row["start_day"] >= 0 or row["end_day"] is None or row["end_day"] >= 0)
        for row in episode.treatments
    )
    escalated = [day for several in days.values() for day in several if 0 <= day <= 84]
    found["conservative_at_12_weeks"] = (
        found["injection_exit_cause"] is not None
        and conservative
        and min(started, default=1000) <= 84
        and not escalated
        and (closed is None or closed > 84)
    )
    return found


def _conservative_days(episode: Episode, event: int) -> int:
    days: set[int] = set()
    for row in episode.treatments:
        if _term(row).stage == "conservative":
            end = episode.follow_up_end() if row["end_day"] is None else row["end_day"]
            days.update(range(row["start_day"], end))
    return len(days & set(range(event - 180, event)))


def _outcome(episode: Episode, headline: str) -> Row:
    horizon = min(730, episode.follow_up_end())
    baselines = {f"baseline_{term.code}": episode.baseline(term.code, 0) for term in v.INSTRUMENTS}
    before = baselines[f"baseline_{headline}"]
    later = [value for day, value in episode.answers(headline) if 1 <= day <= horizon]
    last = later[-1] if later else None
    return (
        baselines
        | {f"score_before_{event}": _before(episode, headline, event) for event in ("injection", "surgery")}
        | {
            "headline_month_3": _visit_value(episode, headline, 0, v.find(v.VISITS, "month_3")),
            "headline_baseline": before,
            "headline_last": last,
            "pain_band": None if before is None or not headline.startswith("nrs") else _band(before, [4000, 7000]),
            "odi_band": None if baselines["baseline_odi"] is None else _band(baselines["baseline_odi"], [21_000, 41_000, 61_000]),
            "end_state": v.position(v.END_STATES, _end_state(episode, horizon, headline)),
        }
    )


def _before(episode: Episode, headline: str, event: str) -> int | None:
    """The last answer from day 1 on, in the 60 days up to the first event."""
    day = _first_day(episode, event)
    found = [] if day is None else [value for at, value in episode.answers(headline) if max(1, day - 60) <= at <= day]
    return found[-1] if found else None


def _visit_value(episode: Episode, instrument: str, index_day: int, visit: v.Visit) -> int | None:
    """The answer nearest the target of an expected visit, of two as near the earlier."""
    answers = [(day - index_day, value) for day, value in episode.answers(instrument)]
    inside = [(abs(day - visit.target), day, value) for day, value in answers if visit.first <= day <= visit.last]
    expected = episode.baseline(instrument, index_day) is not None and episode.window_counts(index_day, visit)
    return min(inside)[2] if inside and expected else None


def _end_state(episode: Episode, horizon: int, headline: str) -> str:
    before = episode.baseline(headline, 0)
    last = next((value for day, value in reversed(episode.answers(headline)) if 1 <= day <= horizon), None)
    for state in ("died", "resolved", "lost"):
        if episode.closed_by(horizon, state):
            return state
    if not episode.closed_by(horizon) and any(_runs(row, horizon) for row in episode.treatments):
        return "in_treatment"
    if before is None or last is None:
        return "unknown"
    if abs(last - before) < (10_000 if headline == "odi" else 2000):
        return "unchanged"
    return "improved" if last < before else "worse"


def _runs(row: Row, day: int) -> bool:
    if _term(row).kind == "procedure":
        return 0 <= day - row["start_day"] <= 90
    return row["start_day"] <= day and (row["end_day"] is None or row["end_day"] >= day)


def _first_day(episode: Episode, stage: str) -> int | None:
    return min((row["start_day"] for row in episode.treatments if row["start_day"] >= 0 and _term(row).stage == stage), default=None)


def _band(value: int, lows: list[int]) -> int:
    return sum(value >= low for low in lows)


def _mask(terms: tuple, codes: set[str]) -> int:
    return sum(1 << place for place, term in enumerate(terms) if term.code in codes)


def _term(row: Row) -> v.Treatment:
    return v.find(v.TREATMENTS, row["treatment"])


def _end_of(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _in_words(table: str, row: Row) -> Row:
    lists = {"status": v.STATUSES, "diagnosis": v.DIAGNOSES, "treatment": v.TREATMENTS, "instrument": v.INSTRUMENTS}
    lists |= {"symptom": v.SYMPTOMS, "investigation": v.INVESTIGATIONS, "finding": v.FINDINGS}
    return {name: lists[name][value].code if name in lists and value is not None else value for name, value in row.items()}
