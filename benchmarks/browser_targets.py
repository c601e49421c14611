"""Which targets of the browser's half are missed at one size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.workloads import CHOICE_TARGET, DASH_RATIOS, FIRST_PAGE_TARGET, PEERS_PAGE, SHIFT_TARGET, filter_target

Missed = Iterator[tuple[str, str, str]]  # what, its target, what was measured


@dataclass(frozen=True)
class Browsed:
    """What was measured in a browser at one size: by page, and by peer (None where it could not be installed)."""

    patients: int
    clicking: dict[str, dict[str, Any]]
    web_peers: dict[str, dict[str, float] | None]


def missed_in_browser(results: Sequence[Browsed]) -> list[str]:
    """One line for each target that is missed."""
    return [
        f"- {what} at {result.patients:,} patients: target {target}, measured {measured}"
        for result in results
        for what, target, measured in _missed(result)
    ]


def _missed(result: Browsed) -> Missed:
    """Of every page, and against Dash."""
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


def _slower_than_dash(result: Browsed) -> Missed:
    dash, target = result.web_peers.get("dash"), DASH_RATIOS.get(result.patients)
    if dash is None or target is None:
        return
    ratio = result.clicking[PEERS_PAGE]["tall"]["filter"] / dash["filter"]
    if ratio > target:
        yield f"{PEERS_PAGE}: filter click against Dash", f"{target}x", f"{ratio:.2f}x"
