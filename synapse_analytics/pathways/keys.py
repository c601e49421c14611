"""Sort keys: several small whole numbers packed into one 64-bit integer, because sorting one array is many times faster than sorting by three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

T = TypeVar("T")
DAY_BITS = 17  # days to 131,071; ends are cut at LAST_DAY, so a difference of two keys tells whether the episode changed
LAST_DAY = 2**16 - 1
START_BITS = 10  # starts lie in 0..LONGEST_WINDOW
UNIT_BITS = 5  # the longest list of units has 17 entries
PART = 50_000  # episodes whose rows stay in the processor's cache


def for_each_part(work: Callable[..., T], *tables: np.ndarray) -> list[T]:
    """The results of `work`, which gets the rows of some episodes at a time: a slice of each of `tables`, the episodes of the rows.

    Parts are faster than the whole and take a fraction of the memory, and two run at once: numpy lets go of the interpreter.
    """
    parts = list(_parts(tables))
    if len(parts) == 1:
        return [work(*parts[0])]
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(lambda slices: work(*slices), parts))


def _parts(tables: tuple[np.ndarray, ...]) -> Iterator[tuple[slice, ...]]:
    """Slices of the tables; rows that do not come by episode are one part."""
    there = [episode for episode in tables if len(episode)]
    if not there or any((episode[1:] < episode[:-1]).any() for episode in there):
        yield (slice(None),) * len(tables)
        return
    first, last = min(int(episode[0]) for episode in there), max(int(episode[-1]) for episode in there)
    edges = np.append(np.arange(first, last + 1, PART), last + 1)
    bounds = [np.searchsorted(episode, edges) for episode in tables]
    for place in range(len(edges) - 1):
        yield tuple(slice(bound[place], bound[place + 1]) for bound in bounds)


def pack(first: np.ndarray, *others: tuple[np.ndarray | int, int]) -> np.ndarray:
    """`first`, then each (values, bits) below it."""
    key = first.astype(np.int64)
    for values, bits in others:
        key <<= bits
        key |= values
    return key


def field(key: np.ndarray, shift: int, bits: int) -> np.ndarray:
    """The `bits` bits that lie `shift` above the lowest."""
    return (key >> shift) & ((1 << bits) - 1)


def first_of_run(key: np.ndarray) -> np.ndarray:
    """True where a sorted key differs from the one before it."""
    first = np.ones(len(key), dtype=bool)
    np.not_equal(key[1:], key[:-1], out=first[1:])
    return first
