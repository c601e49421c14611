"""Adding an indicator is one declaration: a copy of the package with one line more shows it in every place there is."""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import vocabulary as v

ROOT = Path(__file__).resolve().parents[2]
DECLARED = """
SAFETY = (
    *SAFETY,
    share(
        "operated_again_within_30_days",
        title="Operated again within 30 days",
        question="How often does another surgery follow within 30 days?",
        theme="safety",
        index=SURGERY,
        among="days_surely_observed >= first_surgery_day + 30",
        hit="next_surgery_days <= 30",
        numerator="of these, with another surgery within 30 days",
        denominator="episodes with a first surgery, surely watched for 30 days",
        direction="lower",
        decimals=1,
        why="It is the shortest proof that something went wrong.",
        target=0.02,
        target_source="a test",
        closes_after=30,
    ),
)
"""
OF_OTHER_KINDS = """
from synapse_analytics.indicators.declare import incidence

ACCESS = (
    *ACCESS,
    incidence(
        "operated_within_3_months",
        title="Operated within 3 months",
        question="How many are operated within 3 months of the first visit?",
        theme="access",
        index=FIRST_VISIT,
        among="surgery_exit_cause IS NOT NULL",
        hit="surgery_exit_cause = 1 AND surgery_exit_day <= 91",
        competing="surgery_exit_cause = 2 AND surgery_exit_day <= 91",
        amount="least(surgery_exit_day, 92)",
        over="days_surely_observed >= 91",
        numerator="cumulative incidence of a first surgery by day 91",
        denominator="episodes not operated before the first visit",
        direction="none",
        decimals=1,
        why="It shows that the window of a declaration is its own.",
        closes_after=91,
    ),
    incidence(
        "operated_if_nobody_left",
        title="Operated if nobody left",
        question="How many are operated within 3 months of the first visit?",
        theme="access",
        index=FIRST_VISIT,
        among="surgery_exit_cause IS NOT NULL",
        hit="surgery_exit_cause = 1 AND surgery_exit_day <= 91",
        amount="least(surgery_exit_day, 92)",
        over="days_surely_observed >= 91",
        numerator="cumulative incidence of a first surgery by day 91",
        denominator="episodes not operated before the first visit",
        direction="none",
        decimals=1,
        why="It shows that the window of a declaration is its own.",
        closes_after=91,
    ),
    median(
        "median_days_to_surgery",
        title="Days to surgery",
        question="How long does it take until the first surgery?",
        theme="access",
        index=FIRST_VISIT,
        among="first_surgery_day >= 0",
        amount="first_surgery_day",
        numerator="median of the days to the first surgery on day 0 or later",
        denominator="episodes operated",
        direction="none",
        decimals=0,
        why="It shows a median of a number that is often absent.",
        closes_after=91,
    ),
)
"""
PROGRAM = """
import json, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from synapse_analytics import analyses, open_clinic
from synapse_analytics.exports import as_document
from synapse_analytics.store import load_bundle
from synapse_analytics.web.door.sessions import SESSIONS
from data_dictionary import data_dictionary

NAME = "operated_again_within_30_days"
SESSIONS.needed = False  # no server, so no door
load_bundle(sys.argv[1])
clinic = open_clinic()
listed = as_document(analyses.indicators(clinic, theme="safety"))["tables"]["indicators"]
page = AppTest.from_file("synapse_analytics/web/app.py", default_timeout=60)
page.switch_page(str(Path("pages/methods.py").resolve()))
page.session_state["methods_tab"] = "Indicators and questions"
page.session_state["open_theme_safety"] = True
page.run()
variation = AppTest.from_file("synapse_analytics/web/app.py", default_timeout=60)
variation.switch_page(str(Path("pages/variation.py").resolve()))
variation.query_params["indicator"] = NAME
variation.session_state["variation_tab"] = "Over time"
variation.run()
print(json.dumps({
    "row": next(row for row in listed if row["name"] == NAME),
    "chart": as_document(analyses.control_chart(clinic, indicator=NAME, period="quarter"))["tables"],
    "units": len(analyses.funnel(clinic, indicator=NAME).tables["units"]),
    "methods": [text.value for text in page.markdown if "Operated again" in text.value],
    "variation": [box.value for box in variation.selectbox if box.label == "Indicator"],
    "exceptions": [str(error.value) for error in (*page.exception, *variation.exception)],
    "dictionary": NAME in data_dictionary(),
    "access": {row["name"]: row for row in as_document(analyses.indicators(clinic, theme="access"))["tables"]["indicators"]},
    "incidence_chart": as_document(analyses.control_chart(clinic, indicator="operated_within_3_months", period="quarter"))["tables"],
    "escalation": as_document(analyses.time_to_escalation(clinic, event="surgery"))["tables"]["horizons"],
}))
"""


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a copy of the package with one declaration more says of it."""
    home = tmp_path_factory.mktemp("declared")
    for name in ("synapse_analytics", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, home / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (home / "synapse_analytics" / "indicators" / "safety.py").open("a", encoding="utf-8") as file:
        file.write(DECLARED)
    with (home / "synapse_analytics" / "indicators" / "access.py").open("a", encoding="utf-8") as file:
        file.write(OF_OTHER_KINDS)
    shutil.copy(ROOT / "tests" / "data_dictionary.py", home)
    (home / "program.py").write_text(PROGRAM, encoding="utf-8")
    environment = os.environ | {"SYNAPSE_HOME": str(home / "store"), "PYTHONPATH": str(home)}
    command = [sys.executable, "program.py", str(ROOT / "sample_data")]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_it_is_counted(shown: dict[str, Any]) -> None:
    assert shown["row"]["n"] > 100
    assert 0 <= shown["row"]["value"] < 0.2
    assert shown["row"]["target"] == 0.02
    assert shown["row"]["completeness"] is None  # nothing was said about who was followed


@pytest.mark.slow
def test_it_has_a_chart_and_a_funnel(shown: dict[str, Any]) -> None:
    assert shown["chart"]["summary"][0]["title"] == "Operated again within 30 days"
    assert len(shown["chart"]["points"]) > 10
    assert shown["units"] > 3


@pytest.mark.slow
def test_it_stands_on_the_pages_and_in_the_dictionary(shown: dict[str, Any]) -> None:
    assert shown["exceptions"] == []
    assert shown["methods"]
    assert shown["variation"] == ["operated_again_within_30_days"]
    assert shown["dictionary"]


@pytest.mark.slow
def test_an_incidence_ends_with_its_own_window(shown: dict[str, Any]) -> None:
    """By day 91 it is what the curve of time to surgery says for 3 months, limits and all."""
    found = shown["access"]["operated_within_3_months"]
    (expected,) = (row for row in shown["escalation"] if row["month"] == 3)
    for name, curve in (("value", "incidence"), ("low", "low"), ("high", "high")):
        assert found[name] == pytest.approx(expected[curve], abs=1e-12)
    assert shown["incidence_chart"]["summary"][0]["title"] == "Operated within 3 months"


@pytest.mark.slow
def test_an_incidence_needs_no_rival(shown: dict[str, Any]) -> None:
    """Where nothing is declared to compete, who left is censored: the incidence is higher than where being well competes."""
    alone, beside = (shown["access"][name]["value"] for name in ("operated_if_nobody_left", "operated_within_3_months"))
    assert beside < alone < 2 * beside


@pytest.mark.slow
def test_a_median_is_of_those_who_have_the_number(shown: dict[str, Any]) -> None:
    surgery = {term.code for term in v.TREATMENTS if term.stage == "surgery"}
    first: dict[str, int] = {}
    with (ROOT / "sample_data" / "treatments.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["treatment"] in surgery and int(row["start_day"]) >= 0:
                first[row["episode_id"]] = min(int(row["start_day"]), first.get(row["episode_id"], 10**6))
    found = shown["access"]["median_days_to_surgery"]
    assert (found["n"], found["value"]) == (len(first), statistics.median(first.values()))
