"""Rows of a few put together before the gate, so that what is shown adds up: neighbours join, what is rare is pooled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from synapse_analytics.cohort import Joined, Split, group_label, group_order
from synapse_analytics.cohort.groups import ALL, POOL_VALUE, POOLED, UNITS
from synapse_analytics.counts import Counts, Key
from synapse_analytics.disclosure import Policy

Array = np.ndarray
RARE = 0.001  # of all patients: a thinner band or a row further down is not read
KEEPS_ITS_NAME = 1 / 3  # of all patients: "men" pooled with a few others would lose more than those few withheld
ORDERED = ("year", "age_band")  # splits whose neighbours join


def rare(counts: Array, within: Array, limit: int, largest: float = 1.0) -> Array:
    """Which rows to pool, in each `within`: those under the limit, and the next smallest until the pool reaches it.

    A pool under the limit would hold as little that may be shown as the rows it is made of. A row of more than this
    largest part of its `within` joins no pool.
    """
    order = np.lexsort((counts, within))
    pooled = np.zeros(len(counts), dtype=bool)
    owner, size, most = None, 0, 0.0
    for row, count, owned in zip(order.tolist(), counts[order].tolist(), within[order].tolist(), strict=True):
        if owned != owner:
            owner, size, most = owned, 0, largest * float(counts[within == owned].sum())
        if 0 < count < limit or (0 < size < limit and count <= most):
            pooled[row] = True
            size += count
    return pooled


def rare_limit(policy: Policy, patients: int) -> int:
    """Fewer patients than this are rare in a cohort of so many."""
    return max(policy.group, int(patients * RARE))


def rare_names(patients: Mapping[str, int], policy: Policy) -> list[str]:
    """Which rows of a list are pooled under a policy that rounds; none if there is nothing to pool them with."""
    if not policy.rounds:
        return []
    counts = np.array(list(patients.values()), dtype=np.int64)
    few = rare(counts, np.zeros(len(counts)), policy.counted, KEEPS_ITS_NAME)
    return [name for name, pooled in zip(patients, few.tolist(), strict=True) if pooled] if few.sum() > 1 else []


def joined(by: str | None, found: Counts, policy: Policy, *names: str) -> Split:
    """The split whose groups hold enough patients with these facts (the first key is the group).

    Years and age bands join their neighbours, other rare groups are pooled. Only where the policy rounds.
    """
    if by is None or not policy.rounds or by in UNITS:  # no policy that rounds lets anybody split by units
        return by
    groups = found.fold(lambda key: key[:1])
    values = group_order(by, [key[0] for key in groups.keys])
    if by in ORDERED:
        return _neighbouring(by, groups, values, policy, names)
    few = rare_names({value: int(groups.patients(*names)[groups.place[(value,)]]) for value in values}, policy)
    if not few:
        return by
    return Joined(by, ((tuple(few), POOL_VALUE, ALL if len(few) == len(values) else POOLED),))


def _neighbouring(by: str, groups: Counts, values: Sequence[Any], policy: Policy, names: tuple[str, ...]) -> Split:
    known = [value for value in values if value is not None]  # what is not recorded has no neighbour
    place = {value: number for number, value in enumerate(known)}
    span = spans(groups, lambda key: place.get(key[0]), len(known), policy.counted, *names)
    made = []
    for number in np.unique(span):
        members = [known[k] for k in np.flatnonzero(span == number)]
        if len(members) > 1:
            made.append((tuple(members), members[0], _between(*(group_label(by, members[end]) for end in (0, -1)))))
    return Joined(by, tuple(made)) if made else by


def _between(first: str, last: str) -> str:
    """From the first to the last of two codes: "2021 to 2023", "18-64"."""
    return f"{first.split('-', maxsplit=1)[0]}-{last.rsplit('-', maxsplit=1)[-1]}" if "-" in first else f"{first} to {last}"


def spans(found: Counts, place_of: Callable[[Key], int | None], size: int, limit: int, *names: str) -> Array:
    """The number of the span of each of `size` ordered neighbours, so that each span holds nobody or enough distinct patients.

    `place_of` tells the place of a key of the counts; a key without one is left out.
    """
    span = np.arange(size)
    while True:  # ends, because there are fewer spans each time
        wider = neighbours(_patients_of(found, place_of, span, names), limit)
        if not len(wider) or wider[-1] == len(wider) - 1:
            return span
        span = wider[span]


def _patients_of(found: Counts, place_of: Callable[[Key], int | None], span: Array, names: Sequence[str]) -> Array:
    """Distinct patients of each span, counted anew: one may lie in several neighbours."""

    def of(key: Key) -> Key | None:
        place = place_of(key)
        return None if place is None else (int(span[place]),)

    counts = found.fold(of)
    patients = np.zeros(int(span.max(initial=-1)) + 1, dtype=np.int64)
    patients[[number for (number,) in counts.keys]] = counts.patients(*names)
    return patients


def neighbours(counts: Array, limit: int) -> Array:
    """The number of the span of each count: neighbours join until they reach the limit; nought at either end stays alone."""
    held = np.flatnonzero(counts)
    span, number, size, full = np.arange(len(counts)), -1, 0, -1
    for place in range(len(counts)):
        if not size:
            number += 1
        span[place] = number
        if len(held) and place <= held[-1]:
            size += int(counts[place])
            if size >= limit:
                size, full = 0, number
        if len(held) and place == held[-1] and size:  # what is left joins the last full span
            if full < 0:
                return np.zeros(len(counts), dtype=np.int64)  # even where a few lie is not told
            span[: place + 1] = np.minimum(span[: place + 1], full)
            number, size = full, 0
    return span
