"""The rules of the tree: imports follow the way of the data, libraries stay in their layer, files stay small."""

from __future__ import annotations

import ast
import functools
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "synapse_analytics"
# Downstream only: a module may import what stands before it (or beside it, in its own package), never what stands after.
ORDER = (
    "errors",
    "progress",
    "terminal",
    "vocabulary",
    "indicators",
    "settings",
    "access",
    "audit",
    "bundle",
    "synthetic",
    "dictionary",
    "pathways",
    "anonymity",
    "store",
    "estimates",
    "disclosure",
    "clinic",
    "cohort",
    "remembered",
    "counts",
    "queries",
    "analyses",
    "findings",
    "figures",
    "exports",
    "web",
    "commands",
    "__main__",
)
ONLY_IN = {
    "streamlit": {"web", "pages", "dashboard"},
    "sqlalchemy": {"store", "cohort", "counts", "queries", "clinic", "audit"},
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
LONGEST_FILE = 400


def sources() -> list[Path]:
    return [*PACKAGE.rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "dashboard.py"]


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "synapse_analytics" and len(parts) > 1 else parts[0]


@functools.cache
def imported(path: Path) -> set[str]:
    """Full names of what a file imports at run time; imports for type checking alone do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def our_layers(path: Path) -> set[str]:
    """The layers of our package a file imports."""
    found = set()
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "synapse_analytics" and len(parts) > 1:
            found.add(parts[1])
    return found & set(ORDER)


def backward_imports(path: Path) -> set[str]:
    layer = layer_of(path)
    if layer not in ORDER:
        return set()
    return {other for other in our_layers(path) if ORDER.index(other) > ORDER.index(layer)}


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_follow_the_data(path: Path) -> None:
    assert not backward_imports(path)


def test_every_layer_is_ordered() -> None:
    layers = {layer_of(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert layers <= set(ORDER)


@pytest.mark.parametrize(("library", "layers"), ONLY_IN.items())
def test_library_stays_in_layer(library: str, layers: set[str]) -> None:
    users = {layer_of(path) for path in sources() if any(name.split(".")[0] == library for name in imported(path))}
    assert users <= layers


@pytest.mark.parametrize(("library", "layers"), NEVER_IN.items())
def test_library_stays_out(library: str, layers: set[str]) -> None:
    users = {layer_of(path) for path in sources() if any(name.split(".")[0] == library for name in imported(path))}
    assert not users & layers


def test_only_analyses_see_queries_and_gate() -> None:
    both = {layer_of(path) for path in sources() if {"queries", "disclosure"} <= our_layers(path)}
    assert both <= {"analyses"}


def sees_queries(path: Path) -> bool:
    """True if a file outside queries and analyses reads numbers that have not passed the gate."""
    return "queries" in our_layers(path) and layer_of(path) not in {"queries", "analyses"}


def test_only_analyses_see_queries() -> None:
    assert [str(path) for path in sources() if sees_queries(path)] == []


@pytest.mark.parametrize("layer", ["web", "figures", "exports", "commands"])
def test_a_layer_that_reads_queries_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layer: str) -> None:
    sabotaged = tmp_path / "synapse_analytics" / layer / "sabotage.py"
    sabotaged.parent.mkdir(parents=True)
    sabotaged.write_text('"""Sabotage."""\nfrom synapse_analytics.queries.population import population\n', encoding="utf-8")
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert sees_queries(sabotaged)


def strange_to_a_page(path: Path) -> set[str]:
    """What a page must not touch: Streamlit, other libraries, parts of other pages, and the rows of an answer."""
    allowed = PAGES_MAY_SEE | {f"synapse_analytics.web.{path.stem}"}
    names = {name for name in imported(path) if not any(f"{name}.".startswith(f"{module}.") for module in allowed)}
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return names | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "tables"}


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
    assert not (PACKAGE / "pages").exists()
    assert not (PACKAGE / "web" / "pages").exists()


def test_files_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert not long


def test_modules_say_what_for() -> None:
    silent = [str(path) for path in sources() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert not silent


def test_repository_holds_no_data() -> None:
    """Only the synthetic sample and the reference numbers are ever committed."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    data_endings = (".csv", ".parquet", ".duckdb", ".sqlite", ".db", ".xlsx", ".zip", ".pem", ".key", ".env")
    data = [name for name in tracked if name.endswith(data_endings)]
    assert [name for name in data if not name.startswith(("sample_data/", "tests/reference/"))] == []
    assert "secrets.toml" not in " ".join(tracked)


def test_backward_import_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule itself can fail: an estimate that imports an analysis is caught."""
    sabotaged = tmp_path / "synapse_analytics" / "estimates" / "sabotage.py"
    sabotaged.parent.mkdir(parents=True)
    sabotaged.write_text('"""Sabotage."""\nfrom synapse_analytics.analyses import answer\n', encoding="utf-8")
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert backward_imports(sabotaged) == {"analyses"}
