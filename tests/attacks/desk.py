"""The desk at which everything is asked: what a stranger sees is kept beside what is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from synapse_analytics.analyses import answers
from synapse_analytics.disclosure import Kind, TableRule
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.exports import as_document
from tests.attacks.asking import Ask
from tests.attacks.clinics import Known, overheard

Labels = tuple[tuple[str, Any], ...]
Row = dict[str, Any]
POOLED = ("other", "pooled")
# Whom they compare depends on the limits in force, so they have no twin that withholds nothing.
DESIGNED = ("comparable", "compare_treatments", "injection_before_surgery")


class Told(NamedTuple):
    """One row as it was handed to the gate: the rule of its table and its cells before anything was withheld."""

    rule: TableRule
    row: Row


class Line(NamedTuple):
    """One released row, and what is true of it: the same answer where nothing is withheld; of a pooled row what was handed to the gate."""

    table: str
    row: Row
    truth: Told | None
    pooled: bool  # it unites what was too rare or too small to stand alone


@dataclass(frozen=True, slots=True)
class Seen:
    """One question, the document a stranger gets, and the truth."""

    ask: Ask
    document: Row
    lines: tuple[Line, ...]
    population: tuple[int, int]  # patients, episodes
    options: Labels  # what was asked beside cohort and split

    @property
    def by(self) -> str | None:
        """What the answer is split by."""
        return self.document["options"].get("by")


def lines_of(document: Row, handed: dict[str, list[Told]], frank: dict[str, dict[Labels, Told]]) -> Iterator[Line]:
    """Every released row with its truth."""
    for table, rows in document["tables"].items():
        given = handed.get(table, [])
        for place, row in enumerate(rows):
            told = given[place] if len(given) == len(rows) else None
            same = frank.get(table, {}).get(_labels(told.rule, row)) if told else None
            pooled = _unites(row) and not (told and same and told.row.get("n") == same.row.get("n"))  # a sex is called "other", too
            yield Line(table, row, told if pooled or same is None else same, pooled)


def _unites(row: Row) -> bool:
    texts = [text for value in row.values() for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]
    return any(text in POOLED or " + " in text for text in texts)


def frozen(value: Any) -> Any:
    """A cell that can be a key."""
    return tuple(frozen(item) for item in value) if isinstance(value, list | tuple) else value


def _labels(rule: TableRule, row: Row) -> Labels:
    return tuple((measure.name, frozen(row[measure.name])) for measure in rule.measures if measure.kind is Kind.LABEL)


@dataclass
class Desk:
    """Asks one clinic under one policy; the same question is asked once."""

    known: Known
    policy: str
    with_frank: bool = True
    asked: int = 0
    refused: int = 0
    _kept: dict[Ask, Seen | None] = field(default_factory=dict)
    _frank: dict[Any, dict[str, dict[Labels, Told]]] = field(default_factory=dict)

    def ask(self, ask: Ask) -> Seen | None:
        """What is released; None where the policy does not answer."""
        if ask not in self._kept:
            self._kept[ask] = self._ask(ask)
        return self._kept[ask]

    def seen(self) -> Iterator[Seen]:
        """Everything that was answered so far."""
        yield from (seen for seen in list(self._kept.values()) if seen is not None)

    def _ask(self, ask: Ask) -> Seen | None:
        self.asked += 1
        function = answers()[ask.name].function
        with overheard() as (heard, people):
            try:
                released = function(self.known.under(self.policy), ask.cohort, **dict(ask.options))
            except (NotAllowed, UsageError):
                self.refused += 1
                return None
        document = as_document(released)
        handed: dict[str, list[Told]] = {}
        for rule, row in heard:
            handed.setdefault(rule.name, []).append(Told(rule, row))
        frank = self._truth(ask, document) if self.with_frank and ask.name not in DESIGNED else {}
        options = tuple(sorted((name, frozen(value)) for name, value in document["options"].items() if name != "by"))
        return Seen(ask, document, tuple(lines_of(document, handed, frank)), people[-1], options)

    def _truth(self, ask: Ask, document: Row) -> dict[str, dict[Labels, Told]]:
        """The same answer where nothing is withheld, pooled or rounded, by table and labels."""
        options = document["options"]
        key = (ask.name, ask.cohort, tuple(sorted((name, str(value)) for name, value in options.items())))
        if key not in self._frank:
            with overheard() as (heard, _):
                answers()[ask.name].function(self.known.frank, ask.cohort, **options)
            found: dict[str, dict[Labels, Told]] = {}
            for rule, row in heard:
                found.setdefault(rule.name, {})[_labels(rule, row)] = Told(rule, row)
            self._frank[key] = found
        return self._frank[key]
