"""Outcomes over time: how scores change, who improved, how differently, and who answered."""

from synapse_analytics import vocabulary as v
from synapse_analytics.figures import changes, improvement, non_response, outcomes
from synapse_analytics.web import frame

MONTHS = {3: "3 months", 6: "6 months", 12: "12 months", 24: "24 months"}
MEASURES = {"mean": "Mean with 95 % interval", "median": "Median with quartiles"}


def presets(instrument: str) -> tuple[str, ...]:
    """The presets that fit a score."""
    return tuple(preset.code for preset in v.PRESETS if instrument.startswith(preset.instrument_family))


def over_time() -> None:
    """The trajectory at the reference visits and week by week."""
    instrument, index, by = frame.asked_scores()
    measure = frame.switch("measure", "Shown as", MEASURES, "mean")
    answer = frame.ask("score_over_time", instrument=instrument, index=index, by=by)
    frame.regression_note(answer)
    frame.show(outcomes.trajectory, answer, table="visits", measure=measure)
    frame.show(outcomes.weekly, answer, table="weeks")


def improved() -> None:
    """Who reached a named threshold, by two denominators."""
    instrument, index, by = frame.asked_scores()
    fitting = presets(instrument)
    if not fitting:
        frame.say("No responder rule is defined for this score. Choose a pain score, the ODI or the EQ-5D index.")
        return
    one, two = frame.columns(2)
    with one:
        preset = frame.choose("preset", "Improved means", fitting, fitting[0], write=lambda code: v.find(v.PRESETS, code).label)
    with two:
        month = frame.choose("month", "After", tuple(MONTHS), 12, write=MONTHS.get)
    answer = frame.ask("responders", instrument=instrument, preset=preset, month=month, index=index, by=by)
    frame.show(improvement.responders, answer, table="groups")
    frame.show(improvement.bounds, answer, table="bounds")


def differently() -> None:
    """The distribution of changes, and change against baseline."""
    instrument, index, by = frame.asked_scores()
    month = frame.choose("month", "After", tuple(MONTHS), 12, write=MONTHS.get)
    answer = frame.ask("change_distribution", instrument=instrument, month=month, index=index, by=by)
    frame.show(changes.changes, answer, table="bins")
    frame.show(changes.against_baseline, answer, table="by_baseline")


def answered() -> None:
    """Who answered, and how those who did not differ at the first visit."""
    by = frame.split("outcome_by", "Compare by")
    frame.show(non_response.followed_up, frame.ask("completeness", index="first_visit", by=by), table="visits")
    frame.show(non_response.missing, frame.ask("baseline_by_response"), table="baselines")


frame.tabs("outcomes_tab", {"Over time": over_time, "Who improved": improved, "How differently": differently, "Who answered": answered})
