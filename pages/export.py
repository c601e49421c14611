"""Export: the rows of the cohort for analysts, and the cohort in its three forms."""

from synapse_analytics.web import frame
from synapse_analytics.web.export import cohort_forms, form
from synapse_analytics.web.parts import say, section, tabs


def records() -> None:
    """Rows leave by one door: columns, purpose, format; logged."""
    say("Rows leave by this door only: re-keyed, with rare combinations blanked, for a purpose that is logged.")
    form()


def aggregates() -> None:
    """Where the numbers behind the charts are saved, and the tables without a chart."""
    say("The numbers behind any chart: open \u201cTable and download\u201d under it. Two tables that everybody asks for:")
    section("Baseline table")
    frame.save(frame.ask("baseline_table"), "baseline_table", "export_baseline")
    section("Indicators of the overview")
    frame.save(frame.ask("overview"), "indicators", "export_indicators")


tabs("export_tab", {"Rows": records, "Aggregates": aggregates, "This cohort": cohort_forms})
