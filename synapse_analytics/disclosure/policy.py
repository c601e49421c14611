"""The question and the limits under which it is answered: the declarations that the gate reads.

Declarations only, with one check: no policy but `clinic` and `publish` is accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from synapse_analytics.errors import NotAllowed

Row = Mapping[str, Any]


class Kind(StrEnum):
    """What a column holds, which decides how many patients it must rest on and how it is rounded."""

    LABEL = "label"  # names the row; never withheld
    COUNT = "count"
    SHARE = "share"  # numerator over denominator
    MEAN = "mean"  # also SD and model terms
    INTERVAL = "interval"  # limits of a mean or model term
    MEDIAN = "median"
    QUARTILE = "quartile"
    TAIL = "tail"  # P10, P90
    RATE = "rate"  # a comparison or rate between groups
    CURVE = "curve"  # a point of a survival or incidence curve; rests on the number at risk
    AT_RISK = "at_risk"  # the number at risk itself


@dataclass(frozen=True, slots=True)
class Measure:
    """One released column and the support columns it rests on; support columns hold distinct patients and stay behind.

    `patients` names the patients of the value (a count) or of its denominator (a share, mean, median ...).
    `part` names the patients of a share's numerator, of the second arm of a rate, or those who had the event of a curve by then.
    `outside` names the patients of a share's complement.
    `count` and `of` name the columns with the numerator and the denominator: a policy that rounds makes the share of them again.
    `reach` names the column that says how far apart the values of two patients can lie (10 on a pain scale): a policy that rounds
    shows a mean of n patients in steps of reach / n, so that one patient more or fewer could not be told from its sum.
    """

    name: str
    kind: Kind
    patients: str = "patients"
    part: str | None = None
    outside: str | None = None
    count: str | None = None
    of: str | None = None
    reach: str | None = None


@dataclass(frozen=True, slots=True)
class TableRule:
    """The columns of one released table, in order."""

    name: str
    measures: tuple[Measure, ...]


class Policy(NamedTuple):
    """The limits in force: `clinic` for staff bound by confidentiality, `publish` for all that leaves the clinic. A tuple, so that nobody changes one.

    A cohort of 1 to `group` - 1 patients is refused, and a group of 1 to `group` - 1 shows only its counts. Where `counted` is above 1,
    counts of 1 to `counted` - 1 patients are withheld, with everything that rests on one.
    """

    name: str
    group: int
    counted: int
    count_step: int  # counts are rounded to a multiple of this; 1 = exact
    digits: int | None  # significant digits of every other number; None = as computed
    mean: int
    interval: int
    median: int
    quartile: int
    tail: int
    arm: int
    at_risk: int
    curve_step: int = 1  # a curve moves only after so many patients had the event
    small_arm: int = 30  # a shown arm under this is called small

    @property
    def rounds(self) -> bool:
        """True if numbers are shown coarser than they are."""
        return self.count_step > 1


CLINIC = Policy(
    "clinic", group=5, counted=1, count_step=1, digits=None, mean=5, interval=10, median=10, quartile=20, tail=50, arm=10, at_risk=10
)
PUBLISH = Policy(
    "publish",
    group=13,
    counted=13,  # 11 and 12 would be rounded to 10, and a 10 reads as a count of 1 to 10
    count_step=5,
    digits=2,
    mean=13,
    interval=13,
    median=22,
    quartile=44,
    tail=110,
    arm=30,
    at_risk=13,
    curve_step=11,
)
POLICIES: Mapping[str, Policy] = MappingProxyType({policy.name: policy for policy in (CLINIC, PUBLISH)})  # the stricter one last
_GENUINE = (CLINIC, PUBLISH)


def check_policy(policy: Any) -> Policy:
    """The policy itself if it is one of the two objects; NotAllowed for a copy with other limits, whatever its name."""
    if not any(policy is genuine for genuine in _GENUINE):
        raise NotAllowed("This is neither of the two policies, clinic and publish. No other policy is answered.")
    return policy


@dataclass(frozen=True, slots=True)
class Question:
    """A question: the name of the analysis, cohort, generation, policy and options."""

    name: str
    cohort: Any  # synapse_analytics.cohort.Cohort
    generation: str
    policy: Policy
    options: Mapping[str, Any]
    names: frozenset[str] = frozenset()  # names of rows beside the vocabulary: sites, clinicians, filters
