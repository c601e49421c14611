"""What each page asks, recorded from the page itself: `python -m benchmarks.recording` prints it as JSON.

Every page runs through the router, first as it opens and then with each of its other tabs open, while somebody listens.
So the benchmark times the questions that people wait for: a page that asks something new changes the recording.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from benchmarks.measure import ROOT
from synapse_analytics import audit
from synapse_analytics.cohort import Cohort
from synapse_analytics.store import load_bundle
from synapse_analytics.web import frame, parts
from synapse_analytics.web.door.sessions import SESSIONS

NO_TABS = ""  # the tab of a page that has none
LONGEST = 600  # s that a page may take


class Question(NamedTuple):
    """A question as the page asks it."""

    name: str
    options: dict[str, Any]
    everybody: bool  # asked of all patients, whatever the cohort is


class Asked(NamedTuple):
    """The questions of one run of a page, those of the router among them."""

    page: str
    tab: str
    questions: list[Question]


@dataclass
class Heard:
    """What a run asked, how many charts it showed, and the tabs it offered: their key and their labels."""

    questions: list[Question] = field(default_factory=list)
    charts: int = 0
    key: str = ""
    labels: tuple[str, ...] = (NO_TABS,)


@contextmanager
def listening() -> Iterator[Heard]:
    """Hear every question, every chart and the tabs that are offered; the page notices nothing."""
    heard, ask, show, tabs = Heard(), frame.ask, frame.show, parts.tabs

    def hear(name: str, *, of: Cohort | None = None, **options: Any) -> Any:
        heard.questions.append(Question(name, options, of is not None))
        return ask(name, of=of, **options)

    def draw(*given: Any, **options: Any) -> None:
        heard.charts += 1
        show(*given, **options)

    def see(key: str, labels: Mapping[str, Callable[[], None]]) -> None:
        heard.key, heard.labels = key, tuple(labels)
        tabs(key, labels)

    with patch.object(frame, "ask", hear), patch.object(frame, "show", draw), patch.object(parts, "tabs", see):
        yield heard


def pages(root: Path = ROOT) -> list[str]:
    """The names of all pages, the one that opens first before the others."""
    return sorted((path.stem for path in (root / "pages").glob("*.py")), key=lambda name: (name != "overview", name))


def answering(root: Path = ROOT) -> list[str]:
    """The pages that answer a question about the cohort when they open, beside who is in it."""
    return [page for page in pages(root) if any(_is_answer(question) for question in _run(root, page, {}, {}).questions)]


def _is_answer(question: Question) -> bool:
    return question.name != "attrition" and not question.everybody


def tour(root: Path = ROOT, query: Mapping[str, Any] | None = None) -> Iterator[Asked]:
    """Open every page, and then each of its other tabs."""
    for page in pages(root):
        opening = _run(root, page, query or {}, {})
        yield Asked(page, opening.labels[0], opening.questions)
        for tab in opening.labels[1:]:
            yield Asked(page, tab, _run(root, page, query or {}, {opening.key: tab}).questions)


def record(root: Path = ROOT) -> dict[str, dict[str, list[Question]]]:
    """The questions of every page and tab, asked of the store that SYNAPSE_HOME names; the first tab is the one that opens."""
    found: dict[str, dict[str, list[Question]]] = {}
    for page, tab, questions in tour(root):
        found.setdefault(page, {})[tab] = questions
    return found


def _run(root: Path, page: str, query: Mapping[str, Any], state: Mapping[str, str]) -> Heard:
    at = AppTest.from_file(str(root / "synapse_analytics" / "web" / "app.py"), default_timeout=LONGEST)
    for name, value in query.items():
        at.query_params[name] = value
    for name, value in state.items():
        at.session_state[name] = value
    at.switch_page(str(root / "pages" / f"{page}.py"))
    with listening() as heard, patch.object(SESSIONS, "needed", new=False):  # no server, so no door
        at.run()
    if at.exception or not heard.questions:  # without a store the router asks nothing
        raise RuntimeError(f"{page} {dict(state)} does not run: {[error.value for error in at.exception]}")
    return heard


def main() -> None:
    """Record over the sample data in a store of our own."""
    logging.disable(logging.WARNING)  # Streamlit says at every step that no browser is there
    with tempfile.TemporaryDirectory() as home:
        os.environ["SYNAPSE_HOME"] = home
        load_bundle(ROOT / "sample_data", f"duckdb:///{home}")
        sys.stdout.write(json.dumps(record()) + "\n")
        audit.flush()  # while its folder is there


if __name__ == "__main__":
    main()
