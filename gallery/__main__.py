"""`make screenshots`: photograph every page and tab, print what a program finds wrong, and write docs/gallery.md with its sheets.

`python -m gallery --pictures` makes only the ten pictures of the documents. `python -m gallery --only variation` photographs one page, `--clinic small` one clinic; both leave docs/ alone and put their
sheets beside the pictures, in build/screenshots.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gallery.clinics import CLINICS, SAMPLE, SMALL
from gallery.document import document, line, places_of
from gallery.pictures import IMAGES, SHOTS, pictures
from gallery.sheets import limit_of, sheet
from gallery.stopwatch import measured
from gallery.views import DOCUMENT, PICTURES, SHEETS, View, menu
from gallery.visiting import visited

SIDE_BY_SIDE = 2  # clinics at a time, each with a server and a browser


def photographed(clinics: Sequence[str], only: str | None) -> list[View]:
    """All views of these clinics; what is found is printed as it is found."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as hands:
        found = hands.map(lambda clinic: visited(clinic, only, lambda view: say(line(view))), clinics)
        return [view for views in found for view in views]


def laid_out(views: Sequence[View], folder: Path) -> int:
    """The sheets of these views, without those of pages that are gone; bytes of all of them."""
    places = places_of(views)
    for gone in set(folder.glob("*.webp")) - {folder / f"{place.name}.webp" for place in places}:
        gone.unlink()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as hands:
        sizes = hands.map(
            lambda place: sheet(
                [view for view in views if view.place.name == place.name], folder / f"{place.name}.webp", limit_of(len(places))
            ),
            places,
        )
        return sum(sizes)


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Photograph, lay out, measure the way to an answer, and write."""
    parser = argparse.ArgumentParser(prog="gallery")
    parser.add_argument("--only", choices=menu(), metavar="PAGE")
    parser.add_argument("--clinic", choices=(SAMPLE, SMALL))
    parser.add_argument("--pictures", action="store_true")
    asked = parser.parse_args()
    if asked.pictures:
        say(f"{len(SHOTS)} pictures of {pictures() / 1e6:.2f} MB in {IMAGES.relative_to(IMAGES.parents[1])}")
        return
    start = time.perf_counter()
    part = bool(asked.only or asked.clinic)
    clinics = [asked.clinic] if asked.clinic else [SAMPLE, SMALL] if asked.only else list(CLINICS)
    views = photographed(clinics, asked.only)
    size = laid_out(views, PICTURES / "sheets" if part else SHEETS)
    if not part:
        pictures()
        DOCUMENT.write_text(document(views, measured()), encoding="utf-8")
    troubled = sum(bool(view.problems) for view in views)
    say(f"{len(views)} views, {troubled} with a problem; sheets of {size / 1e6:.2f} MB; {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
