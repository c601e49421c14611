"""A table with a bar or a shade in each cell, as HTML: numbers stay text, and the bar beside them shows them at a glance.

On a narrow screen a bar goes under its number; on a telephone each row is a list: its name, then the name of each column with its number and bar
(web/style.py, by the name of each column in `data-of`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from synapse_analytics.figures.gaps import ALONE
from synapse_analytics.figures.marks import filled
from synapse_analytics.figures.theme import SMALLEST, Look, faded, shade
from synapse_analytics.findings import words as w

NOTHING = "\u2013"
NARROW_EQUALS = "\u00a0=\u00a0"  # `n = 812` stays in one line
NAMES = 22  # % of the width for the names of the rows; the columns share the rest, so that their bars can be compared
UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
INKED = "print-color-adjust:exact;-webkit-print-color-adjust:exact"  # paper shows bars and shades, too


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a place: its text, what a hover adds, a quiet line under it, and how long its bar or how deep its shade is (0 to 1)."""

    text: str = NOTHING
    hover: str = ""
    under: str = ""
    bar: float | None = None
    tint: float | None = None
    quiet: bool = True  # no number: withheld, nothing, a count without its share


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, a quiet line under it (its n), and the name it shares with its neighbours."""

    head: str
    under: str = ""
    over: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its name, a cell for each column and a quiet line under the name; a row that belongs to the one above is inset."""

    head: str
    cells: Sequence[Cell]
    under: str = ""
    inset: bool = False


def of_share(share: float | None, n: int | None, *hover: str, under: str = "", deepest: float | None = None) -> Cell:
    """The cell of a share, with a bar of which all the width is 100 %, or with a shade that is deepest at `deepest`.

    Without a share the cell has its count alone, or says that it is withheld.
    """
    text, more = w.share_of(share, n), "\n".join(part for part in hover if part)
    if share is None:
        return Cell(text, more, under)
    if deepest is None:
        return Cell(text, more, under, bar=share, quiet=False)
    return Cell(text, more, under, tint=share / deepest if deepest else 0.0, quiet=False)


def bar_table(look: Look, columns: Sequence[Column], lines: Sequence[Line], *, caption: str, corner: str = "") -> str:
    """The table; `caption` says to a screen reader what it holds, `corner` what its rows are."""
    of = _in_full(columns)
    body = "".join(
        f"<tr>{_name(look, line)}{''.join(_cell(look, cell, name) for cell, name in zip(line.cells, of, strict=False))}</tr>"
        for line in lines
    )
    return (
        f'<div data-table="bars" role="region" aria-label="{escape(caption)}" tabindex="0" '
        f'style="--line:{look.line};overflow-x:auto;position:relative;background:{_more(look)}">'
        '<table style="border-collapse:separate;border-spacing:0;width:100%;font-size:13px;line-height:1.3;'
        f'color:{look.text};font-variant-numeric:tabular-nums"><caption style="{UNSEEN}">{escape(caption)}</caption>'
        f"<thead>{_heads(look, columns, corner)}</thead><tbody>{body}</tbody></table></div>"
    )


def notes(look: Look, *texts: str) -> str:
    """What stands in small print under a table; nothing where every text is empty."""
    told = " ".join(text for text in texts if text)
    return f'<p style="margin:8px 0 0;font-size:13px;color:{look.quiet}">{escape(told)}</p>' if told else ""


def counts_alone(lines: Sequence[Line]) -> str:
    """What a count without its share means, where a cell has one."""
    alone = any(cell.text.startswith("n = ") for line in lines for cell in line.cells)
    return f"{ALONE}." if alone else ""


def _heads(look: Look, columns: Sequence[Column], corner: str) -> str:
    """The names of the columns; above them, once, what neighbours share."""
    deep = any(column.over for column in columns)
    first = f'<th scope="col"{" rowspan=2" if deep else ""} style="{_sticky(look)};vertical-align:bottom">{escape(corner)}</th>'
    names = "".join(_head(look, column, (100 - NAMES) / len(columns)) for column in columns)
    if not deep:
        return f"<tr>{first}{names}</tr>"
    shared = "".join(_over(look, over, len(list(run))) for over, run in groupby(columns, key=lambda column: column.over))
    return f"<tr>{first}{shared}</tr><tr>{names}</tr>"


