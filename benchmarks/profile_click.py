"""Where a click spends its time: `make profile-click PAGE=overview`.

Serves the store that SYNAPSE_HOME names, toggles a filter in Chromium and prints, as medians or means of the clicks, when the server
sends, what it sends, what the browser does with it, and when each part of the page last changes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.browsing import WORK, Clicked, browsing, dashboard, middle, serving

CLICKS = 6


def kind(message: ForwardMsg) -> str:
    """What a message carries: the kind of element or of block, or that of the message."""
    if message.WhichOneof("type") != "delta":
        return str(message.WhichOneof("type"))
    if message.delta.WhichOneof("type") == "new_element":
        return str(message.delta.new_element.WhichOneof("type"))
    return f"block {message.delta.add_block.WhichOneof('type') or ''}".strip()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, its numbers to the right."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def when(clicks: Sequence[Clicked]) -> str:
    """Median ms from the click to what."""
    rows = [("first message of the server", middle([click.message(0) for click in clicks]))]
    rows.append(("last message of the server", middle([click.message(-1) for click in clicks])))
    rows.append(("last change of the page", middle([click.redrawn for click in clicks])))
    parts = sorted({part for click in clicks for part in click.changed})
    rows += [(f"last change in {part}", middle([click.changed.get(part, 0) for click in clicks])) for part in parts]
    return table(("from the click to", "ms"), [(name, f"{ms:.0f}") for name, ms in rows])


def work(clicks: Sequence[Clicked]) -> str:
    """Median ms of work of the browser for one click."""
    return table(("work of the browser", "ms"), [(name, f"{middle([click.work[name] for click in clicks]):.0f}") for name in WORK])


def sent(clicks: Sequence[Clicked]) -> str:
    """What the server sends for one click, the largest kind first."""
    many: Counter[str] = Counter()
    size: dict[str, float] = defaultdict(float)
    for frame in (frame for click in clicks for frame in click.received):
        name = kind(frame.message) if frame.message else ""
        many[name] += 1
        size[name] += frame.size
    rows = [
        (name, f"{many[name] / len(clicks):.0f}", f"{size[name] / len(clicks) / 1000:.1f}") for name in sorted(size, key=lambda n: -size[n])
    ]
    rows.append(("all", f"{many.total() / len(clicks):.0f}", f"{sum(size.values()) / len(clicks) / 1000:.1f}"))
    return table(("sent", "times", "kB"), rows)


def main() -> None:
    """Profile one page."""
    parser = argparse.ArgumentParser(prog="profile_click")
    parser.add_argument("page", nargs="?", default="overview")
    asked = parser.parse_args().page
    with serving(dashboard, "api/healthz") as address, browsing(address) as browser:
        page = browser.open("" if asked == "overview" else asked, listen=True)
        title = f"{asked}: first page {page.first:.0f} ms, layout shift {page.shifted():.2f}"
        clicks = [page.toggle(turn) for turn in range(CLICKS)]
    sys.stdout.write("\n\n".join([title, when(clicks), work(clicks), sent(clicks)]) + "\n")


if __name__ == "__main__":
    main()
