"""Ids that repeat between sites: then site and id together say who a patient is."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow.compute as pc

from synapse_analytics.intake.draft.columns import Columns
from synapse_analytics.intake.mapping.model import FieldRule, RowRule

_ASK = "The same id stands for different patients at different sites. Which column here says the site? Write `from: [SITE, ID]`."


def ids_repeat(columns: Columns) -> bool:
    """True if one id stands at two sites for people of different sex or date of birth."""
    who, site, told = columns.first("patient_id"), columns.first("site"), columns.first("date_of_birth", "sex")
    if not who or not site or not told:
        return False
    table = columns.table.cells.select([who.name, site.name, told.name]).drop_null()
    by_id = table.group_by(who.name).aggregate([(site.name, "count_distinct"), (told.name, "count_distinct")])
    several = pc.and_(pc.greater(by_id[f"{site.name}_count_distinct"], 1), pc.greater(by_id[f"{told.name}_count_distinct"], 1))
    return bool(pc.any(several).as_py())


def with_site(rule: RowRule, found: Sequence[Columns]) -> RowRule:
    """The rule with site and id together as the id of the patient; where the table has no site, it is asked."""
    given = rule.fields.get("patient_id")
    if given is None or not given.from_:
        return rule
    site = next(columns.first("site") for columns in found if columns.table.name == rule.from_)
    why = "the same id stands for different patients at different sites"
    more = {"from_": (site.name, *given.from_), "why": why} if site else {"ask": _ASK}
    return rule.model_copy(
        update={"fields": {**rule.fields, "patient_id": FieldRule.model_validate(given.model_dump(exclude_defaults=True) | more)}}
    )
