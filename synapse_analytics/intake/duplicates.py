"""Rows that say the same become one; rows of one thing that contradict each other are a fault, unless the mapping says which one to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from synapse_analytics.intake.faults import LISTED, Spot

if TYPE_CHECKING:
    from synapse_analytics.intake.episodes import Work

_PLACE = ["table", "row"]


def one_row_each(frame: pd.DataFrame, keys: tuple[str, ...], thing: str, work: Work) -> pd.DataFrame:
    """One row for each key: what is empty in one row is taken from another; different values are a conflict."""
    twice = frame.duplicated(list(keys), keep=False)
    if not twice.any():
        return frame.reset_index(drop=True)
    many = frame[twice]
    said = [name for name in frame.columns if name not in {*keys, *_PLACE, "patient", "episode"} and many[name].notna().any()]
    _tell_conflicts(many, keys, said, thing, work)
    if work.mapping.conflicts == "last":
        many = many[::-1]
    groups = many.groupby(list(keys), sort=False, dropna=False)
    ledger_rows = many[groups.cumcount() > 0]
    work.ledger.merge(ledger_rows["table"].to_numpy(), ledger_rows["row"].to_numpy())
    whole = groups.first().reset_index()
    return pd.concat([frame[~twice], whole[list(frame.columns)]], ignore_index=True).sort_values(_PLACE, ignore_index=True)


def _tell_conflicts(many: pd.DataFrame, keys: tuple[str, ...], said: list[str], thing: str, work: Work) -> None:
    groups = many.groupby(list(keys), sort=False, dropna=False)
    for name in said:
        differs = (groups[name].transform("nunique").to_numpy() > 1) & many[name].notna().to_numpy()
        if not differs.any():
            continue
        if work.mapping.conflicts == "refuse":
            sentence = f"Rows of one {thing} differ in {name}."
            advice = (
                f"If one id is used for two people, name more columns in `from` of `patient_id`, such as the site. If the {thing} is the same, "
                "write `conflicts: first` or `conflicts: last`; for a measure in dated rows, `nearest` of its field."
            )
            work.faults.add(sentence, advice, spots(many[differs], name, work), int(differs.sum()))
        else:
            what = f"rows of one {thing} differ in {name}"
            table = int(many["table"].to_numpy()[differs][0])
            work.ledger.conflicts[table, thing, what, f"the {work.mapping.conflicts} one is used"] += int(
                groups.ngroups and _groups(many[differs], keys)
            )


def _groups(rows: pd.DataFrame, keys: tuple[str, ...]) -> int:
    return len(rows[list(keys)].drop_duplicates())


def spots(rows: pd.DataFrame, field: str, work: Work) -> list[Spot]:
    """The first places of these records in the source; the column is named as the mapping calls the field."""
    found = []
    for table, row in zip(rows["table"].to_numpy()[:LISTED].tolist(), rows["row"].to_numpy()[:LISTED].tolist(), strict=True):
        raw = work.tables[table]
        found.append(Spot(raw.file, raw.sheet, int(raw.rows[row]), field))
    return found


def same_again(frame: pd.DataFrame, work: Work, *, fields: list[str] | None = None, last: bool = False) -> pd.DataFrame:
    """The records without those that repeat an earlier one (or with `last` a later one) in all fields (or in these)."""
    columns = fields or [name for name in frame.columns if name not in _PLACE]
    again = frame.duplicated(columns, keep="last" if last else "first").to_numpy()
    if not again.any():
        return frame
    work.ledger.merge(frame["table"].to_numpy()[again], frame["row"].to_numpy()[again])
    return frame[~np.asarray(again)].reset_index(drop=True)
