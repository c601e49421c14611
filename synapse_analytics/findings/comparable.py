"""Which treatments can be compared: their numbers beside their names, and which comparison is nearest to one that cannot be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.estimates.weighting import LEAST_EFFECTIVE
from synapse_analytics.findings import care
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding

Row = Mapping[str, Any]
AGREEING = 2  # candidates of each kind before the next kind is tried


@finding("comparable")
def possible(released: Released) -> Finding:
    """How many pairs have enough patients who answered."""
    rows = released.tables["pairs"]
    enough = sum(_is_enough(row) for row in rows)
    said = f"{enough or 'None'} of {len(rows)} pairs {'has' if enough == 1 else 'have'} {LEAST_EFFECTIVE} answers or more in both groups"
    return Finding("Which treatments can be compared?", f"{said} at {released.options['month']} months, in diagnoses treated with both.")


def first_offers(released: Released) -> dict[str, str]:
    """code -> label with its number, of every treatment; those that can be compared with nothing are marked and come last."""
    able = {code for row in released.tables["pairs"] if _is_enough(row) for code in (row["first"], row["second"])}
    sizes = _sizes(released)
    return _able_first(
        {code: _offer(code, sizes[code]) for code in sizes if code in able}, {code: _small(code, sizes[code]) for code in sizes}
    )


def second_offers(released: Released, first: str) -> dict[str, str]:
    """code -> label with its number, of what the first treatment can be compared with; where one side is too small it is marked and comes last."""
    sizes, able, small = _sizes(released), {}, {}
    for row in released.tables["pairs"]:
        if first in (row["first"], row["second"]):
            other = row["second"] if row["first"] == first else row["first"]
            if _is_enough(row):
                able[other] = _offer(other, sizes[other])
            else:
                small[other] = _small(other, None if None in (row["n_a"], row["n_b"]) else min(row["n_a"], row["n_b"]))
    return _able_first(_in_order(able, sizes), _in_order(small, sizes))


def _sizes(released: Released) -> dict[str, int | None]:
    return {row["treatment"]: row["n"] for row in released.tables["started"]}


def _in_order(offers: Mapping[str, str], sizes: Mapping[str, int | None]) -> dict[str, str]:
    return {code: offers[code] for code in sizes if code in offers}


def _able_first(able: Mapping[str, str], small: Mapping[str, str]) -> dict[str, str]:
    return {**able, **{code: label for code, label in small.items() if code not in able}}


def nearest(released: Released, a: str, b: str) -> list[tuple[str, str]]:
    """The pairs that may be compared instead, the nearest first: the same first treatment, then the same second, then any other.

    From counts alone: one of them may be refused yet. Of pairs that are as near the one with the larger smaller group comes first.
    """
    pairs = [row for row in released.tables["pairs"] if _is_enough(row) and {row["first"], row["second"]} != {a, b}]
    pairs.sort(key=lambda row: (-min(row["n_a"], row["n_b"]), -max(row["n_a"], row["n_b"])))
    both = [(row["first"], row["second"]) for row in pairs]
    kinds = [
        [(a, _other(pair, a)) for pair in both if a in pair],
        [(_other(pair, b), b) for pair in both if b in pair],
        [pair for pair in both if not {a, b} & set(pair)],
    ]
    return [*(pair for kind in kinds for pair in kind[:AGREEING]), *(pair for kind in kinds for pair in kind[AGREEING:])]


def _other(pair: Sequence[str], one: str) -> str:
    return pair[1] if pair[0] == one else pair[0]


def _is_enough(row: Row) -> bool:
    """False where a comparison would surely be refused: a side is withheld or has fewer episodes than a group must be worth."""
    return all(row[column] is not None and row[column] >= LEAST_EFFECTIVE for column in ("n_a", "n_b"))


def _offer(code: str, n: int | None) -> str:
    return f"{_label(code)} ({w.count(n)})"


def _small(code: str, n: int | None) -> str:
    """Marked as one that cannot be compared: too few of them, none like the others, or many of whom too few answered."""
    if n == 0:
        return f"{_label(code)} (no similar patients)"
    few = "too few answers" if n is not None and n >= LEAST_EFFECTIVE else "too few"
    return f"{_label(code)} ({few})" if n is None else f"{_label(code)} ({n:,}: {few})"


def _label(code: str) -> str:
    """A treatment as a list offers it: `Any medication` of a class."""
    label = care.treatment(code)
    return label if code in (*v.codes(v.TREATMENTS), *v.codes(v.STRATEGIES)) else f"Any {v.inside(label)}"
