"""Sort keys: several small whole numbers packed into one 64-bit integer, because sorting one array is many times faster than sorting by three."""

from __future__ import annotations

import numpy as np

DAY_BITS = 17  # days to 131,071; ends are cut at LAST_DAY, so a difference of two keys tells whether the episode changed
LAST_DAY = 2**16 - 1
START_BITS = 10  # starts lie in 0..LONGEST_WINDOW
UNIT_BITS = 5  # the longest list of units has 17 entries


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
