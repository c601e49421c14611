"""The flow of pathways as a table, for a screen that is too narrow for its picture and for whoever cannot see or point at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released, check_released
from synapse_analytics.figures import bar_table as t
from synapse_analytics.figures.flow_links import START, Link, drawn_links, name_of, order
from synapse_analytics.figures.theme import Look
from synapse_analytics.findings import words as w

CAPTION = "Steps from one treatment to the next, and how they ended"


def flow_table(released: Released, look: Look) -> str:
    """A row for each step from one treatment to the next, as wide as its band in the picture: n counts episodes, the days are medians.

    The ends stand below with all who came to them. Empty where no pathway may be shown.
    """
    links = drawn_links(check_released(released))
    if not links:
        return ""
    last = max(link.target[0] for link in links)
    instrument = w.instrument(released.options.get("instrument") or v.HEADLINE)
    all_of_them = sum(link.n for link in links if link.source == (0, START))
    between = sorted((link for link in links if link.target[0] < last), key=lambda link: (order(link.source), -link.n))
    columns = [t.Column("Episodes"), t.Column("Median days"), t.Column(f"Change in {w.inside(w.name(instrument.code))}")]
    lines = [_step(link, all_of_them, instrument) for link in between]
    return t.bar_table(look, columns, [*lines, *_ends(links, last, all_of_them)], caption=CAPTION, corner="Step")


def _step(link: Link, of: int, instrument: v.Instrument) -> t.Line:
    known = [t.Cell(""), t.Cell("")]  # of several steps together
    if link.everybody is not None:
        days, change = link.everybody["median_days"], link.everybody["change"]
        known[0] = t.Cell() if days is None else t.Cell(f"{days:.0f}", quiet=False)
        known[1] = t.Cell() if change is None else t.Cell(w.moved(instrument.code, change), quiet=False)
    return t.Line(f"{name_of(link.source)} \u2192 {name_of(link.target)}", [_episodes(link.n, of), *known])


def _ends(links: Sequence[Link], last: int, of: int) -> list[t.Line]:
    ended: Counter[tuple[int, str]] = Counter()
    for link in links:
        if link.target[0] == last:
            ended[link.target] += link.n
    return [
        t.Line(f"Ended: {w.inside(name_of(node))}", [_episodes(ended[node], of), t.Cell(""), t.Cell("")])
        for node in sorted(ended, key=order)
    ]


def _episodes(n: int, of: int) -> t.Cell:
    return t.Cell(w.count(n), bar=n / of if of else None, quiet=False)
