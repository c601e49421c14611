"""The sentences that go with every comparison, and the reasons for which one is refused. They hold no counts."""

from __future__ import annotations

from collections.abc import Mapping

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.comparison.arms import label_of
from synapse_analytics.analyses.comparison.models import Compared
from synapse_analytics.disclosure import Policy
from synapse_analytics.estimates import Estimate

LEAST_EFFECTIVE = 30  # effective patients per arm
LARGEST_SMD = 0.2  # Austin 2009: above it arms are not comparable
TREATMENT_POLICY, CENSORED = "treatment_policy", "censored"
REFUSED, UNCLEAR, DISAGREE = "refused", "no_clear_difference", "methods_disagree"


def plain_sentence(a: str, b: str) -> str:
    """What every comparison has to say, whatever it finds."""
    return (
        f"This compares patients who had {label_of(a).lower()} with patients who had {label_of(b).lower()} as the clinic treated them. "
        "It is observational: nobody was assigned by chance, so it cannot show that one is better. The weighted difference is about "
        "patients for whom both were plausible: those whose age, pain, disability and health at the start made either choice likely. "
        "What was not recorded, such as findings on the images, can still explain a difference."
    )


def crossover_sentence(crossover: str, kind: str) -> str:
    """Which question the crossover option asks."""
    if crossover == CENSORED:
        return "Answers given after a crossover are not used: the question is what happens while patients stay with the first choice."
    return f"Answers count whatever came later (treatment policy): the question is what follows from the first {kind}, crossovers included."


def clustering_sentence() -> str:
    """How patients who count twice are handled."""
    return (
        "An episode stands in both arms where it began both treatments, each with its own start and baseline. ANCOVA, subgroups and overlap "
        "weights have limits that add up what belongs to one patient; the repeated measures take every entry as its own."
    )


def refusals(policy: Policy, patients: Mapping[str, int], found: Compared | None, after: Mapping[str, float]) -> list[str]:
    """Why no difference may be shown; nothing when it may. `after` holds the absolute SMD of each covariate after weighting."""
    small = [arm for arm in ("a", "b") if patients[arm] < policy.arm]
    if small:
        return [f"Arm {' and arm '.join(small)} has fewer than {policy.arm} patients who answered."]
    if found is None or found.weighted is None or found.ancova is None:
        return ["The arms cannot be told from their covariates: too few answered for the models, or nobody could have had either."]
    reasons = []
    effective = {"a": found.weighted.effective_a, "b": found.weighted.effective_b}
    weak = [arm for arm, size in effective.items() if size < LEAST_EFFECTIVE]
    if weak:
        reasons.append(f"The weighted arm {' and arm '.join(weak)} carries the information of fewer than {LEAST_EFFECTIVE} patients.")
    unlike = [code.replace("_", " ") for code, difference in after.items() if difference > LARGEST_SMD]
    if unlike:
        reasons.append(f"The arms still differ after weighting, by a standardised difference above {LARGEST_SMD}, in {', '.join(unlike)}.")
    return reasons


def verdict(found: Compared, instrument: v.Instrument) -> str:
    """Which way the adjusted methods point together; a word, not a judgement which treatment is better."""
    shown = [
        found.ancova,
        found.weighted.difference if found.weighted else None,
        found.repeated.differences[-1] if found.repeated else None,
    ]
    sides = {_side(estimate) for estimate in shown if estimate is not None}
    if len(sides) > 1:
        return DISAGREE
    side = sides.pop()
    if side == 0:
        return UNCLEAR
    a_lower = side < 0
    return "a_improved_more" if a_lower == (instrument.better == "lower") else "b_improved_more"


def _side(estimate: Estimate) -> int:
    """-1 below zero, 1 above it, 0 where the interval holds it."""
    if estimate.low is None or estimate.high is None:
        return 0
    return 1 if estimate.low > 0 else -1 if estimate.high < 0 else 0
