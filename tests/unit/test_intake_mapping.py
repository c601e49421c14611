"""The mapping as a file: what is written is read, what is wrong is said with its place, and what is open stays open."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.mapping.example import EXAMPLE
from synapse_analytics.intake.mapping.model import FieldRule, Mapping
from synapse_analytics.intake.mapping.reading import faults_of, mapping_from, open_questions, read_mapping
from synapse_analytics.intake.mapping.reference import json_schema, markdown
from synapse_analytics.intake.mapping.writing import to_yaml
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import read_source
from tests.raw_tables import uploaded

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8) | st.sampled_from(
    ["no", "099", "2026-06-01", "?", "*", "-", "NA", "null", "~", "", "a: b", "# c", "1e3", "yes", "\n", "<<", "="]
)
TEXTS = st.lists(TEXT, max_size=3)
FIELD = st.fixed_dictionaries(
    {},
    optional={
        "from": TEXTS | TEXT,
        "value": TEXT | st.none(),
        "codes": st.dictionaries(TEXT, TEXT | st.none(), max_size=3),
        "days": st.dictionaries(TEXT, st.integers(-9, 999), max_size=2),
        "missing": TEXTS,
        "scale": st.tuples(st.floats(-10, 10), st.integers(11, 10**6)),
        "why": TEXT,
        "ask": TEXT,
    },
)
ROW = st.fixed_dictionaries(
    {"from": TEXT, "into": st.just("scores"), "fields": st.dictionaries(TEXT, FIELD, max_size=3)},
    optional={"where": st.dictionaries(TEXT, TEXTS, max_size=2), "scores": st.dictionaries(TEXT, FIELD, max_size=2)},
)
START = {"format": "synapse-mapping/1", "clinic": "C", "data_until": "2026-06", "deidentified_by": "D", "episode": {"is": "gap"}}
HEAD = "format: synapse-mapping/1\nclinic: C\ndata_until: 2026-06\ndeidentified_by: D\nepisode: {is: one_per_patient}\nrows:\n"


def table(name: str = "a.csv", identifiers: tuple[str, ...] = (), **columns: list[str]) -> RawTable:
    cells = pa.table({column: pa.array(values, pa.string()) for column, values in columns.items()})
    return RawTable(name, name.partition("#")[0], cells, np.arange(cells.num_rows) + 2, identifiers=frozenset(identifiers))


def refusal(text: str) -> str:
    with pytest.raises(IntakeRefused) as refused:
        mapping_from(text, "m.yaml")
    return str(refused.value)


@given(rows=st.lists(ROW, max_size=2), left_out=st.dictionaries(TEXT, st.dictionaries(TEXT, TEXT, max_size=2), max_size=2), clinic=TEXT)
@settings(max_examples=60)
def test_what_is_written_is_read(rows: list, left_out: dict, clinic: str) -> None:
    mapping = Mapping.model_validate({**START, "clinic": clinic, "rows": rows, "left_out": left_out})
    assert mapping_from(to_yaml(mapping), "m.yaml") == mapping


def test_the_example_is_read_and_written_shortly() -> None:
    mapping = mapping_from(EXAMPLE, "m.yaml")
    text = to_yaml(mapping)
    assert mapping_from(text, "m.yaml") == mapping
    assert "\n    nrs_back: VAS back\n" in text
    assert "scale: [0, 100]" in text
    assert "fill" not in text
    assert open_questions(mapping) == []


def test_texts_stay_as_they_are_written() -> None:
    text = HEAD + "- from: a.csv\n  into: patients\n  where: {a: no}\n  fields: {x: {codes: {no: 099, 2026-06-01: ~, on: 1e3}}}\n"
    (rule,) = mapping_from(text, "m.yaml").rows
    assert rule.where == {"a": ("no",)}
    assert rule.fields["x"].codes == {"no": "099", "2026-06-01": None, "on": "1e3"}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            "- {from: a, into: patient, fields: {}}",
            "rows from 'a' (the 1st entry of rows), into: 'patient' is not allowed.\n  m.yaml, row 7\n  Did you mean 'patients'?",
        ),
        (
            "- {from: a, into: scores}\n- {from: a, into: scores, fields: {x: {cods: {}}}}",
            "rows from 'a' into scores (the 2nd entry of rows), fields, x, cods: this key does not",
        ),
        ("- {from: a, into: scores, fields: {x: {cods: {}}}}", "Did you mean 'codes'?"),
        ("- {from: Ravi Kumar.csv, into: scores, x: y}", "rows from 'Ra**********sv' into scores (the 1st entry of rows), x: this key"),
        ("- a", "rows (the 1st entry of rows): this is not a list of keys."),
        ("- {into: scores}", "rows into scores (the 1st entry of rows), from: this key is missing."),
        ("- {from: a, into: scores, fields: {x: {scale: [0, x]}}}", "this is not a number."),
        ("- {from: a, into: scores, fields: {x: {scale: [0]}}}", "Write lowest and highest"),
        (
            "- {from: a, into: patients, fields: {bmi: {nearest: -1}}}",
            "nearest: this number is not allowed.\n  m.yaml, row 7\n  Allowed: 0 or more.",
        ),
        ("- {from: a, into: patients, fields: {bmi: {nearest: 99999}}}", "Allowed: 36,500 or less."),
        (
            "- {from: a, into: scores, fields: {x: }}",
            "rows from 'a' into scores (the 1st entry of rows), fields, x: nothing is written here.",
        ),
        ("- {from: a, into: scores, into: patients}", "The key 'into' is there twice."),
        ("- {from: a, into: scores, fields: {x: {missing: [*, NA]}}}", "Put a text in quotes"),
        ("- &a {from: a, into: scores}\n- *a", "YAML takes for a reference"),
        ("- {from: !!python/name:os.system a, into: scores}", "YAML takes for a type"),
        ("- {from: a, into: scores, fields: {[a]: b}}", "A key here is no single text"),
        ("- " + "[" * 2000, "nested too deep"),
        ("- a\tb: \x07", "A sign that no text holds (U+0007)"),
    ],
)
def test_a_fault_of_the_file_is_a_sentence_with_its_place(rows: str, said: str) -> None:
    assert said in refusal(HEAD + rows)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("episode: {is: gap, days: 0}", "episode, days: this number is not allowed.\n  m.yaml, row 1\n  Allowed: 1 or more."),
        (
            f"episode: {{is: referral, lead: {'9' * 30}}}",
            "episode, lead: this number is not allowed.\n  m.yaml, row 1\n  Allowed: 36,500 or less.",
        ),
        ("episode: {is: gap, days: " + "9" * 5000 + "}", "episode, days: this is not a whole number."),
        ("files: {a.csv: {header: 0}}", "files, a.csv, header: this number is not allowed.\n  m.yaml, row 1\n  Allowed: 1 or more."),
        ("files: {a.csv: {header_rows: 99}}", "Allowed: 2 or less."),
        ("data_until: June 2026", "data_until: this is not a month.\n  m.yaml, row 1\n  Allowed: year and month, such as 2026-06."),
    ],
)
def test_a_number_that_is_not_allowed_is_told_with_what_is(line: str, said: str) -> None:
    key = line.partition(":")[0]
    others = "".join(one for one in HEAD.splitlines(keepends=True) if not one.startswith(f"{key}:"))
    assert said in refusal(f"{line}\n{others}- {{from: a, into: scores}}")


def test_what_is_no_mapping_is_refused(tmp_path: Path) -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"{k}: &{k} [*{j},*{j},*{j}]\n" for j, k in zip("abcdefg", "bcdefgh", strict=True))
    assert "takes for a reference" in refusal(bomb)
    assert "too large" in refusal("a" * 2_000_001)
    assert "holds no keys" in refusal("")
    (tmp_path / "m.yaml").write_bytes(b"\xff\xfe\x00a")
    for path in (tmp_path / "m.yaml", tmp_path / "none.yaml", tmp_path):
        with pytest.raises(IntakeRefused):
            read_mapping(path)
    (tmp_path / "m.yaml").write_bytes(b"\xef\xbb\xbf" + EXAMPLE.encode())
    assert read_mapping(tmp_path / "m.yaml") == mapping_from(EXAMPLE, "m.yaml")


def test_what_is_open_is_listed_in_order() -> None:
    text = HEAD.replace("clinic: C", 'clinic: "?"') + (
        '- {from: a, into: patients, ask: Which rows?, fields: {sex: {from: g, missing: ["?"], codes: {M: "?", "?": null}},'
        ' date_of_birth: {from: d, format: ["?"]}, smoker: {value: "?"}, bmi: {ask: Which column?}}}'
    )
    first = "rows from 'a' into patients (the 1st entry of rows)"
    assert [f"{fault.sentence} {fault.advice}" for fault in open_questions(mapping_from(text, "m.yaml"))] == [
        "clinic: this is still open. Write the name of the clinic instead of '?'.",
        f"{first}, fields, sex, codes: 'M' has no meaning yet. Write one of female, male, other, unknown, or null to leave it out.",
        (
            f"{first}, fields, date_of_birth, format: this is still open."
            " Write how the dates are written, such as day/month/year or month/day/year, instead of '?'."
        ),
        f"{first}, fields, smoker, value: this is still open. Write one of no, yes instead of '?'.",
        f"{first}, fields, bmi: Which column? Answer it here, then delete the line `ask`.",
        f"{first}: Which rows? Answer it here, then delete the line `ask`.",
    ]


WHO = "patient_id: id"
ODI = "items: [" + ",".join("abcdefghij") + "]"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("from: b.csv, into: patients", "there is no table 'b.csv' in the source.\n  Did you mean 'a.csv'?"),
        ("from: a.csv, into: patients, fields: {sex: Sexx}", "there is no column 'Sexx' in 'a.csv'.\n  Did you mean 'Sex'?"),
        (
            "from: a.csv, into: patients, where: {Smx: a}",
            "rows from 'a.csv' into patients (the 1st entry of rows), where, Smx: there is no column",
        ),
        ("from: a.csv, into: patients, fields: {gender: Sex}", "has no such field."),
        ("from: a.csv, into: patients, fields: {patient_id: id}", "patients need the field sex."),
        ("from: a.csv, into: patients, fields: {patient_id: id}", "patients need age_years or date_of_birth."),
        ("from: a.csv, into: episodes, fields: {patient_id: id}", "day 0 is the first visit"),
        ("from: a.csv, into: scores, fields: {sex: Sex}", "nothing says whose rows these are."),
        ("from: a.csv, into: scores, fields: {day: Sex, date: Sex}", "day and date exclude each other."),
        ("from: a.csv, into: patients, fields: {sex: {from: Sex, value: male}}", "from and value exclude each other."),
        ("from: a.csv, into: patients, fields: {sex: {from: Sex, scale: [0, 1]}}", "scale: this does not belong to a code of a closed"),
        ("from: a.csv, into: patients, fields: {sex: {from: Sex, codes: {M: mail}}}", "'mail' is not allowed.\n  Did you mean 'male'?"),
        ("from: a.csv, into: patients, fields: {sex: {value: femal}}", "Did you mean 'female'?"),
        ("from: a.csv, into: patients, fields: {date_of_birth: Sex}", "nothing says how these dates are written."),
        ("from: a.csv, into: patients, fields: {bmi: phone}", "the source says that column 'phone' identifies people."),
        ("from: a.csv, into: patients, fields: {comorbidities: [id, Sex]}", "this is no id."),
        ("from: a.csv, into: patients, fields: {bmi: {why: x}}", "nothing says what fills this field."),
        ("from: a.csv, into: patients, fields: {bmi: {from: id, scale: [9, 1]}}", "the lowest value must come first."),
        ("from: a.csv, into: patients, fields: {bmi: {from: id, scale: [0, 1e-320]}}", "the lowest value must come first."),
        (
            "from: a.csv, into: scores, fields: {patient_id: id, day: {from: Sex, days: {M: 10000000}}}",
            "fields, day, days, M: this day is not allowed.\n  Allowed: whole days from day 0, -3650 to 7300.",
        ),
        ("from: a.csv, into: scores, scores: {oddi: id}", "Did you mean 'odi'?"),
        ("from: a.csv, into: patients, scores: {odi: id}", "only a rule `into: scores`"),
        ("from: a.csv, into: scores, scores: {odi: {items: [id], coded: 0-5}}", "has 10 items, not 1."),
        ("from: a.csv, into: scores, scores: {odi: {" + ODI + "}}", "nothing says how the items are coded."),
        ("from: a.csv, into: scores, scores: {eq_vas: {items: [id]}}", "are calculated from items."),
        ("from: a.csv, into: scores, fields: {patient_id: id}", "no rule makes patients."),
    ],
)
def test_a_fault_against_the_tables_is_a_sentence_with_its_place(rule: str, said: str) -> None:
    known = table(identifiers=("phone",), id=["1"], Sex=["M"], phone=["9"])
    faults = faults_of(mapping_from(f"{HEAD}- {{{rule}}}\n", "m.yaml"), [known])
    assert said in "\n".join(fault.words() for fault in faults)


def test_a_table_of_which_no_row_is_left_is_a_fault() -> None:
    text = HEAD.replace("rows:", "files: {a.csv: {rows_below: 99}}\nrows:") + "- {from: a.csv, into: patients, fields: {patient_id: id}}\n"
    known = read_source(uploaded({"a.csv": b"id,Sex\n1,M\n2,F\n"}), mapping_from(text, "m.yaml").files)
    said = [fault.words() for fault in faults_of(mapping_from(text, "m.yaml"), known)]
    assert any(one.startswith("files, a.csv, rows_below: so many rows are all that the table has.") for one in said)


def test_a_source_may_have_no_treatments_and_no_scores() -> None:
    faults = faults_of(mapping_from(f"{HEAD}- {{from: a.csv, into: scores, fields: {{patient_id: id}}}}\n", "m.yaml"), [table(id=["1"])])
    missing = [fault.sentence for fault in faults if "no rule makes" in fault.sentence]
    assert missing == ["rows: no rule makes patients.", "rows: no rule makes episodes."]


def test_a_right_mapping_has_no_faults() -> None:
    mapping = mapping_from(EXAMPLE, "m.yaml")
    columns: dict[str, dict[str, list[str]]] = {}
    for rule in mapping.rows:
        used = [*rule.where, *(column for one in (*rule.fields.values(), *rule.scores.values()) for column in one.columns)]
        columns.setdefault(rule.from_, {}).update({column: ["x"] for column in used})
    assert not list(faults_of(mapping, [table(name, **cells) for name, cells in columns.items()]))


def test_the_reference_names_every_key() -> None:
    page = markdown()
    for part in (FieldRule, Mapping):
        assert all(f"| `{field.alias or name}` |" in page for name, field in part.model_fields.items())
    schema = json.loads(json_schema())
    assert schema["$defs"]["FieldRule"]["properties"]["missing"]["type"] == ["string", "number", "boolean", "null", "array"]


def test_episodes_by_a_column_need_that_column() -> None:
    """Otherwise every row would be left out, and the bundle would be refused as empty."""
    text = HEAD.replace("one_per_patient", "column") + "- {from: a.csv, into: episodes, fields: {patient_id: id}}\n"
    said = [fault.sentence for fault in faults_of(mapping_from(text, "m.yaml"), [table(id=["1"])])]
    assert any(one.startswith("episode: each value of episode_id is an episode, and no row") for one in said)
