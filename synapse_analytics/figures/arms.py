"""What the figures of a comparison share: the names and colours of the arms, directions in words, dots with intervals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, layout, note
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
SUBGROUPS = {"female": "Women", "not_female": "Not women", "age_65_and_over": "65 and over", "age_under_65": "Under 65"}


def label(code: str) -> str:
    """What people read for a treatment, class or strategy."""
    return next((term.label for term in v.STRATEGIES if term.code == code), None) or w.treatment(code)


def name(released: Released, arm: str) -> str:
    """The label of arm a or b."""
    return label(released.options[arm])


def colours(released: Released, look: Look) -> dict[str, str]:
    """The fixed colour of each arm; two of one class are told apart by a quiet second."""
    terms: tuple[v.Term, ...] = (*v.TREATMENTS, *v.TREATMENT_CLASSES, *v.STRATEGIES)
    found = {arm: next(term.colour for term in terms if term.code == released.options[arm]) for arm in ("a", "b")}
    return found if found["a"] != found["b"] else {"a": found["a"], "b": look.quiet}


def subgroup_name(code: str) -> str:
    """What people read for a subgroup."""
    return SUBGROUPS.get(code, code.replace("_", " ").capitalize())


def shown_as(released: Released) -> Callable[[float | None], str]:
    """How differences and means of this outcome are written: on a scale to 10, a tenth would hide on which side of zero a limit lies."""
    decimals = 2 if w.instrument(released.options["outcome"]).high <= 10 else 1
    return lambda value: w.number(value, decimals)


def refused(released: Released) -> str:
    """Why no difference is shown, with the arms by name; a general word where the answer gives none."""
    quality = released.tables["quality"]
    text = quality[0]["refused"] if quality else None
    if not text:
        return "No method could be fitted to so few answers."
    return re.sub(r"\b([Aa]rm) ([ab])\b", lambda found: f"{found[1]} {found[2].upper()} ({name(released, found[2]).lower()})", str(text))


def share_axis(look: Look, top: float) -> dict[str, Any]:
    """A mirrored axis of shares: the same numbers upwards and downwards."""
    step = next(size for size in (0.05, 0.1, 0.2, 0.25, 0.5) if top / size <= 3 or size == 0.5)
    ticks = [step * place for place in range(-4, 5) if abs(step * place) <= top * 1.15]
    return axis(
        look,
        "Share of each group",
        range=[-top * 1.15, top * 1.15],
        tickvals=ticks,
        ticktext=[w.share(abs(tick)) for tick in ticks],
        zeroline=True,
        zerolinecolor=look.text,
    )


def dots(answer: Released, look: Look, words: tuple[str, str], given: Sequence[tuple[str, str, Row]]) -> Figure:
    """One dot with its interval a row, the line of no difference, and which side means what."""
    write = shown_as(answer)
    rows = [row for _, _, row in given]
    reach = max(abs(end) for row in rows for end in (row["low"], row["high"], row["difference"]) if end is not None) * 1.1
    reach = max(reach, 0.05)
    texts = [w.with_interval(row["difference"], row["low"], row["high"], write) if has_row(row) else "not known" for row in rows]
    limits = [(place, row["difference"], row["low"], row["high"]) for place, row in enumerate(rows)]
    data = {
        "type": "scatter",
        "mode": "markers",
        "x": [row["difference"] for row in rows],
        "y": list(range(len(rows))),
        "marker": {"color": look.one, "size": 11, "line": {"color": look.paper, "width": 1}},
        "hoverinfo": "text",
        "hovertext": [m.hover(title, text, under) for (title, under, _), text in zip(given, texts, strict=True)],
    }
    small = '<br><span style="font-size:11px;color:{}">{}</span>'
    ticks = [title + (small.format(look.quiet, under) if under else "") for title, under, _ in given]
    beside = [
        note(look, text, x=1, xref="paper", xanchor="left", xshift=8, y=place, yanchor="middle", align="left")
        for place, text in enumerate(texts)
    ]
    tall = 44 if any(under for _, under, _ in given) else 30
    zero = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": look.line, "width": 1.4}}
    shared = layout(
        look,
        *words,
        height=110 + tall * len(given),
        margin={"l": 12, "r": 130, "t": 44, "b": 50},
        xaxis=axis(look, "Difference in points with 95 % interval; 0 is no difference", range=[-reach, reach]),
        yaxis=m.names(look, showgrid=False, range=[len(given) - 0.5, -0.5], tickvals=list(range(len(given))), ticktext=ticks),
        shapes=[zero],
        annotations=[*beside, *_sides(answer, look)],
    )
    return {"data": [data, *m.whiskers(look, limits)], "layout": shared}


def has_row(row: Row) -> bool:
    """Whether a difference has a row of its own: it is known, or it may not be told."""
    return row["difference"] is not None or "difference" in row["withheld"]


def _sides(released: Released, look: Look) -> list[dict[str, Any]]:
    """Which side of zero means what, in words above the chart."""
    lower = w.instrument(released.options["outcome"]).better == "lower"
    left, right = (name(released, arm) for arm in (("a", "b") if lower else ("b", "a")))
    above = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 6, "x": 0, "xref": "x"}
    return [
        note(look, f"\u2190 {_short(left)} fared better", xanchor="right", xshift=-10, **above),
        note(look, f"{_short(right)} fared better \u2192", xanchor="left", xshift=10, **above),
    ]


def _short(text: str) -> str:
    return text[0].lower() + text[1:] if not text[1:2].isupper() else text
