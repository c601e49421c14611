"""Tables with bars or shades in their cells: numbers are text, what is missing says so, and every table speaks to a screen reader."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from html import unescape
from typing import Any

import pytest

from synapse_analytics import analyses, figures
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.errors import NotAllowed
from synapse_analytics.figures import bar_table as t
from synapse_analytics.figures import companions, diagnoses, table_one
from synapse_analytics.figures.marks import filled
from synapse_analytics.figures.theme import DARK, LIGHT
from tests.unit.holes import asked, emptied, holes

BY: dict[str, Any] = {"by": "diagnosis"}
LAID: list[tuple[Any, str, dict[str, Any]]] = [
    (diagnoses.mix_by, "diagnosis_mix", {"by": "age_sex"}),
    (diagnoses.mix_by, "diagnosis_mix", {"by": "clinician"}),
    (companions.co_diagnoses, "co_diagnoses", {}),
    (companions.symptoms, "symptoms", BY),
    (companions.investigations, "investigations", {"by": None}),
    (companions.investigations, "investigations", {"by": "sex"}),
    (table_one.table_one, "baseline_table", BY),
]
NAMES = [f"{draw.__name__}-{place}" for place, (draw, *_) in enumerate(LAID)]


def cells(html: str) -> list[list[str]]:
    """The words of each row of the body, name first, as a reader sees them."""
    body = html.partition("<tbody>")[2].partition("</tbody>")[0]
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]
    return [[" ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).replace("\u00a0", " ").split()) for cell in row] for row in found]


def heads(html: str) -> list[str]:
    found = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', html)
    return [" ".join(re.sub(r"<[^>]*>", " ", head).split()) for head in found]


def test_every_table_is_laid_here() -> None:
    modules = [importlib.import_module(f"{figures.__name__}.{module.name}") for module in pkgutil.iter_modules(figures.__path__)]
    made = {
        function
        for module in modules
        for _, function in inspect.getmembers(module, inspect.isfunction)
        if "laid" in str(getattr(function, "__code__", "")) and hasattr(function, "__wrapped__") and function.__module__ == module.__name__
    }
    assert made == {draw for draw, *_ in LAID}


@pytest.mark.parametrize(("draw", "name", "options"), LAID, ids=NAMES)
def test_a_table_is_plain_and_named(sample_clinic: Clinic, draw: Any, name: str, options: dict[str, Any]) -> None:
    figure = draw(analyses.answer(sample_clinic, name, **options), LIGHT)
    html, title = figure["html"], figure["layout"]["title"]
    assert title["text"].endswith("?")
    assert title["subtitle"]["text"].endswith(".")
    assert "<caption" in html
    assert 'scope="row"' in html
    assert "class=" not in html
    assert "None" not in html
    assert len({len(row) for row in cells(html)}) == 1
    assert not [text for row in cells(html) for text in row if "_" in text]
    assert html != draw(analyses.answer(sample_clinic, name, **options), DARK)["html"]


@pytest.mark.parametrize(("draw", "name", "options"), LAID, ids=NAMES)
def test_a_table_of_nobody_or_of_few_says_why(sample_clinic: Clinic, draw: Any, name: str, options: dict[str, Any]) -> None:
    nobody = draw(analyses.answer(sample_clinic, name, Cohort(diagnosis=("spinal_stenosis",), age_to=20), **options), LIGHT)
    assert "html" not in nobody
    assert nobody["layout"]["title"]["subtitle"]["text"].endswith(".")
    if draw is not table_one.table_one:
        empty = draw(emptied(analyses.answer(sample_clinic, name, **options)), LIGHT)
        assert "html" not in empty
        assert empty["layout"]["title"]["text"]
    with pytest.raises(NotAllowed):
        draw({"tables": {}}, LIGHT)


@pytest.mark.parametrize(("draw", "name", "options"), LAID, ids=NAMES)
def test_what_is_withheld_says_so_and_has_no_bar(sample_clinic: Clinic, draw: Any, name: str, options: dict[str, Any]) -> None:
    """With each thing withheld in turn the cells that change hold words or a bare count, and none of them a bar or a shade of nought."""
    answer = asked(sample_clinic, name, **options)
    whole = [set(row[1:]) for row in cells(draw(answer.released, LIGHT)["html"])]
    for said, released in holes(answer):
        figure = draw(released, LIGHT)
        if "html" not in figure:
            continue
        new = {text for row in cells(figure["html"]) for text in row[1:]} - set().union(*whole)
        assert all(re.search(r"withheld|n = \d|\d of \d|not recorded|^\d|^\*|^$", text) for text in new), (said, new)
        for piece in re.findall(r"<td[^>]*>(?:(?!</td>).)*withheld</span>(?:(?!</td>).)*</td>", figure["html"]):
            assert "aria-hidden" not in piece, said


def test_a_cell_without_a_share_shows_its_count() -> None:
    assert t.of_share(0.5, 4).bar == 0.5
    assert t.of_share(0.5, 4, deepest=0.5).tint == 1.0
    assert (t.of_share(None, 3).text, t.of_share(None, 3).bar) == ("n = 3", None)
    assert (t.of_share(None, None).text, t.of_share(None, None, deepest=0.5).tint) == ("withheld", None)
    lines = [t.Line("X-ray", [t.of_share(None, 3)])]
    assert t.counts_alone(lines) == "n = ...: too few patients to show a share."
    assert t.counts_alone([t.Line("X-ray", [t.of_share(0.2, 30)])]) == ""


def test_texts_of_a_table_are_text() -> None:
    """A site may be called <b>: nothing of what is written is read as HTML."""
    odd = '<b>"&'
    html = t.bar_table(LIGHT, [t.Column(odd, odd, odd)], [t.Line(odd, [t.Cell(odd, odd, odd)], odd)], caption=odd, corner=odd)
    assert "<b>" not in html
    assert "<b>" not in t.notes(LIGHT, odd)


def test_columns_that_share_a_name_have_it_once() -> None:
    columns = [t.Column("All"), *(t.Column(age, over=sex) for sex in ("Women", "Men") for age in ("18-39", "40-64"))]
    html = t.bar_table(LIGHT, columns, [t.Line("Herniated disc", [t.Cell()] * 5)], caption="Mix")
    assert re.findall(r'<th scope="colgroup" colspan="(\d)"[^>]*>(\w+)</th>', html) == [("2", "Women"), ("2", "Men")]
    assert heads(html) == ["", "All", "18-39", "40-64", "18-39", "40-64"]


def test_the_mix_is_sorted_and_without_what_was_filtered_out(sample_clinic: Clinic) -> None:
    figure = diagnoses.mix(analyses.diagnosis_mix(sample_clinic), LIGHT)
    shares = figure["data"][0]["x"]
    assert list(shares) == sorted(shares)  # the first is drawn at the bottom
    assert set(figure["data"][0]["marker"]["color"]) == {filled(LIGHT, LIGHT.one)}
    narrowed = diagnoses.mix(analyses.diagnosis_mix(sample_clinic, Cohort(diagnosis=("spinal_stenosis", "other_spinal"))), LIGHT)
    assert list(narrowed["data"][0]["customdata"]) == ["other_spinal", "spinal_stenosis"]


def test_ages_stand_under_their_sex_and_rare_sexes_in_a_sentence(sample_clinic: Clinic) -> None:
    answer = analyses.diagnosis_mix(sample_clinic, by="age_sex")
    html = diagnoses.mix_by(answer, LIGHT)["html"]
    rare = {row["group"]: row["of"] for row in answer.tables["diagnoses"] if row["group"].endswith(("_other", "_unknown"))}
    assert re.findall(r'scope="colgroup" colspan="3"[^>]*>(\w+)<', html) == ["Women", "Men"]
    assert [head.split()[0] for head in heads(html)[1:]] == ["18-39", "40-64", "65-90"] * 2
    assert f"Not shown here: {sum(rare.values())} episodes of patients of other or unknown sex; the download has them." in html
    shared = diagnoses.mix_by(analyses.diagnosis_mix(sample_clinic.under("publish"), by="sex"), LIGHT)["html"]
    assert not re.search(r"Not shown here: \d", shared)


def test_one_diagnosis_is_counted_in_each_group(sample_clinic: Clinic) -> None:
    """Its share of every group is 100 %, which says nothing."""
    answer = analyses.diagnosis_mix(sample_clinic, Cohort(diagnosis=("spinal_stenosis",)), by="age_sex")
    html = diagnoses.mix_by(answer, LIGHT)["html"]
    n = {row["group"]: str(row["n"]) for row in answer.tables["diagnoses"] if row["diagnosis"] == "spinal_stenosis"}
    columns = [f"{age}_{sex}" for sex in ("female", "male") for age in ("18-39", "40-64", "65-90") if f"{age}_{sex}" in n]
    assert cells(html) == [["Spinal stenosis", *(n[group] for group in columns)]]


def test_many_groups_are_the_largest_ones(sample_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnoses, "MOST", 3)
    answer = analyses.diagnosis_mix(sample_clinic, by="clinician")
    sizes = {row["group"]: row["of"] for row in answer.tables["diagnoses"]}
    html = diagnoses.mix_by(answer, LIGHT)["html"]
    largest = sorted(sorted(sizes, key=lambda group: -sizes[group])[:3])
    assert [head.split()[0] for head in heads(html)[1:]] == largest
    assert f"The 3 largest of {len(sizes)} groups are shown; the download has all of them." in html


def test_all_patients_stand_before_the_diagnoses(sample_clinic: Clinic) -> None:
    split, alone = analyses.symptoms(sample_clinic), analyses.symptoms(sample_clinic, by=None)
    html = companions.symptoms(split, LIGHT, also=alone)["html"]
    assert [head.rpartition(" n =")[0] for head in heads(html)[1:3]] == ["All patients", "Herniated disc"]
    shares = {row["symptom"]: row["share"] for row in alone.tables["symptoms"]}
    first = [float(row[1].removesuffix(" %")) for row in cells(html)]
    assert first == sorted(first, reverse=True)
    assert len(first) == len(shares)
    one = companions.symptoms(*(analyses.symptoms(sample_clinic, Cohort(diagnosis=("spinal_stenosis",))),), LIGHT)["html"]
    assert len(heads(one)) == 2


def test_investigations_keep_their_numbers(sample_clinic: Clinic) -> None:
    alone, split = analyses.investigations(sample_clinic, by=None), analyses.investigations(sample_clinic)
    rows = {row[0]: row[1:] for row in cells(companions.investigations(alone, LIGHT, also=split)["html"])}
    mri = next(row for row in alone.tables["investigations"] if row["investigation"] == "mri")
    assert rows["MRI"][0] == f"{100 * mri['share']:.0f} % {mri['n']:,} of {mri['of']:,}"
    assert rows["MRI"][1] == f"{100 * mri['yield']:.0f} % {mri['confirmed']:,} of {mri['n']:,}"
    assert rows["MRI"][2] == f"{mri['median_day']:.0f}"
    assert len(rows["MRI"]) == 3 + len({row["group"] for row in split.tables["investigations"]})


def test_rare_sexes_are_one_line_of_the_baseline_table(sample_clinic: Clinic) -> None:
    answer = analyses.baseline_table(sample_clinic)
    table = {row[0]: row[1:] for row in cells(table_one.table_one(answer, LIGHT)["html"])}
    rows = {(row["group"], row["level"]): row for row in answer.tables["baseline_table"] if row["variable"] == "sex"}
    groups = list(dict.fromkeys(row["group"] for row in answer.tables["baseline_table"]))
    both = [rows[group, "other"]["n"] + rows[group, None]["not_recorded"] for group in groups]
    assert any(both)
    assert table["Other or not recorded"] == [f"{n}" for n in both]
    assert "Other sex" not in table


def test_rounded_counts_of_rare_sexes_are_not_added(sample_clinic: Clinic) -> None:
    html = table_one.table_one(analyses.baseline_table(sample_clinic.under("publish"), by=None), LIGHT)["html"]
    assert "Other or not recorded" not in str(cells(html))
    assert "Not shown here: other or unknown sex; the download has what may be shown." in html
