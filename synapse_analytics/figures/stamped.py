"""A picture as it leaves: on white, with its question, its answer, of whom it is, and the stamp inside it."""

from __future__ import annotations

from synapse_analytics.disclosure import Released, check_released
from synapse_analytics.figures.theme import FONT, LIGHT, Figure, written
from synapse_analytics.findings import words as w

QUESTION, LINE = 22, 17  # px of height a line takes
WIDE, WIDER = 84, 125  # letters in a line of a picture (web/browser: PICTURE_WIDE)


def stamped(released: Released, drawn: Figure, stamp: str) -> Figure:
    """The figure of an answer, as it was drawn on a light page, with heading and stamp above it, where no edge can be cut off unseen."""
    answer = check_released(released)
    heading = drawn["layout"]["title"]
    question = w.wrapped(written(heading["text"]), WIDE)
    lines = [w.wrapped(written(text), WIDER) for text in (heading["subtitle"]["text"].replace("<br>", " "), _who(answer), stamp)]
    quiet = f'<span style="color:{LIGHT.quiet}">'
    text = "<br>".join(
        [f'<span style="font-size:16px"><b>{question}</b></span>', lines[0], f"{quiet}{lines[1]}</span>", f"<b>{lines[2]}</b>"]
    )
    room = QUESTION * (1 + question.count("<br>")) + LINE * sum(1 + line.count("<br>") for line in lines) + 24
    layout = drawn["layout"]
    margin = layout["margin"] | {"t": layout["margin"]["t"] + room}
    title = {"text": text, "font": {"size": 12, "color": LIGHT.text, "family": FONT}}
    place = {"x": 0, "xref": "container", "xanchor": "left", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 22, "l": 12}}
    on_white = {"paper_bgcolor": LIGHT.paper, "plot_bgcolor": LIGHT.paper}
    return {
        "data": drawn["data"],
        "layout": layout | on_white | {"height": layout["height"] + room, "margin": margin, "title": title | place},
    }


def _who(answer: Released) -> str:
    if answer.n is None:
        return answer.cohort.sentence()
    about = "about " if answer.policy == "publish" else ""
    return f"{answer.cohort.sentence()}; {about}{answer.n:,} {'patient' if answer.n == 1 else 'patients'}"
