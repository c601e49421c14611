"""The numbers of one size as they were measured, and which targets they miss."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.workloads import (
    EVERYONE,
    LOADING_MEGABYTES,
    LOADING_SECONDS,
    OVERVIEW,
    OVERVIEW_STATEMENTS,
    PEERS_RATIO,
    SERVING_MEGABYTES,
    SINGLE,
    page_target,
)


@dataclass(frozen=True, slots=True)
class Result:
    """What each part of the benchmark printed at one size."""

    patients: int
    generated: float  # seconds
    loading: dict[str, Any]
    pages: dict[str, dict[str, dict[str, Any]]]  # page -> tab -> statements, bytes, times by cohort
    single: dict[str, float]  # ms
    touring: dict[str, Any]
    peers: dict[str, dict[str, Any]]
    exports: dict[str, Any]

    def opening(self, page: str) -> dict[str, Any]:
        """What the tab took with which a page opens."""
        return next(iter(self.pages[page].values()))

    def ours(self, question: str) -> float:
        """Ms in which we answer for everyone what the peers were asked: a page as it opens, or a single answer."""
        return self.opening(question)["times"][EVERYONE] if question in self.pages else self.single[question]

    @property
    def load_seconds(self) -> float:
        """Check and build together."""
        return self.loading["check"] + self.loading["build"]


def spread(times: dict[str, float]) -> tuple[float, float, float]:
    """Everyone, the median and the worst of the cohorts."""
    return times[EVERYONE], statistics.median(times.values()), max(times.values())


def missed(results: list[Result]) -> list[str]:
    """One line for each target that is missed."""
    return [line for result in results for line in (*_slow_pages(result), *_slow_answers(result), *_heavy(result))]


def _slow_pages(result: Result) -> Iterator[str]:
    for page in result.pages:
        target = page_target(page, result.patients)
        everyone, median, worst = spread(result.opening(page)["times"])
        if target is None or worst <= target:
            continue
        only = "" if max(everyone, median) > target else ", only the worst"
        yield _line(
            page, result, f"{target} ms", f"{everyone:,.0f} everyone, {median:,.0f} median, {worst:,.0f} worst of six cohorts{only}"
        )


def _slow_answers(result: Result) -> Iterator[str]:
    for label, (_, _, targets) in SINGLE.items():
        if result.single[label] > targets.get(result.patients, float("inf")):
            yield _line(label, result, f"{targets[result.patients]:,} ms", f"{result.single[label]:,.1f} ms")
    statements = result.opening(OVERVIEW)["statements"]
    if statements > OVERVIEW_STATEMENTS:
        yield _line("statements of the overview", result, str(OVERVIEW_STATEMENTS), str(statements))
    for question, raw in result.peers["duckdb"]["times"].items():
        ratio = result.ours(question) / raw
        if ratio > PEERS_RATIO:
            yield _line(f"{question} against raw DuckDB", result, f"{PEERS_RATIO}x", f"{ratio:.2f}x")


def _heavy(result: Result) -> Iterator[str]:
    """Memory of serving; time and memory of a load."""
    heavy = (
        ("memory of the serving process", result.touring["megabytes"], SERVING_MEGABYTES, "MB"),
        ("check and load", result.load_seconds, LOADING_SECONDS.get(result.patients), "s"),
        ("memory of check and load", result.loading["megabytes"], LOADING_MEGABYTES.get(result.patients), "MB"),
    )
    for what, measured, target, unit in heavy:
        if target is not None and measured > target:
            yield _line(what, result, f"{target:,} {unit}", f"{measured:,.0f} {unit}")


def _line(what: str, result: Result, target: str, measured: str) -> str:
    return f"- {what} at {result.patients:,} patients: target {target}, measured {measured}"
