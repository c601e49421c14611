"""The gallery: every page has a section, every picture that is named is there, and what is written about problems can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from gallery import document, sheets, views
from gallery.document import problems_table
from gallery.sheets import ALL, GAP, LABEL, limit_of, sheet
from gallery.stopwatch import Step, told
from gallery.views import LOOKS, Look, Place, Problems, View, slug, title

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
SHEETS = sorted((ROOT / "docs" / "gallery").glob("*"))
FUNNEL = Place("variation", "Funnel", "/variation?variation_tab=Funnel")
WHOLE = Place("compare_treatments", "", "/compare_treatments")


def test_every_page_has_a_section() -> None:
    sections = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert {title(path.stem) for path in (ROOT / "pages").glob("*.py")} <= set(sections)


def test_every_picture_is_named_and_there() -> None:
    assert sorted(re.findall(r"!\[[^\]]+\]\(gallery/([\w-]+\.webp)\)", TEXT)) == [path.name for path in SHEETS]


def test_pictures_stay_small() -> None:
    sizes = [path.stat().st_size for path in SHEETS]
    assert max(sizes) <= 120_000
    assert sum(sizes) <= 3_000_000


def test_gallery_names_no_folder_of_a_machine() -> None:
    assert re.findall(r"(?<![\w<])/[\w.-]+/\S*|127\.0\.0\.1\S*", TEXT) == []  # the address of a page has one part


def test_names_and_titles() -> None:
    assert (FUNNEL.name, FUNNEL.title) == ("variation-funnel", "Variation / Funnel")
    assert (WHOLE.name, WHOLE.title) == ("compare_treatments", "Compare treatments")
    assert slug("Did it help?") == "did-it-help"


def test_problems_are_counted_over_all_looks() -> None:
    small = Problems(small=("tiny | text",), withheld=0.04)
    found = [View("sample", FUNNEL, look, small if look.width == 390 else Problems()) for look in LOOKS]
    lines = problems_table([*found, *(View("small", FUNNEL, look) for look in LOOKS)]).splitlines()
    assert len(lines) == 4
    assert lines[0].count("|") == lines[1].count("|") == lines[3].count("|")
    assert "| sample | 4.0% | 2 |" in lines[2]
    assert r"text under 9 px, 390 light: tiny \| text" in lines[2]
    assert lines[3].endswith(f"| {document.NOTHING} |")


def test_tabs_of_a_page_stand_beside_each_other() -> None:
    later = Place("variation", "New", "/variation?variation_tab=New")  # a tab that only the second clinic has
    seen = [View("sample", FUNNEL, LOOKS[0]), View("sample", WHOLE, LOOKS[0]), View("small", later, LOOKS[0])]
    assert document.places_of(seen) == [FUNNEL, later, WHOLE]
    text = document.document(seen, {})
    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[:2] == ["Variation", "Compare treatments"]
    assert text.count(".webp)") == 3 + 1  # the mock of one of both pages


def test_a_sheet_has_every_look_and_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = (Look(144, 90, "light"), Look(39, 84, "dark"))
    for name, value in {"ON_SHEETS": looks, "WIDTHS": {144: 100, 39: 30}, "ROW": 120, "FADE": 20, "NARROWEST": 100}.items():
        monkeypatch.setattr(sheets, name, value)
    monkeypatch.setattr(views, "PICTURES", tmp_path)
    seen = [View(clinic, FUNNEL, look) for clinic in ("sample", "small") for look in looks]
    for view in seen:
        view.picture.parent.mkdir(exist_ok=True)
        Image.effect_noise((view.look.width, 3 * view.look.height), 60).save(view.picture)
    sizes = []
    for limit in (30_000, 3_000):
        written = sheet(seen, tmp_path / "sheet.webp", limit=limit)
        assert written == (tmp_path / "sheet.webp").stat().st_size <= limit
        with Image.open(tmp_path / "sheet.webp") as opened:
            sizes.append(opened.size)
    assert sizes[0] == (100 + 30 + 3 * GAP, 2 * (120 + LABEL + GAP))
    assert sizes[1] < sizes[0]  # noise is large in poor quality, too


def test_many_sheets_share_the_room() -> None:
    assert limit_of(1) == limit_of(20) > limit_of(40) == ALL // 40


def test_steps_are_summed_only_where_all_were_done() -> None:
    opening, chart = Step("Open", 0, 1.26, "all of it"), Step("Click", 1, 0.5)
    assert "| Open | 0 | 1.3 | all of it |" in told([opening, chart])
    assert "| **All** | 1 | 1.8 | |" in told([opening, chart])
    assert "All" not in told([opening, Step("Click", 1, None, "not there")])
    assert "| not measured | not there |" in told([Step("Click", 1, None, "not there")])
