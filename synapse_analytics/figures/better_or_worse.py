"""The figure of who got clearly better, stayed about the same, got clearly worse, or did not answer: a bar that adds up to all expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.stacks import Part, Stack, stacks
from synapse_analytics.figures.theme import Figure, Look, figure, mixed
from synapse_analytics.findings import better_or_worse as said
from synapse_analytics.findings import words as w
from synapse_analytics.findings.compared import in_order

Row = Mapping[str, Any]
PALE = ("not_worse", "not_better", "answered", "not_answered")  # are no verdict of their own
PART = 0.5  # of a verdict that is put together with "about the same"


@figure(said.verdicts)
def verdicts(released: Released, look: Look) -> Figure:
    """One bar for each group: clearly better, about the same, clearly worse, and not answered, of all who were expected."""
    instrument, by = released.options["instrument"], released.options.get("by")
    rows = [row for row in released.tables["verdicts"] if row["expected"] != 0]
    groups = [[row for row in rows if row["group"] == group] for group in in_order(rows, "group")]
    seen = {row["verdict"] for row in rows if row["share_of_expected"]}
    parts = [Part(code, _label(instrument, code), hue, pale=code in PALE) for code, hue in _colours(look).items() if code in seen]
    return stacks(look, [_stack(group, by, instrument) for group in groups], parts, "Share of all expected to answer")


def _colours(look: Look) -> dict[str, str]:
    """Better, the same, worse, and between them what was put together, in the order of a bar."""
    return {
        "better": look.better,
        "not_worse": mixed(look.better, look.paper, PART),
        "same": look.same,
        "not_better": mixed(look.worse, look.paper, PART),
        "worse": look.worse,
        "answered": look.line,
        "not_answered": look.grid,
    }


def _label(instrument: str, code: str) -> str:
    words = {"answered": "answered, too few to show how they did", "not_answered": "not answered"}.get(code) or said.named(instrument, code)
    return words[0].upper() + words[1:]


def _stack(rows: Sequence[Row], by: str | None, instrument: str) -> Stack:
    first = rows[0]
    name = w.group(by, first["group"])
    under = w.part_of(first["answered"], first["expected"], "answered")
    shares = {row["verdict"]: row["share_of_expected"] for row in rows if row["share_of_expected"] != 0}
    return Stack(name, under, shares, {row["verdict"]: _hover(name, row, instrument) for row in rows})


def _hover(name: str, row: Row, instrument: str) -> str:
    of_expected = f"{w.share_who(row['share_of_expected'], 'of all expected to answer')}: {w.part_of(row['n'], row['expected'])}"
    if row["verdict"] == "not_answered":
        return m.hover(f"{name}: {_label(instrument, row['verdict']).lower()}", of_expected)
    share = row["of_answered"]
    limits = w.between(row["of_answered_low"], row["of_answered_high"], w.share, share)
    of_answered = (
        f"{w.share(share, width=w.width(row['of_answered_low'], row['of_answered_high']))} of those who answered"
        if share is not None
        else "share of those who answered withheld"
    )
    of_answered += f" (95 % interval {limits})" if limits else ""
    return m.hover(f"{name}: {_label(instrument, row['verdict'])}", of_expected, of_answered)
