"""A walk over every page, tab and choice, with everything opened: of the sample and of a small clinic, as inside the clinic and as it may be shared."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from synapse_analytics import audit
from synapse_analytics.store import load_bundle
from synapse_analytics.synthetic import generate
from synapse_analytics.web import choices
from synapse_analytics.web.door.sessions import SESSIONS
from synapse_analytics.web.menu import heading_of
from tests.pages.test_pages import EVERY_TAB, PAGES, open_page
from tests.sentences.deeds import deeds, handed_in
from tests.sentences.seen import Text, texts_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, SMALL, EMPTY = "sample", "small", "empty"
PATIENTS, SEED = 300, 3  # of the small clinic, as the gallery has it
VARIANTS = 2  # values tried of each choice of a page, beside the one it begins with
# Filters under which every tab is looked at, and others that say the same on every tab of a page.
COHORTS: Mapping[str, Mapping[str, Any]] = {
    "a filter": {"sex": ["female"], "clinician": ["C09"]},
    "few patients": {"diagnosis": ["sacroiliac_joint_dysfunction"], "site": ["S03"], "smoker": ["yes"]},
}
ONCE: Mapping[str, Mapping[str, Any]] = {
    "too few": {"diagnosis": ["piriformis_syndrome"], "age_from": ["40"], "age_to": ["41"]},
    "nobody": {"diagnosis": ["spinal_stenosis"], "age_to": ["20"]},
    "a bad link": {"diagnosis": ["nonsense"], "age_from": ["old"], "policy": ["secret"], "nothing": ["1"]},
    "a row of the overview": {"indicator": ["median_wait"]},
    "a comparison": {"a": ["anti_inflammatory"], "b": ["physical_therapy"]},
    "another one": {"a": ["discectomy"], "b": ["spinal_fusion"]},
    "too fine to share": {"policy": ["publish"], "clinician": ["C09"], "outcome_by": ["clinician"]},
}


class Place(NamedTuple):
    """A page and its tab."""

    page: str
    tab: str = ""

    @property
    def title(self) -> str:
        """In words."""
        return " / ".join([heading_of(self.page), *([self.tab] if self.tab else [])])


class Seen(NamedTuple):
    """A text, and the place where it stands."""

    place: Place
    text: Text


TABS = [(page, {key: tab}) for page, key, tab in EVERY_TAB]
STATES: list[tuple[str, dict[str, str]]] = [
    (page, state) for page in PAGES for state in [own for owner, own in TABS if owner == page] or [{}]
]


def walked(clinic: str, pages: Sequence[str] = PAGES) -> list[Seen]:
    """Everything to be read of one clinic on these pages; in a process of its own, as pages ask their surroundings."""
    logging.disable(logging.WARNING)
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setenv("SYNAPSE_HOME", f"{folder}/store")
        patch.delenv("SYNAPSE_POLICY", raising=False)
        patch.delenv("SYNAPSE_SETTINGS", raising=False)
        patch.setattr(SESSIONS, "needed", False)  # no server, so no door
        offered = prepared(patch)
        for name in {SAMPLE: (SMALL, SAMPLE), SMALL: (SMALL,), EMPTY: ()}[clinic]:  # of the sample an older generation is kept, too
            load_bundle(_bundle(name, Path(folder) / "bundle"), f"duckdb:///{folder}/store")
        found = [*_without_data(patch, folder)] if clinic == EMPTY else [*_of_clinic(clinic, pages, offered)]
        audit.flush()  # while its folder is there
    return found


def prepared(patch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Open every expander, and return what choices a page offers, which fills as pages run."""
    expander, tied = st.expander, choices.tied
    offered: dict[str, list[str]] = {}

    def noted(name: str, options: Mapping[Any, str], default: Any, **more: Any) -> Any:
        offered[name] = [str(option) for option in options if str(option) != str(default)]
        return tied(name, options, default, **more)

    patch.setattr(choices, "tied", noted)
    patch.setattr(st, "expander", lambda label, _expanded=False, **options: expander(label, **(options | {"expanded": True})))
    return offered


def _bundle(clinic: str, folder: Path) -> Path:
    if clinic == SAMPLE:
        return ROOT / "sample_data"
    generate(folder, patients=PATIENTS, seed=SEED)
    return folder


def opened(page: str, query: Mapping[str, Any]) -> Iterator[Text]:
    """What is to be read on every tab of a page under an address."""
    for _, state in (one for one in STATES if one[0] == page):
        yield from texts_of(open_page(page, dict(query), **state))


def _of_clinic(clinic: str, pages: Sequence[str], offered: dict[str, list[str]]) -> Iterator[Seen]:
    seen: set[str] = set()
    for page, state in (one for one in STATES if one[0] in pages):
        place = Place(page, next(iter(state.values()), ""))
        offered.clear()
        yield from _texts(place, open_page(page, **state))
        varied = list(_varied(offered)) if clinic == SAMPLE else []
        asked = [*COHORTS.values(), *(ONCE.values() if page not in seen else ())] if clinic == SAMPLE else []
        seen.add(page)
        for query in ({"policy": ["publish"]}, *varied, *asked):
            yield from _texts(place, open_page(page, dict(query), **state))
        if clinic == SMALL:
            yield from (Seen(place, text) for text in deeds(page, state))
    if clinic == SMALL:
        yield from (Seen(Place("data", "after a load"), text) for text in handed_in(ROOT / "sample_data"))


def _varied(offered: Mapping[str, list[str]]) -> Iterator[Mapping[str, Any]]:
    """Each choice of a page at some of its other values, one choice at a time."""
    for name, values in offered.items():
        yield from ({name: [value]} for value in values[:: max(1, len(values) // VARIANTS)][:VARIANTS])


def _texts(place: Place, at: AppTest) -> Iterator[Seen]:
    assert not at.exception, (place, [error.value for error in at.exception])
    return (Seen(place, text) for text in texts_of(at))


def _without_data(patch: pytest.MonkeyPatch, folder: str) -> Iterator[Seen]:
    """The pages that stand instead of every other: no data, data that cannot be opened, settings that cannot be used."""
    yield from _texts(Place("overview", "without data"), open_page("overview"))
    load_bundle(ROOT / "sample_data", f"duckdb:///{folder}/store")
    settings = Path(folder) / "settings.yaml"
    settings.write_text("policy: loose\ntargets: {nothing: many}\n", encoding="utf-8")
    patch.setenv("SYNAPSE_SETTINGS", str(settings))
    yield from _texts(Place("overview", "with wrong settings"), open_page("overview"))
    patch.delenv("SYNAPSE_SETTINGS")
    for part in (Path(folder) / "store").rglob("*.duckdb"):
        part.write_bytes(b"damaged")
    yield from _texts(Place("overview", "with a damaged store"), open_page("overview"))
