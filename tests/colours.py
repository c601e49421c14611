"""How far apart the product's colours are, for every kind of sight, and how well they stand out: `python -m tests.colours` prints it.

Sight without one kind of cone is simulated as in Machado, Oliveira and Fernandes 2009 (IEEE TVCG 15:1291, severity 1.0, on linear RGB).
Distances are CIEDE2000 (Sharma, Wu and Dalal 2005, Color Research and Application 30:21). Contrast is that of WCAG 2.2.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.figures import colours
from synapse_analytics.figures.ends import ORDER, end_colour
from synapse_analytics.figures.marks import filled
from synapse_analytics.figures.sparkline import BAND
from synapse_analytics.figures.stacks import ink
from synapse_analytics.figures.theme import DARK, LIGHT, Look, mixed, shade
from synapse_analytics.figures.verdict_matrix import TINT

Array = np.ndarray
TEXT, MARK = 4.5, 3.0  # contrast that WCAG 2.2 asks for (1.4.3 and 1.4.11)
SIGHTS = {
    "normal": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = TO_XYZ.sum(axis=1)


def linear(colour: str) -> Array:
    """The linear red, green and blue of `#rrggbb`, 0 to 1."""
    part = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def lab(colour: str, sight: str = "normal") -> Array:
    """CIE L*a*b* (D65) of a colour as it is seen."""
    seen = np.clip(SIGHTS[sight] @ linear(colour), 0, 1)
    ratio = TO_XYZ @ seen / WHITE
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: Array, other: Array) -> float:
    """The distance of two colours in L*a*b*; 1 is about what is just seen where two patches touch."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    c1, c2 = np.hypot((1 + g) * a1, b1), np.hypot((1 + g) * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, (1 + g) * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    middle = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    level, c = (l1 + l2) / 2, (c1 + c2) / 2
    t = 1 - 0.17 * _cos(middle - 30) + 0.24 * _cos(2 * middle) + 0.32 * _cos(3 * middle + 6) - 0.20 * _cos(4 * middle - 63)
    by_l = (l2 - l1) / (1 + 0.015 * (level - 50) ** 2 / np.sqrt(20 + (level - 50) ** 2))
    by_c = (c2 - c1) / (1 + 0.045 * c)
    by_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * c * t)
    rotated = -np.sin(np.radians(60 * np.exp(-(((middle - 275) / 25) ** 2)))) * 2 * np.sqrt(c**7 / (c**7 + 25.0**7))
    return float(np.sqrt(by_l**2 + by_c**2 + by_h**2 + rotated * by_c * by_h))


def _cos(degrees: float) -> float:
    return float(np.cos(np.radians(degrees)))


