"""How pathways end: bars that add up, one for each first treatment, and the ends of one pathway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.stacks import Part, Stack, stacks
from synapse_analytics.figures.theme import Figure, Look, axis, figure, layout, mixed
from synapse_analytics.findings import care
from synapse_analytics.findings import ends as said
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
OTHER = "other"  # rare first treatments, or rare ends, put together
ORDER = ("resolved", "improved", "unchanged", "worse", "lost", "in_treatment", "died", "unknown", OTHER)  # as the bars have them
SAND = "#a58a5c"
PALE = {"lost": 0.45, "in_treatment": 0.28, "unknown": 0.08, OTHER: 0.4}  # how strong: no verdict, so a pale neutral


def end_colour(look: Look, code: str) -> str:
    """The colour of an end state: those of the verdicts where it is one; death is dark; what is not known is a pale neutral."""
    verdicts = {
        "resolved": look.resolved,
        "improved": look.better,
        "unchanged": look.same,
        "worse": look.worse,
    }
    return verdicts.get(code) or (look.one if code == "died" else _pale(look, code))


def _pale(look: Look, code: str) -> str:
    return mixed(SAND if code == "lost" else look.quiet, look.paper, PALE[code])


def end_name(code: str) -> str:
    """What people read for an end state."""
    return "Not shown separately" if code == OTHER else care.treatment(code)


@figure(said.by_first)
def by_first(released: Released, look: Look) -> Figure:
    """A bar for each first treatment, cut by how its episodes end; the bars hold all episodes of the cohort."""
    rows: dict[str, list[Row]] = {}
    for row in released.tables["ends"]:
        rows.setdefault(row["first_step"], []).append(row)
    parts = [Part(code, end_name(code), end_colour(look, code), pale=code in PALE) for code in ORDER]
    return stacks(look, [_stack(first, mine) for first, mine in rows.items()], parts, "Share of each group")


def _stack(first: str, rows: Sequence[Row]) -> Stack:
    name = w.wrapped("Other first treatments" if first == OTHER else care.step(first), 26)
    hover = {
        row["end_state"]: m.hover(f"{care.step(first) if first != OTHER else name}: {end_name(row['end_state'])}", _part(row))
        for row in rows
    }
    return Stack(name, w.n_of(rows[0]["of"]), {row["end_state"]: row["share"] for row in rows}, hover)


def _part(row: Row) -> str:
    return w.share_and_part(row["share"], row["n"], row["of"])


@figure(said.endings)
def endings(released: Released, look: Look, *, chosen: Sequence[str] = ()) -> Figure:
    """How the chosen pathway ended: episodes per end state, with shares where enough patients took the pathway."""
    row = said.way_of(released, chosen) or {}
    given = [_end(row, code, look) for code in reversed(said.STATES) if row[code] != 0]
    shared = layout(
        look,
        height=m.bar_height(len(given), extra=60),
        xaxis=axis(look, "Episodes", range=[0, max(bar.value or 0 for bar in given) * 1.3]),
        yaxis=m.names(look, showgrid=False),
    )
    return {"data": m.bars(look, given), "layout": shared}


def _end(row: Row, code: str, look: Look) -> m.Bar:
    name, n = end_name(code), row[code]
    if n is None:
        return m.Bar(name, None, None, None, look.quiet, w.WITHHELD, m.hover(name, w.WITHHELD))
    text = f"{n:,}  \u00b7  {w.share(n / row['n'])}" if said.has_shares(row) else f"{n:,}"
    return m.Bar(name, n, None, None, end_colour(look, code), text, m.hover(name, text))
