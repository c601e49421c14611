"""`make sentences`: writes build/sentences.txt, the list of every sentence that a person can read."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.house import ROOT
from tests.pages.test_pages import PAGES
from tests.sentences.document import document
from tests.sentences.walk import EMPTY, SAMPLE, SMALL, Seen, walked

CLINICS, PARTS = (SAMPLE, SAMPLE, SMALL, EMPTY), (PAGES[:4], PAGES[4:], PAGES, ())  # of which each is one piece of work
LIST = ROOT / "build" / "sentences.txt"


def seen() -> list[Seen]:
    """Everything to be read on the pages of all clinics, by two processes."""
    with ProcessPoolExecutor(2, get_context("spawn")) as hands:
        return [one for clinic in hands.map(walked, CLINICS, PARTS) for one in clinic]


def main() -> None:
    """Walk and write."""
    start = time.perf_counter()
    text = document(seen())
    LIST.parent.mkdir(exist_ok=True)
    LIST.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{LIST.relative_to(ROOT)}: {text.count(chr(10)):,} lines, {time.perf_counter() - start:.0f} s\n")


if __name__ == "__main__":
    main()
