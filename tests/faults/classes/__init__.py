"""Every class of faults, in the order of docs/faults.md: one module for what befalls the store, one for what people hand in, and so on."""

from __future__ import annotations

from itertools import chain

from tests.faults.classes import (
    at_once,
    bundles,
    clock,
    damaged,
    disk,
    input_addresses,
    input_bundles,
    input_formulas,
    input_naughty,
    killed,
    tampering,
)
from tests.faults.counted import Faults

MODULES = (
    killed,
    disk,
    damaged,
    at_once,
    clock,
    tampering,
    bundles,
    input_bundles,
    input_addresses,
    input_naughty,
    input_formulas,
)
CLASSES: tuple[Faults, ...] = tuple(chain.from_iterable(module.CLASSES for module in MODULES))
