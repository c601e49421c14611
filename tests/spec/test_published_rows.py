"""Under `publish` rows of a few join before anything is withheld, so that what is shown adds up to the cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synapse_analytics import analyses
from synapse_analytics.analyses.pooling import neighbours
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import PUBLISH
from synapse_analytics.figures.diagnoses import mix, mix_by
from synapse_analytics.figures.table_one import table_one
from synapse_analytics.figures.theme import LIGHT
from tests.builders import clinic_of
from tests.unit.test_bar_table import cells

pytestmark = pytest.mark.slow  # a store for each case

Rows = Sequence[Mapping[str, Any]]


def drawn(folder: Path, *groups: tuple[int, dict[str, Any]], sex: str = "female", **files: Rows) -> Clinic:
    """Episodes of so many patients each, with these columns."""
    episodes = [
        {"episode_id": f"E{k}-{number}", "patient_id": f"P{k}-{number}"} | columns
        for k, (size, columns) in enumerate(groups)
        for number in range(size)
    ]
    patients = [{"patient_id": row["patient_id"], "sex": row.pop("sex", sex), "age_years": row.pop("age", 50)} for row in episodes]
    unique = {row["patient_id"]: row for row in patients}
    return clinic_of(folder, episodes=episodes, patients=list(unique.values()), **files)


def shown(rows: Rows, label: str, value: str = "n") -> dict[Any, Any]:
    return {row[label]: row[value] for row in rows}


@pytest.mark.parametrize(
    ("counts", "spans"),
    [
        ([0, 0, 3, 12, 40, 0, 0], [0, 1, 2, 2, 3, 4, 5]),
        ([40, 3, 0], [0, 0, 1]),  # what is left joins the last full one
        ([5, 0, 6, 20, 0, 2], [0, 0, 0, 1, 1, 1]),
        ([0, 3, 4, 0], [0, 0, 0, 0]),  # where a few lie is not told
        ([], []),
    ],
)
def test_neighbours_join_until_they_are_enough(counts: list[int], spans: list[int]) -> None:
    assert neighbours(np.array(counts, dtype=int), 11).tolist() == spans


def test_rare_diagnoses_are_pooled_and_nothing_is_withheld(tmp_path: Path) -> None:
    clinic = drawn(
        tmp_path,
        (40, {"diagnosis": "herniated_disc"}),
        (20, {"diagnosis": "spinal_stenosis"}),
        (7, {"diagnosis": "piriformis_syndrome"}),
        (6, {"diagnosis": "degenerative_disc_disease"}),
    )
    answer = analyses.diagnosis_mix(clinic.under(PUBLISH))
    zero = {"sacroiliac_joint_dysfunction": 0, "other_spinal": 0}
    assert shown(answer.tables["diagnoses"], "diagnosis") == {"herniated_disc": 40, "spinal_stenosis": 20, "pooled": 15} | zero
    assert answer.withheld == 0
    assert shown(analyses.diagnosis_mix(clinic).tables["diagnoses"], "diagnosis")["piriformis_syndrome"] == 7


def test_rare_diagnoses_are_one_group_of_a_split(tmp_path: Path) -> None:
    sizes = {"herniated_disc": 40, "spinal_stenosis": 20, "piriformis_syndrome": 7, "degenerative_disc_disease": 6}
    clinic = drawn(tmp_path, *((size, {"diagnosis": code}) for code, size in sizes.items())).under(PUBLISH)
    seen = [row for row in analyses.baseline_table(clinic, by="diagnosis").tables["baseline_table"] if row["variable"] == "episodes"]
    assert shown(seen, "group") == {"herniated_disc": 40, "spinal_stenosis": 20, "pooled": 15}


def test_a_frequent_group_keeps_its_name(tmp_path: Path) -> None:
    """Three of another sex are withheld: pooled with the men, there would be no men."""
    clinic = drawn(tmp_path, (40, {"sex": "female"}), (30, {"sex": "male"}), (3, {"sex": "other"})).under(PUBLISH)
    seen = [row for row in analyses.baseline_table(clinic, by="sex").tables["baseline_table"] if row["variable"] == "episodes"]
    assert shown(seen, "group") == {"female": 40, "male": 30, "other": None}


def test_years_join_their_neighbours(tmp_path: Path) -> None:
    months = {"2020-02": 30, "2021-02": 4, "2022-02": 9, "2023-02": 25, "2024-02": 3}
    clinic = drawn(tmp_path, *((size, {"first_visit_month": month}) for month, size in months.items()))
    seen = [
        row for row in analyses.baseline_table(clinic.under(PUBLISH), by="year").tables["baseline_table"] if row["variable"] == "episodes"
    ]
    assert shown(seen, "group") == {"2020": 30, "2021 to 2022": 15, "2023 to 2024": 30}
    exact = [row for row in analyses.baseline_table(clinic, by="year").tables["baseline_table"] if row["variable"] == "episodes"]
    assert shown(exact, "group") == {"2020": 30, "2021": 4, "2022": 9, "2023": 25, "2024": 3}


def test_age_bands_join_their_neighbours(tmp_path: Path) -> None:
    clinic = drawn(tmp_path, (30, {"age": 50}), (4, {"age": 20}), (20, {"age": 70})).under(PUBLISH)
    seen = [row for row in analyses.baseline_table(clinic, by="age_band").tables["baseline_table"] if row["variable"] == "episodes"]
    assert shown(seen, "group") == {"18-64": 35, "65-90": 20}


def test_patients_of_joined_neighbours_are_counted_once(tmp_path: Path) -> None:
    """Six patients with an episode in either year are six: 2021 and 2022 are not enough together."""
    twice = [
        {"episode_id": f"E{year}-{k}", "patient_id": f"T{k}", "first_visit_month": f"{year}-02"} for k in range(6) for year in (2021, 2022)
    ]
    once = [{"episode_id": f"E{k}", "patient_id": f"P{k}", "first_visit_month": "2023-02"} for k in range(20)]
    clinic = clinic_of(tmp_path, episodes=[*twice, *once]).under(PUBLISH)
    seen = [row for row in analyses.baseline_table(clinic, by="year").tables["baseline_table"] if row["variable"] == "episodes"]
    assert shown(seen, "group") == {"2021 to 2023": 30}


def test_bins_of_changes_join_and_add_up(tmp_path: Path) -> None:
    """30 fell by 3 points, 4 by 2, 5 by 1, 6 did not change, 3 rose by 4."""
    falls = {-3: 30, -2: 4, -1: 5, 0: 6, 4: 3}
    names = [(f"E{k}-{number}", change) for k, (change, size) in enumerate(falls.items()) for number in range(size)]
    scores = [
        {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value}
        for name, change in names
        for day, value in ((0, 6), (365, 6 + change))
    ]
    clinic = drawn(tmp_path, *((size, {}) for size in falls.values()), scores=scores)
    answer = analyses.change_distribution(clinic.under(PUBLISH))
    bins = [row for row in answer.tables["bins"] if row["n"] != 0]
    assert [(row["from"], row["to"], row["n"]) for row in bins] == [(-3, -2, 30), (-2, 5, 20)]
    assert [row["share"] for row in bins] == [pytest.approx(0.6), pytest.approx(0.4)]  # of 50, from the rounded counts
    assert [row["n"] for row in analyses.change_distribution(clinic).tables["bins"] if row["n"]] == list(falls.values())


def test_baselines_join_and_add_up(tmp_path: Path) -> None:
    levels = {4: 8, 5: 9, 7: 20}
    names = [(f"E{k}-{number}", level) for k, (level, size) in enumerate(levels.items()) for number in range(size)]
    scores = [
        {"episode_id": name, "day": day, "instrument": "nrs_pain", "value": value}
        for name, level in names
        for day, value in ((0, level), (365, 3))
    ]
    answer = analyses.change_distribution(drawn(tmp_path, *((size, {}) for size in levels.values()), scores=scores).under(PUBLISH))
    rows = [row for row in answer.tables["by_baseline"] if row["n"] != 0]
    assert [(row["from"], row["to"], row["n"], row["mean"]) for row in rows] == [(4, 6, 15, 3), (7, 8, 20, 3)]


def test_table_one_names_no_small_group(tmp_path: Path) -> None:
    """Of a group of four nothing is recorded: even then it is not told how many they are."""
    clinic = drawn(tmp_path, (40, {"sex": "female"}), (30, {"sex": "male"}), (4, {"sex": "other"})).under(PUBLISH)
    rows = analyses.baseline_table(clinic, by="sex").tables["baseline_table"]
    assert {row["of"] for row in rows if row["group"] == "other"} <= {None, 0}
    assert not [row["of"] for row in rows if row["of"] is not None and 0 < row["of"] < 11]


def test_rare_sexes_are_one_line_where_their_counts_are_exact(tmp_path: Path) -> None:
    """Two rounded counts do not add up, so what is shared has no line of both."""
    clinic = drawn(tmp_path, (40, {"sex": "female"}), (30, {"sex": "male"}), (17, {"sex": "other"}), (24, {"sex": "unknown"}))
    exact, shared = (table_one(analyses.baseline_table(policy, by=None), LIGHT)["html"] for policy in (clinic, clinic.under(PUBLISH)))
    (line,) = [row for row in cells(exact) if row[0] == "Other or not recorded"]
    assert line[1] == "41"
    assert "Other or not recorded" not in shared
    assert "Not shown here: other or unknown sex; the download has what may be shown." in shared
    both = mix_by(analyses.diagnosis_mix(clinic, by="sex"), LIGHT)["html"]
    assert "Not shown here: 41 episodes of patients of other or unknown sex; the download has them." in both
    assert "Not shown here: episodes of" in mix_by(analyses.diagnosis_mix(clinic.under(PUBLISH), by="sex"), LIGHT)["html"]


def operated(folder: Path, days: Sequence[int], watched: int) -> Clinic:
    """One discectomy on each of these days, and so many others who are watched for two years and then lost."""
    treatments = [{"episode_id": f"E0-{k}", "treatment": "discectomy", "start_day": day, "end_day": day} for k, day in enumerate(days)]
    scores = [
        {"episode_id": f"E{k}-{number}", "day": 800, "instrument": "nrs_pain", "value": 3}
        for k, size in enumerate((len(days), watched))
        for number in range(size)
    ]
    return drawn(folder, (len(days), {}), (watched, {}), treatments=treatments, scores=scores)


def test_a_published_curve_moves_after_eleven_operations_only(tmp_path: Path) -> None:
    """13 operations by month 3, 4 by month 6, 9 by month 12: month 6 would tell of four, so it is withheld."""
    clinic = operated(tmp_path, [*range(20, 33), *range(100, 104), *range(200, 209)], 74)
    exact, public = analyses.time_to_escalation(clinic), analyses.time_to_escalation(clinic.under(PUBLISH))
    assert [round(row["incidence"], 2) for row in exact.tables["horizons"]] == [0, 0.13, 0.17, 0.26, 0.26]
    assert [row["incidence"] for row in public.tables["horizons"]] == [0, 0.13, None, 0.26, 0.26]
    assert [row["at_risk"] for row in public.tables["horizons"]] == [100, 85, None, 75, 75]
    moves = {row["day"]: row["incidence"] for row in reversed(public.tables["curve"])}
    assert [moves[day] for day in (28, 35, 203, 210)] == [None, 0.13, 0.13, 0.26]


def test_a_curve_of_a_few_operations_is_withheld(tmp_path: Path) -> None:
    public = analyses.time_to_escalation(operated(tmp_path, range(20, 30), 90).under(PUBLISH))
    assert {row["incidence"] for table in public.tables.values() for row in table} == {None}
    assert {row["at_risk"] for table in public.tables.values() for row in table} == {None}


def test_weeks_join_until_one_holds_enough(tmp_path: Path) -> None:
    """Two answer in week 5, thirteen in week 6, three in week 9: the two come before a full week, the three after it."""
    weeks = {5: 2, 6: 13, 9: 3}
    scores = [
        {"episode_id": f"E{k}-{number}", "day": 7 * week, "instrument": "nrs_pain", "value": 4}
        for k, (week, size) in enumerate(weeks.items())
        for number in range(size)
    ]
    clinic = drawn(tmp_path, *((size, {}) for size in weeks.values()), scores=scores)
    public = analyses.score_by_week(clinic.under(PUBLISH), step=1).tables["weeks"]
    assert [(row["week"], row["to_week"], row["n"], row["mean"]) for row in public] == [(5, 9, 20, 4)]
    exact = analyses.score_by_week(clinic, step=1).tables["weeks"]
    assert [(row["week"], row["to_week"], row["n"]) for row in exact] == [(5, 5, 2), (6, 6, 13), (9, 9, 3)]


@pytest.mark.parametrize(
    ("better", "same", "worse", "rows"),
    [
        (40, 20, 15, {"better": 40, "same": 20, "worse": 15}),
        (40, 20, 3, {"better": 40, "not_better": 25}),  # 23: the few and their neighbours
        (5, 20, 40, {"not_worse": 25, "worse": 40}),
        (40, 5, 2, {"answered": 45}),  # all who answered: 47
        (40, 0, 0, {"better": 40, "same": 0, "worse": 0}),
    ],
)
def test_verdicts_of_a_few_join_their_neighbours(tmp_path: Path, better: int, same: int, worse: int, rows: dict[str, int]) -> None:
    """Nobody who answered is left out of the bar, and no part of it is of a few."""
    after = [value for value, size in ((3, better), (5, same), (7, worse)) for _ in range(size)]
    values = [(k, 0, 5) for k in range(len(after) + 20)] + [(k, 365, value) for k, value in enumerate(after)]
    scores = [{"episode_id": f"E0-{k}", "day": day, "instrument": "nrs_pain", "value": value} for k, day, value in values]
    answer = analyses.better_or_worse(drawn(tmp_path, (len(after) + 20, {}), scores=scores).under(PUBLISH))
    assert shown(answer.tables["verdicts"], "verdict") == rows | {"not_answered": 20}


def test_bars_of_the_overlap_join(sample_clinic: Clinic) -> None:
    """Nothing of the overlap of two arms is withheld, and its bars still cover the whole range once."""
    options = {"a": "medication", "b": "physical_therapy"}
    exact, public = (analyses.compare_treatments(clinic, **options).tables for clinic in (sample_clinic, sample_clinic.under(PUBLISH)))
    assert any(0 < row["n"] < 11 for row in exact["overlap"])
    for arm in ("a", "b"):
        bars = [row for row in public["overlap"] if row["arm"] == arm]
        assert all(row["n"] is not None for row in bars)
        assert [row["from"] for row in bars[1:]] == [row["to"] for row in bars[:-1]]
        assert (bars[0]["from"], bars[-1]["to"]) == (0, 1)


@pytest.mark.parametrize("by", [None, "year", "age_sex"])
def test_pooled_diagnoses_can_be_drawn(tmp_path: Path, by: str | None) -> None:
    sizes = {"herniated_disc": 40, "other_spinal": 20, "piriformis_syndrome": 7, "degenerative_disc_disease": 6}
    clinic = drawn(tmp_path, *((size, {"diagnosis": code}) for code, size in sizes.items())).under(PUBLISH)
    answer = analyses.diagnosis_mix(clinic, by=by)
    drawing = mix_by(answer, LIGHT) if by else mix(answer, LIGHT)
    assert "Other diagnoses, pooled" in str(drawing)
