"""All indicators as one table: value, completeness, target, and what its control chart says; by theme, in no order of merit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from synapse_analytics.disclosure import Released, check_released
from synapse_analytics.figures.overview import change
from synapse_analytics.figures.theme import Look
from synapse_analytics.figures.verdicts import target_words
from synapse_analytics.findings import words as w
from synapse_analytics.findings.overview import Standing
from synapse_analytics.indicators import THEMES, indicator

Row = Mapping[str, Any]
HEADS = ("Indicator", "Value (95 % interval)", "n", "Followed up", "Change", "Target")
NUMBERS = 3  # columns of numbers, after the name


def by_theme(released: Released, look: Look) -> str:
    """One table over all themes."""
    rows = check_released(released).tables.get("indicators", ())
    parts = []
    for theme in THEMES:
        own = [row for row in rows if row["theme"] == theme.code]
        if own:
            parts.append(_group(theme.label, look))
            told = any(row["value"] is not None or "value" not in row["withheld"] for row in own)
            parts += [_line(row, look) for row in own] if told else [_all_withheld(len(own), look)]
    return _table(parts, look)


def cells(row: Row, look: Look) -> list[str]:
    """The cells of one indicator, after its name, as HTML."""
    unit = str(row["unit"])
    limits = w.amounts_between(row["low"], row["high"], unit, row["value"])
    interval = f' <span style="white-space:nowrap">({limits})</span>' if limits else ""
    followed = "\u2013" if row["completeness"] is None and "completeness" not in row["withheld"] else w.share(row["completeness"])
    source = escape(str(row["target_source"]))
    target = "\u2013" if row["target"] is None else target_words(look, w.amount(row["target"], unit), row["assurance"])
    return [
        f'<span style="white-space:nowrap">{w.standing(row, unit)}</span>{interval}',
        w.count(row["n"]),
        followed,
        f"{change(Standing(row, None, ()), look)}, by {escape(str(row['judged_by']))}",
        target if row["target"] is None else f'<span title="{source}">{target}</span>',
    ]


def _line(row: Row, look: Look) -> str:
    name = f'<th scope="row" style="{_style(look)};font-weight:400">{escape(indicator(str(row["name"])).title)}</th>'
    tds = "".join(f'<td style="{_style(look, right=place < NUMBERS)}">{text}</td>' for place, text in enumerate(cells(row, look)))
    return f"<tr>{name}{tds}</tr>"


def _group(label: str, look: Look) -> str:
    return f'<tr style="break-after:avoid"><th scope="rowgroup" colspan="{len(HEADS)}" style="{_style(look)};padding-top:14px">{escape(label)}</th></tr>'


def _all_withheld(count: int, look: Look) -> str:
    """One line instead of many that say nothing."""
    return f'<tr><td colspan="{len(HEADS)}" style="{_style(look)};color:{look.quiet}">All {count} are withheld: too few patients.</td></tr>'


def _table(lines: Sequence[str], look: Look) -> str:
    head = "".join(
        f'<th scope="col" style="{_style(look, right=0 < place <= NUMBERS)}">{escape(name)}</th>' for place, name in enumerate(HEADS)
    )
    return (
        '<div role="region" aria-label="All indicators" tabindex="0" style="overflow-x:auto">'
        f'<table style="border-collapse:collapse;font-size:14px;color:{look.text};width:100%">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _style(look: Look, *, right: bool = False) -> str:
    side = "right;font-variant-numeric:tabular-nums" if right else "left"
    return f"padding:5px 10px 5px 4px;text-align:{side};border-bottom:1px solid {look.grid};vertical-align:top"
