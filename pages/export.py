"""Export: the rows of the cohort for analysts, and the cohort in its three forms."""

from synapse_analytics.web import frame
from synapse_analytics.web.export import cohort_forms, form
from synapse_analytics.web.parts import say, section, tabs


def records() -> None:
    """Rows for analysts: columns, purpose, format; logged."""
    say(
        "Exports use new patient numbers, other ones each time. An entry is blank where fewer than five patients share it with the same "
        "age band, sex, diagnosis, year and site; it is blank in every export. Who exported what, and for what purpose, is logged."
    )
    form()


def aggregates() -> None:
    """Where the numbers behind the charts are saved, and the tables without a chart."""
    say("The numbers behind any chart: open \u201cNumbers, picture and link\u201d under it. Two tables that everybody asks for:")
    section("Baseline table")
    frame.save(frame.ask("baseline_table"), "baseline_table", "export_baseline")
    section("Indicators of the overview")
    frame.save(frame.ask("overview"), "indicators", "export_indicators")


tabs("export_tab", {"Rows": records, "Aggregates": aggregates, "This cohort": cohort_forms})
