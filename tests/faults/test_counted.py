"""A sample of every class of faults survives; `make faults` tries them all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults import written
from tests.faults.classes import CLASSES
from tests.faults.counted import End, Faults, count
from tests.faults.written import rows


@pytest.mark.parametrize("faults", CLASSES, ids=lambda faults: faults.name)
def test_a_sample_survives(faults: Faults) -> None:
    if why := faults.why_not():
        pytest.skip(why)
    found = count(faults, faults.sample)
    assert found.wrong == ()
    assert found.tried == min(faults.sample, faults.cases)


def test_what_does_not_survive_is_counted() -> None:
    def ends(number: int) -> End:
        return (End(), End("broken"), End(lost=3))[number] if number < 3 else 1 // 0  # type: ignore[return-value]

    found = count(Faults("drawn", "", 4, 4, lambda _folder: ends))
    assert (found.tried, found.survived, found.lost) == (4, 1, 3)
    assert found.wrong == ("case 1: broken", "case 2: 3 rows lost", "case 3: ZeroDivisionError: integer division or modulo by zero")


def test_the_page_has_every_class_and_all_its_cases() -> None:
    """A class that was added, or has other cases now, was not counted yet: `make faults`."""
    said = rows()
    for faults in CLASSES:
        assert said.get(faults.name, [])[1:4] == [f"{faults.cases:,}", f"{faults.cases:,}", "0"], faults.name


def test_a_run_of_some_classes_leaves_the_rows_of_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written, "PAGE", tmp_path / "faults.md")
    one, other, gone = (Faults(name, f"{name} ends.", 4, 4, lambda _folder: lambda _number: End()) for name in ("one", "other", "gone"))
    (tmp_path / "faults.md").write_text("", encoding="utf-8")
    written.write([count(one), count(other), count(gone)], ["one", "other", "gone"])
    written.write([count(other, 2)], ["other", "one"])
    text = (tmp_path / "faults.md").read_text(encoding="utf-8")
    assert {name: cells[1:4] for name, cells in rows().items()} == {"other": ["2", "2", "0"], "one": ["4", "4", "0"]}
    assert text.index("| other |") < text.index("| one |")
    assert "| **all** | **6** | **6** | **0** |" in text
