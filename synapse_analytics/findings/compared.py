"""How a sentence compares groups: one rule for every chart.

A group of few episodes is drawn with its interval, but no sentence singles it out: its extreme is mostly chance. Sites and
clinicians are never named as the one with most or least.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics.cohort.groups import POOLED, POOLED_UNITS
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
Write = Callable[[Any], str]
ENOUGH = 30  # episodes; a shown arm of fewer patients is called small, too
UNITS = {"site": "sites", "clinician": "clinicians"}
ONE_GROUP = "There is only one group, so there is nothing to compare."
RARE_SEXES = ("other", "unknown")
NOTABLE = 0.1  # a standardised difference beyond this is commonly called an imbalance (Austin 2009)


@dataclass(frozen=True, slots=True)
class Compared:
    """The rows of groups that are large enough to be compared by one column, and how many are not.

    A cohort of one site has one group: its value is said, as there is nothing to compare it with.
    """

    by: str | None
    column: str
    rows: tuple[Row, ...]
    smaller: int
    needs: str = f"{ENOUGH} or more"
    lacks: str = f"fewer than {ENOUGH} episodes"  # what a group that is not compared has

    @property
    def may_be_said(self) -> bool:
        """True if two groups are large enough, or the only one is."""
        return len(self.rows) > 1 or (len(self.rows) == 1 and not self.smaller)

    @property
    def most(self) -> Row:
        """The row with the highest value."""
        return max(self.rows, key=lambda row: row[self.column])

    @property
    def least(self) -> Row:
        """The row with the lowest value."""
        return min(self.rows, key=lambda row: row[self.column])

    def ends(self, write: Write) -> str:
        """`between 17 % (Spinal stenosis) and 32 % (Herniated disc)`; of sites and clinicians the ends without names."""
        low, high = write(self.least[self.column]), write(self.most[self.column])
        if len(self.rows) == 1:
            return f"{low} ({'1 ' + self.by if self.by in UNITS else w.group(self.by, self.rows[0]['group'])})"
        if low == high:
            return f"{low} in each of the {len(self.rows)} groups"
        if self.by in UNITS:
            return f"between {low} and {high} across {len(self.rows)} {UNITS[self.by]}"
        return f"between {low} ({w.group(self.by, self.least['group'])}) and {high} ({w.group(self.by, self.most['group'])})"

    @property
    def none(self) -> str:
        """What is said instead of a comparison."""
        return f"Too few episodes to compare: each group needs {self.needs}."

    @property
    def rest(self) -> str:
        """A sentence about the groups that are not compared; empty where there is none."""
        if not self.smaller:
            return ""
        groups = "1 group is" if self.smaller == 1 else f"{self.smaller} groups are"
        return f" {groups} too small to compare ({self.lacks})."


def in_order(rows: Iterable[Row], column: str) -> list[Any]:
    """The distinct values of a column, in the order of the rows (which is the analysis's)."""
    return list(dict.fromkeys(row[column] for row in rows))


def without_rare_sexes(groups: Sequence[str], by: str | None) -> tuple[Sequence[str], Sequence[str]]:
    """The groups a table has columns for, and those of a rare sex, which it counts in a sentence; alone, the rare ones have columns.

    Of a split by sex the pool, where there is one, holds the rare sexes.
    """
    rare = [group for group in groups if by in ("sex", "age_sex") and group.rpartition("_")[2] in RARE_SEXES]
    rare += [group for group in groups if by == "sex" and group == POOLED]
    kept = [group for group in groups if group not in rare]
    return (kept, rare) if kept else (groups, [])


def not_drawn(released: Released, sizes: Mapping[str, int | None]) -> str:
    """A sentence about the groups that have no column, with their episodes where these were counted exactly; empty where there is none."""
    if not any(size != 0 for size in sizes.values()):
        return ""
    what = "of patients of other or unknown sex" if released.options.get("by") in ("sex", "age_sex") else "for which this is not recorded"
    known = [size for size in sizes.values() if size is not None]
    if released.policy == "publish" or len(known) < len(sizes):  # rounded numbers do not add up
        return f"Not shown here: episodes {what}; the download has what may be shown."
    total = sum(known)
    return f"Not shown here: {total:,} {'episode' if total == 1 else 'episodes'} {what}; the download has {'it' if total == 1 else 'them'}."


def compared(rows: Iterable[Row], by: str | None, column: str, size: str | Callable[[Row], int | None], **why: str) -> Compared:
    """The rows to compare by a column; `size` names the episodes each value rests on, `why` other needs than that. What is pooled is no group."""
    of = size if callable(size) else lambda row: row[size]
    pooled = POOLED_UNITS if by in UNITS else POOLED  # a clinician may be called "pooled"
    given: Sequence[Row] = [row for row in rows if row.get("group") != pooled and of(row) != 0]
    enough = tuple(row for row in given if row[column] is not None and (of(row) or 0) >= ENOUGH)
    return Compared(by, column, enough, len(given) - len(enough), **why)
