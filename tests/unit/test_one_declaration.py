"""Adding an indicator is one declaration: a copy of the package with one line more shows it in every place there is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

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
PROGRAM = """
import json, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest
from synapse_analytics import analyses, open_clinic
from synapse_analytics.dictionary import data_dictionary
from synapse_analytics.exports import as_document
from synapse_analytics.store import load_bundle

NAME = "operated_again_within_30_days"
load_bundle(sys.argv[1])
clinic = open_clinic()
listed = as_document(analyses.indicators(clinic, theme="safety"))["tables"]["indicators"]
page = AppTest.from_file("synapse_analytics/web/app.py", default_timeout=60)
page.switch_page(str(Path("pages/methods.py").resolve()))
page.session_state["methods_tab"] = "Answers"
page.session_state["open_theme_safety"] = True
page.run()
variation = AppTest.from_file("synapse_analytics/web/app.py", default_timeout=60)
variation.switch_page(str(Path("pages/variation.py").resolve()))
variation.query_params["indicator"] = NAME
variation.run()
print(json.dumps({
    "row": next(row for row in listed if row["name"] == NAME),
    "chart": as_document(analyses.control_chart(clinic, indicator=NAME, period="quarter"))["tables"],
    "units": len(analyses.funnel(clinic, indicator=NAME).tables["units"]),
    "methods": [text.value for text in page.markdown if "Operated again" in text.value],
    "variation": [box.value for box in variation.selectbox if box.label == "Indicator"],
    "exceptions": [str(error.value) for error in (*page.exception, *variation.exception)],
    "dictionary": NAME in data_dictionary(),
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
