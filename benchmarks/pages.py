"""Every page's answers over one store, without a cache: `python -m benchmarks.pages DATABASE` prints JSON."""

from __future__ import annotations

import json
import sys

from benchmarks.measure import milliseconds, peak_megabytes
from benchmarks.workloads import COHORTS, PAGES, SLOW_QUESTION
from synapse_analytics import analyses
from synapse_analytics.clinic import open_clinic
from synapse_analytics.cohort import Cohort


def main(database: str) -> None:
    """Time the pages for each cohort, then the pathways under other parameters."""
    clinic = open_clinic(database)
    cohorts = {name: Cohort.from_url(text)[0] for name, text in COHORTS.items()}
    times: dict[str, dict[str, float]] = {}
    for page, questions in PAGES.items():
        times[page] = {}
        for name, cohort in cohorts.items():
            times[page][name] = milliseconds(
                lambda q=questions, c=cohort: [analyses.answer(clinic, n, c, **o) for n, o in q], 3 if name == "everyone" else 1
            )
    each = {
        f"{page}: {name} {options or ''}".strip(): milliseconds(lambda n=name, o=options: analyses.answer(clinic, n, Cohort(), **o), 1)
        for page, questions in PAGES.items()
        for name, options in questions
    }
    name, options = SLOW_QUESTION
    slow = milliseconds(lambda: analyses.answer(clinic, name, Cohort(), **options), 3)
    result = {"pages": times, "answers": each, "other parameters": slow, "megabytes": peak_megabytes()}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
