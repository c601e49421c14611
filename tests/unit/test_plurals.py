"""One thing is said in the singular, and no text of the frame writes a plural beside a number that may be 1."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from synapse_analytics.bundle import explained, warned
from synapse_analytics.bundle.problems import Check, Place, Report, Warning_
from synapse_analytics.vocabulary.plurals import counted, plural
from tests.house import ROOT

# Rooms whose texts count what may be one; of answers findings/ and figures/ speak, with numbers of their own.
ROOMS = ("bundle", "store", "commands", "audit", "cohort", "web/data/loading.py", "web/heading.py", "web/saved_cohorts.py")
THINGS = "warnings|problems|rows|files|patients|episodes|lines|cells|places|times|columns|questions|versions|cohorts|values"
AFTER_A_NUMBER = re.compile(rf"\{{\}} (?:\w+ )?(?:{THINGS})\b")
# Numbers that cannot be one: a limit, or a fault that only thousands make.
NEVER_ONE = ("MOST", "FEWEST", "smallest", "num_", "sites", "names", "values", "low", "fewest", "len(entries)")


@pytest.mark.parametrize(("number", "said"), [(0, "0 warnings"), (1, "1 warning"), (2, "2 warnings"), (1234, "1,234 warnings")])
def test_one_is_singular(number: int, said: str) -> None:
    assert counted(number, "warning") == said


def test_irregular_words() -> None:
    assert (plural(1, "is", "are"), plural(3, "is", "are"), counted(2, "person", "people")) == ("is", "are", "2 people")


def test_one_problem_and_one_warning() -> None:
    report = Report()
    report.add("missing_file", Place("patients.csv"))
    assert "1 problem (missing_file)" in _reasons(report)[0]
    assert warned([Warning_("small_cell", "patients.csv", 1)])[0].endswith("Found 1 time in patients.csv.")


def _reasons(report: Report) -> list[str]:
    check = Check(accepted=False, rows={}, counts=dict(report.counts), problems=report.problems, warnings=[], manifest={})
    return [reason.heading for reason in explained(check)]


def _texts(path: Path) -> Iterator[tuple[str, str]]:
    """(the text with {} for each number, its source) of every f-string of a file."""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            parts = ["{}" if isinstance(part, ast.FormattedValue) else str(getattr(part, "value", "")) for part in node.values]
            yield "".join(parts), ast.get_source_segment(source, node) or ""


def _files() -> Iterator[Path]:
    for room in ROOMS:
        path = ROOT / "synapse_analytics" / room
        yield from [path] if path.suffix else sorted(path.glob("*.py"))


def test_no_plural_stands_beside_a_number_that_may_be_one() -> None:
    wrong = [
        (path.name, text)
        for path in _files()
        for text, source in _texts(path)
        if AFTER_A_NUMBER.search(text) and not any(word in source for word in NEVER_ONE)
    ]
    assert wrong == []
