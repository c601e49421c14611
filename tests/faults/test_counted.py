"""A sample of every class of faults survives; `make faults` tries them all."""

from __future__ import annotations

import pytest

from tests.faults.classes import CLASSES
from tests.faults.counted import End, Faults, count
from tests.faults.written import BEGIN, END, page


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
    rows = [line.split(" | ") for line in page().partition(BEGIN)[2].partition(END)[0].splitlines() if line.startswith("| ")]
    said = {row[0].removeprefix("| "): row[1:4] for row in rows}
    for faults in CLASSES:
        assert said.get(faults.name) == [f"{faults.cases:,}", f"{faults.cases:,}", "0"], faults.name
