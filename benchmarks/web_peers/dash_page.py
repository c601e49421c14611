"""The three charts in Dash, served by waitress: checklists, one callback, frames in memory.

`python -m benchmarks.web_peers.dash_page PORT` with the packages of dash_requirements.txt; GENERATION names the folder of the base tables.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import waitress
from dash import Dash, Input, Output, callback, dcc, html

from benchmarks.web_peers import charts
from benchmarks.web_peers.mix import BANDS, SEXES, chosen, read, who

EPISODES = read(Path(os.environ["GENERATION"]))
SHOWN, HIDDEN = {"display": "block"}, {"display": "none"}


def page() -> html.Div:
    """Filters beside the charts; a chart stays where it is, so that Plotly changes it in place."""
    filters = [html.H4("Sex"), dcc.Checklist(SEXES, [], id="sex"), html.H4("Age band"), dcc.Checklist(BANDS, [], id="band")]
    body = [html.H1("Diagnoses"), html.P(id="who"), html.H2("Which diagnoses do our patients have?"), dcc.Graph(id="mix")]
    for sex in charts.DRAWN_SEXES:
        heading = html.H2(f"{sex}: how do diagnoses differ by age?")
        body.append(html.Div([heading, dcc.Graph(id=f"mix_{sex}")], id=f"part_{sex}"))
    return html.Div(
        [html.Div(filters, id="filters", style={"width": "280px"}), html.Div(body, style={"flex": 1})], style={"display": "flex"}
    )


@callback(
    Output("who", "children"),
    Output("mix", "figure"),
    *(Output(f"mix_{sex}", "figure") for sex in charts.DRAWN_SEXES),
    *(Output(f"part_{sex}", "style") for sex in charts.DRAWN_SEXES),
    Input("sex", "value"),
    Input("band", "value"),
)
def drawn(sexes: list[str], bands: list[str]) -> tuple[Any, ...]:
    """Everything that a filter changes."""
    asked, shown = chosen(EPISODES, sexes, bands), charts.sexes_drawn(sexes)
    figures = [charts.by_age(asked, sex) if sex in shown else {} for sex in charts.DRAWN_SEXES]
    styles = [SHOWN if sex in shown else HIDDEN for sex in charts.DRAWN_SEXES]
    return who(asked), charts.of_all(asked), *figures, *styles


app = Dash(title="Diagnoses")
app.layout = page()

if __name__ == "__main__":
    waitress.serve(app.server, host="127.0.0.1", port=int(sys.argv[1]), threads=8)
