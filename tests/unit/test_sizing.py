"""How large a machine: what the command prints follows from what it measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.replaying import MARK
from benchmarks.sizing import FROM, MOST, PART, PEOPLE, PLACE, Size, opening, section, size_of
from benchmarks.written import part_of, write_part
from synapse_analytics.store.building import KEPT

SMALL = Size(2_000, bundle=1.2, seconds=1.44, loading=270.0, version=6.0, serving=(166.0, 190.0, 224.0))


def test_the_advice_follows_from_the_table() -> None:
    text = section([SMALL], "python -m benchmarks.sizing")
    assert "| 2,000 | 1 | 1.4 | 270 | 6 | 166 | 190 | 224 |" in text
    assert MOST == KEPT + 1  # the version that served before stays when it is older
    assert SMALL.disk == pytest.approx(1.2 + (MOST + 2) * 6.0)
    assert "2,000 patients 494 MB of memory and 37 MB of disk" in text


def test_each_person_asks_about_other_people() -> None:
    asked = {opening("outcomes", number).rerun_script.query_string for number in range(PEOPLE)}
    assert len(asked) == PEOPLE
    assert f"age_from={MARK}" not in asked  # which the messages of a recording hold
    assert FROM > MARK
    assert opening("overview", 0).rerun_script.page_name == ""
    assert opening("outcomes", 0).rerun_script.page_name == "outcomes"


def test_a_folder_is_as_large_as_its_files(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for path in (tmp_path / "a", tmp_path / "in" / "b"):
        path.write_bytes(b"x" * 2**20)
    assert size_of(tmp_path) == pytest.approx(2)


def test_a_document_has_a_place_for_it(tmp_path: Path) -> None:
    copy = tmp_path / PLACE.name
    copy.write_text(PLACE.read_text(encoding="utf-8"), encoding="utf-8")
    write_part(copy, PART, "measured")
    assert part_of(copy.read_text(encoding="utf-8"), PART) == "measured"
