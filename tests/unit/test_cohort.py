"""The cohort's sentence, its notices and what a policy allows."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from synapse_analytics import Cohort, vocabulary
from synapse_analytics.cohort import (
    GROUPINGS,
    Joined,
    check_allowed,
    check_rows_allowed,
    filters_unknown_to_rows,
    five_year_bands,
    group_column,
    group_label,
    group_order,
    group_words,
    legal_groupings,
)
from synapse_analytics.cohort.filters import FILTERS, RECEIVABLE
from synapse_analytics.cohort.groups import group_keys, is_everybody
from synapse_analytics.cohort.limits import named, without
from synapse_analytics.cohort.saved import SavedCohort, from_yaml
from synapse_analytics.errors import NotAllowed, UsageError

STENOSIS = ("spinal_stenosis",)


@pytest.mark.parametrize(
    ("cohort", "patients", "sentence"),
    [
        (Cohort(), 2000, "All patients; 2,000 patients"),
        (Cohort(), None, "All patients"),
        (Cohort(sex=("male",)), 0, "Men; no patients"),
        (Cohort(sex=("male", "female")), 4, "Women and men; fewer than 5 patients"),
        (
            Cohort(diagnosis=STENOSIS, sex=("female",), age_band=("40-64",), month_from="2023-01", month_to="2024-06", site=("S01",)),
            412,
            "Women aged 40-64 with spinal stenosis first seen Jan 2023 to Jun 2024 at S01; 412 patients",
        ),
        (Cohort(sex=("other", "unknown")), None, "Patients (other sex or sex not known)"),
        (Cohort(age_from=40, age_to=64), None, "Patients aged 40 to 64"),
        (Cohort(age_from=40, age_to=40), None, "Patients aged 40"),
        (Cohort(age_from=65), None, "Patients aged 65 or over"),
        (Cohort(age_to=17), None, "Patients aged 17 or under"),
        (Cohort(month_from="2023-01"), None, "Patients first seen from Jan 2023"),
        (Cohort(month_to="2023-01"), None, "Patients first seen up to Jan 2023"),
        (Cohort(month_from="2023-01", month_to="2023-01"), None, "Patients first seen in Jan 2023"),
        (Cohort(smoker=("no",), red_flags=("yes",)), None, "Patients, who do not smoke, with red flags"),
        (Cohort(smoker=("no", "yes")), None, "Patients, whose smoking is recorded"),
        (Cohort(comorbidities=("1",)), None, "Patients, with 1 comorbidity"),
        (Cohort(comorbidities=("3_or_more", "0")), None, "Patients, with 0 or 3 or more comorbidities"),
        (Cohort(investigation=("mri", "xray")), None, "Patients, investigated by X-ray or MRI"),
        (
            Cohort(treatment=("discectomy", "medication", "laminectomy"), highest_stage=("surgery",)),
            None,
            "Patients, whose highest stage was surgery, who received medication, discectomy or laminectomy",
        ),
        (
            Cohort(any_diagnosis=STENOSIS, symptom=("leg_weakness",), clinician=("C07",)),
            None,
            "Patients seen by C07, with spinal stenosis as primary or other diagnosis, with the symptom leg weakness",
        ),
        (
            Cohort(pain_band=("7-10",), odi_band=("0-20",), symptom_band=("over_1_year",), bmi_band=("30_and_over",)),
            None,
            "Patients, with baseline pain 7-10, with baseline ODI 0-20, with symptoms for over 1 year, with BMI 30 and over",
        ),
    ],
)
def test_sentence_reads_well(cohort: Cohort, patients: int | None, sentence: str) -> None:
    assert cohort.sentence(patients) == sentence


@pytest.mark.parametrize(
    ("url", "cohort", "notices"),
    [
        ("", Cohort(), ()),
        ("?diagnosis=spinal_stenosis", Cohort(diagnosis=STENOSIS), ()),
        ("https://clinic.example/outcomes?sex=male#top", Cohort(sex=("male",)), ()),
        ("diagnosis=&age_from=&month_to=", Cohort(), ()),
        (
            "diagnosis=spinal_stenosis&diagnosis=plague",
            Cohort(diagnosis=STENOSIS),
            ("Primary diagnosis: 'plague' is not known here.",),
        ),
        ("age_from=70&age_to=40", Cohort(age_from=40, age_to=70), ("Age from 70 was after age to 40. They were swapped.",)),
        (
            "month_from=2024-01&month_to=2023-01",
            Cohort(month_from="2023-01", month_to="2024-01"),
            ("First seen from 2024-01 was after first seen to 2023-01. They were swapped.",),
        ),
        (
            "month_from=2023-13&month_to=23-01",
            Cohort(),
            (
                "First seen from: '2023-13' is not known here.",
                "First seen to: '23-01' is not known here.",
            ),
        ),
        ("age_from=91", Cohort(), ("Age from: '91' is not known here.",)),
        ("age_from=040", Cohort(age_from=40), ()),
        ("age_from=0040", Cohort(), ("Age from: '0040' is not known here.",)),
        ("page?sex=male&site=?", Cohort(sex=("male",)), ("Site: '?' is not known here.",)),
        ("age_from=1e1", Cohort(), ("Age from: '1e1' is not known here.",)),
        ("age_from=40&age_from=50", Cohort(age_from=40), ("Age from was given more than once; 40 is used.",)),
        ("site=S09", Cohort(), ("Site: 'S09' is not known here.",)),
        ("site=%3Cscript%3E", Cohort(), ("Site: '<script>' is not known here.",)),
        ("site=123", Cohort(), ("Site: '123' is not known here.",)),
        ("diagnoses=x&Sex=male", Cohort(), ("There is no filter 'diagnoses' or 'Sex'.",)),
        ("sex=" + "x" * 3000, Cohort(), (f"Sex: '{'x' * 40}...' is not known here.",)),
    ],
)
def test_url_leaves_out_what_is_illegal(url: str, cohort: Cohort, notices: tuple[str, ...]) -> None:
    assert Cohort.from_url(url, sites=("S01",), clinicians=("C01",)) == (cohort, notices)


def test_units_are_checked_by_form_alone() -> None:
    assert Cohort.from_url("site=S09&clinician=C99")[0] == Cohort(site=("S09",), clinician=("C99",))


@pytest.mark.parametrize(
    ("filters", "legal"),
    [
        ({"diagnosis": ("plague",)}, "herniated_disc"),
        ({"site": ("1",)}, "at least one letter"),
        ({"age_from": 91}, "whole years 0 to 90"),
        ({"age_from": True}, "whole years 0 to 90"),
        ({"month_from": "2023-13"}, "YYYY-MM"),
    ],
)
def test_wrong_value_is_refused(filters: dict, legal: str) -> None:
    with pytest.raises(UsageError, match=legal):
        Cohort(**filters)


def test_one_value_needs_no_tuple() -> None:
    assert Cohort(diagnosis="spinal_stenosis") == Cohort(diagnosis=STENOSIS)


def test_equal_cohorts_are_one_cache_key() -> None:
    assert len({Cohort(sex=("male", "female")), Cohort(sex=["female", "male", "male"])}) == 1


@pytest.mark.parametrize(
    ("text", "cohort"),
    [
        ("a: {smoker: [yes], comorbidities: [0, 3_or_more]}", Cohort(smoker=("yes",), comorbidities=("0", "3_or_more"))),
        ("a: {smoker: no, age_from: 40, month_from: 2023-01}", Cohort(smoker=("no",), age_from=40, month_from="2023-01")),
        ("a: {}", Cohort()),
    ],
)
def test_hand_written_yaml_is_understood(text: str, cohort: Cohort) -> None:
    assert from_yaml(text) == {"a": SavedCohort(cohort)}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[1, 2]", "holds names, and under each name its filters"),
        ("a: [", "not valid YAML"),
        ("a: 3", "'a' has no filters"),
        ("a: {colour: red}", "unknown filters: colour"),
        ("a: {sex: [robot]}", "'a': Sex"),
        ("!!python/object/apply:os.system ['true']", "begins with !, which YAML takes for a type"),
    ],
)
def test_wrong_yaml_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        from_yaml(text)


@pytest.mark.parametrize(
    "cohort",
    [
        Cohort(),
        Cohort(diagnosis=STENOSIS, sex=("female",), age_band=("65-90",), month_from="2021-01", month_to="2021-12"),
        Cohort(treatment=("medication",)),
    ],
)
def test_publish_allows_coarse_filters(cohort: Cohort) -> None:
    check_allowed(cohort, "publish")


@pytest.mark.parametrize(
    "cohort",
    [
        Cohort(age_band=("0-17",)),
        Cohort(month_from="2021-02"),
        Cohort(month_to="2021-11"),
        Cohort(month_from="2021-01", month_to="2022-12"),
        Cohort(month_from="2021-01"),
        Cohort(age_band=("40-64", "65-90")),
        Cohort(diagnosis=("herniated_disc", "spinal_stenosis")),
        Cohort(treatment=("medication", "discectomy")),
        Cohort(treatment=("otc_analgesic",)),
        Cohort(site=("S01",)),
        Cohort(age_from=40),
        Cohort(symptom=("leg_weakness",)),
        Cohort(any_diagnosis=STENOSIS),
    ],
)
def test_publish_refuses_fine_filters(cohort: Cohort) -> None:
    check_allowed(cohort, "clinic")
    with pytest.raises(NotAllowed, match="Allowed: one value each of diagnosis"):
        check_allowed(cohort, "publish")


def test_publish_refuses_fine_splits() -> None:
    assert set(legal_groupings("publish")) < set(legal_groupings("clinic")) == set(GROUPINGS)
    with pytest.raises(NotAllowed, match="split by clinician"):
        check_allowed(Cohort(), "publish", by="clinician")


def test_groups_come_in_clinical_order() -> None:
    assert group_order("diagnosis", [None, 2, 0]) == [0, 2, None]
    assert group_order("diagnosis", ["not_recorded", "spinal_stenosis", "herniated_disc"]) == [
        "herniated_disc",
        "spinal_stenosis",
        "not_recorded",
    ]
    assert group_order("site", [None, "S02", "S01"]) == ["S01", "S02", None]
    assert group_order("site", ["(not recorded)", "S02", "S01"]) == ["S01", "S02", "(not recorded)"]
    assert group_order("highest_stage", ["surgery", "none"]) == ["none", "surgery"]
    assert group_order("first_treatment", [None, 0]) == [0, None]
    weeks = list(vocabulary.codes(vocabulary.SYMPTOM_BANDS))
    assert group_order("symptom_band", ["not_recorded", *sorted(weeks)]) == [*weeks, "not_recorded"] != sorted([*weeks, "not_recorded"])


def test_groups_have_codes_and_words() -> None:
    assert group_label(None, 0) == "all"
    assert group_label("diagnosis", 1) == "spinal_stenosis"
    assert group_label("year", 2023) == "2023"
    assert group_label("first_treatment", None) == "none"
    assert group_words("diagnosis", "spinal_stenosis") == vocabulary.DIAGNOSES[1].label
    assert group_words("smoker", "not_recorded") == "Not recorded"
    assert group_words("age_sex", "40-64_female") == "Women 40-64"
    assert group_words(None, "all") == "All"


def test_values_of_filters_have_words() -> None:
    assert FILTERS["diagnosis"].label_of("spinal_stenosis") == vocabulary.DIAGNOSES[1].label
    assert FILTERS["site"].label_of("S01") == "S01"
    assert "at least one letter" in FILTERS["site"].legal_words
    assert [FILTERS[name].legal_words for name in ("sex", "age_from", "month_to")] == [
        ", ".join(vocabulary.codes(vocabulary.SEXES)),
        "whole years 0 to 90",
        "a month, YYYY-MM",
    ]


def test_unknown_split_is_refused() -> None:
    with pytest.raises(UsageError, match="diagnosis, sex"):
        group_label("colour", 1)


def test_a_cohort_without_some_filters_keeps_the_others() -> None:
    cohort = Cohort(diagnosis=STENOSIS, sex=("female",), age_from=40)
    assert without(cohort, ("sex", "age_from", "none_such")) == Cohort(diagnosis=STENOSIS)


@pytest.mark.parametrize(
    ("cohort", "clauses"),
    [
        (Cohort(), []),
        (Cohort(diagnosis=STENOSIS), ["diagnosis = 1"]),
        (Cohort(diagnosis=("herniated_disc", *STENOSIS)), ["diagnosis IN (0, 1)"]),
        (Cohort(any_diagnosis=("herniated_disc", *STENOSIS)), ["diagnoses & 3 != 0"]),
        (Cohort(age_from=40, age_to=64), ["age_years >= 40", "age_years <= 64"]),
        (Cohort(month_from="2023-01", month_to="2024-12"), ["first_visit_month >= 24276", "first_visit_month <= 24299"]),
        (Cohort(site="S1", clinician=("C1", "C2")), ["site = 'S1'", "clinician IN ('C1', 'C2')"]),
        (Cohort(smoker="yes", red_flags="no"), ["smoker IS true", "red_flags IS false"]),
        (Cohort(smoker=("yes", "no")), ["smoker IS NOT NULL"]),
        (Cohort(comorbidities=("0", "2")), ["comorbidities IN (0, 2)"]),
        (Cohort(comorbidities=("1", "3_or_more")), ["comorbidities IN (1) OR episode_facts.comorbidities >= 3"]),
        (Cohort(treatment="medication"), ["treatments & 15 != 0"]),  # the class: its four treatments
        (Cohort(treatment="discectomy"), ["treatments & 8192 != 0"]),
        (Cohort(investigation="mri"), ["investigations & 4 != 0"]),
    ],
)
def test_clauses_read_as_meant(cohort: Cohort, clauses: list[str]) -> None:
    made = [str(clause.compile(compile_kwargs={"literal_binds": True})) for clause in cohort.where()]
    assert made == [f"episode_facts.{clause}" for clause in clauses]


def test_a_class_stands_before_its_own_treatments() -> None:
    classes = list(dict.fromkeys(getattr(term, "treatment_class", term.code) for term in RECEIVABLE))
    assert [term.code for term in RECEIVABLE] == [
        code for group in classes for code in dict.fromkeys([group, *(t.code for t in vocabulary.TREATMENTS if t.treatment_class == group)])
    ]


def test_rows_are_chosen_by_whole_bands_of_five_years() -> None:
    def ages(of: str, table: str = "wide") -> list[int]:
        return [age for age in range(91) if not filters_unknown_to_rows(Cohort(**{of: age}), table)]

    assert ages("age_from") == ages("age_from", "patients") == list(range(0, 91, 5))
    assert ages("age_to") == ages("age_to", "patients") == [*range(4, 90, 5), 90]


@pytest.mark.parametrize(
    ("cohort", "unknown", "of_patients"),
    [
        (Cohort(age_band=("0-17",)), ("age_band",), ("age_band",)),
        (Cohort(age_band=("0-17", "18-39")), (), ()),
        (Cohort(age_band=("40-64", "65-90")), (), ()),
        (Cohort(age_band=("18-39", "65-90")), ("age_band",), ("age_band",)),
        (Cohort(month_from="2023-01", month_to="2024-12"), (), ("month_from", "month_to")),
        (Cohort(month_from="2023-02", month_to="2024-11"), ("month_from", "month_to"), ("month_from", "month_to")),
        (Cohort(diagnosis=STENOSIS, sex="male", site="S1"), (), ("diagnosis", "site")),
        (Cohort(clinician="C1", smoker="no"), ("clinician", "smoker"), ("clinician", "smoker")),
    ],
)
def test_rows_are_chosen_by_what_they_show(cohort: Cohort, unknown: tuple[str, ...], of_patients: tuple[str, ...]) -> None:
    for table, wrong in (("wide", unknown), ("patients", of_patients)):
        assert filters_unknown_to_rows(cohort, table) == wrong
        if wrong:
            with pytest.raises(NotAllowed, match=re.escape(f"table {table} cannot be chosen by: {named(wrong)}")) as refused:
                check_rows_allowed(cohort, table)
            assert ("only by sex and age." in str(refused.value)) == (table == "patients")
            assert ("bands of 5 years" in str(refused.value)) == any(name.startswith("age") for name in wrong)
            assert ("must be a January" in str(refused.value)) == any(name.startswith("month") for name in wrong)
        else:
            check_rows_allowed(cohort, table)


@pytest.mark.parametrize(
    ("cohort", "lows"),
    [
        (Cohort(), range(0, 91, 5)),
        (Cohort(age_from=20, age_to=39), range(20, 40, 5)),
        (Cohort(age_to=4), [0]),
        (Cohort(age_from=90), [90]),
        (Cohort(age_band=("0-17", "18-39"), age_from=30), [30, 35]),
        (Cohort(age_band=("65-90",)), range(65, 91, 5)),
        (Cohort(age_band=("0-17",)), range(0, 18, 5)),
    ],
)
def test_bands_of_five_years_of_a_cohort(cohort: Cohort, lows: Iterable[int]) -> None:
    assert [vocabulary.FIVE_YEAR_BANDS[place].low for place in five_year_bands(cohort)] == list(lows)


def test_joined_groups_share_a_value() -> None:
    joined = Joined("site", ((("A", "B"), -1, "(pooled)"), (("C", None), -2, "C and none")))
    assert " ".join(str(group_column(joined).compile(compile_kwargs={"literal_binds": True})).split()) == (
        "CASE WHEN (episode_facts.site IN ('A', 'B')) THEN CAST(-1 AS SMALLINT) WHEN (episode_facts.site IN ('C')) THEN CAST(-2 AS SMALLINT) "
        "WHEN (episode_facts.site IS NULL) THEN CAST(-2 AS SMALLINT) ELSE episode_facts.site END"
    )
    assert [group_label(joined, value) for value in (-1, -2, "D", None)] == ["(pooled)", "C and none", "D", "(not recorded)"]
    assert group_order(joined, [-1, "D", None, "B"]) == ["B", "D", None, -1]
    assert str(group_column(None)) == "CAST(0 AS SMALLINT)"
    assert [[str(column) for column in group_keys(by)] for by in (None, "sex")] == [[], ["episode_facts.sex"]]


def test_everybody_is_no_split_or_all_groups_joined() -> None:
    assert [is_everybody(*of) for of in ((None, "x"), ("year", "all"), ("site", "all"), ("year", "2023"))] == [True, True, False, False]
