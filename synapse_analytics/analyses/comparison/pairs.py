"""Which comparisons of a cohort can be made, from counts alone: who started each treatment, and who of them answered where both are given.

The counts are upper limits: a comparison also leaves out who had the other treatment before. So a pair that is too small by them is refused,
but for the rare one of which no diagnosis is left that both treat often: such a comparison keeps all diagnoses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.comparison.arms import CLASSES, COMPARABLE, legal_codes, partners, treatments_in
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.counts import Counted, Counts
from synapse_analytics.disclosure import Policy, rounded
from synapse_analytics.estimates.weighting import LEAST_EFFECTIVE
from synapse_analytics.queries import comparable as q

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
    """The episodes of a cohort that started each treatment, class or strategy with a baseline: all, and by diagnosis who answered."""

    def __init__(self, clinic: Clinic, cohort: Cohort, instrument: int, visit: str) -> None:
        self._policy, self.codes = clinic.policy, legal_codes(clinic.policy)
        self._first_day = v.find(v.VISITS, visit).first
        self.of: dict[str, Counted] = dict.fromkeys(self.codes, NOBODY)
        self._began: dict[str, dict[int, int]] = {code: {} for code in COMPARABLE}
        self._answered: dict[str, dict[int, Counted]] = {code: {} for code in COMPARABLE}
        asked = (clinic, cohort, instrument, visit)
        classes = {code: treatments_in(code) for code in CLASSES}
        self._keep(q.treatments_started(*asked), {q.position_of(code): code for code in v.codes(v.TREATMENTS)})
        self._keep(q.classes_started(*asked, classes), dict(enumerate(classes)))
        under_care = q.under_care(*asked)
        for code in v.codes(v.STRATEGIES):
            self._note(code, under_care.whole(), (), code)
            self._by_diagnosis(under_care, dict.fromkeys(under_care.keys, code), code)

    def _keep(self, found: Counts, names: dict[int, str]) -> None:
        whole = found.fold(lambda key: key[:1])
        for (place,) in whole.keys:
            self._note(names[place], whole, (place,))
        self._by_diagnosis(found, {key: names[key[0]] for key in found.keys})

    def _note(self, code: str, whole: Counts, key: tuple[int, ...], *facts: str) -> None:
        place = whole.place[key]
        self.of[code] = Counted(int(whole.episodes(*facts)[place]), int(whole.patients(*facts)[place]))

    def _by_diagnosis(self, found: Counts, names: Mapping[Any, str], *facts: str) -> None:
        began, answered = found.episodes(*facts), (found.episodes(*facts, q.ANSWERED), found.patients(*facts, q.ANSWERED))
        for place, key in enumerate(found.keys):
            self._began[names[key]][key[-1]] = int(began[place])
            self._answered[names[key]][key[-1]] = Counted(*(int(counts[place]) for counts in answered))

    def _answered_in(self, code: str, diagnoses: Sequence[int]) -> Counted:
        """Who answered in these diagnoses. A patient may have an episode in several: of the patients the most that are surely distinct."""
        found = [self._answered[code][place] for place in diagnoses]
        return Counted(sum(one.episodes for one in found), max((one.patients for one in found), default=0))

    def pairs(self) -> Iterator[Pair]:
        """Every pair that can be asked for; the more invasive first, of strategies what was done."""
        for b, a in combinations(sorted(self.codes, key=_step), 2):
            if a not in partners(b, self.codes) or not self._is_judged(a):
                continue
            shared = [place for place, n in self._began[a].items() if min(n, self._began[b].get(place, 0)) >= self._policy.arm]
            yield Pair(a, b, self._answered_in(a, shared), self._answered_in(b, shared))

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
        key=lambda pair: (
            (pair.a, pair.b) != PREFERRED,
            pair.a in strategies,
            -(rounded(pair.least, policy) or 0),
            *map(COMPARABLE.index, (pair.a, pair.b)),
        ),
    )
