"""The guards of the gate that need no data: nothing forges a Released, nobody else makes one, and the types say so.

Each guard is also shown to fail: a forged value, a module that cheats, an analysis that returns something else.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import inspect
import pickle
import re
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from synapse_analytics import analyses, exports, figures
from synapse_analytics.analyses import registry
from synapse_analytics.analyses.records import release_records
from synapse_analytics.anonymity import Selection
from synapse_analytics.disclosure import (
    CLINIC,
    Keys,
    Kind,
    Measure,
    Question,
    RecordsPreview,
    Released,
    ReleasedRecords,
    RowQuestion,
    TableRule,
    check_records,
    check_released,
    preview_rows,
    release,
    release_rows,
)
from synapse_analytics.errors import NotAllowed
from tests.house import nodes

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "synapse_analytics"


@pytest.fixture
def genuine() -> Released:
    rule = TableRule("t", (Measure("steps", Kind.LABEL), Measure("n", Kind.COUNT)))
    row = {"steps": ["medication", "discectomy"], "n": 12, "patients": 12}
    return release(Question("answer", None, "generation", CLINIC, {"by": "sex"}), (12, 12), [(rule, [row])])


@pytest.fixture
def rows() -> tuple[ReleasedRecords, RecordsPreview]:
    question = RowQuestion("episodes", ("site",), None, None, CLINIC, "test", None, ())
    given = (
        pa.table({"pain": range(5)}),
        Keys(np.arange(5), np.arange(5)),
        {"site": pa.array(["S01"] * 5).dictionary_encode()},
        Selection(5, 5, 5, 5, {"site": 0}),
    )
    return release_rows(question, *given), preview_rows(question, *given)


# --- nothing forges one ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Released, ReleasedRecords])
def test_constructor_is_closed(kind: type) -> None:
    with pytest.raises(TypeError, match="made by the gate only"):
        kind(name="forged", n=3, tables={})


@pytest.mark.parametrize("check", [check_released, check_records])
def test_empty_handle_holds_nothing(check: Callable[[Any], Any]) -> None:
    forged = object.__new__(Released if check is check_released else ReleasedRecords)
    with pytest.raises(NotAllowed, match="not released by the gate"):
        check(forged)


@pytest.mark.parametrize("value", [{"tables": {}}, None, "text", 7])
def test_lookalikes_are_refused(value: Any) -> None:
    with pytest.raises(NotAllowed):
        check_released(value)
    with pytest.raises(NotAllowed):
        check_records(value)


def test_fields_cannot_be_set(genuine: Released) -> None:
    for how in (setattr, object.__setattr__):
        with pytest.raises(AttributeError):
            how(genuine, "n", 3)
        with pytest.raises(AttributeError):
            how(genuine, "new", 3)


def test_what_leaves_is_printed_without_its_cells(genuine: Released, rows: tuple[ReleasedRecords, RecordsPreview]) -> None:
    printed = ["<Released answer: t (1 rows)>", "<ReleasedRecords episodes: 5 rows>", "<RecordsPreview episodes: 5 rows>"]
    assert [repr(one) for one in (genuine, *rows)] == printed
    refused = release(Question("answer", None, "generation", CLINIC, {}), (1, 1), [])
    assert repr(refused) == f"<Released answer: {refused.refused}>"
    assert check_records(rows[0]) is rows[0]


def test_tables_cannot_be_changed(genuine: Released) -> None:
    with pytest.raises(TypeError):
        genuine.tables["t"] = ()  # type: ignore[index]
    with pytest.raises(TypeError):
        genuine.tables["t"][0]["n"] = 3  # type: ignore[index]
    with pytest.raises(TypeError):
        genuine.options["by"] = "site"  # type: ignore[index]
    assert isinstance(genuine.tables["t"], tuple)
    assert genuine.tables["t"][0]["steps"] == ("medication", "discectomy")


def test_rows_are_cut_off_from_the_analysis() -> None:
    row = {"n": 12, "patients": 12}
    answer = release(Question("a", None, "g", CLINIC, {}), (12, 12), [(TableRule("t", (Measure("n", Kind.COUNT),)), [row])])
    row["n"] = 3
    assert answer.tables["t"][0]["n"] == 12


def test_replace_is_refused(genuine: Released) -> None:
    with pytest.raises(TypeError):
        dataclasses.replace(genuine, n=3)  # type: ignore[type-var]
    with pytest.raises(TypeError):
        copy.replace(genuine, n=3) if hasattr(copy, "replace") else dataclasses.replace(genuine, n=3)  # type: ignore[type-var]


def test_copies_are_the_same_answer(genuine: Released) -> None:
    assert copy.copy(genuine) is genuine
    assert copy.deepcopy([genuine])[0] is genuine


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_is_refused(genuine: Released, protocol: int) -> None:
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(genuine, protocol)


def test_forged_pickle_is_refused() -> None:
    """A stream that builds an empty handle and hands it a state: the handle has nowhere to keep it."""
    stream = b"ccopyreg\n__newobj__\n(csynapse_analytics.disclosure\nReleased\ntR}Vn\nI3\nsb."
    with pytest.raises((TypeError, AttributeError, pickle.UnpicklingError)):
        pickle.loads(stream)  # noqa: S301 - the attack itself


def test_subclass_is_refused() -> None:
    with pytest.raises(TypeError, match="cannot be subclassed"):

        class Forged(Released):
            """A Released of one's own making."""


# --- nobody else makes one ---------------------------------------------------------------------------------------


