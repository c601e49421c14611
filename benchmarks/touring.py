"""The memory of a process that serves: every page and tab, opened twice, over one store: `python -m benchmarks.touring DATABASE`.

The second tour is of another cohort, so that it is not answered out of what the first one left in the cache.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import sys
from urllib.parse import parse_qs

from benchmarks.measure import forget_peak, peak_megabytes
from benchmarks.recording import tour
from benchmarks.workloads import COHORTS, EVERYONE
from synapse_analytics.store import store_home
from synapse_analytics.web.warm import warm

TOURED = (EVERYONE, "one diagnosis")


def main(database: str) -> None:
    """Tour, and print the most memory held at all and while each tab was open."""
    logging.disable(logging.WARNING)  # Streamlit says at every step that no browser is there
    os.environ["SYNAPSE_HOME"] = str(store_home(database))
    warm()
    pages: dict[str, dict[str, float]] = {}
    most = peak_megabytes()
    for name in TOURED:
        forget_peak()
        for asked in tour(query=parse_qs(COHORTS[name])):
            tabs, peak = pages.setdefault(asked.page, {}), peak_megabytes()
            tabs[asked.tab], most = max(tabs.get(asked.tab, 0), peak), max(most, peak)
            forget_peak()
    gc.unfreeze()  # or DuckDB complains, at the end, of what nobody collects
    sys.stdout.write(json.dumps({"pages": pages, "megabytes": most}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
