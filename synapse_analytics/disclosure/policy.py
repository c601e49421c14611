"""What is asked and under which limits: the declarations the gate reads. Nothing in here decides or computes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

Row = Mapping[str, Any]


class Kind(StrEnum):
    """What a column holds, which decides how many patients it must rest on."""

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


@dataclass(frozen=True, slots=True)
class Measure:
    """One released column and the hidden support columns it rests on.

    `patients` names the support column with the distinct patients of the value (a count), or of its denominator
    (a share, mean, median ...). `part` names the support column with the patients of a share's numerator (or of the
    second arm of a rate); the complement of a share is checked too.
    """

    name: str
    kind: Kind
    patients: str = "patients"
    part: str | None = None
    count: str | None = None  # a share is recomputed after rounding as this released count ...
    of: str | None = None  # ... over this one; without it over the sum of the shown cells of the breakdown
    rest: str | None = None  # support column with the patients of the complement, where patients - part is not exact
    keep_part: bool = False  # where only the complement is small: withhold the denominator and spare the numerator


@dataclass(frozen=True, slots=True)
class TableRule:
    """The columns of one released table, in order, and where its counts add up.

    `within`: label columns inside which the `count` cells of the rows add up to a shown total, so that a single
    withheld cell could be found by subtraction; None when rows do not partition anything. A label column named
    `group` always partitions: its rows add up to the same question asked of everybody.
    """

    name: str
    measures: tuple[Measure, ...]
    within: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The limits in force; `clinic` for staff bound by confidentiality, `publish` for everyone else."""

    name: str
    smallest_count: int  # 1 .. smallest_count - 1 patients are withheld
    count_step: int  # counts are rounded to a multiple of this; 1 = exact
    mean: int
    interval: int
    median: int
    quartile: int
    tail: int
    arm: int
    at_risk: int
    small_arm: int = 30  # a shown arm under this is called small
    curve_step: int = 1  # a curve moves only after so many events and censorings


CLINIC = Policy("clinic", smallest_count=5, count_step=1, mean=5, interval=10, median=10, quartile=20, tail=50, arm=10, at_risk=10)
PUBLISH = Policy(
    "publish",
    smallest_count=11,
    count_step=5,
    mean=11,
    interval=11,
    median=22,
    quartile=44,
    tail=110,
    arm=30,
    at_risk=11,
    curve_step=11,
)
POLICIES: Mapping[str, Policy] = MappingProxyType({policy.name: policy for policy in (CLINIC, PUBLISH)})


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the analysis, of whom, of which generation, under which policy and options."""

    name: str
    cohort: Any  # synapse_analytics.cohort.Cohort
    generation: str
    policy: Policy
    options: Mapping[str, Any]
