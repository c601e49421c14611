"""What is wrong with a mapping for the tables that it is meant for: names that are not there, fields that are not filled, parts that clash."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import MappingProxyType

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle.headings import is_like_a_value
from synapse_analytics.bundle.problems import shown_name
from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.labels import shown_table
from synapse_analytics.intake.mapping.checking_fields import check_field
from synapse_analytics.intake.mapping.fields import DATE_OF, FieldOf, RecordKind, is_several, record_kind
from synapse_analytics.intake.mapping.model import OPEN, FieldRule, Mapping, RowRule
from synapse_analytics.intake.mapping.places import Place, choice, entry_words, place_words
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources.footers import BELOW
from synapse_analytics.intake.values import judge_of
from synapse_analytics.plain_yaml import shown

ALWAYS = ("patients", "episodes")  # without these nothing can be said; a source without treatments or scores has empty files of them
_WHO = frozenset({"patient_id", "episode_id"})
_MAY_HOLD_IDENTIFIERS = _WHO | frozenset(DATE_OF.values()) | {"treatment_id", "date"}
# One of these fields is needed: a day, or the date from which it is calculated.
_ONE_OF = MappingProxyType(
    {
        "patients": (("age_years", "date_of_birth"),),
        "investigations": (("day", "date"),),
        "treatments": (("start_day", "start_date"),),
        "scores": (("day", "date"),),
        "adverse_events": (("day", "date"),),
    }
)

_MEASURED = ("bmi", "smoker", "comorbidities", "occupation")  # of these fields `nearest` may say which value counts
_JOINED = frozenset({"patients", "episodes"})  # several rules together may describe one


def faults_of(mapping: Mapping, tables: Sequence[RawTable]) -> Faults:
    """Every fault of a mapping for these tables, each with its place in the mapping and what to write."""
    faults = Faults()
    for kind in ALWAYS:
        if kind not in {rule.into for rule in mapping.rows}:
            faults.add(f"rows: no rule makes {kind}.", f"Write a rule with `into: {kind}`: a bundle cannot be without {kind}.")
    known = {table.name: table for table in tables}
    _check_episode(faults, mapping, known)
    _check_one_nearest(faults, mapping)
    check_files(faults, mapping.files, tables)
    for number, rule in enumerate(mapping.rows):
        place = (entry_words(number, rule.from_, rule.into),)
        _check_rule(faults, place, rule, known)
        _check_needed(faults, place, rule, mapping)
    return faults


def check_files(faults: Faults, files: Iterable[str], tables: Sequence[RawTable]) -> None:
    """Add what is wrong with `files`: names that the source does not have, and tables of which no row is left."""
    known = sorted({table.file for table in tables} | {table.name for table in tables})
    for name in files:
        if name not in known:
            faults.add(f"files: there is no file '{shown_table(name)}' in the source.", _choice(name, known))
    for table in tables:
        if table.left.get(BELOW) and not table.n:
            sentence = f"files, {shown_table(table.name)}, rows_below: so many rows are all that the table has."
            faults.add(sentence, "Write how many rows at its end are no records, such as 1.")


def _check_episode(faults: Faults, mapping: Mapping, known: dict[str, RawTable]) -> None:
    if mapping.episode.is_ != "column":
        return
    used = [known[rule.from_].cells.column_names for rule in mapping.rows if rule.from_ in known and rule.into != "patients"]
    every = sorted({column for columns in used for column in columns})
    lacking = [column for column in mapping.episode.id if column not in every]
    for column in lacking:
        faults.add(f"episode, id: no table of `rows` has a column '{shown_name(column)}'.", _choice_of_columns(column, every))
    if mapping.episode.id and not lacking and not any(set(mapping.episode.id) <= set(columns) for columns in used):
        faults.add("episode, id: no table of `rows` has all of these columns.", "Write episode_id into the rows instead.")
    if not (lacking or any("episode_id" in rule.fields for rule in mapping.rows if rule.into == "episodes")):
        advice = (
            "Write below `episode` which columns name it, such as `id: [record_id, redcap_event_name]`; or episode_id into the rows "
            "`into: episodes`, and into the other rows of an episode; or another word for `is`."
        )
        faults.add("episode: each value of episode_id is an episode, and no row that becomes an episode has this field.", advice)


def _check_rule(faults: Faults, place: Place, rule: RowRule, known: dict[str, RawTable]) -> None:
    table = known.get(rule.from_)
    if table is None:
        sentence = f"{place_words(place)}: there is no table '{shown_table(rule.from_)}' in the source."
        faults.add(sentence, _choice(rule.from_, sorted(known)))
    else:
        _check_columns(faults, place, rule, table)
    kind = record_kind(rule.into)
    for name, field_rule in rule.fields.items():
        field = _field(kind, name)
        if field is None:
            sentence = f"{place_words((*place, 'fields', name))}: a row of {kind.name} has no such field."
            faults.add(sentence, choice(name, [one.name for one in kind.fields]))
        else:
            check_field(faults, (*place, "fields", name), field_rule, field)
    _check_scores(faults, place, rule)
    _check_scales(faults, place, rule)
    _check_nearest(faults, place, rule)
    several = [name for name, one in rule.fields.items() if (field := _field(kind, name)) and is_several(field, one)]
    if several and rule.into == "scores":
        advice = "Write one entry for each score of the row under `scores`."
        faults.add(f"{place_words((*place, 'fields', several[0]))}: a row with `value` holds one score.", advice)
    if len(several) > 1:
        sentence = (
            f"{place_words(place)}: {' and '.join(several)} both hold several answers, and nothing says which answers belong together."
        )
        faults.add(sentence, "Keep one of them here, and read the other by a rule of its own or leave it out.")


def _check_scores(faults: Faults, place: Place, rule: RowRule) -> None:
    if rule.scores and rule.into != "scores":
        faults.add(f"{place_words((*place, 'scores'))}: only a rule `into: scores` has these.", "Move them to a rule of their own.")
        return
    for name, field_rule in rule.scores.items():
        at = (*place, "scores", name)
        if name not in v.codes(v.INSTRUMENTS):
            faults.add(f"{place_words(at)}: there is no such score.", choice(name, v.codes(v.INSTRUMENTS)))
        check_field(faults, at, field_rule, record_kind("scores").field("value"), instrument=name)


def _check_scales(faults: Faults, place: Place, rule: RowRule) -> None:
    """A scale is of a code that names a score; one of a code with a typo would never be used."""
    for name, one in rule.scores.items():
        if one.scales:
            faults.add(f"{place_words((*place, 'scores', name, 'scales'))}: this score has one scale.", "Write it as `scale`.")
    value, instrument = rule.fields.get("value"), rule.fields.get("instrument")
    judge = judge_of(record_kind("scores").field("instrument"), instrument) if instrument else None
    for code in value.scales if value and rule.into == "scores" else ():
        if judge is None or judge(code).value is None:
            known = [one for one, meaning in instrument.codes.items() if meaning] if instrument else []
            sentence = f"{place_words((*place, 'fields', 'value', 'scales', shown(code)))}: `instrument` does not say which score this is."
            faults.add(sentence, choice(code, known) if known else "Write a code as it stands in the column of `instrument`.")


def _check_nearest(faults: Faults, place: Place, rule: RowRule) -> None:
    for name in (name for name, one in rule.fields.items() if one.nearest is not None):
        at = place_words((*place, "fields", name, "nearest"))
        if rule.into != "patients" or name not in _MEASURED:
            faults.add(f"{at}: this does not belong to {name} of {rule.into}.", f"Delete the line. Of patients: {', '.join(_MEASURED)}.")
        elif "date" not in rule.fields:
            faults.add(f"{at}: nothing says when this was recorded.", "Write the field date and how its dates are written.")


def _check_one_nearest(faults: Faults, mapping: Mapping) -> None:
    """All rows of a field are compared, so that each rule that fills it says the same."""
    for name in _MEASURED:
        said = {rule.fields[name].nearest for rule in mapping.rows if rule.into == "patients" and name in rule.fields}
        if len(said) > 1:
            faults.add(f"rows: the rules for patients differ in `nearest` of {name}.", "Write the same number of days in each of them.")


def _field(kind: RecordKind, name: str) -> FieldOf | None:
    return next((field for field in kind.fields if field.name == name), None)


def _check_columns(faults: Faults, place: Place, rule: RowRule, table: RawTable) -> None:
    columns = table.cells.column_names
    for at, column in _columns(rule):
        if column not in columns and column != OPEN:
            sentence = f"{place_words((*place, *at))}: there is no column '{shown_name(column)}' in '{shown_table(table.name)}'."
            faults.add(sentence, _choice_of_columns(column, columns))
    for name, field_rule in (*rule.fields.items(), *rule.scores.items()):
        told = [column for column in field_rule.columns if column in table.identifiers]
        if told and name not in _MAY_HOLD_IDENTIFIERS:
            sentence = f"{place_words((*place, 'fields', name))}: the source says that column '{shown_name(told[0])}' identifies people."
            faults.add(sentence, "Delete this field, and write the column under `left_out`.")


def _choice_of_columns(column: str, columns: list[str]) -> str:
    few = len(columns) <= 50
    return _choice(column, columns) if few else _choice(column, columns).partition("Allowed:")[0] + f"There are {len(columns):,} columns."


def _choice(word: str, names: Sequence[str]) -> str:
    """The names of the source that may be meant; none that may be a patient's value."""
    return choice(word, [name for name in names if not is_like_a_value(name)])


