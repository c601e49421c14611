"""Runs every attack on one clinic under one policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.attacks.asking import Ask
from tests.attacks.clinics import Known
from tests.attacks.cohorts import cohorts, fine_questions
from tests.attacks.curves import curves
from tests.attacks.desk import Desk
from tests.attacks.direct import direct
from tests.attacks.finding import Result
from tests.attacks.scores import scores, sizes
from tests.attacks.subtraction import subtraction

ATTACKS: tuple[Callable[[Desk], Result], ...] = (direct, subtraction, cohorts, scores, sizes, curves, fine_questions)


def attacked(known: Known, policy: str, asks: Iterable[Ask]) -> tuple[Desk, list[Result]]:
    """Ask everything, then attack what was released."""
    desk = Desk(known, policy, with_frank=policy == "publish")
    for ask in asks:
        desk.ask(ask)
    return desk, [attack(desk) for attack in ATTACKS]
