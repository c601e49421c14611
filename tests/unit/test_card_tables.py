"""The table behind a chart is the one it is drawn from: where all of it is withheld, nothing is drawn."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics.clinic import Clinic
from synapse_analytics.figures.theme import LIGHT, Figure
from tests.unit.drawn_points import points
from tests.unit.holes import asked, holed
from tests.unit.test_bar_table import LAID, cells
from tests.unit.test_figures import DRAWN

ROOT = Path(__file__).resolve().parents[2]
SHOWING = [*sorted((ROOT / "pages").glob("*.py")), *sorted((ROOT / "synapse_analytics" / "web").glob("*.py"))]
DRAWN_AS = {draw: (name, options, given) for draw, name, options, given in [*DRAWN, *((*laid, {}) for laid in LAID)]}


def cards() -> list[tuple[Any, str]]:
    """(figure, table) of every card of every page, and of what pages share."""
    found = []
    for path in SHOWING:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "synapse_analytics.figures"
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "frame.show":
                module, _, name = ast.unparse(node.args[0]).partition(".")
                tables = [ast.literal_eval(word.value) for word in node.keywords if word.arg == "table"]
                found += [(getattr(importlib.import_module(modules[module]), name), table) for table in tables]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(("draw", "table"), cards(), ids=lambda part: part if isinstance(part, str) else part.__name__)
def test_a_chart_is_drawn_from_the_table_of_its_card(sample_clinic: Clinic, draw: Any, table: str) -> None:
    name, options, given = DRAWN_AS[draw]
    answer = asked(sample_clinic, name, **options)
    without = holed(answer, table, range(len(answer.released.tables[table])), counts=True)
    assert shown(draw(answer.released, LIGHT, **given))
    assert not shown(draw(without, LIGHT, **given))


def shown(figure: Figure) -> list[Any]:
    """The points of a chart, or the cells of a table that hold a number."""
    table = [text for row in cells(figure.get("html", "")) for text in row[1:] if any(letter.isdigit() for letter in text)]
    return [*points(figure), *table]


def test_every_figure_has_a_card_with_its_table() -> None:
    assert {draw.__name__ for draw in DRAWN_AS} - {draw.__name__ for draw, _ in cards()} == set()
