"""Every class of faults, in the order of docs/faults.md: one module for what befalls the store, one for what people hand in, and so on."""

from __future__ import annotations

import logging
from dataclasses import replace
from itertools import chain

from tests.faults.classes import (
    at_once,
    bundles,
    clock,
    damaged,
    disk,
    input_addresses,
    input_bundles,
    input_commands,
    input_disguised,
    input_formulas,
    input_naughty,
    input_own_files,
    input_requests,
    input_small,
    killed,
    tampering,
)
from tests.faults.counted import Count, Faults, count

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
    input_disguised,
    input_own_files,
    input_naughty,
    input_formulas,
    input_commands,
    input_requests,
    input_small,
)
CONTEXT = "streamlit.runtime.scriptrunner_utils.script_run_context"  # warns of each part of a page that is asked for outside a page
CLASSES: tuple[Faults, ...] = tuple(chain.from_iterable(module.CLASSES for module in MODULES))


def count_at(place: int, is_sample: bool) -> Count:
    """Try the class at this place in a process of its own, from which the class itself does not travel back."""
    logging.getLogger(CONTEXT).disabled = True
    faults = CLASSES[place]
    return replace(count(faults, faults.sample if is_sample else None), faults=None)  # type: ignore[arg-type]
