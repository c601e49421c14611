"""The whole mapping that is proposed for the tables of a source."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Literal

import pyarrow.compute as pc

from synapse_analytics.intake.draft.box_rules import box_rules, leave_boxes
from synapse_analytics.intake.draft.columns import Columns, columns_of
from synapse_analytics.intake.draft.composed import ids_repeat, with_site
from synapse_analytics.intake.draft.events import of_events, told
from synapse_analytics.intake.draft.forms import EVENT, FORM, forms_of, on_its_rows
from synapse_analytics.intake.draft.headings import with_headings, without_values
from synapse_analytics.intake.draft.identities import SOURCE_SAYS
from synapse_analytics.intake.draft.tables import main_rule, other_diagnoses, record_rules
from synapse_analytics.intake.mapping.fields import record_kind
from synapse_analytics.intake.mapping.model import MAPPING_FORMAT, OPEN, Mapping, RowRule
from synapse_analytics.intake.raw import RawTable

Source = Literal["files", "redcap", "omop", "fhir"]
_ONE = "no patient has two rows in '{}' that describe one"
_WHICH = (
    " What is one episode? Write one_per_patient; column, with the field episode_id in the rows;"
    " gap, with `days` without a record after which a new one begins; or referral, if each of these rows starts one."
)
_SEVERAL = f"Patients have several rows in '{{}}'.{_WHICH}"
_NOBODY = f"It is not known yet whose the rows in '{{}}' are.{_WHICH}"
_NO_TABLE = "No table describes episodes. Write one_per_patient, or a rule `into: episodes` and what one episode is."


def draft_mapping(tables: Sequence[RawTable], *, source: Source) -> Mapping:
    """The mapping proposed for these tables: every guess says why, what is not certain is asked, and no patient's value is in it."""
    tables = with_headings(tables)
    if source in {"omop", "fhir"}:
        return _of_standard(tables, source)
    found = [columns_of(form) for table in tables for form in (forms_of(table) if source == "redcap" else [table])]
    patients = _best(found, "patients", ("sex", "date_of_birth", "age_years")) or _first(found)
    episodes = _best(found, "episodes", ("diagnosis", "first_visit_date", "status", "site", "clinician")) or patients
    rules = [rule for columns in found for rule in _rules(columns, patients, episodes)]
    if patients and ids_repeat(patients):
        rules = [with_site(rule, found) for rule in rules]
    if source == "redcap":
        rules = [on_its_rows(rule, next(table for table in tables if table.name == rule.from_)) for rule in rules]
    episode = _episode(found, episodes)
    return _mapping(source, tuple(rules), episode, _left_out(found, rules, episode.get("id", ())))


def _of_standard(tables: Sequence[RawTable], source: Source) -> Mapping:
    """The mapping for the tables of a standard, whose columns are known: what is one episode, no standard says."""
    rules = tuple(import_module(f"synapse_analytics.intake.draft.{source}").propose(list(tables)))
    start = next((rule.from_ for rule in rules if rule.into == "episodes"), "")
    told = any("episode_id" in rule.fields for rule in rules if rule.into == "episodes")
    asked = {"is": OPEN, "ask": _SEVERAL.format(start) if start else _NO_TABLE}
    episode = {"is": "column", "why": f"each row of '{start}' names its episode"} if told else asked
    return _mapping(source, rules, episode, {})


def _mapping(source: Source, rules: tuple[RowRule, ...], episode: dict[str, Any], left_out: dict[str, dict[str, str]]) -> Mapping:
    dated = any("first_visit_date" in rule.fields for rule in rules)
    return Mapping.model_validate(
        {
            "format": MAPPING_FORMAT,
            "source": source,
            "clinic": OPEN,
            "data_until": OPEN,
            "deidentified_by": OPEN,
            "episode": episode,
            "day_zero": "first_visit" if dated else OPEN,
            "rows": tuple(map(without_values, rules)),
            "left_out": left_out,
        }
    )


def _best(found: Sequence[Columns], into: str, telling: tuple[str, ...]) -> Columns | None:
    """The table that fills most fields of patients or episodes, if it fills a telling one."""
    names = [field.name for field in record_kind(into).fields if field.becomes]
    able = [columns for columns in found if columns.first(*telling)]
    return max(able, key=lambda columns: sum(name in columns.fields for name in names), default=None)


def _first(found: Sequence[Columns]) -> Columns | None:
    """The first table that says whose its rows are, or has rows: where none describes patients, all about them is asked there."""
    return next((one for one in found if one.first("patient_id")), None) or next((one for one in found if one.table.n), None)


def _rules(columns: Columns, patients: Columns | None, episodes: Columns | None) -> list[RowRule]:
    mains = [main_rule(columns, into) for into, one in (("patients", patients), ("episodes", episodes)) if one is columns]
    others = [other_diagnoses(columns)] if columns is not episodes and columns.first("diagnosis") else []
    for into, one in (("patients", patients), ("episodes", episodes)):
        if one is not columns:
            leave_boxes(columns, into)
    return [*mains, *others, *record_rules(columns), *box_rules(columns)]


def _episode(found: Sequence[Columns], episodes: Columns | None) -> dict[str, Any]:
    named = next((columns for columns in found if columns.first("episode_id")), None)
    if named:
        return {"is": "column", "why": f"'{named.table.name}' has a column of episodes"}
    if episodes is None:
        return {"is": OPEN, "ask": _NO_TABLE}
    name = episodes.table.name
    if not _repeats(episodes):
        return {"is": "one_per_patient", "why": _ONE.format(name)}
    linked = {EVENT, FORM} & set(episodes.table.cells.column_names) and episodes.first("patient_id")
    ask = _SEVERAL if episodes.first("patient_id") else _NOBODY
    return (of_events(episodes, found) if linked else None) or {"is": OPEN, "ask": ask.format(name)}


def _repeats(columns: Columns) -> bool:
    """True if a patient has several rows that say something about an episode, or nothing says whose rows they are."""
    look = columns.first("patient_id")
    if look is None:
        return True
    rows = told(columns)
    return bool(pc.count_distinct(rows[look.name]).as_py() < rows.num_rows)


def _left_out(found: Sequence[Columns], rules: Sequence[RowRule], ids: Sequence[str]) -> dict[str, dict[str, str]]:
    used = used_columns(rules)
    left: dict[str, dict[str, str]] = {}
    for part in found:
        table = part.table
        for name in table.cells.column_names:
            told = SOURCE_SAYS if name in table.identifiers else part.left.get(name, "another column or table fills what it says")
            if name not in used.get(table.name, set()) | set(ids):
                left.setdefault(table.name, {}).setdefault(name, told)
    return left


def used_columns(rules: Sequence[RowRule]) -> dict[str, set[str]]:
    """The columns of each table that these rules read."""
    used: dict[str, set[str]] = {}
    for rule in rules:
        columns = {column for one in (*rule.fields.values(), *rule.scores.values()) for column in one.columns}
        used.setdefault(rule.from_, set()).update(columns, rule.where)
    return used
