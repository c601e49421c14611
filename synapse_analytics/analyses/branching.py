"""The answer about branching: in which order the stages of care came, as a tree whose branches add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from synapse_analytics.analyses.asking import Found
from synapse_analytics.analyses.cells import Row, ratio, share_support
from synapse_analytics.analyses.measures import N, counts_of, labels, share_of
from synapse_analytics.analyses.pooling import rare_names
from synapse_analytics.analyses.registry import analysis
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.groups import POOLED
from synapse_analytics.counts import Counted, Counts, Key
from synapse_analytics.disclosure import Policy, TableRule
from synapse_analytics.queries.branching import stage_orders
from synapse_analytics.queries.escalation import CARE

Rename = Callable[[Key], Key | None]
NOTHING = "none"  # nothing further so far; as the first of all: no treatment
PLACES = ("first_stage", "second_stage", "third_stage")
NOT_INJECTED = "no_injection_before"
ORDER = (*CARE, POOLED, NOTHING)

BRANCHES = TableRule("branches", (*labels(*PLACES), N, share_of("n", "all", "share_of_all"), share_of("n", "former", "share_of_former")))
STAGES = TableRule("stages", (*labels("stage"), *counts_of("n", "of"), share_of("n", "of")))


@analysis()
def branching(clinic: Clinic, cohort: Cohort) -> Found:
    """In which order do conservative care, injection and surgery come?

    branches: the stages in the order of their first days, from the first visit to day 730 (in the order named here where they begin on
    one day; what was over before the first visit does not count). n counts the episodes whose stages begin as the row says. The stage
    `none` means nothing further so far; as the first stage, no treatment at all. The rows that continue a row add up to its n, and
    share_of_former is their share of it. Under the policy publish rare branches are pooled and not followed further.
    stages: the episodes that had each stage at any time, of all; and, of those operated, how many had no injection before, neither
    earlier nor on the same day.
    """
    orders = stage_orders(clinic, cohort)
    return Found([(BRANCHES, list(_branches(orders, clinic.policy))), (STAGES, list(_stages(orders)))])


def _branches(orders: Counts, policy: Policy) -> Iterator[Row]:
    """One row for every place of the tree, each before those that continue it."""
    tree = _pooled(orders.fold(lambda key: (*key, NOTHING) if len(key) < len(CARE) else key), policy)
    known: dict[Key, Counted] = {}
    for depth in range(len(CARE) + 1):
        level = tree.fold(_as_far_as(depth))
        counted = zip(level.episodes().tolist(), level.patients().tolist(), strict=True)
        known |= {key: Counted(*cells) for key, cells in zip(level.keys, counted, strict=True)}
    for key in sorted(known, key=lambda key: [ORDER.index(code) for code in key]):
        if key:
            n, former, everybody = known[key], known[key[:-1]], known[()]
            yield (
                dict(zip(PLACES, (*key, None, None), strict=False))
                | share_support("n", "all", n, everybody)
                | share_support("n", "former", n, former)
                | {"share_of_all": ratio(n.episodes, everybody.episodes), "share_of_former": ratio(n.episodes, former.episodes)}
            )


def _pooled(tree: Counts, policy: Policy) -> Counts:
    """The same tree, where the policy rounds: place by place the rare ways on are one; neither they nor a rare way that is alone are followed."""
    if not policy.rounds:
        return tree
    for depth in range(len(CARE)):
        level = tree.fold(_as_far_as(depth + 1))
        ways: dict[Key, dict[str, int]] = {}
        for key, patients in zip(level.keys, level.patients().tolist(), strict=True):
            ways.setdefault(key[:-1], {})[key[-1]] = patients
        ends: dict[Key, Key] = {}  # the rare ways on, and what becomes of them
        for place, patients in ways.items():
            ends |= {(*place, way): (*place, way) for way, number in patients.items() if number < policy.counted}
            ends |= {(*place, way): (*place, POOLED) for way in rare_names(patients, policy)}
        tree = tree.fold(_ending(ends, depth + 1))
    return tree


def _as_far_as(depth: int) -> Rename:
    return lambda key: key[:depth] if len(key) >= depth else None


def _ending(ends: Mapping[Key, Key], depth: int) -> Rename:
    return lambda key: ends.get(key[:depth], key)


def _having(stage: str) -> Rename:
    return lambda key: () if stage in key else None


def _stages(orders: Counts) -> Iterator[Row]:
    everybody = _of(orders.whole())
    for stage in CARE:
        yield _share(stage, _of(orders.fold(_having(stage))), everybody)
    without = orders.fold(lambda key: () if "surgery" in key and "injection" not in key[: key.index("surgery")] else None)
    yield _share(NOT_INJECTED, _of(without), _of(orders.fold(_having("surgery"))))


def _of(counts: Counts) -> Counted:
    """Episodes and patients of counts under one key; of none nobody."""
    return Counted(int(counts.episodes().sum()), int(counts.patients().sum()))


def _share(stage: str, n: Counted, of: Counted) -> Row:
    return {"stage": stage, "share": ratio(n.episodes, of.episodes)} | share_support("n", "of", n, of)
