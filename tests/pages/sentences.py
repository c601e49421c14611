"""Readers of subtitles: each takes a sentence as a reader does and checks every claim in it against rows, in plain Python.

A reader knows nothing of how the sentence was made. It raises AssertionError where a claim does not hold, and so it does for
words it does not understand: a new sentence needs a reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import group_words

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
SHARE = r"[\d.]+ %"
INTERVAL = r"[\d.]+ to [\d.]+ %"
NUMBER = "[\u2212\\d.,]+"
COUNT = r"[\d,]+"
ENOUGH = 30  # episodes below which no sentence singles a group out
FEW = re.compile(
    r"Too few episodes to compare: each group needs 30 or more"
    r"( that were followed for 12 months or had [a-z ]+, some of them still waiting)?\."
)
REST = (
    r"( (?P<rest>\d+) groups? (is|are) too small to compare "
    r"\(fewer than 30 episodes( followed for 12 months or until [a-z ]+, or too few still waiting)?\)\.)?"
)
UNITS = {"site": "sites", "clinician": "clinicians"}


@dataclass(frozen=True)
class Said:
    """A sentence, and the tables of the answer it stands over: as shown, or of the whole cohort with nothing withheld."""

    text: str
    tables: Tables
    options: Mapping[str, Any]  # of the answer and of the figure
    is_shown: bool = True  # False: the tables are those of the whole cohort

    @property
    def by(self) -> str | None:
        return self.options.get("by")

    def match(self, *patterns: str) -> re.Match[str]:
        """The first of these patterns that is the whole sentence."""
        for pattern in patterns:
            found = re.fullmatch(pattern, self.text)
            if found:
                return found
        raise AssertionError(f"nobody can read: {self.text!r}")

    def is_one_of(self, *texts: str) -> bool:
        return self.text in texts


def near(written: str, value: float | None, scale: float = 1.0) -> bool:
    """True if a number as written is this value, rounded."""
    text = written.replace("\u2212", "-").replace(",", "").removesuffix(" %")
    percent = 100 if written.endswith("%") else 1
    digits = len(text.partition(".")[2])
    return value is not None and abs(float(text) - percent * scale * value) <= 0.5 * 10**-digits + 1e-9


def interval(written: str) -> tuple[str, str]:
    """Both ends of `36 to 40 %` or `2.2 to 2.5`, in the unit."""
    low, high = written.split(" to ")
    return (f"{low} %", high) if high.endswith("%") else (low, high)


def check_share(found: re.Match[str], row: Row, names: tuple[str, str, str] = ("share", "low", "high")) -> None:
    """The named groups `share` and `limits` of a sentence are those of a row."""
    value, low, high = names
    assert near(found["share"], row[value]), (found[0], row)
    if found.groupdict().get("limits"):
        ends = interval(found["limits"])
        assert near(ends[0], row[low]), (found[0], row)
        assert near(ends[1], row[high]), (found[0], row)


def only(rows: Sequence[Row], **labels: Any) -> Row:
    """The one row with these labels."""
    (row,) = [row for row in rows if all(row[name] == value for name, value in labels.items())]
    return row


def has_most(row: Row, rows: Sequence[Row], column: str, size: str, *, sign: int = 1) -> None:
    """No other row that rests on enough episodes has more."""
    others = [other[column] for other in rows if other[column] is not None and (other[size] or 0) >= ENOUGH]
    assert (row[size] or 0) >= ENOUGH, row
    assert sign * row[column] >= max(sign * other for other in others) - 1e-12, row


def check_ends(text: str, rows: Sequence[Row], by: str | None, column: str, size: Callable[[Row], int | None]) -> None:
    """`between 17 % (Spinal stenosis) and 32 % (Herniated disc)`: both are the ends of all groups that are large enough."""
    given = [row for row in rows if row["group"] != "pooled" and size(row) != 0]
    enough = [row for row in given if row[column] is not None and (size(row) or 0) >= ENOUGH]
    if FEW.fullmatch(text):
        assert len(enough) < 2
        assert len(given) != 1 or not enough, "the only group is large enough"
        return
    low, high = min(row[column] for row in enough), max(row[column] for row in enough)
    value = f"(?:{SHARE}|{NUMBER})"
    patterns = (
        rf"[Bb]etween (?P<low>{value}) \((?P<least>[^()]+)\) and (?P<high>{value}) \((?P<most>[^()]+)\)",
        rf"[Bb]etween (?P<low>{value}) and (?P<high>{value}) across (?P<groups>\d+) (sites|clinicians)",
        rf"(?P<low>{value}) \(1 (?P<unit>site|clinician)\)",
        rf"(?P<low>{value}) \((?P<least>[^()]+(?:\([^()]+\))?)\)",
        rf"(?P<low>{value}) in each of the (?P<groups>\d+) groups",
    )
    found = next((match for pattern in patterns if (match := re.fullmatch(pattern, text))), None)
    assert found, f"nobody can read: {text!r}"
    said = found.groupdict()
    assert near(said["low"], low), (text, low)
    assert near(said.get("high") or said["low"], high), (text, high)
    assert ("high" in said or "groups" in said) == (len(enough) > 1), text
    assert said.get("unit", by) == by, text
    if "groups" in said:
        assert int(said["groups"]) == len(enough), text
    if by in UNITS:
        assert "least" not in said, f"names a best or worst one: {text}"
    for name, end in (("least", low), ("most", high)):
        if name in said:
            assert said[name] in {group_words(by, row["group"]) for row in enough if abs(row[column] - end) < 1e-12}, text


def check_rest(found: re.Match[str], rows: Sequence[Row], column: str, size: Callable[[Row], int | None]) -> None:
    """The number of groups that are too small to be compared is right, and none goes unsaid."""
    given = [row for row in rows if row["group"] != "pooled" and size(row) != 0]
    smaller = sum(row[column] is None or (size(row) or 0) < ENOUGH for row in given)
    assert int(found["rest"] or 0) == smaller, found[0]


def read_ends(said: Said, pattern: str, rows: Sequence[Row], column: str, size: Callable[[Row], int | None]) -> None:
    """A sentence that compares groups: a pattern with `ends` in it."""
    if FEW.match(said.text):
        check_ends(FEW.match(said.text)[0], rows, said.by, column, size)
        return
    found = said.match(rf"{pattern}\.{REST}")
    check_ends(found["ends"], rows, said.by, column, size)
    check_rest(found, rows, column, size)


def label_of(terms: Sequence[v.Term], text: str) -> str:
    """The code of a label inside a sentence, whatever its capital."""
    (code,) = [term.code for term in terms if term.label.lower() == text.lower()]
    return code
