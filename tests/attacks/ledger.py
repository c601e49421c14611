"""What a stranger writes down: every shown or withheld count as an interval, under the name of what it counts and of whom.

A group of a split is the cohort with one filter more, so that a table by sex and the cohort of women speak of one number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import CLINIC, PUBLISH, Kind, rounding
from tests.attacks.asking import YEARS
from tests.attacks.desk import Line, Seen, frozen

Who = tuple[tuple[str, tuple[str, ...]], ...]  # the filters, each with its values; a year is a filter here
What = tuple[Any, ...]
Key = tuple[What, Who]
STEP = 5
PARTITIONS = {
    "diagnosis": v.codes(v.DIAGNOSES),
    "sex": v.codes(v.SEXES),
    "age_band": (*v.codes(v.AGE_BANDS), "not_recorded"),
    "year": YEARS,
}
OF_PATIENTS = ("sex", "age_band")  # a patient has one
EPISODES: What = ("episodes",)
PATIENTS: What = ("patients",)
# Labels that say something of a row and do not name it; they may change with the cohort.
SPOKEN = frozenset(
    ["refused", "verdict", "chart", "charts", "target", "target_source", "direction", "unit", "theme", "title", "state", "attribute"]
)
# The same number under many names: every cell that counts all episodes of the cohort or group.
ALL_EPISODES = {
    ("branching", "stages", "of"),
    ("pathways", "end", "of"),
    ("symptoms", "symptoms", "of"),
    ("investigations", "investigations", "of"),
    ("baseline_table", "baseline_table", "n"),
    ("completeness", "visits", "expected"),
}
OF_ALL = {"patients.csv": PATIENTS, "episodes.csv": EPISODES}
# (answer, table, part, whole): the part is counted within the whole, so what is left is a count as well.
WITHIN = (
    ("symptoms", "symptoms", "n", "of"),
    ("investigations", "investigations", "n", "of"),
    ("investigations", "investigations", "confirmed", "n"),
    ("co_diagnoses", "co_diagnoses", "n", "of"),
    ("branching", "stages", "n", "of"),
    ("pathways", "ends", "n", "of"),
    ("pathways", "end", "n", "of"),
    ("stepped_care", "groups", "adherent", "n"),
    ("responders", "groups", "responders", "n"),
    ("responders", "groups", "n", "expected"),
    ("better_or_worse", "verdicts", "n", "expected"),
    ("better_or_worse", "verdicts", "answered", "expected"),
    ("completeness", "visits", "answered", "expected"),
    ("score_over_time", "visits", "n", "expected"),
    ("escalation_response", "escalated", "scored", "n"),
    ("escalation_response", "escalated", "responding", "scored"),
    ("escalation_response", "waiting", "not_escalated", "scored"),
    ("baseline_table", "baseline_table", "n", "of"),
    ("overview", "indicators", "events", "n"),
    ("indicators", "indicators", "events", "n"),
    ("control_chart", "points", "events", "n"),
    ("calibration", "calibration", "inside", "n"),
    ("compare_treatments", "quality", "answered_a", "expected_a"),
    ("compare_treatments", "quality", "answered_b", "expected_b"),
    ("injection_before_surgery", "estimates", "operated_with", "n_with"),
    ("injection_before_surgery", "estimates", "operated_without", "n_without"),
)


@lru_cache(maxsize=4096)
def behind(shown: int) -> tuple[int, int]:
    """The least and the most that a rounded count can be: the stranger knows how it is rounded, and from which count on it is shown."""
    possible = [n for n in range(PUBLISH.counted, shown + 2 * STEP) if rounding.rounded(n, PUBLISH) == shown]
    return (possible[0], possible[-1]) if possible else (max(1, shown - STEP // 2), shown + STEP // 2)


@dataclass
class Ledger:
    """Intervals and truths by key, and the sums among them."""

    exact: bool  # True where counts are shown as they are
    known: dict[Key, tuple[int, int]] = field(default_factory=dict)
    truth: dict[Key, int] = field(default_factory=dict)
    said: dict[Key, tuple[str, str, Any]] = field(default_factory=dict)  # where, asked of whom, what was released
    sums: dict[tuple[Key, tuple[Key, ...]], None] = field(
        default_factory=dict
    )  # in the order they were found, so that a run can be repeated
    contradictions: int = 0
    clashes: list[str] = field(default_factory=list)  # two numbers that only look the same: a fault of the attack
    split: set[tuple[What, Who, str]] = field(default_factory=set)  # a table by this attribute was seen, without a pooled row

    def write(self, key: Key, value: int | None, truth: int | None, place: tuple[str, str]) -> None:
        """A count that was shown (or withheld: None) and what is true."""
        if truth is None:
            return
        low, high = self.interval(value)
        if self.truth.setdefault(key, truth) != truth:
            self.clashes.append(f"{key} is {self.truth[key]} and {truth} in {place}")
            return
        before = self.known.get(key, (0, 10**9))
        if max(low, before[0]) > min(high, before[1]):  # what was assumed does not hold for one of the two
            self.contradictions += 1
            return
        self.known[key] = max(low, before[0]), min(high, before[1])
        if value is None or key not in self.said:
            self.said[key] = (*place, value)

    def interval(self, value: int | None) -> tuple[int, int]:
        """What a shown or withheld count can be."""
        if value is None:
            return 1, (CLINIC.group if self.exact else PUBLISH.counted) - 1
        return (value, value) if self.exact or value == 0 else behind(value)

    def adds_up(self, total: Key, parts: tuple[Key, ...]) -> None:
        """The parts make the total, and so do their truths."""
        if total in self.truth and all(part in self.truth for part in parts):
            self.sums[total, parts] = None

    def rest(self, whole: Key, part: Key, place: tuple[str, str]) -> None:
        """What is left of a whole without a part is a count as well."""
        if whole in self.truth and part in self.truth and whole != part and self.truth[whole] >= self.truth[part]:
            key: Key = ((*part[0], "rest of", *whole[0]), (*part[1], *whole[1]))
            if key not in self.truth:
                self.truth[key] = self.truth[whole] - self.truth[part]
                self.known[key] = (0, 10**9)
                self.said[key] = (*place, "not shown")
            self.sums[whole, (part, key)] = None


@lru_cache(maxsize=4096)
def who_of(cohort: Any) -> Who:
    """A cohort as filters; whole years become the filter year."""
    fields = {name: tuple(value) if isinstance(value, tuple) else (str(value),) for name, value in cohort.in_use().items()}
    first, last = fields.pop("month_from", (f"{YEARS[0]}-01",))[0], fields.pop("month_to", (f"{YEARS[-1]}-12",))[0]
    years = tuple(year for year in YEARS if first[:4] <= year <= last[:4])
    if years != YEARS:
        fields["year"] = years
    return canonical(fields)


def canonical(fields: dict[str, tuple[str, ...]]) -> Who:
    """Filters in one order."""
    return tuple(sorted((name, tuple(values)) for name, values in fields.items()))


def narrowed(who: Who, by: str | None, group: str) -> Who:
    """The group of a split as a cohort of its own."""
    if by is None:
        return who
    fields = dict(who)
    if by == "age_sex":
        band, _, sex = group.partition("_")
        fields |= {"age_band": (band,), "sex": (sex,)} if sex else {"age_sex": (group,)}
    else:
        fields[by] = (group,)
    return canonical(fields)


def counts_of(seen: Seen, line: Line) -> Iterator[tuple[str, Key, int | None, int | None]]:
    """(column, key, released, truth) of every count of a row."""
    told = line.truth
    if told is None or (line.pooled and seen.ask.name != "attrition"):
        return
    who, what = key_of(seen, line)
    for measure in told.rule.measures:
        if measure.kind is not Kind.COUNT or measure.name not in line.row:
            continue
        truth = told.row.get(measure.name)
        if not isinstance(truth, int) or (line.row[measure.name] is None and measure.name not in line.row["withheld"]):
            continue
        if seen.ask.name == "attrition" and line.row[measure.name] is None:
            continue  # the step "all" is withheld where it differs too little from the cohort; it is no count of 1 to 10
        yield measure.name, alias(seen, line, what, measure.name, who), line.row[measure.name], truth


def key_of(seen: Seen, line: Line) -> tuple[Who, What]:
    """Of whom a row tells, and which row of which table it is."""
    by = seen.by
    measures = line.truth.rule.measures if line.truth else ()
    spoken = SPOKEN - ({"target"} if "source" in line.row else set())  # of a link the target is where it leads
    spoken -= {"verdict"} if line.table == "verdicts" else set()  # who is better, the same or worse is a row each
    labels = {m.name: frozen(line.row[m.name]) for m in measures if m.kind is Kind.LABEL and m.name not in spoken}
    group = labels.pop("group", None) if by or labels.get("group") == "all" else None
    who = narrowed(who_of(seen.ask.cohort), by, group) if by and isinstance(group, str) else who_of(seen.ask.cohort)
    if seen.ask.name in ("diagnosis_mix", "co_diagnoses") and "diagnosis" in labels:
        fields, code = dict(who), str(labels["diagnosis"])
        if code in fields.get("diagnosis", (code,)):
            who = narrowed(who, "diagnosis", str(labels.pop("diagnosis")))
    return who, (seen.ask.name, seen.options, line.table, tuple(sorted(labels.items())))


def _of_group(seen: Seen, row: Any) -> Who:
    """Of whom a whole group tells, whatever diagnosis its row is about."""
    who = who_of(seen.ask.cohort)
    return narrowed(who, seen.by, str(row["group"])) if seen.by else who


def _up_to(cohort: Any, last: str) -> Who:
    """The cohort of a step of the attrition: its filters up to this one."""
    fields = list(cohort.in_use())
    kept = fields[: fields.index(last) + 1] if last in fields else []
    return who_of(type(cohort)(**{name: cohort.in_use()[name] for name in kept}))


def alias(seen: Seen, line: Line, what: What, column: str, who: Who) -> Key:
    """The key of a cell; cells that count all episodes share one."""
    row = line.row
    if seen.ask.name == "attrition":
        return (PATIENTS if column == "patients" else EPISODES), _up_to(seen.ask.cohort, row["filter"].split(" + ")[-1])
    if seen.ask.name == "generation_summary" and row.get("file") in OF_ALL:
        return OF_ALL[row["file"]], ()
    if (seen.ask.name, column) == ("diagnosis_mix", "of"):
        return EPISODES, _of_group(seen, row)
    is_all = (seen.ask.name, line.table, column) in ALL_EPISODES and (
        (seen.ask.name != "branching" or row["stage"] != "no_injection_before")
        and (seen.ask.name != "baseline_table" or row["variable"] == "episodes")
        and (seen.ask.name != "completeness" or (row["visit"] == "baseline" and seen.document["options"]["index"] == "first_visit"))
    )
    by_diagnosis = (seen.ask.name, column) in (("diagnosis_mix", "n"), ("co_diagnoses", "of")) and "diagnosis" not in dict(what[3])
    if is_all or by_diagnosis:
        return EPISODES, who
    if seen.ask.name == "baseline_table" and column == "of" and row["level"] is None:  # who has the variable recorded, once more
        return (EPISODES, who) if row["variable"] == "episodes" else ((*what, "n"), who)
    return (*what, column), who
