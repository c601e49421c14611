"""Every drawer of every page: the Python and the command that stand in it, executed, give the numbers that stand above them."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import FILTERS
from synapse_analytics.cohort.link import PAGE_CHOICES, POLICY
from synapse_analytics.disclosure import Released
from synapse_analytics.exports import as_frame, table_bytes
from synapse_analytics.web import address, taking
from tests.pages.test_pages import EVERY_TAB, PAGES, TABS, loaded, open_page, said
from tests.unit.test_again import command_gives, lines, python_gives

__all__ = ["loaded"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ROOT = Path(__file__).resolve().parents[2]
EVERYWHERE = [
    *((page, {}) for page in PAGES if page not in {page for page, _ in TABS.values()}),
    *((p, {key: tab}) for p, key, tab in EVERY_TAB),
]
# Choices that no page makes by itself, as a link would name them.
CHOSEN: dict[str, str] = {
    "outcome_by": "sex", "instrument": "odi", "index": "physical_therapy", "month": "6", "preset": "odi_10", "mix_by": "site",
    "baseline_by": "sex", "unit": "treatment", "repeats": "first", "gap_collapse": "60", "pathway_score": "odi", "response_event": "injection",
    "escalation_event": "injection", "escalation_by": "", "stepped_by": "sex", "min_days": "28", "event": "surgery", "indicator": "median_wait",
    "period": "quarter", "funnel_by": "site", "outcome": "odi", "crossover": "hypothetical", "age": "60", "like_sex": "female",
}  # fmt: skip


class Offered(NamedTuple):
    """What one drawer offers: the answer and its table, and the command and the Python that the page shows."""

    released: Released
    handle: Clinic
    table: str
    command: str
    python: str


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Offered]]:
    """Opens a page with every drawer; gives what they offer as the page shows it."""
    drawn: list[tuple[Released, Clinic, str]] = []
    table = taking._table

    def noted(card: taking.Card, answer: Released, handle: Clinic) -> None:
        drawn.append((answer, handle, card.table))
        table(card, answer, handle)

    monkeypatch.setattr(taking, "_table", noted)

    def opened(page: str, state: dict[str, Any], query: dict[str, Any], *, share: bool) -> list[Offered]:
        at = open_page(page, query, **state)
        cards = [name for key in at._session_state._state.filtered_state if (name := str(key)).startswith("open_")]
        for card in cards:
            at.session_state[card] = True
        at.run()
        if share:
            for card in cards:
                at.session_state[card.replace("open_", "take_", 1)] = taking.TO_SHARE
        drawn.clear()
        at.run()
        assert not at.exception, (page, state, [error.value for error in at.exception])
        shown = [code.value for code in at.code if "synapse_analytics" in code.value and "my cohort" not in code.value]
        shown = shown if state.get("export_tab") != "This cohort" else []
        assert len(shown) == 2 * len(drawn), said(at)
        return [Offered(*what, *shown[2 * place : 2 * place + 2]) for place, what in enumerate(drawn)]

    return opened


def check(one: Offered, folder: Path, patch: pytest.MonkeyPatch) -> None:
    names = python_gives(one.python)
    assert names["answer"].tables[one.table] == one.released.tables[one.table]
    assert names["table"].equals(as_frame(one.released, one.table))
    saved = command_gives(one.command, folder, patch)
    assert saved == lines(table_bytes(one.released, one.table, one.handle))
    read = list(csv.DictReader(io.StringIO("\n".join(line for line in saved if not line.startswith("# ")))))
    assert len(read) == len(one.released.tables[one.table]) > 0


@pytest.mark.parametrize(("page", "state"), EVERYWHERE, ids=str)
@pytest.mark.parametrize(("query", "share"), [({}, False), ({"sex": ["female"], **CHOSEN}, False), ({"sex": ["female"]}, True)], ids=str)
def test_what_a_drawer_shows_gives_its_numbers(
    offered: Callable[..., list[Offered]],
    page: str,
    state: dict[str, str],
    query: dict[str, Any],
    share: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for one in offered(page, state, query, share=share):
        assert (one.released.policy == "publish") == share
        assert share == ("--policy publish" in one.command) == ("policy='publish'" in one.python)
        check(one, tmp_path, monkeypatch)


def test_another_cohort_is_seen(offered: Callable[..., list[Offered]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test itself can fail: what gives the numbers of other patients is no way back to these."""
    [one, *_] = offered("diagnoses", {}, {"sex": ["female"]}, share=False)
    for wrong in (
        one._replace(python=one.python.replace("female", "male")),
        one._replace(command=one.command.replace("sex=female", "sex=male")),
        one._replace(python=one.python.replace("diagnosis_mix(clinic, cohort", "diagnosis_mix(clinic, cohort, by='site'")),
    ):
        assert wrong != one
        with pytest.raises(AssertionError):
            check(wrong, tmp_path, monkeypatch)


# --- what a link may hold beside the filters ----------------------------------------------------------------------

NAMING = {
    "choose",
    "switch",
    "split",
    "tied",
    "option",
    "tabs",
    "behind",
    "particular",
    "_held",
}  # their first argument goes into the address


def written() -> set[str]:
    """The names that pages give to what they keep in the address, where they stand there as a text."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for folder in ("pages", "synapse_analytics/web")
        for path in (ROOT / folder).glob("*.py")
    ]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    named = [call for call in calls if ast.unparse(call.func) in NAMING]
    return {str(arg.value) for call in named if isinstance(arg := call.args[0], ast.Constant)}


def bound(patch: pytest.MonkeyPatch) -> set[str]:
    """The names that the pages tie to the address while everything on them is open."""
    names: set[str] = set()

    def noting(draw: Callable[..., Any]) -> Callable[..., Any]:
        def drawn(*args: Any, **given: Any) -> Any:
            if given.get("bind") == "query-params":
                names.add(given["key"])
            return draw(*args, **given)

        return drawn

    for kind in ("text_input", "multiselect", "expander", "tabs"):
        patch.setattr(st, kind, noting(getattr(st, kind)))
    patch.setattr(address, "_is_known", lambda _name: True)
    for page, state in EVERYWHERE:
        at: AppTest = open_page(page, **state)
        assert not at.exception
    return names - set(FILTERS)


def test_a_link_may_hold_what_pages_keep_in_the_address_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    found = bound(monkeypatch) | (written() - {POLICY, *FILTERS}) | {taking.ROWS_OF, POLICY}
    known = {name for names in PAGE_CHOICES.values() for name in names}
    assert found - known == {POLICY}
    assert known - found == set(), "no page knows these any more"
