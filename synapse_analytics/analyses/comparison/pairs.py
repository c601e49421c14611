"""Which comparisons of a cohort can be made, from counts alone: who started each treatment, and who of them answered where both are given.

The counts are upper limits: a comparison also leaves out who had the other treatment before. So a pair that is too small by them surely is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.comparison.arms import CLASSES, COMPARABLE, legal_codes, partners, treatments_in
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counted, Counts
from synapse_analytics.disclosure import Policy
from synapse_analytics.disclosure.rounding import rounded
from synapse_analytics.estimates.weighting import LEAST_EFFECTIVE
from synapse_analytics.queries import comparable as q
from synapse_analytics.queries.comparison import Arm

Key = tuple[str, int]
PREFERRED = ("discectomy", "physical_therapy")
NOBODY = Counted(0, 0)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two treatments or strategies, with the episodes of each that answered and have a diagnosis that both treat."""

    a: str
    b: str
    n_a: Counted
    n_b: Counted

    @property
    def least(self) -> int:
        """The episodes of the smaller side."""
        return min(self.n_a.episodes, self.n_b.episodes)

    def is_large_enough(self, policy: Policy) -> bool:
        """False if the comparison would surely be refused: no group carries the information of more episodes than it has."""
        return self.least >= LEAST_EFFECTIVE and min(self.n_a.patients, self.n_b.patients) >= policy.arm


class Started:
    """The episodes of a cohort that started each treatment, class or strategy with a baseline, by diagnosis."""

    def __init__(self, clinic: Clinic, cohort: Cohort, instrument: int, visit: str) -> None:
        self._policy, self.codes = clinic.policy, legal_codes(clinic.policy)
        self._first_day = v.find(v.VISITS, visit).first
        asked = (clinic, cohort, instrument, visit)
        single = {q.position_of(code): code for code in v.codes(v.TREATMENTS)}
        classes = {code: treatments_in(code) for code in CLASSES}
        self._of: dict[str, Counts] = {}
        self._keep(q.treatments_started(*asked), single)
        self._keep(q.classes_started(*asked, classes), dict(enumerate(classes)))
        for done in (term for term in v.STRATEGIES if term.done):
            other = next(term for term in v.STRATEGIES if (term.stage, term.day, term.done) == (done.stage, done.day, False))
            self._keep(q.under_care(*asked, Arm(done.code, strategy=done)), {1: done.code, 0: other.code})

    def _keep(self, found: Counts, names: dict[int, str]) -> None:
        named = found.fold(lambda key: (names[key[0]], key[1]))
        self._of |= dict.fromkeys(names.values(), named)

    def counted(self, code: str, diagnoses: frozenset[int] | None = None, *facts: str) -> Counted:
        """Episodes and patients, of all diagnoses or of some, of whom these facts are true."""

        def inside(key: Key) -> Key | None:
            return (key[0], 0) if diagnoses is None or key[1] in diagnoses else None

        folded = self._of[code].view(("inside", diagnoses), lambda: self._of[code].fold(inside))
        place = folded.place.get((code, 0))
        if place is None:
            return NOBODY
        return Counted(int(folded.episodes(*facts)[place]), int(folded.patients(*facts)[place]))

    def shared(self, a: str, b: str, fewest: int) -> frozenset[int]:
        """The diagnoses of which both have so many episodes."""
        held = [self._by_diagnosis(code) for code in (a, b)]
        return frozenset(place for place, n in held[0].items() if min(n, held[1].get(place, 0)) >= fewest)

    def _by_diagnosis(self, code: str) -> dict[int, int]:
        found = self._of[code]
        return {key[1]: int(n) for key, n in zip(found.keys, found.episodes(), strict=True) if key[0] == code}

    def pairs(self) -> Iterator[Pair]:
        """Every pair that can be asked for; the more invasive first, of strategies what was done."""
        for b, a in combinations(sorted(self.codes, key=_step), 2):
            if a not in partners(b, self.codes) or not self._is_judged(a):
                continue
            shared = self.shared(a, b, self._policy.arm)
            yield Pair(a, b, self.counted(a, shared, q.ANSWERED), self.counted(b, shared, q.ANSWERED))

    def _is_judged(self, code: str) -> bool:
        """False for a strategy whose landmark lies in or after the window of the visit."""
        return next((term.day < self._first_day for term in v.STRATEGIES if term.code == code), True)


def _step(code: str) -> tuple[int, int]:
    """How far a treatment goes, and its place in its list; of a strategy, whether it was done."""
    done = next((int(term.done) for term in v.STRATEGIES if term.code == code), None)
    stage = v.TREATMENTS[treatments_in(code)[0]].stage if done is None else ""
    return (done if done is not None else v.codes(v.STAGES).index(stage), COMPARABLE.index(code))


def in_order(pairs: Sequence[Pair], policy: Policy) -> list[Pair]:
    """The pairs that may be large enough, the one to open with first: the usual one, then treatments by their smaller group, then strategies."""
    strategies = v.codes(v.STRATEGIES)
    large = [pair for pair in pairs if pair.is_large_enough(policy)]
    return sorted(
        large,
        key=lambda pair: ((pair.a, pair.b) != PREFERRED, pair.a in strategies, -(rounded(pair.least, policy) or 0), pair.a, pair.b),
    )
