"""Who the patients are, what one episode is, and which episode each record belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from synapse_analytics.intake.duplicates import one_row_each
from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.ledger import Ledger
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import EpisodeRule, Mapping
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.records import Frames

NO_PATIENT_ID = "no patient id"
NO_PATIENT = "no row describes its patient"
NO_EPISODE = "its patient has no episode"
NO_SUCH_EPISODE = "no row describes its episode"
WHICH_EPISODE = "nothing says to which of the patient's episodes it belongs"
NO_START = "no date of the first visit"
DATES = ("date", "start_date", "first_visit_date")  # the date that says when a record was made
_DAYS = 1 << 20  # more days than any date is from 1970, to sort by patient and date in one number


@dataclass(frozen=True, slots=True)
class Work:
    """What every step needs: the source, the mapping, and where faults and accounts go."""

    tables: Sequence[RawTable]
    mapping: Mapping
    faults: Faults
    ledger: Ledger


def linked(frames: Frames, work: Work) -> Frames:
    """The records with `patient` (a position among the patients), and all but the patients with `episode` (a position among the episodes)."""
    frames = dict(frames)
    frames["patients"] = one_row_each(_with_id(frames["patients"], work.ledger), ("patient_id",), "patient", work)
    if work.mapping.episode.is_ == "column":
        frames |= {
            name: _patient_by_episode(frame, frames["episodes"]) for name, frame in frames.items() if name not in {"patients", "episodes"}
        }
    for name in frames.keys() - {"patients"}:
        frames[name] = _with_patient(_with_id(frames[name], work.ledger), frames["patients"], work.ledger)
    frames["episodes"] = _episodes(frames, work)
    for name in frames.keys() - {"patients", "episodes"}:
        frames[name] = _with_episode(frames[name], frames["episodes"], work)
    return frames


def complete(frames: Frames, work: Work) -> Frames:
    """The records without those that lack a needed value, so that none of them begins an episode or makes a day 0.

    Patients and episodes are judged later: several rows may describe one together.
    """
    return {name: frame if name in {"patients", "episodes"} else _complete(name, frame, work) for name, frame in frames.items()}


def _complete(name: str, frame: pd.DataFrame, work: Work) -> pd.DataFrame:
    for field in record_kind(name).fields:
        if field.needed and field.name not in {"patient_id", "episode_id"}:
            frame = dropped(frame, frame[field.name].isna(), f"no {field.name}", work.ledger)
    return frame


def dropped(frame: pd.DataFrame, gone: np.ndarray | pd.Series, reason: str, ledger: Ledger) -> pd.DataFrame:
    """The records without those that are left out for this reason."""
    mask = np.asarray(gone, bool)
    if not mask.any():
        return frame
    ledger.drop(frame["table"].to_numpy()[mask], frame["row"].to_numpy()[mask], reason)
    return frame[~mask].reset_index(drop=True)


def _with_id(frame: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    return dropped(frame, frame["patient_id"].isna(), NO_PATIENT_ID, ledger)


def _patient_by_episode(frame: pd.DataFrame, episodes: pd.DataFrame) -> pd.DataFrame:
    """A row that names only its episode belongs to the patient of that episode, if the episode has one patient."""
    lacking = frame["patient_id"].isna() & frame["episode_id"].notna()
    if not lacking.any():
        return frame
    owners = episodes.dropna(subset=["episode_id", "patient_id"]).drop_duplicates(["episode_id", "patient_id"])
    owner = owners.drop_duplicates("episode_id", keep=False).set_index("episode_id")["patient_id"]
    return frame.assign(patient_id=frame["patient_id"].where(~lacking, frame["episode_id"].map(owner)))


def _with_patient(frame: pd.DataFrame, patients: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    place = pd.Index(patients["patient_id"]).get_indexer(frame["patient_id"])
    return dropped(frame.assign(patient=place), place < 0, NO_PATIENT, ledger)


def _episodes(frames: Frames, work: Work) -> pd.DataFrame:
    """One row for each episode, in order of patient and start."""
    rule, found = work.mapping.episode, frames["episodes"]
    if rule.is_ == "gap":
        found = _gapped(frames, rule, work)
    elif rule.is_ == "column":
        found = dropped(found, found["episode_id"].isna(), "no episode id", work.ledger)
        found = one_row_each(found, ("patient_id", "episode_id"), "episode", work)
    elif rule.is_ == "referral":
        found = dropped(found, found["first_visit_date"].isna(), NO_START, work.ledger)
        found = one_row_each(found, ("patient_id", "first_visit_date"), "episode", work)
    else:
        found = one_row_each(found, ("patient_id",), "episode", work)
    return found.sort_values(["patient", "first_visit_date", "table", "row"], kind="stable", ignore_index=True)


def _gapped(frames: Frames, rule: EpisodeRule, work: Work) -> pd.DataFrame:
    """Episodes by gaps: a patient's records further apart than `days` belong to two; what is said of one is put together."""
    dated = pd.concat([_dated(frame) for name, frame in frames.items() if name != "patients"], ignore_index=True).dropna(subset=["at"])
    dated = dated.sort_values(["patient", "at"], ignore_index=True)
    is_new = (dated["patient"].diff() != 0) | (dated["at"].diff() > rule.days)
    starts = dated[is_new].reset_index(drop=True)
    said = dropped(frames["episodes"], frames["episodes"]["first_visit_date"].isna(), NO_START, work.ledger)
    place = nearest_start(
        said["patient"].to_numpy(), said["first_visit_date"].to_numpy(), starts["patient"].to_numpy(), starts["at"].to_numpy()
    )
    start = starts["at"].to_numpy()[place]  # later visits of one episode do not contradict its first one
    said = one_row_each(said.assign(start=start, first_visit_date=start), ("patient_id", "start"), "episode", work)
    return _with_unsaid(said, starts)


