"""docs/gallery.md: a section for every page with its sheets, what a program found wrong, and the way from opening to the answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

from gallery.clinics import CLINICS
from gallery.stopwatch import Step, told
from gallery.views import KINDS, LOOKS, ON_SHEETS, SHEETS, Place, View, title

MOCKS = SHEETS.parent / "mocks"
NOTHING = "no problem found"
HEAD = """# Gallery

Printed by `make screenshots`: every page and tab, and once more with all opened that waits for a click, in Chromium at three widths, light and dark, with
synthetic data. A sheet has a row for each clinic
({clinics}); in it, from left to right, {looks}. Tall pages are cut.
A run leaves the whole pages in full size in `build/screenshots`, also at {other}.
"""


MEANING = """Counted in all {looks} looks of each page and tab: text under 9 px; what lies beyond the right edge of the window, and text beyond its chart, that no
scrolling brings back; texts of a chart that cover each other; words broken between two lines; tables that have to be scrolled sideways on more than a phone; errors of the
page; tables and cards of which most is withheld; charts without a point. The share is that of the visible words that say a number is withheld, the largest of the looks.
"""


def document(views: Sequence[View], ways: Mapping[str, Sequence[Step]]) -> str:
    """The whole page."""
    places = places_of(views)
    other = ", ".join(look.name for look in LOOKS if look not in ON_SHEETS)
    clinics = "; ".join(words for name, words in CLINICS.items() if any(view.clinic == name for view in views))
    sections = [_section(page, list(group), views) for page, group in groupby(places, key=lambda place: place.page)]
    return "\n".join(
        [
            HEAD.format(clinics=clinics, looks=", ".join(look.name for look in ON_SHEETS), other=other),
            *sections,
            "## From opening to the answer",
            "Chromium at 1440x900, the server warm, the sample; medians of three.\n",
            *(f"{who}:\n\n{told(steps)}\n" for who, steps in ways.items()),
            "## Problems that a program can see",
            MEANING.format(looks=len(LOOKS)),
            problems_table(views),
            "",
        ]
    )


def places_of(views: Iterable[View]) -> list[Place]:
    """Every page and tab once, the tabs of a page beside each other, whichever clinic has them."""
    found: dict[str, Place] = {}
    for view in views:
        found.setdefault(view.place.name, view.place)
    pages = list(dict.fromkeys(place.page for place in found.values()))
    return sorted(found.values(), key=lambda place: pages.index(place.page))


def _section(page: str, places: Sequence[Place], views: Sequence[View]) -> str:
    parts = [f"## {title(page)}"]
    for place in places:
        if place.tab:
            parts.append(f"### {title(page)}: {place.tab}")
        clinics = [words for name, words in CLINICS.items() if any(view.clinic == name and view.place.name == place.name for view in views)]
        alt = f"{place.title} of {' above '.join(clinics)}: {', '.join(look.name for look in ON_SHEETS)}"
        parts += [f"`{place.address}`", f"![{alt}]({SHEETS.name}/{place.name}.webp)", ""]
    return "\n".join([*parts, *_mock(page)])


def _mock(page: str) -> list[str]:
    """The drawing that a page began with, beside what became of it."""
    if not (MOCKS / f"{page}.webp").is_file():
        return []
    return ["Drawn before it was built, with invented numbers:", f"![The mock of {title(page)}]({MOCKS.name}/{page}.webp)", ""]


def problems_table(views: Sequence[View]) -> str:
    """A line for every page and tab of every clinic: counts over all looks, and an example of each kind."""
    lines = [f"| page | clinic | words withheld | {' | '.join(KINDS.values())} | for example |", "|---" * (len(KINDS) + 4) + "|"]
    for place in places_of(views):
        for clinic in CLINICS:
            own = [view for view in views if view.clinic == clinic and view.place.name == place.name]
            if own:
                share = max(view.problems.withheld for view in own)
                lines.append(f"| {place.title} | {clinic} | {share:.1%} | {' | '.join(_counts(own))} | {_examples(own)} |")
    return "\n".join(lines)


def _counts(views: Sequence[View]) -> list[str]:
    return [str(sum(len(getattr(view.problems, kind)) for view in views) or "") for kind in KINDS]


def _examples(views: Sequence[View]) -> str:
    found = []
    for kind, words in KINDS.items():
        first = next((view for view in views if getattr(view.problems, kind)), None)
        if first:
            found.append(f"{words}, {first.look.name}: {_cell(getattr(first.problems, kind)[0])}")
    return "; ".join(found) or NOTHING


def _cell(text: str) -> str:
    """A text as it can stand in a cell of a Markdown table."""
    return escape(" ".join(text.split())[:80], quote=False).replace("|", "\\|").replace("`", "'")


def line(view: View) -> str:
    """What was found in one view, for the terminal."""
    found = [f"{len(texts)} {words} ({_cell(texts[0])})" for kind, words in KINDS.items() if (texts := getattr(view.problems, kind))]
    withheld = f" [{view.problems.withheld:.1%} withheld]" if view.problems.withheld else ""
    return f"{view.clinic:6} {view.place.title}, {view.look.name}: {'; '.join(found) or NOTHING}{withheld}"
