"""Export: the rows of the cohort for analysts, and the cohort in its three forms."""

from synapse_analytics.web import frame


def records() -> None:
    """Rows leave by one door: columns, purpose, format; logged."""
    frame.say("Rows leave by this door only: re-keyed, with rare combinations blanked, for a purpose that is logged.")
    frame.export_form()


def aggregates() -> None:
    """Where the numbers behind the charts are saved, and the tables without a chart."""
    frame.say("The numbers behind any chart: open \u201cTable and download\u201d under it. Two tables that everybody asks for:")
    frame.section("Baseline table")
    frame.save(frame.ask("baseline_table"), "baseline_table", "export_baseline")
    frame.section("Indicators of the overview")
    frame.save(frame.ask("overview"), "indicators", "export_indicators")


def cohort() -> None:
    """The cohort as a link, YAML and Python."""
    frame.cohort_forms()


frame.tabs("export_tab", {"Rows": records, "Aggregates": aggregates, "This cohort": cohort})
