"""Outcomes over time: when patients stop improving, who got clearly better, how differently, and who answered."""

from synapse_analytics import vocabulary as v
from synapse_analytics.figures import better_or_worse, changes, improvement, non_response, outcomes
from synapse_analytics.web import frame
from synapse_analytics.web.choices import MONTHS, choose, labels, split, switch
from synapse_analytics.web.outcomes import Asked, asked_scores, chosen_group, regression_note
from synapse_analytics.web.parts import behind, say, tabs


def over_time() -> None:
    """The course at the reference visits; what lies between them once it is opened."""
    asked = asked_scores()
    answer = frame.ask("score_over_time", **asked)
    measure = switch("measure", "Show", outcomes.MEASURES, "mean")
    shown = chosen_group(answer)
    regression_note(answer)
    frame.show(outcomes.trajectory, answer, table="visits", measure=measure, shown=shown)
    behind("weeks", "Week by week", lambda: frame.show(outcomes.weekly, frame.ask("score_by_week", **asked), table="weeks", shown=shown))


def improved() -> None:
    """Who got clearly better, the same or worse, of all who were expected; other rules of improvement once they are opened."""
    asked = asked_scores()
    presets = labels(v.presets_of(asked["instrument"]))
    if not presets:
        say("No smallest important change is known for this score. Choose a pain score, the ODI or the EQ-5D index.")
        return
    asked |= {"month": choose("month", "Follow-up at", MONTHS, 12)}
    frame.show(better_or_worse.verdicts, frame.ask("better_or_worse", **asked), table="verdicts")
    behind("rules", "Other definitions of improvement, and the effect of missing answers", lambda: by_rule(presets, asked))


def by_rule(presets: dict[str, str], asked: Asked) -> None:
    """Who reached a named rule, of those who answered and of all expected, and between which bounds the truth lies."""
    answer = frame.ask("responders", preset=choose("preset", "Definition of improvement", presets, next(iter(presets))), **asked)
    frame.show(improvement.responders, answer, table="groups")
    frame.show(improvement.bounds, answer, table="bounds")


def differently() -> None:
    """The distribution of changes, and change against baseline."""
    asked = asked_scores()
    answer = frame.ask("change_distribution", month=choose("month", "Follow-up at", MONTHS, 12), **asked)
    shown = chosen_group(answer)
    frame.show(changes.changes, answer, table="bins", shown=shown)
    frame.show(changes.against_baseline, answer, table="by_baseline", shown=shown)


def answered() -> None:
    """Who answered, and how those who did not differ at the first visit."""
    by = split("outcome_by")
    answer = frame.ask("completeness", index="first_visit", by=by)
    frame.show(non_response.followed_up, answer, table="visits", shown=chosen_group(answer))
    frame.show(non_response.missing, frame.ask("baseline_by_response"), table="baselines")


tabs("outcomes_tab", {"Over time": over_time, "Who improved": improved, "Spread of results": differently, "Follow-up": answered})
