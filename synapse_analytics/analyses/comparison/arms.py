"""Which treatments or strategies are compared, and what counts as a crossover from one to the other."""

from __future__ import annotations

import functools

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.disclosure import Policy
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.queries.arms import Arm

CLASSES = tuple(term.code for term in v.TREATMENT_CLASSES if term.code not in v.codes(v.TREATMENTS))
COMPARABLE = (*v.codes(v.TREATMENTS), *CLASSES, *v.codes(v.STRATEGIES))


def label_of(code: str) -> str:
    """How a treatment, class or strategy is called."""
    terms: tuple[v.Term, ...] = (*v.TREATMENTS, *v.TREATMENT_CLASSES, *v.STRATEGIES)
    return next(term.label for term in terms if term.code == code)


def legal_codes(policy: Policy) -> tuple[str, ...]:
    """What may be compared under a policy: under `publish` whole classes and strategies."""
    if not policy.rounds:
        return COMPARABLE
    return tuple(code for code in COMPARABLE if code in (*v.codes(v.TREATMENT_CLASSES), *v.codes(v.STRATEGIES)))


@functools.lru_cache(maxsize=256)  # of every treatment of every question
def partners(a: str, codes: tuple[str, ...] = COMPARABLE) -> tuple[str, ...]:
    """What of these codes a can be compared with: the opposite of a strategy; of a treatment every treatment that is no part of it."""
    strategies = {term.code: (term.stage, term.day) for term in v.STRATEGIES}
    others = [code for code in codes if code != a]
    if a in strategies:
        return tuple(code for code in others if strategies.get(code) == strategies[a])
    return tuple(code for code in others if code not in strategies and not set(treatments_in(a)) & set(treatments_in(code)))


def arms_of(clinic: Clinic, a: str, b: str) -> tuple[Arm, Arm]:
    """Both arms; UsageError if they overlap or are no pair, NotAllowed if the policy allows only whole classes."""
    strategies = {term.code: term for term in v.STRATEGIES}
    if a == b:
        raise UsageError("A treatment cannot be compared with itself: choose two different ones.")
    if a in strategies or b in strategies:
        return _strategies(a, b)
    if clinic.policy.rounds:
        legal = v.codes(v.TREATMENT_CLASSES)
        wrong = {name: code for name, code in (("a", a), ("b", b)) if code not in legal}
        if wrong:
            raise NotAllowed(
                f"The policy 'publish' does not allow {', '.join(wrong.values())}. Allowed: {', '.join(legal)}.", drop=tuple(wrong)
            )
    ours, theirs = treatments_in(a), treatments_in(b)
    if set(ours) & set(theirs):
        raise UsageError(f"{label_of(a)} and {label_of(b)} overlap: one is part of the other.")
    return Arm(a, ours, _rivals(ours, theirs)), Arm(b, theirs, _rivals(theirs, ours))


def _strategies(a: str, b: str) -> tuple[Arm, Arm]:
    found = {term.code: term for term in v.STRATEGIES}
    one, other = found.get(a), found.get(b)
    if one is None or other is None or (one.stage, one.day) != (other.stage, other.day):
        legal = "; ".join(f"{term.code} with no_{term.code}" for term in v.STRATEGIES if term.done)
        raise UsageError(f"A strategy can be compared only with its opposite. Allowed: {legal}.")
    return Arm(a, strategy=one), Arm(b, strategy=other)


@functools.lru_cache(maxsize=64)
def treatments_in(code: str) -> tuple[int, ...]:
    """Positions of a treatment, or of those of a class."""
    exact = tuple(place for place, term in enumerate(v.TREATMENTS) if term.code == code)
    return exact or tuple(place for place, term in enumerate(v.TREATMENTS) if term.treatment_class == code)


def _rivals(ours: tuple[int, ...], theirs: tuple[int, ...]) -> tuple[int, ...]:
    """What makes a crossover: the other arm unless it is a step back, and whatever is a stage above our own.

    Physical therapy after surgery is after-care, not a change of mind; surgery after physical therapy is one.
    """
    stages = v.codes(v.STAGES)
    own = stages.index(v.TREATMENTS[ours[0]].stage)
    ranks = [stages.index(term.stage) for term in v.TREATMENTS]
    return tuple(place for place, rank in enumerate(ranks) if rank > own or (place in theirs and rank >= own))
