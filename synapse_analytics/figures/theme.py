"""The two looks of every figure, and the layout they share. The title is the question, the subtitle is the answer."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from synapse_analytics.cohort import groups
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import colours
from synapse_analytics.figures.colours import Shade
from synapse_analytics.findings.finding import Say

Figure = dict[str, Any]
Note = dict[str, Any]
FONT = '"Source Sans", "Source Sans Pro", sans-serif'  # the family Streamlit ships, so nothing is fetched
SIZE = 13
SMALLEST = 11  # px; nothing on a chart is smaller
LINE = 20  # px of height that a line of words takes
CROSS = "\u00d7"  # stands where a point is missing
INTERVAL = re.compile(
    r"[,.]?(?: |<br>)[Ww]ith(?: |<br>)(?:95(?: |<br>)%(?: |<br>)interval|the(?: |<br>)middle(?: |<br>)half)"
)  # as titles name it
DRAWN_INTERVALS = {"error_x", "error_y", "fill", "opacity"}  # whiskers, bands and ranges: a trace that is an interval has one of these
ARRANGED = "arranged"  # in `meta` of a layout: what of its axes is other on a page up to so many px wide
EXPLAINED = "explained"  # the name of a note that says what a mark means


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of one mode; those of diagnoses and treatments stand in colours.py, and what has no colour of its own is drawn as `one`."""

    name: str
    paper: str
    panel: str
    text: str
    quiet: str
    grid: str
    line: str
    link: str  # what can be clicked, as .streamlit/config.toml has it
    one: str  # of a single series, and of groups without a clinical colour: says neither better nor worse
    scale: tuple[str, str]  # least and most of a heat table
    resolved: str
    better: str
    worse: str
    same: str

    def of(self, shade: Shade) -> str:
        """The colour of a diagnosis or treatment in this mode."""
        return shade.light if self.name == "light" else shade.dark

    def treatment(self, code: str) -> str:
        """The colour of a treatment, class, stage or strategy; quiet for what is none of them."""
        return self.of(colours.TREATMENTS[code]) if code in colours.TREATMENTS else self.quiet

    def colour(self, by: str | None, code: Any) -> str:
        """The colour of a group of a split: a diagnosis or treatment has its own, a pool of them is quiet, all others have none."""
        named = colours.SPLITS.get(str(by), {})
        if code in named:
            return self.of(named[code])
        return self.quiet if named and code == groups.POOLED else self.one


LIGHT = Look(
    name="light",
    paper="#ffffff",
    panel="#f5f8fa",
    text="#1c2733",
    quiet="#52606d",
    grid="#e4e9ee",
    line="#b8c2cc",
    link="#2b4252",
    one="#343d47",
    scale=("#f5f7f9", "#a9b7c4"),
    resolved="#023c80",
    better="#066ece",
    worse="#a24f00",
    same="#878c92",
)
DARK = Look(
    name="dark",
    paper="#0f171e",
    panel="#18222b",
    text="#e6ebf0",
    quiet="#a3b1bf",
    grid="#25323d",
    line="#465563",
    link="#a9c0cf",
    one="#dee7f1",
    scale=("#17232d", "#4a6072"),
    resolved="#a5e0ff",
    better="#0fb8ff",
    worse="#dc6a16",
    same="#969ba0",
)
LOOKS: Mapping[str, Look] = {"light": LIGHT, "dark": DARK}

Draw = Callable[..., Figure]


def figure(say: Say) -> Callable[[Draw], Draw]:
    """Make a figure out of a finding and a drawing `(released, look, option=...) -> Figure`; without anything to draw it says why.

    The drawing makes data and layout; question and answer come from the finding. Both get the options that they name.
    """

    def decorate(draw: Draw) -> Draw:
        @functools.wraps(draw)
        def drawn(released: Released, look: Look = LIGHT, **options: Any) -> Figure:
            said = say(released, **options)
            if not said.drawn:
                return nothing(look, said.answer, said.question)
            picture = draw(released, look, **options)
            shared = picture["layout"]
            shared["title"] = {"text": said.question, "subtitle": {"text": said.above_picture}}
            shared["meta"] |= {"alt": shared["meta"]["alt"] or f"{said.question} {said.above_picture}"}
            return _explained(_without_intervals(_named_axes(picture)))

        return drawn

    return decorate


def html_figure(say: Say) -> Callable[[Callable[..., str]], Draw]:
    """The same of a table: `(released, look, option=...) -> HTML`, which stands under `html`. There is no picture of it to take away."""

    def decorate(write: Callable[..., str]) -> Draw:
        @functools.wraps(write)
        def laid(released: Released, look: Look = LIGHT, **options: Any) -> Figure:
            said = say(released, **options)
            if not said.drawn:
                return nothing(look, said.answer, said.question)
            return {"data": [], "layout": layout(look, said.question, said.above_picture), "html": write(released, look, **options)}

        return laid

    return decorate


