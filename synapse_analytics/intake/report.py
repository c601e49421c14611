"""The account of one anonymisation as JSON for programs and as one HTML page for the analyst and the data officer. No value of a patient is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from synapse_analytics.bundle.problems import shown_name
from synapse_analytics.errors import SynapseError
from synapse_analytics.intake.account import Accounting, FollowUp, TableAccount
from synapse_analytics.intake.labels import told_apart
from synapse_analytics.vocabulary import INSTRUMENTS, VISITS
from synapse_analytics.vocabulary.periods import spoken
from synapse_analytics.vocabulary.plurals import counted, plural

FORMAT = "synapse-account/1"
SOURCES = {"files": "files", "redcap": "a REDCap project", "omop": "an OMOP database", "fhir": "FHIR resources"}
THINNEST = 0.6  # percent of a bar; a single row among a million is still seen
_INSTRUMENTS = {term.code: term.label for term in INSTRUMENTS}
_VISITS = {visit.code: visit.label for visit in VISITS}


class Unaccounted(SynapseError):
    """Rows of a table were neither kept nor merged nor left out: a fault of this program, so no report is made of them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bar: what it is, how many rows, where it begins and how wide it is (percent of the bar)."""

    kind: str  # kept, merged or dropped
    words: str
    n: int
    start: float
    width: float


def as_json(account: Accounting) -> str:
    """The account as JSON: sorted, so that the same account gives the same bytes. Unaccounted where a sum does not hold."""
    check_sums(account)
    content = shown(account).as_dict() | {"format": FORMAT, "verdict": verdict(account)}
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def as_html(account: Accounting) -> str:
    """The account as one page that needs nothing else, reads in light and dark, and prints. Unaccounted where a sum does not hold."""
    check_sums(account)
    seen = shown(account)
    parts = {
        "account": seen,
        "verdict": verdict(seen),
        "source": SOURCES.get(seen.source, seen.source),
        "until": spoken(seen.data_until),
        "bars": [(table, pieces(table)) for table in seen.tables],
        "total": total(seen),
        "out": {table.table: by_reason(table.left_out) for table in seen.tables},
        "follow_up": [(_VISITS.get(one.visit, one.visit), instrument_name(one.instrument), share(one)) for one in seen.follow_up],
        "next_steps": list(next_steps(seen)),
    }
    return _templates().get_template("account.html").render(parts)


def check_sums(account: Accounting) -> None:
    """Raise Unaccounted for the first table of which the rows read are not those kept, merged and left out."""
    for table in account.tables:
        found = table.kept + table.merged + sum(table.dropped.values())
        if found != table.read or min([table.read, table.kept, table.merged, *table.dropped.values()]) < 0:
            raise Unaccounted(
                f"{counted(table.read, 'row')} of '{shown_name(table.table)}' were read, and {found:,} are accounted for. "
                "This is a fault of this program: do not use the bundle, and report the two numbers."
            )


def shown(account: Accounting) -> Accounting:
    """The account as it may be read: the name of a column that was left out is masked where it may be a value in the wrong place."""
    tables = tuple(replace(table, left_out=_masked(table.left_out)) for table in account.tables)
    fronts = tuple(f"{table.table}, " for table in account.tables)
    return replace(account, tables=tables, identities=_masked(account.identities, fronts))


def _masked(columns: Mapping[str, str], fronts: tuple[str, ...] = ()) -> dict[str, str]:
    """The columns, behind the names of their tables, under names that may be shown."""
    front = {name: max((one for one in fronts if name.startswith(one)), key=len, default="") for name in columns}
    labels = (f"{front[name]}{shown_name(name[len(front[name]) :])}" for name in columns)
    return dict(zip(told_apart(labels), columns.values(), strict=True))


def verdict(account: Accounting) -> str:
    """What became of the rows, in a sentence; and how many values of rows that were kept could not be used, in another."""
    values = sum(one.n for one in account.values)
    left = f" {values:,} of their values {plural(values, 'was', 'were')} left out." if values else ""
    return f"{_of_rows(total(account))}{left}"


def _of_rows(whole: TableAccount) -> str:
    left = sum(whole.dropped.values())
    if whole.kept == whole.read:
        return f"{counted(whole.read, 'row')} {plural(whole.read, 'was', 'were')} read, and all were kept."
    merged = f"{whole.merged:,} merged with another row" if whole.merged else ""
    out = f"{left:,} left out" if left else "none left out"
    parts = ", ".join(part for part in (f"{whole.kept:,} kept", merged, out) if part)
    return f"{counted(whole.read, 'row')} {plural(whole.read, 'was', 'were')} read: {parts}."


def total(account: Accounting) -> TableAccount:
    """All tables as one; rows that were left out for one reason are added up."""
    dropped: dict[str, int] = {}
    for table in account.tables:
        for reason, n in table.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + n
    read, kept, merged = (sum(getattr(table, name) for table in account.tables) for name in ("read", "kept", "merged"))
    return TableAccount("All tables", "", "", "", read, kept, merged, dropped, (), {})


def pieces(table: TableAccount) -> list[Piece]:
    """The bar of a table: kept, merged, and what was left out by reason, the commonest first; together 100 percent wide."""
    dropped = sorted(table.dropped.items(), key=lambda item: (-item[1], item[0]))
    parts = [("kept", "kept", table.kept), ("merged", "merged", table.merged), *(("dropped", reason, n) for reason, n in dropped)]
    there = [(kind, words, n, max(100 * n / table.read, THINNEST)) for kind, words, n in parts if n]
    scale, at, bar = 100 / max(sum(width for *_, width in there), 1), 0.0, []
    for kind, words, n, width in there:
        bar.append(Piece(kind, words, n, at, width * scale))
        at += width * scale
    return bar


def by_reason(left_out: Mapping[str, str]) -> dict[str, list[str]]:
    """The columns that were left out, by why: a table may have a thousand."""
    found: dict[str, list[str]] = {}
    for column, why in left_out.items():
        found.setdefault(why, []).append(column)
    return found


def instrument_name(code: str) -> str:
    """The name of a score as people know it."""
    return _INSTRUMENTS.get(code, code)


def share(found: FollowUp) -> str:
    """How many answered of those expected, in words: `62 of 80 (78 %)`."""
    part = f" ({100 * found.answered / found.expected:.0f}\u00a0%)" if found.expected else ""
    return f"{found.answered:,} of {found.expected:,}{part}"


def next_steps(account: Accounting) -> Iterator[str]:
    """What to do next, the most urgent first."""
    if account.identities:
        yield "Ask the people who make the source files to leave out the columns that identify people."
    if account.unmapped:
        yield "Write the codes that nobody mapped into the mapping, under codes: of their column, each with its meaning or with null."
    if account.conflicts:
        yield "Look at the scores that conflict in the source. If the wrong one was kept, change same_day or stated in the mapping."
    if sum(total(account).dropped.values()) or account.values:
        yield "Look at what was left out below. Where it should have been kept, correct the source or the mapping, and run anonymise again."
    if account.warnings:
        yield "Read the warnings of the check: they stop nothing, but the numbers may rest on them."
    yield "Load the bundle with the command load, or on the page Data."


@cache
def _templates() -> Environment:
    """The template of the page; every text in it is escaped."""
    loader = PackageLoader("synapse_analytics.intake")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"whole": lambda number: f"{number:,}", "instrument": instrument_name}
    made.globals |= {"counted": counted, "plural": plural}
    return made
