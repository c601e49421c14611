"""Naughty strings in every place that shows a text of a person or of the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from markupsafe import Markup

from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.exports.report import _ask, _first_page, _head, _second_page, templates
from tests.faults import shown_places as places
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.inside import at_home, drawn_home
from tests.faults.naughty import NAUGHTY
from tests.twins.open_policy import changed

EXPECTED = (
    "The string is shown as it was typed, in every sentence, table, chart, report and file, and is neither markup nor a formula there; "
    "or the place that takes it in refuses it in a sentence that names the place."
)
Judge = Callable[[str], str]
WORD = "Quenbysonword"


def judges(clinic: Clinic) -> Mapping[str, Judge]:
    """Every place, with what judges it."""
    return {
        "name of a saved cohort": places.saved_cohort,
        "clinic of a bundle": places.clinic_of_a_bundle,
        "reason of other limits": places.reason,
        "purpose of an export": places.purpose,
        "person who signs in": places.person,
        "site in an address": places.site,
        "name of a file or column": places.column_of_a_file,
        "sentence on a page": places.markdown,
        "tables on a page": places.html_table,
        "label on a chart": places.drawing,
        "table that is taken away": places.files(clinic),
        "stamp": places.stamped(clinic),
        "report": _report(clinic),
    }


def _report(clinic: Clinic) -> Judge:
    """The printed report of a clinic that is called so: its template, filled with what a report of another name was filled with."""
    drawn: list[dict[str, Any]] = []
    template = templates().get_template("report.html")
    given = changed(clinic, generation=clinic.generation.__class__(**_fields(clinic) | {"clinic": WORD}))
    asked = _ask(given.under("publish"), places.Cohort(), None)
    drawn.append(_head(asked) | _first_page(asked) | _second_page(asked))
    ordinary = template.render(drawn[0])
    assert WORD in ordinary

    def judge(text: str) -> str:
        return places._same(template.render(_called(drawn[0], text)), ordinary, "" if "\0" in text else text)

    return judge


def _fields(clinic: Clinic) -> dict[str, Any]:
    held = clinic.generation
    return {name: getattr(held, name) for name in held.__dataclass_fields__}


def _called(part: Any, text: str) -> Any:
    """The same with another name of the clinic; what is drawn already was escaped where it was drawn."""
    if isinstance(part, str) and not isinstance(part, Markup):
        return part.replace(WORD, text)
    if isinstance(part, dict):
        return {name: _called(value, text) for name, value in part.items()}
    return [_called(value, text) for value in part] if type(part) in (list, tuple) else part


@contextmanager
def _prepare(_folder: Path) -> Iterator[Inject]:
    with at_home(drawn_home()):
        tried = judges(open_clinic())

        def inject(number: int) -> End:
            found = [f"{place}: {wrong}" for place, judge in tried.items() if (wrong := judge(NAUGHTY[number]))]
            return End(f"{NAUGHTY[number][:30]!r}: {'; '.join(found)}") if found else SURVIVED

        yield inject


CLASSES = (Faults("naughty strings in every shown place", EXPECTED, len(NAUGHTY), 40, _prepare),)
