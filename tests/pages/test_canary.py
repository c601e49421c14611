"""The canary sweep: everything every page sends to the browser, searched for values that only three patients have.

The clinic is ordinary but for three patients of one diagnosis, whose scores, BMI and weeks of symptoms are the same odd
numbers, so that a mean, median or quartile of just these three would show them. Ids carry a mark of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from streamlit.testing.v1 import local_script_runner

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import cells, gate
from synapse_analytics.web.menu import WITHOUT_COHORT
from tests.builders import clinic_of
from tests.made_once import made_once
from tests.pages.test_pages import entered

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
MARK = "CANARY"
RARE = "piriformis_syndrome"
ODD = {"odi": 97.31, "nrs_pain": 9.7, "eq5d5l_index": -0.871}
TELLING = re.compile(
    rf"{MARK}"
    r"|(?<![0-9A-Za-z.])-?(?:97\.31?|61\.7|1777|0\.871|46\.14)(?![0-9A-Za-z])"  # as a number of its own, not within an id of a widget
)
FEW = re.compile(r"\bn = [1-4]\b|\b[1-4] (?:patients|episodes)\b")  # inside the clinic the counts of a group may be read
POLICIES = ("clinic", "publish")
SPLITS = ("diagnosis", "sex", "age_band")


def rows_of_clinic() -> dict[str, list[dict[str, Any]]]:
    draw = Random(5)
    files: dict[str, list[dict[str, Any]]] = {name: [] for name in ("patients", "episodes", "treatments", "scores", "symptoms")}
    for number in range(243):
        canary = number < 3
        patient, episode = f"{MARK}P{number}", f"{MARK}E{number}"
        files["patients"].append(
            {
                "patient_id": patient,
                "sex": "other" if canary else draw.choice(("female", "male")),
                "age_years": 86 if canary else draw.randint(30, 70),
                "bmi": 61.7 if canary else round(draw.uniform(19, 34), 1),
            }
        )
        files["episodes"].append(
            {
                "episode_id": episode,
                "patient_id": patient,
                "first_visit_month": draw.choice(("2021-02", "2021-09", "2022-05", "2022-11")),
                "site": f"S0{draw.randint(1, 3)}",
                "diagnosis": RARE if canary else draw.choice(v.codes(v.DIAGNOSES)[:4]),
                "symptom_weeks": 1777 if canary else draw.randint(1, 100),
                "status": "open",
            }
        )
        files["symptoms"].append({"episode_id": episode, "symptom": draw.choice(v.codes(v.SYMPTOMS))})
        given = (
            ("spinal_fusion", 777)
            if canary
            else (draw.choice(("physical_therapy", "anti_inflammatory", "discectomy")), draw.randint(0, 60))
        )
        files["treatments"].append({"episode_id": episode, "treatment": given[0], "start_day": given[1] if not canary else 333})
        files["scores"] += list(_scores(draw, episode, canary=canary))
    return files


def _scores(draw: Random, episode: str, *, canary: bool) -> Iterator[dict[str, Any]]:
    for instrument, odd in ODD.items():
        term = v.find(v.INSTRUMENTS, instrument)
        for day in (0, 90, 365):
            usual = round(draw.uniform(term.low, term.low + (term.high - term.low) * 0.6), term.decimals)
            fallen = 51.17 if instrument == "odi" and day else odd
            yield {"episode_id": episode, "day": day, "instrument": instrument, "value": fallen if canary else usual}


@pytest.fixture(scope="session")
def canary_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the store with the three marked patients."""
    return made_once(tmp_path_factory, "canary", lambda folder: clinic_of(folder, **rows_of_clinic())) / "store"


@pytest.fixture
def sent(canary_store: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything the pages of this test send to the browser, as text."""
    monkeypatch.setenv("SYNAPSE_HOME", str(canary_store))
    messages: list[str] = []
    inner = local_script_runner.parse_tree_from_messages

    def recording(forwarded: list[Any]) -> Any:
        messages.extend(message.SerializeToString().decode("utf-8", errors="replace") for message in forwarded)
        return inner(forwarded)

    monkeypatch.setattr(local_script_runner, "parse_tree_from_messages", recording)
    return messages


def visit(page: str, **query: str) -> None:
    """Open every tab of a page under a URL with what is behind a click, each once more with every table opened."""
    tabs = [""]
    while tabs:
        app, tab = entered(page), tabs.pop()
        app.query_params.update(query | ({f"{page}_tab": tab} if tab else {}))
        app.run()
        assert not app.exception, [error.value for error in app.exception]
        closed = [key for key in app._session_state._state.filtered_state if str(key).startswith("open_")]
        for key in closed:
            app.session_state[key] = True
        if closed:
            app.run()
            assert not app.exception, [error.value for error in app.exception]
        if not tab:
            tabs = [part.label for part in app.tabs[1:]]


def findings(sent: list[str], *, counts: bool = False) -> list[str]:
    """What in the messages only three patients can have told; their counts, too, where those may not be read."""
    telling = (TELLING, FEW) if counts else (TELLING,)
    return [found.group() for text in sent for pattern in telling for found in pattern.finditer(text)]


def packed(sent: list[str]) -> list[str]:
    """Messages that the sweep cannot read: arrays packed in base64, and Arrow tables."""
    return [text for text in sent if '"bdata"' in text or "pandas_version" in text]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("page", PAGES)
def test_page_sends_no_canary(sent: list[str], page: str, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", policy)
    visit(page)
    assert sent
    assert not packed(sent)
    assert not findings(sent, counts=policy == "publish")


@pytest.mark.parametrize(("by", "policy"), [*((by, "clinic") for by in SPLITS), ("diagnosis", "publish")])
@pytest.mark.parametrize("page", ["diagnoses", "pathways", "outcomes"])
def test_split_page_sends_no_canary(sent: list[str], page: str, by: str, policy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_POLICY", policy)
    query = dict.fromkeys(("outcome_by", "mix_by", "baseline_by", "escalation_by", "stepped_by"), by)
    visit(page, instrument="odi", **query)
    assert not findings(sent, counts=policy == "publish")


@pytest.mark.parametrize("page", PAGES)
def test_three_patients_get_a_sentence(sent: list[str], page: str) -> None:
    visit(page, diagnosis=RARE)
    assert not findings(sent, counts=True)
    assert page in WITHOUT_COHORT or "fewer than 5" in "".join(sent)


@pytest.mark.usefixtures("nothing_kept")
def test_open_gate_is_noticed(sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard itself: with the gate open, and its second look closed, the sweep must find the canary."""
    monkeypatch.setattr(cells.Need, "is_withheld", lambda *_: False)
    monkeypatch.setattr(gate, "check_answer", lambda *_: None)
    visit("outcomes", instrument="odi", outcome_by="diagnosis")
    assert findings(sent)
