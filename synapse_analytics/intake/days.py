"""Day 0 of every episode, and all dates as days from it; what lies outside the window, after the last month or before birth."""

from __future__ import annotations

import calendar

import numpy as np
import pandas as pd

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.schema import DAY_RANGE
from synapse_analytics.intake.duplicates import spots
from synapse_analytics.intake.episodes import Work, dropped
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.records import Frames
from synapse_analytics.intake.values import OLDEST

NO_DAY_ZERO = "nothing says which day is day 0 of its episode"
NO_DATE = "no date"
OUTSIDE = f"its day is outside {DAY_RANGE[0]} to {DAY_RANGE[1]}"
AFTER = "after the last month with complete data"
ITS_EPISODE = "its episode was left out"
NO_AGE = "no age and no date of birth"
_DAY_OF = {"date": "day", "start_date": "start_day", "end_date": "end_day", "closed_date": "closed_day"}
_FIRST_OF = {
    "first_score": ("scores",),
    "first_treatment": ("treatments",),
    "first_record": ("scores", "treatments", "investigations", "adverse_events"),
}
_NEEDED = tuple(
    field.name for field in record_kind("episodes").fields if field.needed and field.becomes not in {"patient_id", "episode_id"}
)
_PROCEDURES = tuple(term.code for term in v.TREATMENTS if term.kind == "procedure")


def in_days(frames: Frames, work: Work) -> Frames:
    """The records with days instead of dates, and the episodes with `zero`, the date of day 0."""
    frames = frames | {"episodes": frames["episodes"].assign(zero=_zero(frames, work))}
    _tell_before_birth(frames, work)
    frames["episodes"] = _days(frames["episodes"], frames["episodes"]["zero"])
    frames = _without(frames, work)
    frames["episodes"] = _closed(frames["episodes"], work)
    for name in frames.keys() - {"patients", "episodes"}:
        frame = frames[name]
        frames[name] = _inside(_days(frame, frames["episodes"]["zero"].to_numpy()[frame["episode"]]), frames["episodes"], work)
    return frames | {"treatments": _ended(frames["treatments"], frames["episodes"], work)}


def last_day(data_until: str) -> int:
    """The last day of the month `YYYY-MM`, as days since 1970-01-01."""
    year, month = int(data_until[:4]), int(data_until[5:])
    return (pd.Timestamp(year, month, calendar.monthrange(year, month)[1]) - pd.Timestamp(0)).days


def _zero(frames: Frames, work: Work) -> np.ndarray:
    """The date of day 0 of each episode; NaN where there is none."""
    episodes, rule = frames["episodes"], work.mapping.day_zero
    first = episodes["first_visit_date"].to_numpy(float)
    if rule == "first_visit":
        return first
    dates = np.full(len(episodes), np.inf)
    for name in _FIRST_OF[rule]:
        frame = frames[name]
        at = frame["start_date" if "start_date" in frame else "date"].to_numpy(float)
        np.minimum.at(dates, frame["episode"].to_numpy()[~np.isnan(at)], at[~np.isnan(at)])
    if rule == "first_record":
        dates = np.fmin(dates, first)
    return np.where(np.isinf(dates), np.nan, dates)


def _days(frame: pd.DataFrame, zero: np.ndarray | pd.Series) -> pd.DataFrame:
    days = {day: (frame[at] - zero).fillna(frame[day]) for at, day in _DAY_OF.items() if at in frame and day in frame}
    return frame.assign(**days)


def _tell_before_birth(frames: Frames, work: Work) -> None:
    patients = frames["patients"]
    births = patients["date_of_birth"].to_numpy(float)
    for name in frames.keys() - {"patients"}:
        frame = frames[name]
        for column in [*_DAY_OF, "first_visit_date"]:
            if column in frame:
                early = frame[column].to_numpy(float) < births[frame["patient"]]
                advice = "Correct the date in the source; or, if it means not recorded, add it to `missing`."
                if early.any():
                    work.faults.add(
                        "The date lies before the patient's birth.", advice, spots(frame[early], column, work), int(early.sum())
                    )


def _closed(episodes: pd.DataFrame, work: Work) -> pd.DataFrame:
    """An episode that closed after the last month is still open; an open one has no day of closing."""
    closed_on = episodes["zero"] + episodes["closed_day"]
    late = (closed_on > last_day(work.mapping.data_until)).to_numpy()
    _count(episodes[late], "closed_date", "closed after the last month with complete data: the episode counts as open", work)
    status = episodes["status"].mask(late, "open")
    is_open = (status == "open").to_numpy()
    odd = is_open & ~late & episodes["closed_day"].notna().to_numpy()
    _count(episodes[odd], "closed_date", "an open episode has no date of closing", work)
    return episodes.assign(status=status, closed_day=episodes["closed_day"].mask(is_open))