def _with_unsaid(said: pd.DataFrame, starts: pd.DataFrame) -> pd.DataFrame:
    """The episodes by gaps, also those of which no row says more than that something was recorded: they have no diagnosis."""
    whole = starts.rename(columns={"at": "start"}).merge(said, how="left", on=["patient", "start"], suffixes=("", "_said"))
    whole = whole.assign(first_visit_date=whole["start"], **{name: whole[f"{name}_said"].fillna(whole[name]) for name in ("table", "row")})
    return whole[said.columns.drop("start")].astype({"table": np.int16, "row": np.int32})


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    at = next((frame[name] for name in DATES if name in frame), pd.Series(np.nan, frame.index))
    return frame[["patient", "table", "row"]].assign(at=at)


def nearest_start(patient: np.ndarray, at: np.ndarray, start_patient: np.ndarray, start_at: np.ndarray, lead: int = 0) -> np.ndarray:
    """For each record the position of its patient's latest start not after `at` + `lead`, else the patient's first; -1 without any.

    Starts are in order of patient and day.
    """
    starts = start_patient.astype(np.int64) * _DAYS + start_at.astype(np.int64)
    wanted = patient.astype(np.int64) * _DAYS + at.astype(np.int64) + lead
    latest = np.searchsorted(starts, wanted, side="right") - 1
    first = np.searchsorted(start_patient, patient, side="left")
    place = np.maximum(latest, first)
    inside = np.minimum(place, len(starts) - 1)
    is_own = (place < len(starts)) & (len(starts) > 0)
    return np.where(is_own & (start_patient[inside] == patient if len(starts) else False), place, -1)


def _with_episode(frame: pd.DataFrame, episodes: pd.DataFrame, work: Work) -> pd.DataFrame:
    rule = work.mapping.episode
    if frame.empty:
        return frame.assign(episode=np.zeros(0, np.int64))
    place = np.full(len(frame), -1)
    has_key = np.zeros(len(frame), bool)
    if rule.is_ == "column":
        has_key = frame["episode_id"].notna().to_numpy()
        keys = pd.MultiIndex.from_frame(episodes[["patient", "episode_id"]])
        place[has_key] = keys.get_indexer(pd.MultiIndex.from_frame(frame.loc[has_key, ["patient", "episode_id"]]))
        frame_lost = has_key & (place < 0)
        place, frame, has_key = place[~frame_lost], dropped(frame, frame_lost, NO_SUCH_EPISODE, work.ledger), has_key[~frame_lost]
    of_patient = np.bincount(episodes["patient"], minlength=int(frame["patient"].max() + 1) if len(frame) else 1)[frame["patient"]]
    undated = episodes["patient"][episodes["first_visit_date"].isna()]  # dates do not tell the episodes of these patients apart
    at = _dated(frame)["at"].mask(frame["patient"].isin(undated)).to_numpy()
    by_date = ~has_key & ~np.isnan(at) & (of_patient > 0)
    only = ~has_key & np.isnan(at) & (of_patient == 1)
    starts = episodes["patient"].to_numpy(), np.nan_to_num(episodes["first_visit_date"].to_numpy(), nan=-_DAYS // 4)
    patient = frame["patient"].to_numpy()
    lead = rule.lead if rule.is_ == "referral" else 0
    place[by_date] = nearest_start(patient[by_date], at[by_date], *starts, lead)
    place[only] = np.searchsorted(starts[0], patient[only])
    frame = frame.assign(episode=place)
    frame = dropped(frame, of_patient == 0, NO_EPISODE, work.ledger)
    return dropped(frame, frame["episode"].to_numpy() < 0, WHICH_EPISODE, work.ledger)
