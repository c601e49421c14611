"""The tables of docs/benchmarks_browser.md, in Markdown; milliseconds, and medians where nothing else is said."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.browser_targets import Browsed
from benchmarks.tables import table, whole
from benchmarks.workloads import DASH_RATIOS, PEERS_PAGE, filter_target

PEERS = {"streamlit": "plain Streamlit", "dash": "Dash"}
ASKED_OF_PEERS = {"first": "first page", "filter": "filter click"}


def page_tables(results: Sequence[Browsed]) -> str:
    """What a visitor waits for on each page, a table for each size."""
    header = ["page", "first page", "layout shift", "filter click", "target", "asked before", "option", "tab"]
    parts = []
    for r in results:
        rows = []
        for page, found in r.clicking.items():
            filters = [whole(found["filter"]), whole(filter_target(page, r.patients)), whole(found["known"])]
            rows.append([page, whole(found["first"]), f"{found['shift']:.2f}", *filters, whole(found["option"]), whole(found["tab"])])
        parts.append(f"## {r.patients:,} patients\n{table(header, rows)}")
    return "\n\n".join(parts)


def profile_table(results: Sequence[Browsed]) -> str:
    """Where a filter click spends its time: ms from the click on, ms of work of the browser, messages and kB of the server."""
    header = ["page", "patients", "first message", "last message", "last change", "script", "style", "layout", "all work", "messages", "kB"]
    rows = []
    for page in results[0].clicking:
        for r in results:
            found = r.clicking[page]["profile"]
            times = [whole(found[name]) for name in ("first_message", "last_message", "last_change")]
            work = [whole(ms) for ms in found["work"].values()]
            rows.append([page, whole(r.patients), *times, *work, whole(found["messages"]), f"{found['kB']:.1f}"])
    return table(header, rows)


def web_peer_table(results: Sequence[Browsed]) -> str:
    """Our page Diagnoses beside the same three charts by other means; a peer that could not be installed has no numbers."""
    header = ["", "patients", "ours", *(cell for peer in PEERS.values() for cell in (peer, f"ours / {peer}")), "target"]
    rows = []
    for name, label in ASKED_OF_PEERS.items():
        for r in results:
            ours, cells = r.clicking[PEERS_PAGE]["tall"][name], []
            for peer in PEERS:
                theirs = (r.web_peers.get(peer) or {}).get(name)
                cells += ["", ""] if theirs is None else [whole(theirs), f"{ours / theirs:.2f}x"]
            target = DASH_RATIOS.get(r.patients) if name == "filter" else None
            rows.append([label, whole(r.patients), whole(ours), *cells, "" if target is None else f"{target}x Dash"])
    return table(header, rows)


def section(results: Sequence[Browsed]) -> str:
    """All of it."""
    return f"""Chromium at 1440 x 900 with the server on the same machine, which they share; ms until the last change of the page. Every page was opened once before.
First page: opened again, its answers remembered, with the worst layout shift of three times. Filter click: six clicks in the sidebar. Option: another
choice of the first switch or list of the page. Tab: the second one. Filters, options and tabs ask of cohorts of which nothing is remembered.
Asked before: the same six clicks once more, with all answers remembered; no server that asks ahead of the click could be faster.
A chart further from the screen than half of its height is drawn when somebody comes near; it is not in these times.
Targets: first page 1,500 ms, option or tab 200 ms, layout shift under 0.1; those of filters are in the tables.

{page_tables(results)}

## Where a filter click spends its time
From the click to the first and the last message of the server and to the last change; what the browser works, which partly goes on at the same time;
and what the server sends. `make profile-click PAGE=diagnoses` has it by kind and part.

{profile_table(results)}

## The same three charts by other means
The opening tab of Diagnoses (the mix with 95 % intervals; for each sex small multiples by age band), written in plain Streamlit and in Dash with
Plotly Express over pandas frames in memory (benchmarks/web_peers). The same six clicks, on a screen so tall (2,400 px) that
all three are drawn by all. The peers are spared gate, limits, log, sentences, drawers,
links and the other pages; a test holds their numbers against ours.

{web_peer_table(results)}"""
