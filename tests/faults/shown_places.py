"""Where a text of a person or of the data is taken in, and where it is shown: how each place refuses it in words or shows it as it was typed."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pyarrow.parquet as pq

from synapse_analytics.access import person_of
from synapse_analytics.analyses.records import _checked_purpose
from synapse_analytics.bundle.manifest import read_manifest
from synapse_analytics.bundle.problems import Report, shown_name
from synapse_analytics.bundle.source import Member
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.saved import SavedCohort, check_name, from_yaml, to_yaml
from synapse_analytics.disclosure import CLINIC, Kind, Measure, Question, Released, TableRule, release
from synapse_analytics.errors import UsageError
from synapse_analytics.exports import file_name, stamp, table_bytes
from synapse_analytics.exports.report import css_text
from synapse_analytics.exports.svg import svg
from synapse_analytics.figures.bar_table import Cell, Column, bar_table
from synapse_analytics.figures.bar_table import Line as BarLine
from synapse_analytics.figures.table import table
from synapse_analytics.figures.theme import LOOKS, written
from synapse_analytics.figures.theme import layout as chart_layout
from synapse_analytics.settings import SignIn
from synapse_analytics.settings.targets import recalculations
from synapse_analytics.terminal import FORMULA_STARTS, PLAIN_NUMBER
from synapse_analytics.web.plain import plain
from tests.faults.drawn import MANIFEST
from tests.faults.naughty import is_hiding
from tests.reading import seen_markdown
from tests.twins.open_policy import changed

LOOK = LOOKS["light"]
RULE = TableRule("t", (Measure("name", Kind.LABEL), Measure("n", Kind.COUNT)))
SIGN_IN = SignIn("https://outcomes.clinic.example", "https://id.clinic.example/x", "synapse", (("doctor", ("doctors",)),))
REASON = "median_wait"  # an indicator that may have a reason for other limits


class Shape(HTMLParser):
    """The elements of a piece of HTML, with the names of their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.words: list[str] = []
        self.values: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.values += [value or "" for _, value in attrs]

    def handle_data(self, data: str) -> None:
        """Note words."""
        self.words.append(data)


def folded(text: str) -> str:
    """A text as a page shows it: white space is one space."""
    return " ".join(text.split())


def answer_with(text: str) -> Released:
    """An answer of two rows, one of which is called so."""
    rows = [{"name": name, "n": 12, "patients": 12} for name in (text, "a")]
    return release(Question("answer", Cohort(), "g", CLINIC, {}, frozenset({text, "a"})), (24, 24), [(RULE, rows)])


def _refused(act: Callable[[], Any], text: str, place: str, *, kept: Callable[[Any], str] = str) -> str:
    """What is wrong with how a text is taken in: it is kept as typed, with nothing unseen in it, or refused by a sentence that names the place."""
    try:
        held = kept(act())
    except UsageError as error:
        said = str(error)
        return (
            ""
            if place in said and said.replace("\n", " ").isprintable() and len(said) < 1_500
            else f"the refusal does not name the place '{place}'"
        )
    if folded(held) != folded(text):
        return "another text is kept"
    return "a text that hides something is kept" if is_hiding(folded(held)) else ""


def saved_cohort(text: str) -> str:
    """The name of a saved cohort, and its way into the file and back."""
    if wrong := _refused(lambda: check_name(text), text, "saved cohort"):
        return wrong
    try:
        name = check_name(text)
    except UsageError:
        return ""
    return "" if list(from_yaml(to_yaml({name: SavedCohort(Cohort())}))) == [name] else "the file gives another name back"


def clinic_of_a_bundle(text: str) -> str:
    """The name of the clinic in a manifest."""
    report, written = Report(), json.dumps(MANIFEST | {"clinic": text}).encode()
    held = read_manifest(Member("manifest.json", len(written), lambda: io.BytesIO(written)), report)["clinic"]
    if any(problem.column == "clinic" for problem in report.problems):
        return ""
    return "a text that hides something is kept" if is_hiding(held) else "" if held == text else "another text is kept"


def reason(text: str) -> str:
    """The reason for other limits of a control chart, in the settings."""
    held = {"recalculations": {REASON: [{"month": "2023-07", "reason": text}]}}
    return _refused(lambda: recalculations(held), text, "reason", kept=lambda found: found[0][1][0].reason)


def purpose(text: str) -> str:
    """What the rows of an export are for."""
    return _refused(lambda: _checked_purpose(text), text, "what the rows are for")


def person(text: str) -> str:
    """The name of somebody who signs in: cut to a length, with a sign of its own for every letter that cannot be seen."""
    name = person_of({"email": text, "sub": "7c1d"}, SIGN_IN).name
    return "" if name.isprintable() and 0 < len(name) < 300 else "the log could not bear the name"


def site(text: str) -> str:
    """A site in an address: in force as it is typed, or named in a short note."""
    cohort, notices = Cohort.from_url(urlencode({"site": text}), sites=("S01",))
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if wanted and not notices:
        return "left out unsaid"
    return "" if not cohort.site and all(notice.isprintable() and len(notice) < 600 for notice in notices) else "the note is no short line"


