"""Where a click spends its time: `make profile-click PAGE=overview`.

Serves the store that SYNAPSE_HOME names, toggles a filter in Chromium and prints, as medians or means of the clicks, when the server
sends, what it sends, what the browser does with it, and when each part of the page last changes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.browsing import browsing
from benchmarks.clicked import Clicked, middle, profile, sent
from benchmarks.serving import dashboard, serving
from benchmarks.tables import table
from benchmarks.workloads import CLICKS


def when(clicks: Sequence[Clicked]) -> str:
    """Median ms from the click to what."""
    found = profile(clicks)
    rows = [["first message of the server", found["first_message"]], ["last message of the server", found["last_message"]]]
    rows.append(["last change of the page", found["last_change"]])
    parts = sorted({part for click in clicks for part in click.changed})
    rows += [[f"last change in {part}", middle([click.changed.get(part, 0) for click in clicks])] for part in parts]
    return table(["from the click to", "ms"], [[name, f"{ms:.0f}"] for name, ms in rows])


def work(clicks: Sequence[Clicked]) -> str:
    """Median ms of work of the browser for one click."""
    return table(["work of the browser", "ms"], [[name, f"{ms:.0f}"] for name, ms in profile(clicks)["work"].items()])


def messages(clicks: Sequence[Clicked]) -> str:
    """What the server sends for one click, the largest kind first."""
    found, by_kind = profile(clicks), sent(clicks)
    rows = [(name, *by_kind[name]) for name in by_kind] + [("all", found["messages"], found["kB"])]
    return table(["sent", "times", "kB"], [[name, f"{many:.0f}", f"{size:.1f}"] for name, many, size in rows])


def main() -> None:
    """Profile one page."""
    parser = argparse.ArgumentParser(prog="profile_click")
    parser.add_argument("page", nargs="?", default="overview")
    asked = parser.parse_args().page
    with serving(dashboard, "api/healthz") as address, browsing(address) as browser:
        page = browser.open("" if asked == "overview" else asked, listen=True)
        title = f"{asked}: first page {page.first:.0f} ms, layout shift {page.shifted():.2f}"
        clicks = [page.toggle(turn) for turn in range(CLICKS)]
    sys.stdout.write("\n\n".join([title, when(clicks), work(clicks), messages(clicks)]) + "\n")


if __name__ == "__main__":
    main()
