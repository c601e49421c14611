"""The rules of the tree: imports follow the way of the data, libraries stay in their layer, files stay small."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from statistics import median

import pytest

import synapse_analytics
from tests import house
from tests.house import ROOMS, ROOT, backward_imports, imported, nodes, package, room_of, rooms_read, sources

ONLY_IN = {
    "streamlit": {"web", "pages", "dashboard"},
    "sqlalchemy": {"intake", "store", "cohort", "counts", "queries", "clinic", "audit"},
}
NEVER_IN = {"pandas": {"pages", "figures", "web"}}
PAGES_MAY_SEE = {
    "synapse_analytics.analyses",
    "synapse_analytics.figures",
    "synapse_analytics.vocabulary",
    "synapse_analytics.indicators",
    "synapse_analytics.web.frame",
    "synapse_analytics.web.choices",
    "synapse_analytics.web.parts",
    "synapse_analytics.web.indicators",
    "synapse_analytics.web.session.cohort",
}
LONGEST_PAGE = 60


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_data(path: Path) -> None:
    assert not backward_imports(path)


def test_every_room_is_ordered() -> None:
    rooms = {room_of(path) for path in package()} - {"__init__"}
    assert rooms <= set(ROOMS)


def test_the_list_of_rooms_has_their_order() -> None:
    listed = re.findall(r"^(\w+)(?:\.py|/)  ", synapse_analytics.__doc__ or "", re.MULTILINE)
    assert listed == [room for room in ROOMS if room != "__main__"]


@pytest.mark.parametrize(("library", "layers"), ONLY_IN.items())
def test_library_stays_in_layer(library: str, layers: set[str]) -> None:
    users = {room_of(path) for path in sources() if any(name.split(".")[0] == library for name in imported(path))}
    assert users <= layers


@pytest.mark.parametrize(("library", "layers"), NEVER_IN.items())
def test_library_stays_out(library: str, layers: set[str]) -> None:
    users = {room_of(path) for path in sources() if any(name.split(".")[0] == library for name in imported(path))}
    assert not users & layers


def test_only_analyses_see_queries_and_gate() -> None:
    both = {room_of(path) for path in sources() if {"queries", "disclosure"} <= rooms_read(path)}
    assert both <= {"analyses"}


def sees_queries(path: Path, root: Path = ROOT) -> bool:
    """True if a file outside queries and analyses reads numbers that have not passed the gate."""
    return "queries" in rooms_read(path) and room_of(path, root) not in {"queries", "analyses"}


def test_only_analyses_see_queries() -> None:
    assert [str(path) for path in sources() if sees_queries(path)] == []


@pytest.mark.parametrize("layer", ["web", "figures", "exports", "commands"])
def test_a_layer_that_reads_queries_is_seen(tmp_path: Path, layer: str) -> None:
    sabotaged = tmp_path / "synapse_analytics" / layer / "sabotage.py"
    sabotaged.parent.mkdir(parents=True)
    sabotaged.write_text('"""Sabotage."""\nfrom synapse_analytics.queries.population import population\n', encoding="utf-8")
    assert sees_queries(sabotaged, tmp_path)


def test_no_style_depends_on_motion() -> None:
    """Browser journeys ask for reduced motion, so a style for those who do not would be seen by no test."""
    styled = [path for path in (ROOT / "synapse_analytics").rglob("*.*") if path.suffix in {".py", ".css", ".html"}]
    assert styled
    assert [path.name for path in styled if "prefers-reduced-motion" in path.read_text(encoding="utf-8")] == []


def strange_to_a_page(path: Path) -> set[str]:
    """What a page must not touch: Streamlit, other libraries, parts of other pages, and the rows of an answer."""
    allowed = PAGES_MAY_SEE | {f"synapse_analytics.web.{path.stem}"}
    names = {name for name in imported(path) if not any(f"{name}.".startswith(f"{module}.") for module in allowed)}
    return names | {node.attr for node in nodes(path) if isinstance(node, ast.Attribute) and node.attr == "tables"}


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda path: path.stem)
def test_pages_compose_only(path: Path) -> None:
    assert strange_to_a_page(path) == set()
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_PAGE


@pytest.mark.parametrize(
    "line",
    [
        "import streamlit",
        "import pandas",
        "from synapse_analytics.web.export import form",
        "from synapse_analytics.web.session import clinic",
        "from synapse_analytics.queries.population import population",
        "rows = answer.tables['visits']",
    ],
)
def test_a_page_that_does_more_is_seen(tmp_path: Path, line: str) -> None:
    sabotaged = tmp_path / "overview.py"
    sabotaged.write_text(f'"""Sabotage."""\n{line}\n', encoding="utf-8")
    assert strange_to_a_page(sabotaged)


def test_no_pages_folder_beside_router() -> None:
    """Streamlit would run its files without the router (and its sign-in) on a deep link."""
    assert not (ROOT / house.NAME / "pages").exists()
    assert not (ROOT / house.NAME / "web" / "pages").exists()


def test_files_stay_small() -> None:
    lines = house.file_lines()
    assert {str(path): count for path, count in lines.items() if count > house.LONGEST_FILE} == {}
    assert median(lines.values()) <= house.MEDIAN_FILE


def test_functions_stay_small() -> None:
    functions = house.functions()
    assert [function for function in functions if function.lines > house.LONGEST_FUNCTION] == []
    assert median(function.lines for function in functions) <= house.MEDIAN_FUNCTION


def test_imports_make_no_circle() -> None:
    assert house.cycle() == []


def test_a_circle_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule itself can fail: two modules that read each other are named."""
    room = tmp_path / house.NAME / "cohort"
    room.mkdir(parents=True)
    (room / "one.py").write_text("from synapse_analytics.cohort.two import second\n", encoding="utf-8")
    (room / "two.py").write_text("from synapse_analytics.cohort.one import first\n", encoding="utf-8")
    monkeypatch.setattr(house, "ROOT", tmp_path)
    monkeypatch.setattr(house, "package", lambda: sorted(room.glob("*.py")))
    assert {name.rpartition(".")[2] for name in house.cycle()} == {"one", "two"}


def test_modules_say_what_for() -> None:
    silent = [str(path) for path in sources() if not ast.get_docstring(nodes(path)[0])]  # type: ignore[arg-type]
    assert not silent


def test_repository_holds_no_data() -> None:
    """Only the synthetic sample and the reference numbers are ever committed."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    data_endings = (".csv", ".parquet", ".duckdb", ".sqlite", ".db", ".xlsx", ".zip", ".pem", ".key", ".env")
    data = [name for name in tracked if name.endswith(data_endings)]
    assert [name for name in data if not name.startswith(("sample_data/", "tests/reference/"))] == []
    assert "secrets.toml" not in " ".join(tracked)


def test_backward_import_is_seen(tmp_path: Path) -> None:
    """The rule itself can fail: an estimate that imports an analysis is caught."""
    sabotaged = tmp_path / "synapse_analytics" / "estimates" / "sabotage.py"
    sabotaged.parent.mkdir(parents=True)
    sabotaged.write_text('"""Sabotage."""\nfrom synapse_analytics.analyses import answer\n', encoding="utf-8")
    assert backward_imports(sabotaged, tmp_path) == {"analyses"}