def _count(rows: pd.DataFrame, field: str, why: str, work: Work) -> None:
    work.ledger.leave_values(rows["table"].to_numpy(), field, why)


def _inside(frame: pd.DataFrame, episodes: pd.DataFrame, work: Work) -> pd.DataFrame:
    """The records whose day is known, in the window and not after the last month."""
    name = "start_day" if "start_day" in frame else "day" if "day" in frame else ""
    if not name:
        return frame
    day = frame[name].to_numpy(float)
    frame = dropped(frame, np.isnan(day), NO_DATE, work.ledger)
    day = frame[name].to_numpy(float)
    frame = dropped(frame, (day < DAY_RANGE[0]) | (day > DAY_RANGE[1]), OUTSIDE, work.ledger)
    at = episodes["zero"].to_numpy()[frame["episode"]] + frame[name].to_numpy(float)
    return dropped(frame, at > last_day(work.mapping.data_until), AFTER, work.ledger)


def _ended(treatments: pd.DataFrame, episodes: pd.DataFrame, work: Work) -> pd.DataFrame:
    """A course that ends after the last month is still running; a procedure has no end; an end before the start is a fault."""
    early = (treatments["end_day"] < treatments["start_day"]).to_numpy()
    if early.any():
        advice = "Correct the dates in the source, or leave `end_date` out of the mapping."
        work.faults.add("A treatment ends before it starts.", advice, spots(treatments[early], "end_date", work), int(early.sum()))
    ends = episodes["zero"].to_numpy()[treatments["episode"]] + treatments["end_day"].to_numpy(float)
    late = (ends > last_day(work.mapping.data_until)) | (treatments["end_day"].to_numpy(float) > DAY_RANGE[1])
    is_procedure = treatments["treatment"].isin(_PROCEDURES).to_numpy()
    _count(treatments[is_procedure & treatments["end_day"].notna().to_numpy()], "end_date", "a procedure has one day and no end", work)
    _count(treatments[late & ~is_procedure], "end_date", "ends after the last month with complete data: the course counts as running", work)
    return treatments.assign(end_day=treatments["end_day"].mask(late | is_procedure))


def _without(frames: Frames, work: Work) -> Frames:
    """The records without episodes that have no day 0 or begin after the last month, and without those of patients of no age."""
    episodes = frames["episodes"]
    zero = episodes["zero"].to_numpy(float)
    masks = {NO_DAY_ZERO: np.isnan(zero), AFTER: zero > last_day(work.mapping.data_until)}
    masks |= {f"no {name}": episodes[name].isna().to_numpy() for name in _NEEDED}
    gone = np.logical_or.reduce(list(masks.values()))
    patients = _aged(frames["patients"], episodes[~gone])
    masks[NO_AGE] = ~gone & patients["age_years"].isna().to_numpy()[episodes["patient"]]
    gone = np.zeros(len(episodes), bool)
    for reason, mask in masks.items():
        work.ledger.drop(episodes["table"].to_numpy()[mask & ~gone], episodes["row"].to_numpy()[mask & ~gone], reason)
        gone |= mask
    kept = episodes[~gone].reset_index(drop=True)
    place = np.where(gone, -1, np.cumsum(~gone) - 1)
    others = {}
    for name in frames.keys() - {"patients", "episodes"}:
        frame = frames[name].assign(episode=place[frames[name]["episode"]])
        others[name] = dropped(frame, frame["episode"] < 0, ITS_EPISODE, work.ledger)
    return others | {"episodes": kept, "patients": patients}


def _aged(patients: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The patients with their age at the first visit of the first of these episodes: from the date of birth, else as it is given; 90 and over is 90."""
    first = np.full(len(patients), np.inf)
    np.minimum.at(first, known["patient"].to_numpy(), known["zero"].to_numpy())
    first[np.isinf(first)] = np.nan
    ages = _years(patients["date_of_birth"].to_numpy(float), first)
    return patients.assign(age_years=np.minimum(np.where(np.isnan(ages), patients["age_years"], ages), OLDEST))


def _years(births: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Whole years between two dates, as people count birthdays; NaN where one is missing."""
    ages = np.full(len(births), np.nan)
    known = ~np.isnan(births) & ~np.isnan(at)
    born, then = (pd.to_datetime(days[known], unit="D") for days in (births, at))
    before = (then.month < born.month) | ((then.month == born.month) & (then.day < born.day))
    ages[known] = np.asarray(then.year - born.year) - np.asarray(before)
    return ages
