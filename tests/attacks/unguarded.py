"""The attack on one patient's score once more, as if `publish` answered about any cohort: the steps of means must hide it alone.

With the guards on, hardly any two cohorts that differ by one patient can be asked for, and an attack that tries nothing shows nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import Cohort
from synapse_analytics.queries import population
from tests.attacks.asking import Ask
from tests.attacks.clinics import Known
from tests.attacks.desk import Desk
from tests.attacks.finding import Result
from tests.attacks.scores import scores

ALL_BUT_ONE = [Cohort(diagnosis=tuple(code for code in v.codes(v.DIAGNOSES) if code != left)) for left in v.codes(v.DIAGNOSES)]
NESTED = (
    *(Ask(name, Cohort()) for name in ("baseline_table", "score_over_time", "overview", "symptoms")),
    *(Ask("baseline_table", cohort, (("by", None),)) for cohort in (Cohort(), *ALL_BUT_ONE)),
    *(Ask("score_over_time", cohort) for cohort in ALL_BUT_ONE),
)


@contextmanager
def any_cohort() -> Iterator[None]:
    """No filter is too fine, and a cohort may leave out a few."""

    def unchecked(*_args: Any, **_options: Any) -> None:
        """Everything is allowed."""

    with ExitStack() as guards:
        guards.enter_context(patch.object(population, "check_allowed", unchecked))
        guards.enter_context(patch.object(population, "check_rest", unchecked))
        yield


def scores_of_any_cohort(known: Known, asks: Iterable[Ask] = NESTED) -> Result:
    """One patient's score under `publish`, were any cohort allowed."""
    desk = Desk(known, "publish", with_frank=True)
    with any_cohort():
        for ask in asks:
            desk.ask(ask)
    found = scores(desk)
    found.attack = "one patient's score, were any cohort allowed"
    return found