def makers(source: str) -> Iterator[str]:
    """What in a module's source reaches for the inside of the gate."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("synapse_analytics.disclosure"):
            if node.module != "synapse_analytics.disclosure":
                yield node.module or ""
            yield from (alias.name for alias in node.names if alias.name.startswith("_"))
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("synapse_analytics.disclosure"))
        elif isinstance(node, ast.Attribute) and node.attr in ("_seal", "_contents"):
            yield node.attr


OUTSIDE = sorted(path for path in [*PACKAGE.rglob("*.py"), *(ROOT / "pages").glob("*.py")] if path.parent.name != "disclosure")


@pytest.mark.parametrize("path", OUTSIDE, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_reaches_into_the_gate(path: Path) -> None:
    assert not list(makers(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    "cheat",
    [
        "from synapse_analytics.disclosure.released import _seal",
        "from synapse_analytics.disclosure import _seal",
        "import synapse_analytics.disclosure.released as inside",
        "disclosure.released._contents[thing] = 1",
    ],
)
def test_reaching_in_is_noticed(cheat: str) -> None:
    assert list(makers(cheat))


def test_only_one_place_says_what_was_asked() -> None:
    """The policy and the names that rows may bear come from the handle, in one function, and from nobody else."""
    imports = re.compile(
        r"from synapse_analytics\.disclosure import [^(\n]*\bQuestion\b|from synapse_analytics\.disclosure import \([^)]*\bQuestion\b"
    )
    asking = {path.name for path in OUTSIDE if imports.search(path.read_text(encoding="utf-8"))}
    assert asking == {"asking.py"}


def test_only_two_functions_make_what_leaves() -> None:
    makers_found = [
        path.name for path in (PACKAGE / "disclosure").glob("*.py") for line in path.read_text().splitlines() if "_seal(Released" in line
    ]
    assert sorted(set(makers_found)) == ["gate.py", "rows.py"]


@pytest.mark.parametrize("name", ["release", "release_rows"])
def test_only_analyses_call_the_gate(name: str) -> None:
    users = set()
    for path in OUTSIDE:
        for node in nodes(path):
            if isinstance(node, ast.ImportFrom) and node.module == "synapse_analytics.disclosure":
                users |= {path.relative_to(PACKAGE).parts[0] for alias in node.names if alias.name == name}
    assert users <= {"analyses"}


def test_gate_is_pure() -> None:
    for path in (PACKAGE / "disclosure").glob("*.py"):
        modules = {
            (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
            for node in nodes(path)
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
        assert not {module.split(".")[0] for module in modules} & {"sqlalchemy", "pandas", "streamlit", "duckdb", "plotly"}


# --- the types say so --------------------------------------------------------------------------------------------


def returns_released(function: Callable[..., Any]) -> bool:
    return typing.get_type_hints(function, vars(registry)).get("return") is Released


@pytest.mark.parametrize("name", analyses.answers())
def test_analysis_returns_released(name: str) -> None:
    assert returns_released(analyses.answers()[name].function)


def test_other_returns_are_noticed() -> None:
    def cheat(_clinic: Any, _cohort: Any) -> dict[str, int]:
        return {"n": 3}

    assert not returns_released(cheat)


def test_row_door_returns_records() -> None:
    assert typing.get_type_hints(release_records)["return"] is ReleasedRecords


def figure_makers() -> list[Callable[..., Any]]:
    """Every public function of a figures module that returns a figure."""
    found = []
    for path in sorted((PACKAGE / "figures").glob("*.py")):
        module = __import__(f"{figures.__name__}.{path.stem}", fromlist=["_"])
        found += [
            function
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__
            and not name.startswith("_")
            and "Figure" in str(function.__annotations__.get("return"))
        ]
    return found


def data_parameters(function: Callable[..., Any]) -> list[str]:
    """Parameters through which rows could come in beside a Released."""
    hints = {name: str(hint) for name, hint in function.__annotations__.items() if name != "return"}
    return [
        name for name, hint in hints.items() if any(word in hint for word in ("Row", "Mapping", "DataFrame", "ndarray", "Table", "Any"))
    ]


@pytest.mark.parametrize("function", figure_makers(), ids=lambda function: function.__name__)
def test_figure_takes_released_only(function: Callable[..., Any]) -> None:
    if "released" in function.__annotations__:
        assert str(function.__annotations__["released"]) == "Released"
        assert not data_parameters(function)
    else:  # a helper that draws what a maker beside it took from a Released
        assert not is_used_by_pages(function.__name__)


def is_used_by_pages(name: str) -> bool:
    files = [path for folder in (ROOT / "pages", PACKAGE / "web") for path in folder.glob("*.py")]
    return any(isinstance(node, ast.Attribute) and node.attr == name for path in files for node in nodes(path))


def test_rows_beside_released_are_noticed() -> None:
    def cheat(released: Released, rows: list[dict[str, Any]]) -> Any:
        return released, rows

    assert data_parameters(cheat) == ["rows"]


@pytest.mark.parametrize("name", ["as_document", "table_bytes", "file_name"])
def test_export_of_answers_takes_released_only(name: str) -> None:
    function = getattr(exports, name)
    assert next(iter(typing.get_type_hints(function).values())) is Released
    with pytest.raises(NotAllowed):
        function(*[{"tables": {}}, "t", "csv"][: len(inspect.signature(function).parameters)])


def test_export_of_rows_takes_records_only(tmp_path: Path, genuine: Released) -> None:
    with pytest.raises(NotAllowed):
        exports.export(tmp_path / "out.zip", genuine)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())
