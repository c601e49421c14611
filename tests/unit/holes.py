"""Released answers with holes: the gate's own answer, of which chosen rows lose what they measure, as where too few patients stand behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from synapse_analytics import analyses
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import Kind, Released, TableRule, gate
from synapse_analytics.disclosure.released import _seal

LIMITS = (Kind.INTERVAL, Kind.QUARTILE, Kind.TAIL)
SIZES = (Kind.COUNT, Kind.AT_RISK)
OF_ALL = {"limits", "summary", "quality", "links"}  # they say how all of it is to be read: no mark of a figure is one of their rows
MOST = 5  # rows of a table that are withheld in turn


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer with what its columns hold, by table."""

    released: Released
    kinds: Mapping[str, Mapping[str, Kind]]


def asked(clinic: Clinic, name: str, **options: Any) -> Asked:
    """An answer, and the kinds of its columns as the gate was told them."""
    kinds: dict[str, dict[str, Kind]] = {}
    real = gate._release_table

    def noted(rule: TableRule, *rest: Any) -> Any:
        kinds.setdefault(rule.name, {}).update({measure.name: measure.kind for measure in rule.measures})
        return real(rule, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "_release_table", noted)
        return Asked(analyses.answer(clinic, name, **options), kinds)


def holed(answer: Asked, table: str, places: Collection[int], *, counts: bool) -> Released:
    """The same answer with some rows of a table withheld: what they measure, and their counts too where `counts`."""
    kinds = answer.kinds[table]
    gone = [name for name, kind in kinds.items() if kind is not Kind.LABEL and (counts or kind not in SIZES or name == "value")]
    return _without(answer, table, places, gone)


def emptied(released: Released) -> Released:
    """The same answer without a row in any table, as where nothing of this is recorded."""
    held = {name: getattr(released, name) for name in Released.__annotations__}
    return _seal(Released, **held | {"tables": dict.fromkeys(released.tables, ())})


def without_intervals(answer: Asked, keeps: Callable[[float], bool] = lambda _part: False) -> Released:
    """The same answer without the limits of means, quantiles and rates; `keeps` says for which part of a table (0 to 1) they stay."""
    released = answer.released
    for table, kinds in answer.kinds.items():
        gone = [name for name, kind in kinds.items() if kind in LIMITS or name.endswith(("low", "high"))]
        count = len(released.tables.get(table, ()))
        released = _without(Asked(released, answer.kinds), table, [at for at in range(count) if not keeps(at / count)], gone)
    return released


def _without(answer: Asked, table: str, places: Collection[int], gone: Sequence[str]) -> Released:
    if table not in answer.released.tables:
        return answer.released
    rows = tuple(
        {**row, **dict.fromkeys(gone), "withheld": tuple(dict.fromkeys((*row["withheld"], *gone)))} if place in places else row
        for place, row in enumerate(answer.released.tables[table])
    )
    held = {name: getattr(answer.released, name) for name in Released.__annotations__}
    return _seal(Released, **held | {"tables": {**answer.released.tables, table: rows}})


def holes(answer: Asked) -> Iterator[tuple[str, Released]]:
    """What was withheld in words, and the answer with that hole: single rows, and the same place of every group at once."""
    for table, rows in answer.released.tables.items():
        if table in OF_ALL:
            continue
        labels = [name for name, kind in answer.kinds.get(table, {}).items() if kind is Kind.LABEL]
        if not rows or not labels:
            continue
        step = max(1, len(rows) // MOST)
        for place in range(min(1, len(rows) - 1), len(rows), step):
            same = [name for name in labels if name not in {"group", "arm"}]
            together = [at for at, row in enumerate(rows) if same and all(row[name] == rows[place][name] for name in same)]
            for places in ([place], together) if len(together) > 1 else ([place],):
                for counts in (False, True):
                    said = f"{table}: {'counts and ' if counts else ''}values of {[rows[at][name] for at in places for name in labels]}"
                    yield said, holed(answer, table, places, counts=counts)
