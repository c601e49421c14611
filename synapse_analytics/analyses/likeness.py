"""Who counts as a patient like mine: the particulars asked for, what counts as one step of difference, and the nearest own episodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.analyses.cells import THOUSAND
from synapse_analytics.analyses.options import Option
from synapse_analytics.errors import UsageError
from synapse_analytics.estimates.similarity import Scale, distances, nearest, on_scales

FEWEST, MOST = 20, 500  # patients below which nothing is shown; nearest episodes that are used
# What counts as one caliper of difference. A sex or smoking that differs is one caliper away.
SCALES: Mapping[str, Scale] = {
    "age": Scale(10.0),
    "sex": Scale(1.0),
    "symptom_weeks": Scale(0.7, relative=True),  # half or twice as long
    "pain": Scale(1.5),
    "odi": Scale(10.0),
    "bmi": Scale(4.0),
    "smoker": Scale(1.0),
}
RANGES = {"age": (0, 90), "symptom_weeks": (0, 2600), "pain": (0, 10), "odi": (0, 100), "bmi": (10, 80)}
STORED_IN_THOUSANDTHS = ("pain", "odi", "bmi")
Particular = partial(Option, of_one_patient=True)
OPTIONS = (
    Particular("age", 50, None, "age in years, 0 to 90; empty: any"),
    Particular("sex", None, (None, "female", "male"), "empty: any"),
    Particular("diagnosis", "herniated_disc", v.codes(v.DIAGNOSES), "exactly this primary diagnosis"),
    Particular("symptom_weeks", None, None, "weeks of symptoms at the first visit, 0 to 2600"),
    Particular("pain", 7, None, "baseline of the main pain score, 0 to 10"),
    Particular("odi", None, None, "baseline disability, 0 to 100"),
    Particular("bmi", None, None, "body mass index, 10 to 80"),
    Particular("smoker", None, (None, *v.codes(v.YES_NO)), "empty: any"),
)
NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")  # float() also reads 1_0, 5e1 and the digits of other scripts
WIDTHS = (0.5, 0.75, 1, 1.5, 2, 3)
WIDTH = Option("width", 1, WIDTHS, "largest distance, in calipers, at which an episode still counts as alike")


@dataclass(frozen=True, slots=True)
class Nearest:
    """The places of the nearest episodes among the candidates, and their distances."""

    places: np.ndarray
    distance: np.ndarray


def asked_for(chosen: Mapping[str, Any]) -> dict[str, float]:
    """The attributes that matter, as numbers; UsageError says what is legal."""
    asked: dict[str, float] = {}
    for name, (low, high) in RANGES.items():
        if chosen[name] is not None:
            asked[name] = _number(name, chosen[name], low, high)
    if chosen["sex"] is not None:
        asked["sex"] = 1.0 if chosen["sex"] == "female" else 0.0
    if chosen["smoker"] is not None:
        asked["smoker"] = 1.0 if chosen["smoker"] == "yes" else 0.0
    return asked


def _number(name: str, text: Any, low: float, high: float) -> float:
    value = float(text) if NUMBER.fullmatch(str(text)) else np.nan
    if not low <= value <= high:
        raise UsageError(f"Option {name} cannot be '{text}'. Allowed: {low} to {high}.")
    return value


def in_units(attributes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Attributes of candidates, as stored, in years, weeks and points."""
    return {name: values / THOUSAND if name in STORED_IN_THOUSANDTHS else values for name, values in attributes.items()}


def in_calipers(attributes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Attributes of candidates, as stored, on the scale of calipers; sex is 1 for women, 0 for men, otherwise not known."""
    units = in_units(attributes)
    if "sex" in units:
        female, male = (units["sex"] == v.position(v.SEXES, code) for code in ("female", "male"))
        units["sex"] = np.where(female, 1.0, np.where(male, 0.0, np.nan))
    return on_scales(units, SCALES)


def nearest_to(attributes: Mapping[str, np.ndarray], asked: Mapping[str, float], size: int, width: float) -> Nearest:
    """The nearest within `width` of `size` candidates; both the attributes and what is asked are in calipers."""
    distance = distances(attributes, asked, size)
    places = nearest(distance, width, MOST)
    return Nearest(places, distance[places])
