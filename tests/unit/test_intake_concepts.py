"""What clinics write leads to our closed lists; what nobody verified is only suggested; faults of a clinic's own file are sentences."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics import vocabulary as v
from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.concepts import ConceptSet, load
from synapse_analytics.intake.concepts.concepts import _LONGEST
from synapse_analytics.intake.concepts.shape import LISTS, read_concepts
from synapse_analytics.intake.concepts.text import BY_PREFIX, SYSTEMS, normal_code, owner
from tests.house import ROOT

FOLDER = ROOT / "synapse_analytics" / "intake" / "concepts"
SETS = {name: load(name) for name in LISTS}


def test_every_list_has_a_file() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_every_name_leads_to_a_legal_code(name: str) -> None:
    concepts = SETS[name]
    assert concepts.list == name
    meanings = {*concepts.words.values()}.union(*(codes.values() for codes in (*concepts.codes.values(), *concepts.suggested.values())))
    assert meanings == set(v.codes(LISTS[name]))
    assert all(concepts.words)
    assert all(all(codes) for codes in concepts.codes.values())


@pytest.mark.parametrize("name", LISTS)
def test_no_suggestion_contradicts_a_verified_code(name: str) -> None:
    concepts = SETS[name]
    for system in SYSTEMS:
        for code, means in concepts.suggested[system].items():
            assert owner(system, code, concepts.codes[system]) in {"", means}


@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_a_source_or_is_not_verified(name: str) -> None:
    parts = [part for concept in read_concepts(FOLDER / f"{name}.yaml").concepts for part in concept.codes]
    assert all(bool(part.source) is part.verified for part in parts)


def test_no_prefix_lies_within_another_meaning() -> None:
    for concepts in SETS.values():
        for system in BY_PREFIX:
            codes = concepts.codes[system]
            assert [(one, other) for one in codes for other in codes if other.startswith(one) and codes[one] != codes[other]] == []


def test_icd10_agrees_with_our_list_of_diagnoses() -> None:
    codes = SETS["diagnoses"].codes["icd10"]
    for term in v.DIAGNOSES:
        if term.icd10:
            assert {code for code, means in codes.items() if means == term.code} == {normal_code(code) for code in term.icd10}


@pytest.mark.parametrize(
    ("name", "text", "system", "means"),
    [
        ("diagnoses", "PIVD", "", "herniated_disc"),
        ("diagnoses", " slipped  Disc. ", "", "herniated_disc"),
        ("diagnoses", "herniated_disc", "", "herniated_disc"),
        ("diagnoses", "M51.16", "", "herniated_disc"),
        ("diagnoses", "m5116", "ICD10CM", "herniated_disc"),
        ("diagnoses", "M48.062", "http://hl7.org/fhir/sid/icd-10-cm", "spinal_stenosis"),
        ("diagnoses", "M51", "", None),  # herniated or degenerated: only the clinic knows
        ("diagnoses", "M51.36", "", "degenerative_disc_disease"),
        ("diagnoses", "M54.5", "ICD10", "other_spinal"),
        ("diagnoses", "76107001", "http://snomed.info/sct", "spinal_stenosis"),
        ("diagnoses", "76107001", "", "spinal_stenosis"),
        ("diagnoses", "76107001", "loinc", None),
        ("diagnoses", "73589001", "snomed", None),  # not verified: suggested only
        ("diagnoses", "PIVD", "snomed", None),  # a word is no code of a system
        ("diagnoses", "M51.1", "a system of the house", None),
        ("diagnoses", "", "", None),
        ("treatments", "TFESI", "", "epidural_steroid_injection"),
        ("treatments", "PT", "", "physical_therapy"),
        ("treatments", "Etoricoxib", "", "anti_inflammatory"),
        ("treatments", "Paracetamol", "", "otc_analgesic"),
        ("treatments", "pregabalin", "", "neuropathic_medication"),
        ("treatments", "Thiocolchicoside", "", "muscle_relaxant"),
        ("treatments", "M01AE01", "", "anti_inflammatory"),
        ("treatments", "N02BF02", "ATC", "neuropathic_medication"),
        ("treatments", "161", "http://www.nlm.nih.gov/research/umls/rxnorm", "otc_analgesic"),
        ("treatments", "161", "", None),  # any clinic may use 161 for anything
        ("treatments", "1125315", "omop", "otc_analgesic"),
        ("treatments", "63030", "CPT4", "discectomy"),
        ("treatments", "V33.1", "OPCS-4", "discectomy"),
        ("treatments", "A52.1", "opcs4", "epidural_steroid_injection"),
        ("treatments", "A52.9", "opcs4", None),  # the whole group is not verified
        ("treatments", "387731002", "SNOMED", "laminectomy"),
        ("treatments", "tramadol", "", None),
        ("investigations", "X-Ray", "", "xray"),
        ("investigations", "M.R.I.", "", "mri"),
        ("symptoms", "Pins & needles", "", None),
        ("instruments", "97909-6", "http://loinc.org", "odi"),
        ("instruments", "72514-3", "LOINC", "nrs_pain"),
        ("instruments", "EQ-5D-5L", "", "eq5d5l_index"),
        ("instruments", "VAS (leg)", "", "nrs_leg"),
        ("statuses", "Lost to follow-up", "", "lost"),
        ("sexes", "F", "", "female"),
        ("sexes", "1", "", None),
        ("sexes", "8532", "omop", "female"),
        ("sexes", "8532", "", None),
    ],
)
def test_exact_meaning(name: str, text: str, system: str, means: str | None) -> None:
    assert SETS[name].meaning(text, system) == means


@pytest.mark.parametrize(
    ("name", "text", "nearest"),
    [
        ("diagnoses", "Hernaited disc", "herniated_disc"),
        ("diagnoses", "spinal stenossis", "spinal_stenosis"),
        ("diagnoses", "PIVD L4-L5 left", "herniated_disc"),
        ("diagnoses", "73589001", "herniated_disc"),  # a code that nobody verified
        ("treatments", "Ibuprofin", "anti_inflammatory"),
        ("treatments", "laminectmy", "laminectomy"),
        ("treatments", "tab pregabalin 75 mg", "neuropathic_medication"),
        ("treatments", "fracture", ""),
        ("treatments", "home", ""),  # part of "home exercises", but not all of it
        ("treatments", "patient", ""),
        ("diagnoses", "LS", ""),  # one letter off LSS, but so is everything
        ("instruments", "vas_leg_6m", "nrs_leg"),
        ("investigations", "CT of the spine", "ct"),
        ("investigations", "haemoglobin", ""),
        ("instruments", "Oswestri score", "odi"),
        ("sexes", "femal", "female"),
        ("sexes", "?", ""),
    ],
)
def test_nearest_meaning(name: str, text: str, nearest: str) -> None:
    assert SETS[name].nearest(text) == nearest


def test_names_are_short_enough_to_be_found_in_a_text() -> None:
    assert max(len(word.split()) for concepts in SETS.values() for word in concepts.words) <= _LONGEST


def test_planted_typos_find_their_word() -> None:
    """Two letters of a long word change places: the nearest meaning is still its own."""
    for concepts in SETS.values():
        for word, means in concepts.words.items():
            if len(word) >= 12 and " " not in word:
                assert concepts.nearest(word[:4] + word[5] + word[4] + word[6:]) == means, word


OWN = """format: synapse-concepts/1
list: diagnoses
concepts:
  - means: herniated_disc
    words: [disco, no, 0010]
    codes:
      - {system: icd10, codes: [M51.1], source: our coder}
