"""The groups of a split in clinical order, and what was counted in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from synapse_analytics.analyses.cells import Row, count_cells, share_support, wilson_cells
from synapse_analytics.analyses.measures import SHARE
from synapse_analytics.analyses.pooling import joined
from synapse_analytics.cohort import Split, group_label, group_order
from synapse_analytics.counts import Counted, Counts, Key
from synapse_analytics.disclosure import Policy


@dataclass(frozen=True, slots=True)
class Group:
    """One group of some counts under its code; a group that was not counted has nobody."""

    code: str
    counts: Counts
    place: int | None

    @classmethod
    def at(cls, counts: Counts, key: Key, code: str = "") -> Group:
        """The group under this key."""
        return cls(code, counts, counts.place.get(key))

    @property
    def key(self) -> Key:
        """What the group is counted under; nothing if it was not counted."""
        return () if self.place is None else self.counts.keys[self.place]

    def episodes(self, *facts: str) -> int:
        """Episodes of the group with all these facts."""
        return 0 if self.place is None else int(self.counts.episodes(*facts)[self.place])

    def patients(self, *facts: str) -> int:
        """Distinct patients of these episodes."""
        return 0 if self.place is None else int(self.counts.patients(*facts)[self.place])

    def counted(self, *facts: str) -> Counted:
        """Both."""
        return Counted(self.episodes(*facts), self.patients(*facts))

    def outside(self, fact: str, *within: str) -> int:
        """Distinct patients with an episode that has all facts of `within` and not this one."""
        return 0 if self.place is None else int(self.counts.outside(fact, *within)[self.place])

    def total(self, name: str) -> int:
        """The sum of a number over the episodes of the group."""
        return 0 if self.place is None else int(self.counts.total(name)[self.place])

    def cells(self, name: str, *facts: str) -> Row:
        """The episodes with these facts as the count `name`, with their patients."""
        return count_cells(name, self.counted(*facts))

    def support(self, part: str, of: str, fact: str, *within: str) -> Row:
        """The counts of a share and its patients: episodes with a fact that implies those of `within`, of the episodes with these."""
        return share_support(part, of, self.counted(fact), self.counted(*within), self.outside(fact, *within))

    def share(self, part: str, of: str, fact: str, *within: str, names: tuple[str, ...] = SHARE) -> Row:
        """The same with the share and its limits."""
        return self.support(part, of, fact, *within) | wilson_cells(self.episodes(fact), self.episodes(*within), names)


def groups_of(by: Split, counts: Counts) -> list[Group]:
    """The groups in clinical order, each in the order of what else it is counted by."""
    values = [key[0] if by else None for key in counts.keys]
    ranks = {value: rank for rank, value in enumerate(group_order(by, set(values)))}
    order = sorted(range(len(values)), key=lambda place: (ranks[values[place]], *counts.keys[place][1 if by else 0 :]))
    return [Group(group_label(by, values[place]), counts, place) for place in order]


def joined_groups(by: str | None, policy: Policy, count: Callable[[Split], Counts], *facts: str) -> tuple[Split, list[Group]]:
    """The split as the policy wants it, by the patients with these facts, and its groups."""
    split = joined(by, count(by), policy, *facts)
    return split, groups_of(split, count(split))
