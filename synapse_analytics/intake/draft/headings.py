"""No patient's value comes into a draft as a heading or among codes: such columns are left out, and such names of files and sheets are refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from synapse_analytics.bundle.headings import identifies, is_like_a_value
from synapse_analytics.bundle.problems import mask
from synapse_analytics.intake.faults import Faults, Spot
from synapse_analytics.intake.mapping.model import RowRule
from synapse_analytics.intake.raw import RawTable

_NAMED = "The name of a file or sheet looks like the name or a number of a person: {}."
_RENAME = "Rename it after what it holds, such as visits, and draft the mapping again."


def with_headings(tables: Sequence[RawTable]) -> list[RawTable]:
    """The tables without the columns whose names may be values; IntakeRefused when the name of a table may be one."""
    faults = Faults()
    for table in tables:
        for part in _parts(table.name):
            if is_like_a_value(part):
                faults.add(_NAMED.format(mask(part)), _RENAME, [Spot(mask(table.file))])
    faults.raise_if_any("No mapping can be drafted of this source.")
    return [_without(table) for table in tables]


def _parts(name: str) -> Iterator[str]:
    """Folders, file and sheet in the name of a table."""
    file, _, sheet = name.partition("#")
    yield from (part for part in (*file.split("/"), sheet) if part)


def _without(table: RawTable) -> RawTable:
    odd = [name for name in table.cells.column_names if is_like_a_value(name)]
    labels = {column: label for column, label in table.labels.items() if not is_like_a_value(label)}
    choices = {column: {code: "" if identifies(said) else said for code, said in known.items()} for column, known in table.choices.items()}
    return replace(table, cells=table.cells.drop_columns(odd), labels=labels, choices=choices)


def without_values(rule: RowRule) -> RowRule:
    """The rule without codes that may be a patient's value in the wrong place: no rows are chosen by them, and nothing says what they mean."""
    chosen = {column: tuple(speakable(texts)) for column, texts in rule.where.items()}
    fields = {
        name: one.model_copy(
            update={part: {code: getattr(one, part)[code] for code in speakable(getattr(one, part))} for part in ("codes", "scales")}
        )
        for name, one in rule.fields.items()
    }
    return rule.model_copy(update={"where": chosen, "fields": fields})


def speakable(texts: Iterable[str]) -> list[str]:
    """The texts that cannot be a patient's value."""
    return [text for text in texts if not is_like_a_value(text)]