def _named_axes(drawn: Figure) -> Figure:
    """The figure with every axis of names marked as one: Plotly takes a site called 1e5 for 100,000, and the year 2021 for a number.

    A note beside a name stands at the place of the name, because there Plotly reads numbers first.
    """
    names: dict[str, dict[str, None]] = {}
    for trace in drawn["data"]:
        for letter in "xy":
            if any(isinstance(value, str) for value in trace.get(letter) or ()):
                names.setdefault(trace.get(f"{letter}axis", letter), {}).update(dict.fromkeys(trace[letter]))
    for axis_, found in names.items():
        shared = drawn["layout"].setdefault(f"{axis_[0]}axis{axis_[1:]}", {})
        shared.setdefault("type", "category")
        order = list(dict.fromkeys([*shared.get("categoryarray", ()), *found]))
        for text in drawn["layout"].get("annotations", ()):
            if text.get(f"{axis_[0]}ref", axis_[0]) == axis_ and text.get(axis_[0]) in order:
                text[axis_[0]] = order.index(text[axis_[0]])
    return drawn


def _without_intervals(drawn: Figure) -> Figure:
    """The figure; where too few patients leave no interval to draw, without the words that name one."""
    if any(DRAWN_INTERVALS & trace.keys() for trace in drawn["data"]):
        return drawn
    shared = drawn["layout"]
    titles = [shared[name]["title"] for name in shared if name.startswith(("xaxis", "yaxis")) and "title" in shared[name]]
    for part in (*titles, *shared.get("annotations", ()), shared["title"]["subtitle"]):
        part["text"] = INTERVAL.sub("", part["text"])
    shared["meta"]["alt"] = INTERVAL.sub("", shared["meta"]["alt"])
    return drawn


def _explained(drawn: Figure) -> Figure:
    """The figure with what its marks mean in lines of their own, above everything else."""
    shared = drawn["layout"]
    notes: list[Note] = list(shared.get("annotations", ()))
    told = [text for text in notes if text.get("name") == EXPLAINED]
    if not told:
        return drawn
    texts = dict.fromkeys(text["text"] for text in told)
    lines = told[0] | {"text": "<br>".join(texts), "align": "left", "x": 0, "xref": "paper", "xanchor": "left"}
    lines |= {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": shared["margin"]["t"]}
    shared["annotations"] = [*(text for text in notes if text not in told), lines]
    room = LINE * sum(1 + text.count("<br>") for text in texts)
    shared["margin"] = shared["margin"] | {"t": shared["margin"]["t"] + room}
    shared["height"] += room
    return drawn


def written(text: str) -> str:
    """Text on a chart that reads as the text: Plotly takes <b> for markup."""
    return escape(text, quote=False)


def layout(look: Look, question: str = "", answer: str = "", *, height: int = 320, alt: str = "", **more: Any) -> dict[str, Any]:
    """The layout all figures share; `more` is merged one level deep."""
    base: dict[str, Any] = {
        "title": {"text": question, "subtitle": {"text": answer}},
        "meta": {"alt": alt or f"{question} {answer}".strip()},
        "height": height,
        "margin": {"l": 12, "r": 18, "t": 10, "b": 51},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": SIZE, "color": look.text},
        "showlegend": False,
        "autotypenumbers": "strict",  # a label such as "2024" stays a label
        "hoverlabel": {
            "bgcolor": look.panel,
            "bordercolor": look.line,
            "font": {"family": FONT, "size": SIZE, "color": look.text},
            "align": "left",
        },
        "xaxis": axis(look, ""),
        "yaxis": axis(look, ""),
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": look.quiet, "activecolor": look.one},
        "dragmode": False,
    }
    for name, value in more.items():
        base[name] = base[name] | value if isinstance(value, dict) and isinstance(base.get(name), dict) else value
    return base


def axis(look: Look, words: str, **more: Any) -> dict[str, Any]:
    """An axis with its name in words; without drag, because a zoom is lost at the next click anyway."""
    return {
        "title": {"text": words, "font": {"size": SIZE, "color": look.quiet}, "standoff": 10},
        "tickfont": {"size": 12, "color": look.quiet},
        "gridcolor": look.grid,
        "linecolor": look.line,
        "zerolinecolor": look.line,
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
    } | more


def note(look: Look, text: str, **place: Any) -> Note:
    """A quiet piece of text on the chart."""
    return {"text": text, "showarrow": False, "font": {"size": 12, "color": look.quiet, "family": FONT}} | place


def nothing(look: Look, words: str, question: str = "") -> Figure:
    """A figure that has nothing to draw says so in words, without empty axes."""
    hidden = {"visible": False, "fixedrange": True}
    shown = [note(look, words, x=0.5, y=0.5, xref="paper", yref="paper")]
    return {"data": [], "layout": layout(look, question, words, height=120, xaxis=hidden, yaxis=hidden, annotations=shown)}


def shade(look: Look, part: float) -> str:
    """A colour between the two ends of the heat scale; `part` is 0 to 1."""
    least, most = look.scale
    return mixed(most, least, min(max(part, 0.0), 1.0))


def mixed(colour: str, ground: str, part: float) -> str:
    """So much (0 to 1) of a colour over a ground, as a colour without opacity."""
    pairs = ((int(colour[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(under + (over - under) * part):02x}" for over, under in pairs)


def faded(colour: str, alpha: float) -> str:
    """The colour with an opacity, for bands and flows."""
    return f"rgba({int(colour[1:3], 16)},{int(colour[3:5], 16)},{int(colour[5:7], 16)},{alpha})"
