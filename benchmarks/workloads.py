"""What is timed beside the recorded pages, and the targets: sizes, six cohorts, single answers."""

from __future__ import annotations

from typing import Any

SIZES = (2_000, 10_000, 100_000, 1_000_000)
EVERYONE = "everyone"
COHORTS = {
    EVERYONE: "",
    "one diagnosis": "diagnosis=spinal_stenosis",
    "older women": "sex=female&age_band=65-90",
    "operated": "highest_stage=surgery",
    "one site, two years": "site=S01&month_from=2023-01&month_to=2024-12",
    "severe pain, smokers": "pain_band=7-10&smoker=yes",
}
# Patients -> ms for what a page asks when it opens: the overview, and any other page.
OVERVIEW, OVERVIEW_STATEMENTS = "overview", 6
OVERVIEW_TARGETS = {2_000: 60, 100_000: 120, 1_000_000: 400}
PAGE_TARGETS = {2_000: 40, 100_000: 80, 1_000_000: 250}
# Label -> (answer, options, patients -> ms).
SINGLE: dict[str, tuple[str, dict[str, Any], dict[int, int]]] = {
    "attrition": ("attrition", {}, {2_000: 5}),
    "diagnosis mix": ("diagnosis_mix", {}, {2_000: 8}),
    "compare treatments": ("compare_treatments", {"a": "discectomy", "b": "physical_therapy"}, {100_000: 500, 1_000_000: 2_000}),
    "pathways with other parameters": ("pathways", {"gap_collapse": 60, "combination_overlap": 7}, {1_000_000: 1_500}),
    "pain over time by diagnosis": ("score_over_time", {"by": "diagnosis"}, {}),
}
# The browser's half. Filters that are clicked one after the other, and how often a page is opened, a tab or an option is changed.
CLICKS, OPENINGS = 6, 3
USERS, USERS_AT = 50, 100_000  # how many at once, and over a store of how many patients
PEERS_RATIO = 0.5  # of raw DuckDB
SERVING_MEGABYTES = 450
# The browser's half at these sizes: ms of a first page, of a tab or an option, of a filter by page; the layout shift; ms of many people.
BROWSED = (2_000, 100_000, 1_000_000)
FIRST_PAGE_TARGET, CHOICE_TARGET, SHIFT_TARGET, USERS_TARGET = 1_500, 200, 0.1, 300
FILTER_TARGETS, LARGEST_FILTER_TARGET = {"overview": 300, "diagnoses": 300, "outcomes": 300, "pathways": 350}, 600
PEERS_PAGE, DASH_RATIOS = "diagnoses", {100_000: 1.0, 1_000_000: 0.5}
LOADING_SECONDS, LOADING_MEGABYTES = {1_000_000: 60}, {1_000_000: 2_000}


def page_target(page: str, patients: int) -> int | None:
    """The ms in which a page's opening questions should be answered, where there is a target."""
    return (OVERVIEW_TARGETS if page == OVERVIEW else PAGE_TARGETS).get(patients)


def filter_target(page: str, patients: int) -> int | None:
    """The ms in which a page should be drawn after a filter click, where there is a target."""
    return LARGEST_FILTER_TARGET if patients == BROWSED[-1] else FILTER_TARGETS.get(page)
