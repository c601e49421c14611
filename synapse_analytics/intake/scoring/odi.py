"""The Oswestry Disability Index from its ten items.

Score: sum of the answered items (0 to 5 each) / (5 x answered items) x 100. Fairbank JC, Pynsent PB. The Oswestry Disability Index.
Spine 2000;25:2940-52 (PMID 11074683): a section that is not answered lessens the highest possible sum. We read the rule in LOINC's
description of its code 97909-6, which cites the paper, not in the paper itself. That at least 8 of 10 items must be answered is our
own proposal.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from synapse_analytics.intake.scoring.scored import Scored, half_up

ITEMS = 10
NEEDED = 8
HIGHEST = 5
Coding = Literal["0-5", "1-6"]
_LOWEST = {"0-5": 0, "1-6": 1}


def odi(items: np.ndarray, *, coded: Coding) -> Scored:
    """The ODI (0 to 100, two decimals) of rows x ten items; NaN = not answered. Nothing is imputed.

    `coded` says how the source writes the six answers of an item. An item outside the coding, or not a whole number, is a fault.
    """
    _ten(items)
    points = items - _LOWEST[coded]
    given = ~np.isnan(points)
    wrong = (given & ~((points >= 0) & (points <= HIGHEST) & (points == np.floor(points)))).any(axis=1)
    answered = given.sum(axis=1)
    enough = ~wrong & (answered >= NEEDED)
    raw = np.where(given, points, 0.0).sum(axis=1) * 100
    scores = np.divide(raw, HIGHEST * answered, out=np.full(len(items), np.nan), where=enough)
    return Scored(half_up(scores, 2), ~wrong & (answered > 0) & (answered < NEEDED), wrong)


def answered_items(items: np.ndarray) -> np.ndarray:
    """How many of the items each row answers."""
    return (~np.isnan(items)).sum(axis=1)


def _ten(items: np.ndarray) -> None:
    if items.ndim != 2 or items.shape[1] != ITEMS:
        raise ValueError(f"The ODI needs {ITEMS} items in each row.")