def _over(look: Look, name: str, count: int) -> str:
    if not name:
        return f'<td colspan="{count}"></td>'
    style = f"padding:2px 6px;text-align:center;font-weight:600;border-bottom:1px solid {look.line};border-left:6px solid {look.paper}"
    return f'<th scope="colgroup" colspan="{count}" style="{style}">{escape(name)}</th>'


def _head(look: Look, column: Column, width: float) -> str:
    style = f"padding:4px;width:{width:.1f}%;min-width:32px;font-weight:600;text-align:left;vertical-align:bottom;hyphens:auto;border-bottom:1px solid {look.line}"
    return f'<th scope="col" style="{style}">{escape(column.head)}{_small(look, column.under)}</th>'


def _in_full(columns: Sequence[Column]) -> list[str]:
    """The name of each column with its n; with what it shares with its neighbours where another has the same name."""
    heads = [column.head for column in columns]
    names = [f"{column.over} {column.head}" if heads.count(column.head) > 1 else column.head for column in columns]
    return [
        f"{name}, {column.under}".replace(" = ", NARROW_EQUALS) if column.under else name
        for name, column in zip(names, columns, strict=True)
    ]


def _name(look: Look, line: Line) -> str:
    inset = ";padding-left:18px" if line.inset else ""
    return f'<th scope="row" style="{_sticky(look)}{inset};border-bottom:1px solid {look.grid}">{escape(line.head)}{_small(look, line.under)}</th>'


def _more(look: Look) -> str:
    """A shadow at the right edge for as long as there is more to scroll to: what scrolls with the table covers it at its end."""
    cover = f"linear-gradient(to left,{look.paper} 24px,{faded(look.paper, 0)}) right/48px 100% no-repeat local"
    return f"{cover},linear-gradient(to left,{look.line},{faded(look.line, 0)}) right/14px 100% no-repeat scroll"


def _sticky(look: Look) -> str:
    return f"position:sticky;left:0;z-index:1;background:{look.paper};text-align:left;font-weight:400;padding:6px 6px 6px 0;width:{NAMES}%;min-width:72px"


def _cell(look: Look, cell: Cell, of: str) -> str:
    style = f"padding:6px 4px;vertical-align:middle;border-bottom:1px solid {look.grid}"
    if cell.tint is not None:
        style += f";background:{shade(look, cell.tint)};{INKED}"
    colour = f' style="color:{look.quiet}"' if cell.quiet else ' style="min-width:36px"'
    inside = f"<span{colour}>{escape(cell.text).replace(' ', '&#160;')}</span>" + _bar(look, cell.bar)
    if cell.bar is not None:
        inside = f'<div style="display:flex;flex-wrap:wrap;align-items:center;gap:3px 6px;min-width:52px">{inside}</div>'
    hover = f' title="{escape(cell.hover)}"' if cell.hover else ""
    if not cell.text:
        return f'<td style="{style}"></td>'
    return f'<td data-of="{escape(of)}"{hover} style="{style}">{inside}{_small(look, cell.under)}</td>'


def _bar(look: Look, part: float | None) -> str:
    if part is None:
        return ""
    fill = f'<div style="width:{100 * min(max(part, 0.0), 1.0):.1f}%;height:100%;border-radius:2px;background:{filled(look, look.one)};{INKED}"></div>'
    track = f"flex:1 1 44px;max-width:160px;height:8px;border-radius:2px;background:{look.grid};{INKED}"
    return f'<div aria-hidden="true" style="{track}">{fill}</div>'


def _small(look: Look, text: str) -> str:
    return f'<div style="font-size:{SMALLEST}px;font-weight:400;color:{look.quiet}">{escape(text)}</div>' if text else ""
