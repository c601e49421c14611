"""Released answers of control charts and funnels with values chosen by hand, so that every state of a figure can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import POLICIES, Kind, Measure, Question, Released, TableRule, release
from synapse_analytics.vocabulary.periods import period_of

Rows = Sequence[dict[str, Any]]
COUNTS = {"n", "events", "patients"}


def answer(name: str, *, policy: str = "clinic", **tables: Rows) -> Released:
    """The tables as the gate would release them; a row is withheld where its `patients` are too few."""
    given = []
    for table, rows in tables.items():
        columns = [column for column in (rows[0] if rows else {}) if column != "patients"]
        measures = tuple(Measure(column, _kind(column, [row[column] for row in rows])) for column in columns)
        given.append((TableRule(table, measures), [{"patients": 100} | row for row in rows]))
    names = frozenset(str(cell) for _, rows in given for row in rows for cell in row.values())
    return release(Question(name, Cohort(), "drawn", POLICIES[policy], {}, names), (1000, 1000), given)


def _kind(column: str, cells: Sequence[Any]) -> Kind:
    """A count by its name, a label where every cell is a word; everything else is like a mean."""
    if column in COUNTS:
        return Kind.COUNT
    return Kind.LABEL if all(isinstance(cell, str | bool) for cell in cells) else Kind.MEAN


def months(first: str, count: int) -> list[str]:
    """Month after month."""
    start = int(first[:4]) * 12 + int(first[5:]) - 1
    return [f"{place // 12}-{place % 12 + 1:02d}" for place in range(start, start + count)]


def points(values: Sequence[float | None], *, first: str = "2022-01", still_open: int = 0, half: float = 1.0) -> list[dict[str, Any]]:
    """Points around their mean with limits `half` away; the last ones open."""
    closed = [value for value in values[: len(values) - still_open] if value is not None]
    centre = sum(closed) / len(closed)
    rows = []
    for place, (period, value) in enumerate(zip(months(first, len(values)), values, strict=True)):
        is_open = place >= len(values) - still_open
        limits = dict.fromkeys(("centre", "low", "high")) if is_open else {"centre": centre, "low": centre - half, "high": centre + half}
        row = {"period": period, "state": "open" if is_open else "closed", "n": 20 + place % 5, "value": value, **limits}
        rows.append(row | {"rule": None, "meaning": None, "patients": 100 if value is not None else 2})
    return rows


def summary(name: str, unit: str = "points", **more: Any) -> dict[str, Any]:
    """What a chart says as a whole."""
    return {
        "name": name,
        "title": "Title",
        "unit": unit,
        "direction": "higher",
        "chart": "XmR",
        "period": "month",
        "judged_by": "month",
        "points": 24,
        "trial": False,
        "centre": 3.0,
        "low": 2.0,
        "high": 4.0,
        "target": None,
        "target_source": "none",
        "course": "usual",
        "since": None,
        "before": None,
        "after": None,
        "variation": "usual",
        "assurance": None,
        "sentence": "Within usual variation, by month.",
    } | more


def chart(rows: Rows, name: str = "pain_improvement_12_months", *, steps: Rows = (), **more: Any) -> Released:
    """A released control chart."""
    by = period_of(rows[0]["period"])
    return answer("control_chart", points=rows, summary=[summary(name, **({"period": by, "judged_by": by} | more))], steps=steps)


def units(values: Sequence[tuple[str, float, float, str | None]], *, far: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Units of a funnel from (code, n, value, side); those in `far` lie outside the 99.8 % limits."""
    rows = []
    for code, n, value, side in values:
        verdict = "within" if side is None else f"outside {'99.8' if code in far else '95'} %"
        adjusted = {"adjusted": value, "adjusted_n": n, "adjusted_verdict": "within", "adjusted_side": None, "adjusted_sentence": None}
        adjusted["sentence"] = None if side is None else f"{code} is {side} the limits, crude: worth a review."
        rows.append({"group": code, "n": int(n), "events": None, "value": value, "verdict": verdict, "side": side} | adjusted)
    return rows


def funnel_of(rows: Rows, name: str = "pain_improvement_12_months", **more: Any) -> Released:
    """A released funnel around 3 points with limits that narrow with n."""
    limits = [
        {"version": version, "n": float(n), "low_95": 3 - 9 / n, "high_95": 3 + 9 / n, "low_998": 3 - 15 / n, "high_998": 3 + 15 / n}
        for version in ("crude", "adjusted")
        for n in range(10, 110, 10)
    ]
    told = {"name": name, "title": "Title", "unit": "points", "direction": "higher", "units": len(rows), "pooled": 0}
    told |= {"model": "Expected from least squares.", "method": "z", "centre": 3.0, "phi": 1.0, "tau2": 0.0, "adjusted_tau2": 0.0}
    return answer("funnel", units=rows, limits=limits, summary=[told | more])
