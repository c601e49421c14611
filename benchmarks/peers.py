"""The same numbers by other means on the base tables: raw DuckDB SQL and plain pandas. `python -m benchmarks.peers KIND FOLDER`.

FOLDER holds the Parquet files of a generation. Each question is one our pages ask; the peers get the same rows and no marts.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from benchmarks.measure import milliseconds, peak_megabytes

DIAGNOSES = "select diagnosis, count(*) as n, count(distinct patient_key) as patients from episodes group by diagnosis"
TRAJECTORY = """
with answers as (
  select s.episode_key, e.diagnosis, e.patient_key, s.day, s.value
  from scores s join episodes e using (episode_key) where s.instrument = 0),
baseline as (
  select episode_key, arg_max(value, day) as baseline from answers where day between -60 and 0 group by episode_key),
visits(visit, target, first_day, last_day) as (values (1,42,28,63),(2,91,64,135),(3,182,136,270),(4,365,271,545),(5,730,546,910)),
nearest as (
  select a.*, v.visit, row_number() over (partition by a.episode_key, v.visit order by abs(a.day - v.target), a.day) as place
  from answers a join visits v on a.day between v.first_day and v.last_day)
select diagnosis, visit, count(*) as n, count(distinct patient_key) as patients, avg(value), stddev_samp(value),
       quantile_cont(value, [0.25, 0.5, 0.75]), avg(value - baseline)
from nearest join baseline using (episode_key) where place = 1 group by diagnosis, visit
"""
PATHWAYS = """
with steps as (
  select episode_key, treatment, row_number() over (partition by episode_key order by start_day, treatment) as place
  from treatments where start_day between 0 and 730)
select path, count(*) as n from (
  select episode_key, string_agg(treatment::varchar, '>' order by place) as path from steps where place <= 6 group by episode_key)
group by path order by n desc limit 50
"""
QUESTIONS = {"diagnosis mix": DIAGNOSES, "pain over time by diagnosis": TRAJECTORY, "top pathways": PATHWAYS}


def duckdb_times(folder: Path) -> dict[str, float]:
    """Median milliseconds of each question as raw SQL over the base tables."""
    connection = duckdb.connect()
    for name in ("episodes", "scores", "treatments"):
        connection.execute(f"create view {name} as from read_parquet('{folder / name}*.parquet')")
    return {name: milliseconds(lambda q=text: connection.execute(q).fetchall(), 3) for name, text in QUESTIONS.items()}


def pandas_times(folder: Path) -> dict[str, float]:
    """Median milliseconds of each question in plain pandas, the frames already in memory."""
    frames = {
        name: pd.concat([pd.read_parquet(f) for f in sorted(folder.glob(f"{name}*.parquet"))])
        for name in ("episodes", "scores", "treatments")
    }
    work: dict[str, Callable[[], Any]] = {
        "diagnosis mix": lambda: (
            frames["episodes"].groupby("diagnosis").agg(n=("episode_key", "size"), patients=("patient_key", "nunique"))
        ),
        "pain over time by diagnosis": lambda: _pandas_trajectory(frames),
        "top pathways": lambda: _pandas_pathways(frames["treatments"]),
    }
    return {name: milliseconds(question, 1) for name, question in work.items()}


def _pandas_trajectory(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    answers = (
        frames["scores"].query("instrument == 0").merge(frames["episodes"][["episode_key", "diagnosis", "patient_key"]], on="episode_key")
    )
    before = answers[answers["day"].between(-60, 0)].sort_values("day").groupby("episode_key")["value"].last().rename("baseline")
    parts = []
    for visit, target, first, last in ((1, 42, 28, 63), (2, 91, 64, 135), (3, 182, 136, 270), (4, 365, 271, 545), (5, 730, 546, 910)):
        part = answers[answers["day"].between(first, last)].copy()
        part["distance"] = (part["day"] - target).abs()
        part["visit"] = visit
        parts.append(part.sort_values(["distance", "day"]).drop_duplicates("episode_key"))
    nearest = pd.concat(parts).merge(before, on="episode_key")
    nearest["change"] = nearest["value"] - nearest["baseline"]
    groups = nearest.groupby(["diagnosis", "visit"])
    return (
        groups["value"]
        .quantile([0.25, 0.5, 0.75])
        .unstack()
        .join(groups.agg(n=("value", "size"), mean=("value", "mean"), change=("change", "mean")))
    )


def _pandas_pathways(treatments: pd.DataFrame) -> pd.Series:
    started = treatments[treatments["start_day"].between(0, 730)].sort_values(["episode_key", "start_day", "treatment"])
    first = started.groupby("episode_key").head(6)
    return first.groupby("episode_key")["treatment"].agg(lambda codes: ">".join(map(str, codes))).value_counts().head(50)


if __name__ == "__main__":
    kind, where = sys.argv[1:]
    times = {"duckdb": duckdb_times, "pandas": pandas_times}[kind](Path(where))
    sys.stdout.write(json.dumps({"times": times, "megabytes": peak_megabytes()}) + "\n")
