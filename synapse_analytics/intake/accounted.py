"""The book of an anonymisation, closed: the account that people and programs read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.labels import file_label
from synapse_analytics.bundle.problems import shown_name
from synapse_analytics.bundle.schema import FILES, RecordFile
from synapse_analytics.intake.account import Accounting, Conflict, FollowUp, TableAccount, UnmappedCode, ValuesLeftOut
from synapse_analytics.intake.dates import years_of_two_digits
from synapse_analytics.intake.days import last_day
from synapse_analytics.intake.episodes import Work
from synapse_analytics.intake.identities import held_by
from synapse_analytics.intake.labels import shown_table, told_apart
from synapse_analytics.intake.mapping.fields import DATE_OF
from synapse_analytics.intake.mapping.model import Mapping, RowRule
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.records import Frames

NOT_MAPPED = "the mapping does not name it"
_CHOSEN = frozenset({"treatment", "investigation", "symptom", "instrument", "event", "day"})  # a rule for each is how wide tables are read
IDENTIFIER = "the source says that it identifies people"


def accounted(frames: Frames, work: Work) -> Accounting:
    """What became of every row and value of the source."""
    mapping, ledger = work.mapping, work.ledger
    name = told_apart(shown_table(table.name) for table in work.tables)
    tables = tuple(_table(index, label, work) for index, label in enumerate(name))
    return Accounting(
        clinic=mapping.clinic,
        data_until=mapping.data_until,
        source=mapping.source,
        tables=tables,
        records={file.name: len(frames[file.stem]) for file in FILES},
        values=tuple(ValuesLeftOut(name[table], column, why, n) for (table, column, why), n in sorted(ledger.values.items()) if n),
        unmapped=tuple(UnmappedCode(name[t], column, code, n, near) for (t, column, code, near), n in sorted(ledger.unmapped.items()) if n),
        conflicts=tuple(Conflict(name[table], score, what, n, done) for (table, score, what, done), n in sorted(ledger.conflicts.items())),
        follow_up=follow_up(frames, last_day(mapping.data_until)),
        cannot_say=tuple(cannot_say(mapping)),
        identities=dict(
            one for table, account in zip(work.tables, tables, strict=True) for one in _identities(table, account, mapping.rows)
        ),
    )


def _identities(table: RawTable, account: TableAccount, rules: Sequence[RowRule]) -> Iterator[tuple[str, str]]:
    """Columns that identify people, under a name that may be shown, and what they hold: as the source says, or as names and values do."""
    found = dict.fromkeys(sorted(table.identifiers), IDENTIFIER)
    for column in account.left_out:
        if column not in found and (held := held_by(column, table.column(column))):
            found[column] = held
    yield from zip((f"{account.table}, {one}" for one in told_apart(map(shown_name, found))), found.values(), strict=True)


def _table(index: int, label: str, work: Work) -> TableAccount:
    table = work.tables[index]
    kept, merged, dropped = work.ledger.counts(index)
    rules = [rule for rule in work.mapping.rows if rule.from_ == table.name]
    used = _used(rules)
    years = years_of_two_digits([form for rule in rules for field in rule.fields.values() for form in field.format])
    whys = work.mapping.left_out.get(table.name, {})
    left_out = {
        column: IDENTIFIER if column in table.identifiers else whys.get(column) or NOT_MAPPED
        for column in table.cells.column_names
        if column not in used
    }
    dropped = {reason: n for reason, n in (dropped | dict(table.left)).items() if n}
    file, sheet = shown_table(table.file), shown_table(table.sheet)
    how = ", ".join(filter(None, (table.how, years)))
    return TableAccount(label, file, sheet, how, table.read, kept, merged, dropped, used, left_out)


def _identity(column: str, table: str, rules: Sequence[RowRule]) -> str:
    """Why a column identifies people, and what it is used for all the same: a date of birth gives an age."""
    fields = {name for rule in rules if rule.from_ == table for name, one in rule.fields.items() if column in one.columns}
    return f"{IDENTIFIER}; used for {' and '.join(sorted(fields))}" if fields else IDENTIFIER


def _used(rules: Sequence[RowRule]) -> tuple[str, ...]:
    """The columns that these rules read, in their order."""
    found: dict[str, None] = {}
    for rule in rules:
        for field in (*rule.fields.values(), *rule.scores.values()):
            found |= dict.fromkeys(field.columns)
        found |= dict.fromkeys([*rule.where, *rule.unless])
    return tuple(found)


def cannot_say(mapping: Mapping) -> list[str]:
    """What no column of the source gives, in sentences."""
    return [sentence for file in FILES for sentence in _not_said(file, [rule for rule in mapping.rows if rule.into == file.stem])]


def _not_said(file: RecordFile, rules: Sequence[RowRule]) -> Iterator[str]:
    what = file_label(file.stem)
    if not rules:
        yield f"{what}: no table of the source holds them."
        return
    fields = {name for rule in rules for name in rule.fields}
    for column in file.columns:
        given = {column.name, DATE_OF.get(column.name, column.name)} & fields
        if not given and not column.name.endswith("_id") and file.name != "scores.csv":
            yield f"{what}: no column gives `{column.name}` ({column.meaning})."
    for name in sorted(fields):
        values = {rule.fields[name].value if name in rule.fields else None for rule in rules}
        if len(values) == 1 and None not in values and name not in _CHOSEN:
            yield f"{what}: every row has {name} {values.pop()}, as the mapping says."


def follow_up(frames: Frames, end: int) -> tuple[FollowUp, ...]:
    """Answers found around each visit: of the episodes with a baseline whose window has closed by the last day."""
    episodes, scores = frames["episodes"], frames["scores"]
    zero = episodes["zero"].to_numpy(float)
    found = []
    for instrument in v.INSTRUMENTS:
        own = scores[scores["instrument"] == instrument.code]
        if own.empty:
            continue
        episode, day = own["episode"].to_numpy(), own["day"].to_numpy(float)
        baseline = _answered(episode, day, v.VISITS[0], len(episodes))
        for visit in v.VISITS[1:]:
            expected = baseline & (zero + visit.last <= end)
            answered = expected & _answered(episode, day, visit, len(episodes))
            found.append(FollowUp(visit.code, instrument.code, int(expected.sum()), int(answered.sum())))
    return tuple(found)


def _answered(episode: np.ndarray, day: np.ndarray, visit: v.Visit, n: int) -> np.ndarray:
    answered = np.zeros(n, bool)
    answered[episode[(day >= visit.first) & (day <= visit.last)]] = True
    return answered