"""


def own(folder: Path, text: str) -> ConceptSet:
    path = folder / "ours.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_file_of_a_clinic_is_used(tmp_path: Path) -> None:
    concepts = own(tmp_path, OWN)
    assert [concepts.meaning(text) for text in ("Disco", "no", "0010", "M51.17", "Spinal stenosis")] == ["herniated_disc"] * 4 + [
        "spinal_stenosis"
    ]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("means: herniated_disc", "means: hernia", "The list of diagnoses has no hernia."),
        (", source: our coder", "", "name the source in which somebody checked the codes, or write `verified: false`"),
        ("system: icd10", "system: icd9", "no such name"),
        ("list: diagnoses", "list: people", "Allowed: diagnoses, treatments"),
        ("synapse-concepts/1", "synapse-concepts/9", "Allowed: synapse-concepts/1."),
        ("disco, no", "disco, spinal stenosis", "The word spinal stenosis means spinal_stenosis and herniated_disc."),
        ("    words:", "    wrods:", "no such word belongs there"),
        ("disco, no", "+", "The word of herniated_disc has no letter and no digit."),
        ("    words:", "    words: [herniation]\n    words:", "The key 'words' is there twice."),
        ("concepts:", "concept:", "concepts: it is missing"),
        ("list: diagnoses", "list: [diagnoses", "is not valid YAML"),
        (OWN, "", "Copy one of ours"),
    ],
)
def test_fault_of_a_file_is_a_sentence(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(IntakeRefused) as refused:
        own(tmp_path, OWN.replace(old, new))
    assert says in str(refused.value)
    assert "ours.yaml" in str(refused.value)


def test_two_meanings_of_one_code_are_refused(tmp_path: Path) -> None:
    second = "  - means: spinal_stenosis\n    codes:\n      - {system: icd10, codes: [m511], source: our coder}\n"
    with pytest.raises(IntakeRefused, match="The icd10 code M511 means herniated_disc and spinal_stenosis"):
        own(tmp_path, OWN + second)


@pytest.mark.parametrize("name", ["diagnosis", "nowhere/mine.yaml"])
def test_missing_file_is_refused(name: str) -> None:
    with pytest.raises(IntakeRefused, match="no such file of concepts"):
        load(name)


def test_other_text_than_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_bytes(OWN.replace("our coder", "M\u00fcller").encode("latin-1"))
    with pytest.raises(IntakeRefused, match="not UTF-8"):
        load(path)
