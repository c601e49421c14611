"""Export: the rows of the cohort for analysts, and the cohort in its three forms."""

from synapse_analytics.web import frame
from synapse_analytics.web.export import cohort_forms, form, may_have_rows
from synapse_analytics.web.parts import say, section, tabs


def records() -> None:
    """Rows for analysts: columns, purpose, format; logged."""
    say(
        "Patient numbers are new in every export. At least five patients share every combination of age band, sex, diagnosis, year and site: "
        "where fewer would, some of these values are blank, and they are blank in every export. Who exports what, and for what purpose, is logged."
    )
    form()


def aggregates() -> None:
    """Where the numbers behind the charts are saved, and the tables without a chart."""
    say("To save the numbers of a chart, open \u201cNumbers, picture and link\u201d under it. Two tables that are often needed:")
    section("Baseline table")
    frame.save(frame.ask("baseline_table"), "baseline_table", "export_baseline")
    section("Indicators of the overview")
    frame.save(frame.ask("overview"), "indicators", "export_indicators")


rows = {"Rows": records} if may_have_rows() else {}
tabs("export_tab", rows | {"Aggregates": aggregates, "This cohort": cohort_forms})
