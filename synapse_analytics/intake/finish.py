"""The last rules before the ids are replaced: duplicates, scores of one day, closing dates, treatments of complications, needed values."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd

from synapse_analytics.intake.days import last_day
from synapse_analytics.intake.duplicates import same_again, spots
from synapse_analytics.intake.episodes import Work, dropped
from synapse_analytics.intake.records import Frames

SECOND_SCORE = "another value of the same score on the same day was used"
NO_EPISODE_LEFT = "the patient has no episode in the bundle"
_KEYS = {"symptoms": ["episode", "symptom"], "other_diagnoses": ["episode", "diagnosis"]}


def finished(frames: Frames, work: Work) -> Frames:
    """The records as they go into the bundle, but for their ids."""
    frames = frames | {"patients": frames["patients"].assign(sex=frames["patients"]["sex"].fillna("unknown"))}
    for name in frames.keys() - {"patients", "episodes"}:
        frames[name] = same_again(frames[name], work, fields=_KEYS.get(name) or _said(frames[name]), last=_is_last(name, work))
    frames["scores"] = _one_a_day(frames["scores"], work)
    frames["adverse_events"] = _with_treatment(frames["adverse_events"], frames["treatments"], work)
    frames["episodes"] = _closing(frames, work)
    return _without_idle_patients(frames, work)


def _said(frame: pd.DataFrame) -> list[str]:
    """What two records must share to be the same; the day says what the date says, and one of them may have no date."""
    return [name for name in frame.columns if name not in {"table", "row", "patient_id", "episode_id", "patient", "date", "start_date"}]


def _is_last(name: str, work: Work) -> bool:
    """Of the scores 5, 7, 5 of one day the last is 5: the first 5 goes, so that it does not stand for the last one."""
    return name == "scores" and work.mapping.same_day == "last"


def _one_a_day(scores: pd.DataFrame, work: Work) -> pd.DataFrame:
    """One value of each score for an episode and day; the mapping says which one when two differ."""
    key = ["episode", "day", "instrument"]
    twice = scores.duplicated(key, keep=False).to_numpy()
    if not twice.any():
        return scores
    rule = work.mapping.same_day
    if rule == "refuse":
        for instrument, rows in scores[twice].groupby("instrument", observed=True):
            sentence = f"The score {instrument} was answered twice on one day, with different values."
            advice = "Write `same_day: first` or `same_day: last` at the top of the mapping, or correct the source."
            work.faults.add(sentence, advice, spots(rows, str(instrument), work), len(rows))
        return scores
    gone = scores.duplicated(key, keep="first" if rule == "first" else "last").to_numpy()
    where = zip(scores["table"].to_numpy()[gone].tolist(), scores[gone]["instrument"].tolist(), strict=True)
    for (table, instrument), n in Counter(where).items():
        work.ledger.conflicts[table, instrument, "answered twice on one day, with different values", f"the {rule} one is used"] += n
    return dropped(scores, gone, SECOND_SCORE, work.ledger)


def _with_treatment(events: pd.DataFrame, treatments: pd.DataFrame, work: Work) -> pd.DataFrame:
    """Complications with `treatment`, the position of the treatment that they followed; -1 where none of the episode has that id."""
    keys = pd.MultiIndex.from_frame(treatments[["episode", "treatment_id"]])
    named = events["treatment_id"].notna().to_numpy()
    known = treatments["treatment_id"].notna() & ~treatments.duplicated(["episode", "treatment_id"], keep="first")
    at = np.flatnonzero(known.to_numpy())
    place = np.full(len(events), -1)
    if named.any() and at.size:
        found = keys[at].get_indexer(pd.MultiIndex.from_frame(events.loc[named, ["episode", "treatment_id"]]))
        place[named] = np.where(found >= 0, at[found], -1)
    lost = events[named & (place < 0)]
    work.ledger.leave_values(
        lost["table"].to_numpy(), "treatment_id", "no treatment of its episode has this id: the event stands without it"
    )
    return events.assign(treatment=place)


def _closing(frames: Frames, work: Work) -> pd.DataFrame:
    """The episodes with a day of closing for each that is not open, as the mapping says for those without one."""
    episodes = frames["episodes"]
    lacks = ((episodes["status"] != "open") & episodes["closed_day"].isna()).to_numpy()
    before = (episodes["closed_day"] < 0).to_numpy()
    if before.any():
        advice = "Correct the date in the source, or choose another `day_zero`."
        work.faults.add(
            "An episode closes before its first visit.", advice, spots(episodes[before], "closed_date", work), int(before.sum())
        )
    if not lacks.any():
        return episodes
    rule = work.mapping.no_closing_date
    if rule == "refuse":
        advice = "Name the column in `closed_date`, or write `no_closing_date: last_record` or `no_closing_date: open`."
        sentence = "An episode is not open but has no date of closing."
        work.faults.add(sentence, advice, spots(episodes[lacks], "closed_date", work), int(lacks.sum()))
        return episodes
    done = "closed on the day of the last record" if rule == "last_record" else "counted as open"
    work.ledger.leave_values(episodes[lacks]["table"].to_numpy(), "closed_date", f"not recorded: the episode is {done}")
    if rule == "open":
        return episodes.assign(status=episodes["status"].mask(lacks, "open"))
    return episodes.assign(closed_day=episodes["closed_day"].mask(lacks, _last_days(frames, work)))


def _last_days(frames: Frames, work: Work) -> np.ndarray:
    """The day of the last record of each episode, 0 at the earliest, and never after the last month."""
    episodes = frames["episodes"]
    last = np.zeros(len(episodes))
    for name, day in (
        ("scores", "day"),
        ("treatments", "start_day"),
        ("treatments", "end_day"),
        ("investigations", "day"),
        ("adverse_events", "day"),
    ):
        days = frames[name][day].to_numpy(float)
        np.maximum.at(last, frames[name]["episode"].to_numpy()[~np.isnan(days)], days[~np.isnan(days)])
    return np.minimum(last, last_day(work.mapping.data_until) - episodes["zero"].to_numpy(float))


def _without_idle_patients(frames: Frames, work: Work) -> Frames:
    patients = frames["patients"]
    has_one = np.zeros(len(patients), bool)
    has_one[frames["episodes"]["patient"].to_numpy()] = True
    place = np.where(has_one, np.cumsum(has_one) - 1, -1)
    moved = frames["episodes"].assign(patient=place[frames["episodes"]["patient"].to_numpy()])
    return frames | {"patients": dropped(patients, ~has_one, NO_EPISODE_LEFT, work.ledger), "episodes": moved}
