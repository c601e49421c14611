"""Which targets of the browser's half, and of many people at once, are missed at one size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from benchmarks.workloads import CHOICE_TARGET, DASH_RATIOS, FIRST_PAGE_TARGET, PEERS_PAGE, SHIFT_TARGET, USERS, USERS_TARGET, filter_target

if TYPE_CHECKING:
    from benchmarks.results import Result

Missed = Iterator[tuple[str, str, str]]  # what, its target, what was measured


def missed_in_browser(result: Result) -> Missed:
    """Of every page, against Dash, and of many people."""
    for page, found in result.clicking.items():
        limits = {
            "first page": (found["first"], FIRST_PAGE_TARGET),
            "filter click": (found["filter"], filter_target(page, result.patients)),
            "option": (found["option"], CHOICE_TARGET),
            "tab": (found["tab"], CHOICE_TARGET),
        }
        for what, (ms, target) in limits.items():
            if ms is not None and target is not None and ms > target:
                yield f"{page}: {what}", f"{target:,} ms", f"{ms:,.0f} ms"
        if found["shift"] >= SHIFT_TARGET:
            yield f"{page}: layout shift", f"under {SHIFT_TARGET}", f"{found['shift']:.2f}"
    yield from _slower_than_dash(result)
    yield from _many_people(result)


def _slower_than_dash(result: Result) -> Missed:
    dash, target = result.web_peers.get("dash"), DASH_RATIOS.get(result.patients)
    if dash is None or target is None:
        return
    ratio = result.clicking[PEERS_PAGE]["filter"] / dash["filter"]
    if ratio > target:
        yield f"{PEERS_PAGE}: filter click against Dash", f"{target}x", f"{ratio:.2f}x"


def _many_people(result: Result) -> Missed:
    if result.users is None:
        return
    most, errors = result.users["all"]["p95"], result.users["errors"]
    if most > USERS_TARGET:
        yield f"95th percentile of {USERS} people at once", f"{USERS_TARGET:,} ms", f"{most:,.0f} ms"
    if errors:
        yield f"errors of {USERS} people at once", "0", f"{len(errors)} ({', '.join(sorted(set(errors)))})"
