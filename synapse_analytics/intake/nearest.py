"""Of several values of a patient in dated rows, such as the body mass index at every visit, the one nearest to day 0 counts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from synapse_analytics.intake.duplicates import spots
from synapse_analytics.intake.episodes import Work
from synapse_analytics.intake.finish import NO_EPISODE_LEFT
from synapse_analytics.intake.mapping.model import Mapping
from synapse_analytics.intake.records import Frames

NO_DATE, NOT_USED = "no date says when it was recorded", "another value of the patient was used, nearer to day 0 or of the same day"
TOO_FAR = "recorded further from day 0 than `nearest` says"
_KEYS = ["patient_id", "date", "table", "row"]


def days_of(mapping: Mapping) -> dict[str, int]:
    """The fields of patients whose nearest value counts, with how many days from day 0 it may be."""
    rules = [rule for rule in mapping.rows if rule.into == "patients"]
    return {name: one.nearest for rule in rules for name, one in rule.fields.items() if one.nearest is not None}


def set_aside(frames: Frames, work: Work) -> tuple[Frames, pd.DataFrame]:
    """The records without these values, as day 0 is not known yet, and the values.

    A row that says nothing else is with the values alone, but for the first of a patient whom no other row describes.
    """
    patients, names = frames["patients"], list(days_of(work.mapping))
    if not names:
        return frames | {"patients": patients.assign(date=np.nan)}, patients.iloc[:0]
    rest = patients.drop(columns=[*names, *_KEYS]).notna().any(axis=1)
    who = patients["patient_id"]
    is_bare = ~rest & patients[names].notna().any(axis=1) & who.notna() & (who.isin(who[rest]) | who.duplicated())
    values = patients[[*_KEYS, *names]].assign(is_bare=is_bare)
    blank = {name: patients[name].where(np.zeros(len(patients), bool)) for name in names}
    return frames | {"patients": patients.assign(date=np.nan, **blank)[~is_bare].reset_index(drop=True)}, values


def put_back(frames: Frames, values: pd.DataFrame, work: Work) -> Frames:
    """The records with the nearest values in their patients; the rows of the others are left out with the reason, if they say nothing else."""
    patients = frames["patients"]
    place = pd.Index(patients["patient_id"]).get_indexer(values["patient_id"])
    first = np.full(len(patients), np.nan)
    np.fmin.at(first, frames["episodes"]["patient"].to_numpy(), frames["episodes"]["zero"].to_numpy(float))
    away = np.where(place < 0, np.nan, (values["date"] - (first[place] if len(first) else np.nan)).abs())
    values = values.assign(place=place, away=away)
    _drop(values[place < 0], NO_EPISODE_LEFT, work)
    for name, days in days_of(work.mapping).items():
        chosen = _chosen(values[(place >= 0) & values[name].notna()], name, days, work)
        filled = patients[name].copy()
        filled.iloc[chosen["place"].to_numpy()] = chosen[name].to_numpy()
        patients = patients.assign(**{name: filled})
        work.ledger.keep(chosen["table"].to_numpy(), chosen["row"].to_numpy())
    return frames | {"patients": patients}


def _chosen(known: pd.DataFrame, name: str, days: int, work: Work) -> pd.DataFrame:
    """One row for each patient: the nearest value of this field, and of two as near the earlier."""
    undated, far = known["away"].isna(), known["away"] > days
    _leave(known[undated], name, NO_DATE, work)
    _leave(known[far], name, TOO_FAR, work)
    near = known[~undated & ~far].sort_values(["place", "away", "date", "table", "row"], kind="stable")
    days_chosen = near.drop_duplicates("place").set_index("place")["date"]
    same_day = near[near["date"] == near["place"].map(days_chosen)]
    _tell_two(same_day, name, work)
    chosen = same_day.drop_duplicates("place", keep="last" if work.mapping.conflicts == "last" else "first")
    _leave(near.drop(chosen.index), name, NOT_USED, work)
    return chosen


def _tell_two(same_day: pd.DataFrame, name: str, work: Work) -> None:
    """Two values of one patient on the day that counts are a conflict, as any other."""
    differs = (same_day.groupby("place")[name].transform("nunique") > 1).to_numpy()
    if not differs.any():
        return
    if work.mapping.conflicts == "refuse":
        advice = "Correct one of them in the source, or write `conflicts: first` or `conflicts: last`."
        sentence = f"Rows of one patient and day differ in {name}."
        work.faults.add(sentence, advice, spots(same_day[differs], name, work), int(differs.sum()))
        return
    what = f"rows of one patient and day differ in {name}"
    table = int(same_day["table"].to_numpy()[differs][0])
    work.ledger.conflicts[table, "patient", what, f"the {work.mapping.conflicts} one is used"] += int(same_day[differs]["place"].nunique())


def _leave(rows: pd.DataFrame, name: str, why: str, work: Work) -> None:
    work.ledger.leave_values(rows["table"].to_numpy(), name, why)
    _drop(rows, why, work)


def _drop(rows: pd.DataFrame, why: str, work: Work) -> None:
    bare = rows[rows["is_bare"].to_numpy(bool)] if len(rows) else rows
    work.ledger.drop(bare["table"].to_numpy(), bare["row"].to_numpy(), why)