def _columns(rule: RowRule) -> Iterable[tuple[Place, str]]:
    yield from ((("where", column), column) for column in rule.where)
    yield from ((("unless", column), column) for column in rule.unless)
    for part, rules in (("fields", rule.fields), ("scores", rule.scores)):
        yield from (((part, name), column) for name, one in rules.items() for column in one.columns)


def _check_needed(faults: Faults, place: Place, rule: RowRule, mapping: Mapping) -> None:
    for _, wrong, advice in lacking(rule, mapping):
        faults.add(f"{place_words(place)}: {wrong}", advice)
    for both in _ONE_OF.get(rule.into, ()):
        _check_not_both(faults, place, rule.fields, both)


def lacking(rule: RowRule, mapping: Mapping) -> Iterator[tuple[str, str, str]]:
    """Each field that a bundle needs and nothing fills: its name, what is wrong, and what to write."""
    if not _WHO & set(rule.fields):
        yield "patient_id", "nothing says whose rows these are.", "Fill the field patient_id or episode_id."
    fields = _filled(rule, mapping)
    if not fields:
        return
    for field in record_kind(rule.into).fields:
        if field.needed and field.name not in fields:
            yield field.name, f"{rule.into} need the field {field.name}.", f"Write {field.name}: {field.meaning}."
    if rule.into == "episodes" and mapping.day_zero == "first_visit" and "first_visit_date" not in fields:
        advice = "Write first_visit_date, or another `day_zero`, such as first_record."
        yield "first_visit_date", "day 0 is the first visit, and no field says when it was.", advice
    for one, other in _ONE_OF.get(rule.into, ()):
        if not {one, other} & fields:
            yield one, f"{rule.into} need {one} or {other}.", f"Write {other} and how its dates are written."


def _filled(rule: RowRule, mapping: Mapping) -> set[str]:
    """The fields that are filled by this rule, or by all rules for patients or episodes together (told at the first of them)."""
    if rule.into not in _JOINED:
        return set(rule.fields) | ({"instrument", "value"} if rule.scores else set())
    same = [one for one in mapping.rows if one.into == rule.into]
    return {name for one in same for name in one.fields} if rule is same[0] else set()


def _check_not_both(faults: Faults, place: Place, fields: dict[str, FieldRule], both: tuple[str, str]) -> None:
    if set(both) <= set(fields):
        faults.add(f"{place_words(place)}: {both[0]} and {both[1]} exclude each other.", "Keep one of them.")
