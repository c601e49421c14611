"""The numbers of the peers' three charts in plain pandas: shares of episodes by diagnosis with 95 % Wilson intervals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

# Positions in these lists are the numbers in the base tables.
DIAGNOSES = (
    "Herniated disc",
    "Spinal stenosis",
    "Degenerative disc disease",
    "Sacroiliac joint dysfunction",
    "Piriformis syndrome",
    "Other spinal condition",
)
SEXES = ("Women", "Men", "Other sex", "Sex not known")
BANDS = ("0-17", "18-39", "40-64", "65-90")
LAST_AGE = (17, 39, 64, 200)
Z_95 = 1.959963984540054


def read(folder: Path) -> pd.DataFrame:
    """One row for each episode: patient, diagnosis, sex and age band. Joined once; a page only filters and counts."""
    episodes = _table(folder, "episodes", ["patient_key", "diagnosis"])
    known = episodes.merge(_table(folder, "patients", ["patient_key", "sex", "age_years"]), on="patient_key")
    return pd.DataFrame(
        {
            "patient_key": known["patient_key"],
            "diagnosis": pd.Categorical.from_codes(known["diagnosis"].to_numpy(), pd.Index(DIAGNOSES)),
            "sex": pd.Categorical.from_codes(known["sex"].to_numpy(), pd.Index(SEXES)),
            "age_band": pd.cut(known["age_years"], [-1, *LAST_AGE], labels=BANDS),
        }
    )


def _table(folder: Path, name: str, columns: list[str]) -> pd.DataFrame:
    return pd.concat([pd.read_parquet(file, columns=columns) for file in sorted(folder.glob(f"{name}*.parquet"))])


def chosen(episodes: pd.DataFrame, sexes: Sequence[str], bands: Sequence[str]) -> pd.DataFrame:
    """The episodes that the filters leave; a filter without a value leaves all."""
    kept = np.ones(len(episodes), dtype=bool)
    if sexes:
        kept &= episodes["sex"].isin(sexes).to_numpy()
    if bands:
        kept &= episodes["age_band"].isin(bands).to_numpy()
    return episodes if kept.all() else episodes[kept]


def mix(episodes: pd.DataFrame) -> pd.DataFrame:
    """The share of each diagnosis in the order of DIAGNOSES: n, share, low, high."""
    counts = episodes["diagnosis"].value_counts(sort=False).rename("n").reset_index()
    return with_shares(counts, counts["n"].sum())


def mix_by_age(episodes: pd.DataFrame, sex: str) -> pd.DataFrame:
    """The share of each diagnosis within each age band in which there is anybody of this sex."""
    mine = episodes[episodes["sex"] == sex]
    counts = mine.groupby(["age_band", "diagnosis"], observed=False).size().rename("n").reset_index()
    of = counts.groupby("age_band", observed=False)["n"].transform("sum")
    return with_shares(counts, of)[(of > 0).to_numpy()]


def with_shares(counts: pd.DataFrame, of: pd.Series | float) -> pd.DataFrame:
    """The counts with their share of `of` and its 95 % Wilson interval."""
    share, z2 = counts["n"] / of, Z_95**2
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = Z_95 / (1 + z2 / of) * np.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return counts.assign(share=share, low=centre - half, high=centre + half)


def who(episodes: pd.DataFrame) -> str:
    """Of how many patients and episodes the page speaks."""
    return f"{episodes['patient_key'].nunique():,} patients, {len(episodes):,} episodes"
