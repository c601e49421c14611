"""A number for every distinct pathway, and its codes. The words for people are made by `pathway` in findings/words.py."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from synapse_analytics.pathways.definition import PathwayDefinition, step_code
from synapse_analytics.pathways.keys import first_of_run
from synapse_analytics.pathways.steps import Steps

KEY_BITS = 63  # of a whole number that keeps its sign
LARGEST_TABLE = 2**22  # up to so many possible keys a table finds the distinct ones faster than a sort

Codes = tuple[str, str]


def number_pathways(steps: Steps) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(episodes, the pathway of each, examples): `examples[pathway]` is the place of the first step of one such episode.

    Pathway 0 means untreated: those episodes have no steps and are not listed. It has no example (-1).
    """
    begin = np.flatnonzero(first_of_run(steps.episode))
    length = np.diff(begin, append=len(steps.episode))
    _, unit_of_step = _distinct(steps.units)  # first the few masks, then the few kinds: tables, no sort
    kinds, kind_of_step = _distinct(unit_of_step * (int(steps.times.max(initial=0)) + 1) + steps.times)
    width, bits = int(len(kinds)).bit_length(), 0
    key = np.zeros(len(begin), dtype=np.int64)
    longer = np.arange(len(begin))
    for step in range(int(length.max(initial=0))):
        if bits + width > KEY_BITS:
            distinct, key = _distinct(key)
            bits = int(len(distinct)).bit_length()
        longer = longer[length[longer] > step]
        key <<= width
        key[longer] += kind_of_step[begin[longer] + step] + 1
        bits += width
    distinct, place = _distinct(key)
    example = np.full(len(distinct) + 1, -1, dtype=np.int64)
    example[place[::-1] + 1] = begin[::-1]
    return steps.episode[begin], (place + 1).astype(np.int32), example


def codes_of(steps: Steps, examples: Iterable[int], definition: PathwayDefinition) -> list[Codes]:
    """(steps, times) of pathways, as in ("medication|discectomy", "1|2"); each is given by the place of its first step."""
    units, times, number = steps.units, steps.times, steps.step
    codes: dict[int, str] = {int(mask): step_code(int(mask), definition.unit) for mask in _distinct(units)[0]}
    found = []
    for first in examples:
        last = first + 1
        while last < len(number) and number[last] > 1:
            last += 1
        of_steps, of_times = units[first:last].tolist(), times[first:last].tolist()
        found.append(("|".join(codes[mask] for mask in of_steps), "|".join(map(str, of_times))))
    return found


def _distinct(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distinct keys in order, and the place of each key among them."""
    if not len(key):
        return key, key.astype(np.int64)
    if int(key.max()) < LARGEST_TABLE:
        seen = np.zeros(int(key.max()) + 1, dtype=bool)
        seen[key] = True
        return np.flatnonzero(seen), (np.cumsum(seen, dtype=np.int32) - 1)[key]
    encoded = pa.array(key).dictionary_encode()  # keys are few: a hash finds them several times faster than a sort
    known = encoded.dictionary.to_numpy()
    order = np.argsort(known)
    rank = np.empty(len(known), dtype=np.int64)
    rank[order] = np.arange(len(known))
    return known[order], rank[encoded.indices.to_numpy()]
