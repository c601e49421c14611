"""The made-up patients behind the exports: a made-up bundle, with a date of the first visit and an identity for everybody."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from synapse_analytics.bundle.schema import FILES
from synapse_analytics.synthetic import generate
from synapse_analytics.synthetic import parameters as p
from synapse_analytics.synthetic.raw.people import Person, draw_people

Row = dict[str, str]
UNKNOWN_SEX = 40  # every so many-th patient's sex is not recorded
DIED = 2  # so many of those who were lost have died
LAST_DAY = date(2025, 12, 31)  # of the data
EXPORTED = date(2026, 1, 5)  # some sources write this day for what has not ended


@dataclass(slots=True)
class Form:
    """What one patient answered on one day: scores by instrument, ten items of the ODI (0 to 5), five levels of the EQ-5D-5L."""

    number: int
    episode: str
    day: date
    scores: dict[str, float] = field(default_factory=dict)
    odi: list[int | None] = field(default_factory=list)
    eq5d: list[int | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Truth:
    """Rows of the bundle as texts (`""` = not recorded), the first visit of each episode, the person behind each patient."""

    rows: dict[str, list[Row]]
    first_visit: dict[str, date]
    people: dict[str, Person]
    seed: int

    def day(self, row: Row, column: str = "day") -> date | None:
        """The date of a day of an episode; None where no day is recorded."""
        return self.first_visit[row["episode_id"]] + timedelta(int(row[column])) if row[column] else None

    def of(self, episode: str, name: str) -> list[Row]:
        """The rows of one episode in a file of the bundle."""
        return [row for row in self.rows[name] if row["episode_id"] == episode]

    def forms(self) -> list[Form]:
        """Each day with answers as one form, in order of episode and day; the same items whoever asks."""
        random, profiles = np.random.default_rng([self.seed, 1]), eq5d_levels()
        found: dict[tuple[str, str], Form] = {}
        for row in self.rows["scores"]:
            key = (row["episode_id"], row["day"])
            form = found.setdefault(key, Form(len(found) + 1, row["episode_id"], self.day(row) or LAST_DAY))
            form.scores[row["instrument"]] = float(row["value"])
        for form in found.values():
            form.odi = odi_items(form.scores["odi"], random) if "odi" in form.scores else [None] * 10
            index = form.scores.get("eq5d5l_index")
            form.eq5d = [None] * 5 if index is None else list(profiles[round(index * 1000)])
        return list(found.values())

    @property
    def patient_of(self) -> dict[str, str]:
        """The patient of each episode."""
        return {row["episode_id"]: row["patient_id"] for row in self.rows["episodes"]}

    @property
    def number_of(self) -> dict[str, int]:
        """The number of each episode among those of its patient, by first visit."""
        numbers: dict[str, int] = {}
        count: dict[str, int] = {}
        for row in sorted(self.rows["episodes"], key=lambda row: self.first_visit[row["episode_id"]]):
            count[row["patient_id"]] = numbers[row["episode_id"]] = count.get(row["patient_id"], 0) + 1
        return numbers


def draw_truth(patients: int, seed: int) -> Truth:
    """So many made-up patients with dates and identities."""
    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), patients=patients, seed=seed)
        rows = {file.stem: _read(Path(folder) / file.name) for file in FILES}
    _adjust(rows)
    first_visit = {row["episode_id"]: _first_visit(row, rows, random) for row in rows["episodes"]}
    people = draw_people(random, rows["patients"], _first_of_each(rows["episodes"], first_visit))
    return Truth(rows, first_visit, people, seed)


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _adjust(rows: dict[str, list[Row]]) -> None:
    """Leave out what not every source can say, and add what the random numbers did not bring."""
    for row in rows["treatments"]:
        row["sessions"] = ""
    for row in rows["patients"][UNKNOWN_SEX - 1 :: UNKNOWN_SEX]:
        row["sex"] = "unknown"
    last_of = {row["patient_id"]: row for row in rows["episodes"]}
    lost = [row for row in last_of.values() if row["status"] == "lost"]
    for row in lost[:DIED]:
        row["status"] = "died"


def _first_visit(episode: Row, rows: dict[str, list[Row]], random: np.random.Generator) -> date:
    """A day of the month of the first visit from which no later day passes the end of the data."""
    own = [row for name in rows if name not in {"patients", "episodes"} for row in rows[name] if row["episode_id"] == episode["episode_id"]]
    days = [int(row[name]) for row in [episode, *own] for name in ("closed_day", "day", "start_day", "end_day") if row.get(name)]
    month = date.fromisoformat(f"{episode['first_visit_month']}-01")
    latest = (LAST_DAY - month).days - max(days, default=0)
    return month + timedelta(int(random.integers(0, max(1, min(28, latest + 1)))))


def _first_of_each(episodes: list[Row], first_visit: dict[str, date]) -> dict[str, date]:
    found: dict[str, date] = {}
    for row in episodes:
        visit = first_visit[row["episode_id"]]
        found[row["patient_id"]] = min(visit, found.get(row["patient_id"], visit))
    return found


def odi_items(value: float, random: np.random.Generator) -> list[int | None]:
    """Ten answers of 0 to 5 that give this ODI exactly; one is missing where only nine can."""
    nine = round(value * 100) % 200 != 0
    answered = 9 if nine else 10
    left = round(value * answered * 5 / 100)
    items: list[int | None] = [0] * answered
    while left:
        place = int(random.integers(0, answered))
        if (items[place] or 0) < 5:
            items[place] = (items[place] or 0) + 1
            left -= 1
    if nine:
        items.insert(int(random.integers(0, 10)), None)
    return items


def eq5d_levels() -> dict[int, list[int]]:
    """An EQ-5D-5L profile of five levels for each index in thousandths."""
    profiles = np.indices((5,) * 5).reshape(5, -1)
    lost = sum(p.EQ5D_LOSS[dimension, profiles[dimension]] for dimension in range(5))
    index = (10_000_000 - lost + 5_000) // 10_000
    return {int(value): [int(level) + 1 for level in profile] for value, profile in zip(index, profiles.T, strict=True)}
