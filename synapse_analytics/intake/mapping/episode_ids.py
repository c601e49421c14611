"""What names an episode, said once for all rows: then every entry of rows says it."""

from __future__ import annotations

from collections.abc import Sequence

from synapse_analytics.intake.mapping.model import FieldRule, Mapping, RowRule
from synapse_analytics.intake.raw import RawTable


def with_episode_ids(mapping: Mapping, tables: Sequence[RawTable]) -> Mapping:
    """The mapping with `id` of `episode` as the field episode_id of all rows but those of patients, unless they say it themselves.

    The rows of a table without these columns stay as they are: their date says to which episode they belong.
    """
    if mapping.episode.is_ != "column" or not mapping.episode.id:
        return mapping
    able = {table.name for table in tables if set(mapping.episode.id) <= set(table.cells.column_names)}
    field = FieldRule.model_validate({"from": mapping.episode.id})
    return mapping.model_copy(update={"rows": tuple(_named(rule, field) if rule.from_ in able else rule for rule in mapping.rows)})


def _named(rule: RowRule, field: FieldRule) -> RowRule:
    return rule if rule.into == "patients" else rule.model_copy(update={"fields": {"episode_id": field, **rule.fields}})
