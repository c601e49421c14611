"""The sentences that go with every comparison, and the reasons for which one is refused. They hold no counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.comparison.arms import label_of
from synapse_analytics.analyses.comparison.models import Compared
from synapse_analytics.disclosure import Policy
from synapse_analytics.estimates import SAME, side_of_zero
from synapse_analytics.vocabulary.covariates import covariate_label

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


def left_out_sentence(left_out: Sequence[str], compared: Sequence[str]) -> str:
    """Which patients the comparison leaves out because an arm hardly has them, and which it keeps; codes of diagnoses and red_flags."""
    names = {term.code: v.inside(term.label) for term in v.DIAGNOSES} | {"red_flags": "red flags"}
    without, held = (_listed([names[code] for code in codes]) for codes in (left_out, compared))
    return (
        f"Patients with {without} are left out: hardly any of them had one of the two, so they cannot be compared. "
        f"Patients with {held}{' and without red flags' if 'red_flags' in left_out else ''} are compared."
    )


def not_judged_sentence(not_judged: Sequence[str]) -> str:
    """Which attributes at the start enter no model, because too few patients have them recorded."""
    names = [v.inside(covariate_label(code)) for code in not_judged]
    return (
        f"{_listed(names, capital=True)} {'is' if len(names) == 1 else 'are'} not adjusted for: fewer than half of the patients of one arm have "
        f"{'it' if len(names) == 1 else 'them'} recorded. The arms may differ in {'it' if len(names) == 1 else 'them'}."
    )


def _listed(names: Sequence[str], *, capital: bool = False) -> str:
    text = " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
    return text[0].upper() + text[1:] if capital else text


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
    unlike = [v.inside(covariate_label(code)) for code, difference in after.items() if difference > LARGEST_SMD + SAME]
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
    sides = {side_of_zero(estimate.low, estimate.high) for estimate in shown if estimate is not None}
    if len(sides) > 1:
        return DISAGREE
    side = sides.pop()
    if side == 0:
        return UNCLEAR
    a_lower = side < 0
    return "a_improved_more" if a_lower == (instrument.better == "lower") else "b_improved_more"
