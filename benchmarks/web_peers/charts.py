"""The peers' three charts with Plotly Express: bars of the mix, and for each sex dots by age band side by side."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.express as px
from plotly.graph_objects import Figure

from benchmarks.web_peers.mix import DIAGNOSES, mix, mix_by_age

COLOURS = ("#2a7fba", "#d1730f", "#0f9070", "#b56393", "#8a7a1c", "#7b8794")
DRAWN_SEXES = ("Women", "Men")
IN_ORDER = {"diagnosis": DIAGNOSES}
AXES = {"share": "Share of episodes, with 95 % interval", "diagnosis": ""}


def sexes_drawn(sexes: Sequence[str]) -> tuple[str, ...]:
    """For which sexes there is a chart: those that are chosen, as on our page."""
    return tuple(sex for sex in DRAWN_SEXES if sex in (sexes or DRAWN_SEXES))


def of_all(episodes: pd.DataFrame) -> Figure:
    """The distribution of diagnoses."""
    rows = _with_errors(mix(episodes))
    rows["text"] = [f"{share:.1%} · {n:,}" for share, n in zip(rows["share"], rows["n"], strict=True)]
    drawn = px.bar(
        rows,
        x="share",
        y="diagnosis",
        error_x="above",
        error_x_minus="below",
        text="text",
        category_orders=IN_ORDER,
        labels=AXES,
        height=330,
    )
    drawn.update_traces(marker_color=COLOURS, textposition="outside")
    return drawn.update_xaxes(tickformat=".0%")


def by_age(episodes: pd.DataFrame, sex: str) -> Figure:
    """The distribution within each age band of one sex."""
    rows = _with_errors(mix_by_age(episodes, sex))
    drawn = px.scatter(
        rows,
        x="share",
        y="diagnosis",
        error_x="above",
        error_x_minus="below",
        facet_col="age_band",
        category_orders=IN_ORDER | {"age_band": rows["age_band"].unique()},  # a band of nobody has no place
        labels=AXES | {"age_band": "Age"},
        height=400,
    )
    drawn.update_traces(marker={"color": COLOURS, "size": 10})
    return drawn.update_xaxes(tickformat=".0%")


def _with_errors(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(above=rows["high"] - rows["share"], below=rows["share"] - rows["low"])