def column_of_a_file(text: str) -> str:
    """The name of a file or column, in a message of `check`."""
    told = shown_name(text)
    return "" if told.isprintable() and 0 < len(told) < 100 else "the name is no short line"


def markdown(text: str) -> str:
    """A sentence on a page."""
    around = "**" if folded(text) else ""
    seen, meant = seen_markdown(f"{around}{plain(text)}{around} x"), folded(f"{text} x").replace("\u2060", "")
    return "" if seen.replace("\ufffd", "\0") == meant.replace("\ufffd", "\0") else f"a page shows {seen[:60]!r}"


def _same(html: str, ordinary: str, text: str) -> str:
    """Whether HTML has the elements that it has with an ordinary word, and says the text."""
    shape = Shape(html)
    if shape.elements != Shape(ordinary).elements:
        return "it makes an element or an attribute"
    said = folded("".join(shape.words)) + " ".join(map(folded, shape.values))
    wanted = folded(text).replace("\0", "\ufffd")
    return "" if "".join(wanted.split()) in "".join(said.replace("\0", "\ufffd").split()) else "the text is not shown as it was typed"


def html_table(text: str) -> str:
    """The table of a drawer, and one of bars."""
    drawn = (_drawer, _bars) if folded(text) else ()  # of nothing no line is drawn
    return next(filter(None, (_same(draw(text), draw("word"), text) for draw in drawn)), "")


def _drawer(text: str) -> str:
    return table([{"site": text, "n": 12, "withheld": ()}], LOOK, caption=text)


def _bars(text: str) -> str:
    return bar_table(LOOK, [Column(text, text)], [BarLine(text, [Cell(text, text, text)], text)], caption=text, corner=text)


def drawing(text: str) -> str:
    """A label on a chart, as a page draws it and as the report prints it."""
    figure = {"data": [], "layout": chart_layout(LOOK, text, text) | {"shapes": [], "annotations": [_label(text)]}}
    for name in ("xaxis", "yaxis"):
        figure["layout"][name] |= {"range": (0, 1), "tickvals": (), "ticktext": ()}
    try:
        root = ET.fromstring(svg(figure, 300))  # noqa: S314 - made here
    except ET.ParseError:
        return "" if is_hiding(text) else "the drawing is no XML"  # no text with such a letter is taken in anywhere
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    return "" if set(kinds) <= {"svg", "desc", "text", "line", "polyline"} else "the drawing has another element"


def _label(text: str) -> dict[str, Any]:
    return {"x": 0.5, "y": 0.5, "text": written(text), "font": {"size": 12, "color": "#000"}}


def files(clinic: Clinic) -> Callable[[str], str]:
    """A label in a table that is taken away, in every format."""
    handle = changed(clinic, generation=replace(clinic.generation, id="g"))

    def saved(text: str) -> str:
        answer = answer_with(text)
        for form in ("csv", "excel"):
            lines = table_bytes(answer, "t", handle, form).decode("utf-8-sig").partition('"name"')
            cell = _cell(lines[2])
            if cell.removeprefix("'") != text.removeprefix("'") or is_live(cell):
                return f"the {form} holds {cell[:40]!r}"
        if pq.read_table(io.BytesIO(table_bytes(answer, "t", handle, "parquet"))).to_pylist()[0]["name"] != text:
            return "the parquet holds another text"
        with zipfile.ZipFile(io.BytesIO(table_bytes(answer, "t", handle, "xlsx"))) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml")
            odd = [name for name in archive.namelist() if "externalLink" in name or "vba" in name.lower()]
        tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(sheet).iter()}  # noqa: S314 - made here
        return "the xlsx holds a formula or a link" if odd or tags & {"f", "hyperlink"} else ""

    return saved


def _cell(after_head: str) -> str:
    """The first cell of the first row, where the text that follows the head of the first column is given."""
    rows = list(csv.reader(io.StringIO('"name"' + after_head, newline="")))
    return rows[1][0] if len(rows) > 1 and rows[1] else ""


def is_live(cell: str) -> bool:
    """True if a spreadsheet would take a cell for a formula."""
    return cell.startswith(FORMULA_STARTS) and not PLAIN_NUMBER.fullmatch(cell)


def stamped(clinic: Clinic) -> Callable[[str], str]:
    """The name of the clinic in the stamp of what may be shared, in CSS for every sheet of a print, and in the name of a file."""
    shared = clinic.under("publish")

    def tried(text: str) -> str:
        named = changed(shared, generation=replace(shared.generation, clinic=text))
        if text not in stamp(named):
            return "the stamp names another clinic"
        sheet = css_text(stamp(named))
        if any(letter in sheet for letter in "\"'<>\n\r\0;{}"):
            return "the text can end the string of a style"
        name = file_name(answer_with("a"), "t")
        return "" if name.isascii() and "/" not in name else "the name of the file is no plain name"

    return tried