def apart(one: str, other: str, sight: str = "normal") -> float:
    """How far apart two colours are for a kind of sight."""
    return ciede2000(lab(one, sight), lab(other, sight))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted(float(LUMINANCE @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


Named = tuple[str, str]  # what is coloured, and its colour
Pairs = Sequence[tuple[Named, Named]]


@dataclass(frozen=True, slots=True)
class Nearest:
    """The two colours of a kind that are nearest to each other for a kind of sight."""

    one: str
    other: str
    distance: float


def nearest(pairs: Pairs, sight: str) -> Nearest:
    """The nearest of these pairs."""
    return min((Nearest(one, other, apart(a, b, sight)) for (one, a), (other, b) in pairs), key=lambda found: found.distance)


def verdicts(look: Look) -> list[Named]:
    """What says better, the same or worse."""
    return [("better", look.better), ("same", look.same), ("worse", look.worse)]


def diagnoses(look: Look) -> list[Named]:
    """Each diagnosis, and what is none of those with a name."""
    return [(code, look.of(shade)) for code, shade in colours.DIAGNOSES.items()]


def classes(look: Look) -> list[Named]:
    """Each class of treatment."""
    return [(code, look.of(shade)) for code, shade in colours.CLASSES.items()]


def stages(look: Look) -> list[Named]:
    """The stages of care that are a treatment."""
    return [(code, look.of(shade)) for code, shade in colours.STAGES.items() if code != "none"]


def families(look: Look) -> dict[str, Pairs]:
    """The pairs of colours that may stand in one chart or on one page, by what kind of pair they are."""
    stage = {term.code: term.stage for term in v.TREATMENT_CLASSES}
    treated = list(combinations(classes(look), 2))
    one = [("one", look.one)]
    ends = [(code, end_colour(look, code)) for code in ORDER]
    return {
        "verdicts": list(combinations(verdicts(look), 2)),
        "stages": list(combinations(stages(look), 2)),
        "a verdict and a stage": list(product(verdicts(look), stages(look))),
        "neighbours in a bar of ends": list(pairwise(ends)),
        "classes of one stage": [pair for pair in treated if stage[pair[0][0]] == stage[pair[1][0]]],
        "classes of different stages": [pair for pair in treated if stage[pair[0][0]] != stage[pair[1][0]]],
        "a diagnosis and another": list(combinations(diagnoses(look), 2)),
        "a verdict and a class": list(product(verdicts(look), classes(look))),
        "a verdict and a diagnosis": list(product(verdicts(look), diagnoses(look))),
        "a treatment and a diagnosis": list(product(classes(look), diagnoses(look))),
        "one and a verdict": list(product(one, verdicts(look))),
        "one and a group": list(product(one, [*classes(look), *diagnoses(look)])),
    }


def marks(look: Look) -> list[tuple[str, float]]:
    """The contrast of every mark with the ground it stands on: the page, a card, and the band of usual variation."""
    band = ("band", mixed(look.line, look.paper, BAND))
    page = [("page", look.paper), ("panel", look.panel)]
    own = [
        ("one", look.one),
        ("bar without a colour", filled(look, look.one)),
        ("resolved", look.resolved),
        *verdicts(look),
        *classes(look),
        *diagnoses(look),
    ]
    found = [(f"{name} on {ground}", contrast(colour, under)) for name, colour in own for ground, under in page]
    return found + [(f"{name} on band", contrast(colour, band[1])) for name, colour in verdicts(look)]


def texts(look: Look) -> list[tuple[str, float]]:
    """The contrast of every kind of text with what it stands on."""
    words = [("text", look.text), ("quiet", look.quiet), ("link", look.link)]
    grounds = [("page", look.paper), ("panel", look.panel)]
    tints = [(f"tint of {name}", mixed(colour, look.paper, TINT)) for name, colour in (("better", look.better), ("worse", look.worse))]
    shades = [(f"shade {part:.0%}", shade(look, part)) for part in (0.0, 0.25, 0.5, 0.75, 1.0)]
    filled = [(code, look.of(one)) for code, one in colours.STAGES.items()] + [(code, end_colour(look, code)) for code in ORDER]
    found = [(f"{name} on {ground}", contrast(colour, under)) for name, colour in words for ground, under in (*grounds, *tints)]
    found += [(f"text on {name}", contrast(look.text, under)) for name, under in shades]
    return found + [(f"letters on {name}", contrast(ink(under), under)) for name, under in filled]


def report() -> Iterator[str]:
    """The table of what was measured, line by line."""
    for look in (LIGHT, DARK):
        yield f"{look.name}: nearest pair, CIEDE2000".ljust(42) + "".join(sight.rjust(9) for sight in SIGHTS)
        for kind, pairs in families(look).items():
            yield f"  {kind:40}" + "".join(f"{nearest(pairs, sight).distance:9.1f}" for sight in SIGHTS)
        for name, measured, least in (("mark", marks(look), MARK), ("text", texts(look), TEXT)):
            what, ratio = min(measured, key=lambda one: one[1])
            yield f"  least contrast of a {name}, {least:g} is needed: {ratio:.2f} ({what}; {len(measured)} measured)"


if __name__ == "__main__":
    sys.stdout.write("\n".join([*report(), ""]))
