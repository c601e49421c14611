"""The figures of the data page: what is not recorded."""

from __future__ import annotations

from synapse_analytics.disclosure import Released
from synapse_analytics.figures import gaps
from synapse_analytics.figures import marks as m
from synapse_analytics.figures.theme import Figure, Look, axis, layout, nothing, old_figure
from synapse_analytics.findings import words as w


@old_figure
def missingness(released: Released, look: Look) -> Figure:
    """The share of rows in which a column is empty."""
    rows = sorted((row for row in released.tables["missingness"] if row["share"] is not None), key=lambda row: row["share"])
    question = "What is not recorded?"
    if not rows:
        return nothing(look, "Every column that may be empty is filled, or what is missing is too little to be shown.", question)
    given = []
    for row in rows:
        name = f"{row['column'].replace('_', ' ').capitalize()} ({row['file'].removesuffix('.csv').replace('_', ' ')})"
        given.append(
            m.Bar(
                name,
                row["share"],
                None,
                None,
                look.one,
                w.share(row["share"]),
                m.hover(name, f"empty in {w.share(row['share'])} of the rows"),
            )
        )
    shared = layout(
        look,
        question,
        f"{given[-1].label} is empty most often: {given[-1].text} of the rows.",
        height=m.bar_height(len(given), extra=60) - 6 * len(given),
        xaxis=axis(look, "Share of rows without a value (lower is better)", range=[0, max(0.1, rows[-1]["share"] * 1.2)], tickformat=".0%"),
        yaxis=axis(look, "", showgrid=False, tickfont={"size": 13, "color": look.text}),
        annotations=gaps.left_out(look, sum(row["share"] is None for row in released.tables["missingness"]), "column is", "columns are"),
    )
    return {"data": m.bars(look, given), "layout": shared}
