"""Outcomes over time: how scores change, who improved, how differently, and who answered."""

from synapse_analytics import vocabulary as v
from synapse_analytics.figures import changes, improvement, non_response, outcomes
from synapse_analytics.web import frame
from synapse_analytics.web.choices import MONTHS, choose, labels, split, switch
from synapse_analytics.web.outcomes import asked_scores, regression_note
from synapse_analytics.web.parts import columns, say, tabs

MEASURES = {"mean": "Mean with 95 % interval", "median": "Median with quartiles"}


def over_time() -> None:
    """The trajectory at the reference visits and week by week."""
    instrument, index, by = asked_scores()
    measure = switch("measure", "Shown as", MEASURES, "mean")
    answer = frame.ask("score_over_time", instrument=instrument, index=index, by=by)
    regression_note(answer)
    frame.show(outcomes.trajectory, answer, table="visits", measure=measure)
    frame.show(outcomes.weekly, answer, table="weeks")


def improved() -> None:
    """Who reached a named threshold, by two denominators."""
    instrument, index, by = asked_scores()
    presets = labels(v.presets_of(instrument))
    if not presets:
        say("No responder rule is defined for this score. Choose a pain score, the ODI or the EQ-5D index.")
        return
    one, two = columns(2)
    with one:
        preset = choose("preset", "Improved means", presets, next(iter(presets)))
    with two:
        month = choose("month", "After", MONTHS, 12)
    answer = frame.ask("responders", instrument=instrument, preset=preset, month=month, index=index, by=by)
    frame.show(improvement.responders, answer, table="groups")
    frame.show(improvement.bounds, answer, table="bounds")


def differently() -> None:
    """The distribution of changes, and change against baseline."""
    instrument, index, by = asked_scores()
    month = choose("month", "After", MONTHS, 12)
    answer = frame.ask("change_distribution", instrument=instrument, month=month, index=index, by=by)
    frame.show(changes.changes, answer, table="bins")
    frame.show(changes.against_baseline, answer, table="by_baseline")


def answered() -> None:
    """Who answered, and how those who did not differ at the first visit."""
    by = split("outcome_by")
    frame.show(non_response.followed_up, frame.ask("completeness", index="first_visit", by=by), table="visits")
    frame.show(non_response.missing, frame.ask("baseline_by_response"), table="baselines")


tabs("outcomes_tab", {"Over time": over_time, "Who improved": improved, "How differently": differently, "Who answered": answered})
