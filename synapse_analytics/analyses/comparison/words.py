"""The sentences that go with every comparison, and the reasons for which one is refused. They hold no counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.comparison.arms import label_of
from synapse_analytics.analyses.comparison.design import ENOUGH
from synapse_analytics.analyses.comparison.models import Compared
from synapse_analytics.disclosure import Policy
from synapse_analytics.estimates import SAME, side_of_zero
from synapse_analytics.estimates.weighting import LEAST_EFFECTIVE, Overlap
from synapse_analytics.queries.arms import Arm
from synapse_analytics.vocabulary.covariates import covariate_label

LARGEST_SMD = 0.2  # Austin 2009: above it arms are not comparable
TREATMENT_POLICY, CENSORED = "treatment_policy", "censored"
REFUSED, UNCLEAR, DISAGREE = "refused", "no_clear_difference", "methods_disagree"


def plain_sentence(a: str, b: str) -> str:
    """What every comparison has to say, whatever it finds."""
    return (
        f"This compares patients who had {label_of(a).lower()} with patients who had {label_of(b).lower()} in routine care. "
        "It is observational: nobody was assigned by chance, so it cannot show that one is better. “Similar patients” are "
        "those for whom both treatments were plausible, given their age, pain, disability and health at the start. "
        "What was not recorded, such as imaging findings, can still explain a difference."
    )


def crossover_sentence(crossover: str, kind: str) -> str:
    """Which question the crossover option asks."""
    if crossover == CENSORED:
        return f"Answers given after a switch of treatment are not used: the question is what happens while patients stay with their first {kind}."
    return f"Patients who later switched stay in the group of their first {kind} (treatment policy), so later switches are part of the comparison."


def clustering_sentence(arms: tuple[Arm, Arm]) -> str:
    """How patients who count twice are handled; an episode does only where one arm is no crossover from the other."""
    twice = (
        "An episode that began with the less intensive treatment and later had the other one counts in both groups, each time from "
        "the start of that treatment. "
    )
    limits = (
        "The intervals of ANCOVA, subgroups and overlap weights allow for patients with several episodes; the repeated measures treat "
        "each episode as if it were another patient."
    )
    a, b = arms
    excluded = a.strategy is not None or (set(a.treatments) <= set(b.rivals) and set(b.treatments) <= set(a.rivals))
    return limits if excluded else twice + limits


def left_out_sentence(left_out: Sequence[str], compared: Sequence[str], fewest: int) -> str:
    """Which patients the comparison leaves out because an arm hardly has them, and which it keeps; codes of diagnoses and red_flags."""
    names = {term.code: v.inside(term.label) for term in v.DIAGNOSES}
    without = [names[code] for code in left_out if code in names]
    said = [f"Diagnoses left out, with fewer than {fewest} episodes in one of the groups: {_listed(without)}."] if without else []
    flagged = "red_flags" in left_out
    said += [f"Patients with red flags are left out: fewer than {ENOUGH} answers in one of the groups."] if flagged else []
    held = _listed([names[code] for code in compared])
    return " ".join([*said, f"Diagnoses compared: {held}{', without red flags' if flagged else ''}."])


def not_judged_sentence(not_judged: Sequence[str]) -> str:
    """Which attributes at the start enter no model, because too few patients have them recorded."""
    names = ["sex" if code == "female" else v.inside(covariate_label(code)) for code in not_judged]
    return (
        f"Not adjusted for {_listed(names)}: recorded in fewer than half of the patients of one or both groups, so the groups may "
        "differ in it."
    )


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def refusals(
    policy: Policy, names: Mapping[str, str], patients: Mapping[str, int], weighted: Overlap | None, after: Mapping[str, float]
) -> list[str]:
    """Why no difference may be shown; nothing when it may. `names` are the two treatments by arm, `weighted` is None where a model
    cannot be fitted, `after` the absolute SMD of each covariate after weighting."""
    small = [names[arm] for arm in ("a", "b") if patients[arm] < policy.arm]
    if small:
        return [f"Too few patients: {', and '.join(f'fewer than {policy.arm} patients had {name}' for name in small)}."]
    if weighted is None:
        return [f"Too few patients for the models, or no patient could have had either {names['a']} or {names['b']}."]
    reasons = []
    effective = {"a": weighted.effective_a, "b": weighted.effective_b}
    weak = [names[arm] for arm, size in effective.items() if size < LEAST_EFFECTIVE]
    if weak:
        reasons.append(f"Too few similar patients: made alike, those with {_listed(weak)} count for fewer than {LEAST_EFFECTIVE} patients.")
    unlike = [v.inside(covariate_label(code)) for code, difference in after.items() if difference > LARGEST_SMD + SAME]
    if unlike:
        reasons.append(
            f"Even made alike, patients with {names['a']} and patients with {names['b']} still differ in {_listed(unlike)} "
            f"(standardised difference above {LARGEST_SMD})."
        )
    return reasons


def verdict(found: Compared, instrument: v.Instrument) -> str:
    """Which way the adjusted methods point together; a word, not a judgement which treatment is better."""
    shown = [
        found.ancova,
        found.weighted.difference if found.weighted else None,
        found.repeated.differences[-1] if found.repeated else None,
    ]
    sides = {side_of_zero(estimate.low, estimate.high) for estimate in shown if estimate is not None}
    if len(sides) > 1:
        return DISAGREE
    side = sides.pop()
    if side == 0:
        return UNCLEAR
    a_lower = side < 0
    return "a_improved_more" if a_lower == (instrument.better == "lower") else "b_improved_more"
