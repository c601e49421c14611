"""The numbers of four pages in plain pandas, the base tables in memory as frames; the same columns as benchmarks/raw_duckdb.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.raw_duckdb import BASELINE, CLASS_OF, COURSES, DIED, ENOUGH, MONTH_3, MONTH_12, OF_STAGE, PAIN, TABLES
from synapse_analytics import vocabulary as v

Frames = dict[str, pd.DataFrame]
Columns = dict[str, tuple[str, str]]
SURGERY = OF_STAGE["surgery"]
ONE_ROW = ["episode_key", "instrument"]
OF_AN_OUTCOME: Columns = {"expected": ("due", "sum"), "answered": ("gain", "count"), "patients": ("patient", "nunique")}
OF_AN_OUTCOME |= {"improvement": ("gain", "mean"), "sd": ("gain", "std"), "able": ("able", "sum")}
OF_AN_OUTCOME |= {"responders": ("hit", "sum"), "responding": ("hit_patient", "nunique")}


def read(folder: Path) -> Frames:
    """Every base table."""
    return {name: pd.concat([pd.read_parquet(file) for file in sorted(folder.glob(f"{name}*.parquet"))]) for name in TABLES}


def month_ends(months: pd.Series) -> pd.Series:
    """The last day of months counted as year * 12 + month - 1; few distinct ones, so each is worked out once."""
    known = {month: pd.Period(year=month // 12, month=month % 12 + 1, freq="M").end_time.normalize() for month in months.unique()}
    return months.map(known)


def seen(frames: Frames, until: str) -> pd.DataFrame:
    """Episodes with the days that are surely observed, and until when the window of a visit must have closed."""
    found = frames["episodes"].rename(columns={"first_visit_month": "month"})
    days = (pd.Period(until, freq="M").end_time.normalize() - month_ends(found["month"])).dt.days
    died = (found["status"] == DIED) & found["closed_day"].notna()
    closes = days.where(~died, days.clip(upper=found["closed_day"]))
    return found.assign(days=days, closes=closes)[["episode_key", "patient_key", "diagnosis", "month", "days", "closes"]]


def nearest(scores: pd.DataFrame, visit: v.Visit) -> pd.Series:
    """The answer nearest the target of a visit, of two as near the earlier."""
    part = scores[scores["day"].between(visit.first, visit.last)]
    order = 2 * (part["day"] - visit.target).abs() + (part["day"] > visit.target)
    return part.assign(order=order).sort_values("order").drop_duplicates(ONE_ROW).set_index(ONE_ROW)["value"].rename(visit.code)


def wide(scores: pd.DataFrame, visits: list[v.Visit]) -> pd.DataFrame:
    """One row for each episode and instrument with a baseline, the visits beside each other."""
    found = pd.concat([nearest(scores, visit) for visit in visits], axis=1)
    return found[found["baseline"].notna()].reset_index()


def grouped(frame: pd.DataFrame, by: list[str], columns: Columns) -> pd.DataFrame:
    """Named aggregates by some columns, or of all rows."""
    return groups(frame, by).agg(**columns).reset_index(drop=not by)


def groups(frame: pd.DataFrame, by: list[str]) -> Any:
    """The groups by some columns, or all rows as one."""
    return frame.groupby(by) if by else frame.assign(whole=0).groupby("whole")


def by_month_and_whole(frame: pd.DataFrame, by: list[str], columns: Columns) -> pd.DataFrame:
    """The aggregates by month, and of all months."""
    return pd.concat([grouped(frame, [*by, "month"], columns), grouped(frame, by, columns)])


def overview(frames: Frames, until: str) -> list[pd.DataFrame]:
    """Who came, outcomes, and safety, by month."""
    people = seen(frames, until)
    return [came(frames, people), outcomes_by_month(frames, people), after_surgery(frames, people, until)]


def came(frames: Frames, people: pd.DataFrame) -> pd.DataFrame:
    """Patients, the wait, and who of those watched for a year was operated."""
    given = frames["treatments"]
    started, surgical = given["start_day"] >= 0, given["treatment"].isin(SURGERY)
    treated = people.set_index("episode_key").assign(
        first_day=given[started].groupby("episode_key")["start_day"].min(),
        surgery_day=given[started & surgical].groupby("episode_key")["start_day"].min(),
    )
    before = treated.index.isin(given.loc[~started & surgical, "episode_key"])
    treated["a_year"] = (treated["days"] >= 365) & ~before
    treated["operated"] = treated["a_year"] & (treated["surgery_day"] <= 365)
    columns = {"episodes": ("patient_key", "size"), "patients": ("patient_key", "nunique"), "wait": ("first_day", "median")}
    return by_month_and_whole(treated, [], columns | {"a_year": ("a_year", "sum"), "operated": ("operated", "sum")})


def outcomes_by_month(frames: Frames, people: pd.DataFrame) -> pd.DataFrame:
    """Improvement, responders and completeness of pain and ODI after 3 and 12 months."""
    scores = frames["scores"]
    known = wide(scores[scores["instrument"].isin(ENOUGH)], [BASELINE, MONTH_3, MONTH_12]).merge(people, on="episode_key")
    enough = known["instrument"].map(ENOUGH)
    columns: Columns = {}
    for months, visit in ((3, MONTH_3), (12, MONTH_12)):
        due = known["closes"] >= visit.last
        gain = (known["baseline"] - known[visit.code]).where(due) / 1000
        hit = gain * 1000 >= enough
        parts = {"due": due, "gain": gain, "able": gain.notna() & (known["baseline"] >= enough), "hit": hit}
        parts |= {"patient": known["patient_key"].where(gain.notna()), "hit_patient": known["patient_key"].where(hit)}
        known = known.assign(**{f"{name}_{months}": part for name, part in parts.items()})
        columns |= {f"{name}_{months}": (f"{part}_{months}", how) for name, (part, how) in OF_AN_OUTCOME.items()}
    return by_month_and_whole(known, ["instrument"], columns)


def after_surgery(frames: Frames, people: pd.DataFrame, until: str) -> pd.DataFrame:
    """Complications and reoperations, by the month of the first surgery."""
    given, harm = frames["treatments"], frames["adverse_events"]
    surgical = given[given["treatment"].isin(SURGERY)]
    first = surgical[surgical["start_day"] >= 0].groupby("episode_key")["start_day"].min()
    gap = surgical["start_day"] - surgical["episode_key"].map(first)
    delay = harm["day"] - harm["episode_key"].map(first)
    known = people.set_index("episode_key").join(first.rename("day"), how="inner")
    again = gap[gap > 0].groupby(surgical["episode_key"]).min()
    harmed = delay[delay >= 0].groupby(harm["episode_key"]).min()
    fifteenth = month_ends(known["month"]).dt.to_period("M").dt.start_time + pd.Timedelta(days=14)
    dates = (fifteenth + pd.to_timedelta(known["day"], unit="D")).clip(upper=pd.Period(until, freq="M").start_time)
    known = known.assign(month=dates.dt.year * 12 + dates.dt.month - 1, again=again, harmed=harmed)
    columns: Columns = {}
    for days in (90, 365):
        watched = known["days"] >= known["day"] + days
        known[f"n_{days}"], known[f"again_{days}"] = watched, watched & (known["again"] <= days)
        known[f"patient_{days}"] = known["patient_key"].where(watched)
        columns |= {name: (name, "sum") for name in (f"n_{days}", f"again_{days}")}
        columns[f"patients_{days}"] = (f"patient_{days}", "nunique")
    known["complications"] = known["n_90"] & (known["harmed"] <= 90)
    return by_month_and_whole(known, [], columns | {"complications": ("complications", "sum")})


def diagnoses(frames: Frames, _until: str) -> list[pd.DataFrame]:
    """The mix, for everyone and by age band and sex."""
    columns = {"n": ("patient_key", "size"), "patients": ("patient_key", "nunique")}
    episodes = frames["episodes"]
    known = episodes.merge(frames["patients"], on="patient_key")
    known["age_band"] = pd.cut(known["age_years"], [-1, 17, 39, 64, 200], labels=False)
    mix = pd.concat([grouped(episodes, ["diagnosis"], columns), grouped(episodes, [], columns)])
    return [mix, pd.concat([grouped(known, ["age_band", "sex", *more], columns) for more in (["diagnosis"], [])])]


def pathways(frames: Frames, _until: str) -> list[pd.DataFrame]:
    """The stages that are reached within two years, and the most frequent orders of treatment classes."""
    given, episodes = frames["treatments"], frames["episodes"].set_index("episode_key")
    running = given["treatment"].isin(COURSES) & ~(given["end_day"] < 0)
    counted = given[((given["start_day"] >= 0) | running) & (given["start_day"] <= 730)]
    care = {stage: episodes.index.isin(counted.loc[counted["treatment"].isin(places), "episode_key"]) for stage, places in OF_STAGE.items()}
    stages = {"episodes": len(episodes), "patients": episodes["patient_key"].nunique()}
    for stage, reached in care.items():
        stages |= {stage: reached.sum(), f"{stage}_patients": episodes.loc[reached, "patient_key"].nunique()}
    stages["conservative_injection"] = (care["conservative"] & care["injection"]).sum()
    stages["injection_surgery"] = (care["injection"] & care["surgery"]).sum()
    return [pd.DataFrame([stages]), ways(given, episodes["patient_key"])]


def ways(given: pd.DataFrame, patients: pd.Series) -> pd.DataFrame:
    """The 150 most frequent orders of treatment classes within two years, repeats united, six steps at most."""
    started = given[given["start_day"].between(0, 730)]
    started = started.assign(step=started["treatment"].map(dict(enumerate(CLASS_OF))))
    started = started.sort_values(["episode_key", "start_day", "step"])
    same = (started["episode_key"] == started["episode_key"].shift()) & (started["step"] == started["step"].shift())
    steps = started[~same]
    days = steps.groupby("episode_key")["start_day"].agg(["first", "last"])
    steps = steps.assign(place=steps.groupby("episode_key").cumcount())
    way = steps[steps["place"] < 6].pivot(index="episode_key", columns="place", values="step").fillna(-1)
    known = way.assign(patient_key=patients, days=days["last"] - days["first"])
    columns = {"n": ("days", "size"), "patients": ("patient_key", "nunique"), "median_days": ("days", "median")}
    return known.groupby(list(way.columns)).agg(**columns).reset_index().nlargest(150, "n")


def outcomes(frames: Frames, until: str, by: list[str]) -> list[pd.DataFrame]:
    """Pain at the reference visits and by week."""
    people, scores = seen(frames, until), frames["scores"]
    pain = scores[scores["instrument"] == PAIN]
    known = wide(pain, list(v.VISITS)).merge(people, on="episode_key")
    parts = []
    for visit in v.VISITS:
        part = known[known["closes"] >= visit.last] if visit != BASELINE else known
        value = part[visit.code]
        part = part.assign(value=value / 1000, change=(value - part["baseline"]) / 1000, answering=part["patient_key"].where(value.notna()))
        columns = {"expected": ("value", "size"), "n": ("value", "count"), "expected_patients": ("patient_key", "nunique")}
        columns |= {"patients": ("answering", "nunique"), "mean": ("value", "mean"), "sd": ("value", "std"), "change": ("change", "mean")}
        quartiles = groups(part, by)["value"].quantile([0.25, 0.5, 0.75]).unstack().reset_index(drop=True)
        parts.append(grouped(part, by, columns).assign(visit=visit.code, q1=quartiles[0.25], median=quartiles[0.5], q3=quartiles[0.75]))
    weeks = pain[pain["day"].between(-56, 734)]
    weeks = weeks.assign(week=(weeks["day"] + 56) // 7 - 8, value=weeks["value"] / 1000).sort_values("day")
    last = weeks.drop_duplicates(["episode_key", "week"], keep="last").merge(people, on="episode_key")
    columns = {"n": ("value", "size"), "patients": ("patient_key", "nunique"), "mean": ("value", "mean"), "sd": ("value", "std")}
    return [pd.concat(parts), grouped(last, [*by, "week"], columns)]


QUESTIONS: dict[str, Callable[[Frames, str], list[pd.DataFrame]]] = {
    "overview": overview,
    "diagnoses": diagnoses,
    "pathways": pathways,
    "outcomes": lambda frames, until: outcomes(frames, until, []),
    "pain over time by diagnosis": lambda frames, until: outcomes(frames, until, ["diagnosis"]),
}
