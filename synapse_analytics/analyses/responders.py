"""Answers about improving enough: responder shares with both denominators, and the bounds that missing answers leave."""

from __future__ import annotations

from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.asking import Found, Options
from synapse_analytics.analyses.cells import Row, ratio, share_support
from synapse_analytics.analyses.groups import Group
from synapse_analytics.analyses.measures import counts_of, labels, share_of, shares_of
from synapse_analytics.analyses.options import split_by
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.analyses.scoring import INDEX, INSTRUMENT, MONTH, PRESET, chosen_preset, in_force, joined_by, notes, scored, visit_of
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import TableRule
from synapse_analytics.queries.outcomes import Scored
from synapse_analytics.queries.response import improved

GROUPS = TableRule(
    "groups",
    (
        *labels("group"),
        *counts_of("n", "responders"),
        *shares_of("responders"),
        *counts_of("expected"),
        share_of("responders", "expected", "share_of_expected"),
        share_of("n", "expected", "completeness"),
        *counts_of("cannot_respond"),
    ),
)
BOUNDS = TableRule(
    "bounds",
    (
        *labels("group"),
        *counts_of("n", "responders", "expected"),
        share_of("responders", "expected", "worst"),
        share_of("responders", "n", "answered"),
        share_of("hopeful", "expected", "best"),
    ),
)


def _preset_in_force(clinic: Clinic, chosen: Options) -> Options:
    instrument, preset = chosen_preset(clinic, chosen["instrument"], chosen["preset"])
    return in_force(clinic, chosen | {"instrument": instrument, "preset": preset.code})


@analysis(INSTRUMENT, PRESET, MONTH, INDEX, split_by(), settle=_preset_in_force)
def responders(clinic: Clinic, cohort: Cohort, *, preset: str, month: int, **chosen: Any) -> Found:
    """What share of patients improved enough?

    n counts the episodes with an answer whose baseline leaves room for so large an improvement; cannot_respond counts the others that
    answered. share is of n, with Wilson limits; share_of_expected counts a missing answer as not improved. bounds: the same share if
    nobody (worst) or everybody (best) who did not answer had improved.
    """
    rule, visit = v.find(v.PRESETS, preset), visit_of(month)
    asked = joined_by(scored(clinic, cohort, **chosen), lambda given: improved(given, preset, visit)[0], "answered", "able")
    rows = _response_rows(asked, preset, visit)
    left_out = "" if rule.kind == "state" else "; patients whose first score leaves no room for that are left out"
    said = f"Improved means {rule.label} on {asked.instrument.label}{left_out}."
    return Found([(GROUPS, rows), (BOUNDS, rows)], (*notes(asked), f"{said} Source: {rule.source}."))


def _response_rows(asked: Scored, preset: str, visit: int) -> list[Row]:
    found, hopeful = improved(asked, preset, visit)
    rows = []
    for key, code in asked.groups(found.keys):
        group = Group.at(found, key, code)
        n, able = group.counted("answered", "able"), group.counted("able")
        row: Row = {"group": code} | group.share("responders", "n", "met", "answered", "able")
        row |= group.support("responders", "expected", "met", "able")
        row |= share_support("n", "expected", n, able, group.outside("answered", "able"))
        # Who responded is not among those who answered and did not: the patients outside `hopeful` are the others of n.
        row |= share_support("hopeful", "expected", Group.at(hopeful, key, code).counted("able"), able, row["n_without_responders"])
        row |= {"cannot_respond": group.episodes("answered") - n.episodes, "cannot_respond_patients": group.outside("able", "answered")}
        worst, completeness, best = (ratio(row[part], able.episodes) for part in ("responders", "n", "hopeful"))
        row |= {"share_of_expected": worst, "completeness": completeness, "worst": worst, "best": best, "answered": row["share"]}
        rows.append(row)
    return rows
