"""Many people at once: `python -m benchmarks.users DATABASE [HOW_MANY]`.

Fifty websocket sessions, spread over four pages, click on a filter every 2.5 to 7.5 s for a minute, always of a cohort that nobody has asked
about, and then for another minute of a few cohorts, which others have asked about. They send what Chromium sent when it visited the same pages, so that a page that changes what it sends is measured as it is.
The times are those of the server: from the click's message to the end of its run, waiting in line included.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from benchmarks.browsing import browsing
from benchmarks.replaying import Visit, recorded
from benchmarks.serving import Server, dashboard, started
from benchmarks.sessions import Rerun, session
from benchmarks.workloads import OVERVIEW, USERS
from synapse_analytics.store import store_home

PAGES = (OVERVIEW, "diagnoses", "outcomes", "pathways")
MINUTE, EARLY = 60.0, 15.0  # s of clicking, and after how many of them memory is looked at first
THINKING = (2.5, 7.5)  # s
OLDEST = 60  # the age from which a person asks at most, so that there is somebody to ask about


@dataclass
class Measured:
    """What all of them together met: the reruns of clicks by page, and those that opened a page."""

    clicks: dict[str, list[Rerun]] = field(default_factory=lambda: {page: [] for page in PAGES})
    openings: list[Rerun] = field(default_factory=list)


def age_of(number: int, many: int, turn: int) -> int:
    """From which age on one of many people asks at this round: not the age of anybody else on the same page, as long as ages last."""
    return 1 + (number // len(PAGES) + turn * -(-many // len(PAGES))) % OLDEST


async def person(number: int, address: str, visit: Visit, ages: Callable[[int], int], measured: Measured) -> None:
    """Open a page, then think and click until the minute is over; each round of clicks is about people from another age on."""
    chance = random.Random(number)  # noqa: S311 - think times
    end = time.monotonic() + MINUTE
    await asyncio.sleep(chance.uniform(0, THINKING[1]))
    turn = 0
    async with session(address) as mine:
        measured.openings.append(await mine.ask(visit.opening, ages(0)))
        while True:
            await asyncio.sleep(chance.uniform(*THINKING))
            if time.monotonic() > end:
                return
            again, click = divmod(turn, len(visit.clicks))
            measured.clicks[visit.page].append(await mine.ask(visit.clicks[click], ages(again)))
            turn += 1


def age_of_all(_number: int, _many: int, _turn: int) -> int:
    """From which age on everybody asks, where all ask about the same few cohorts."""
    return 1


async def crowd(server: Server, visits: Sequence[Visit], many: int, age: Callable[[int, int, int], int] = age_of) -> dict[str, Any]:
    """All at once, and what the server holds in memory while they are there, in MB."""
    measured, held = Measured(), []
    people = [asyncio.create_task(person(n, server.address, visits[n % len(visits)], partial(age, n, many), measured)) for n in range(many)]
    for seconds in (EARLY, MINUTE - EARLY):
        await asyncio.sleep(seconds)
        held.append(server.megabytes())
    gone = await asyncio.gather(*people, return_exceptions=True)
    lost = [type(error).__name__ for error in gone if isinstance(error, BaseException)]
    return report(measured, lost) | {"early_megabytes": held[0], "late_megabytes": held[1]}


def report(measured: Measured, lost: Sequence[str] = ()) -> dict[str, Any]:
    """Percentiles in ms by page and of all pages, and what went wrong; `lost` are people whose connection broke."""
    every = [rerun for reruns in measured.clicks.values() for rerun in reruns]
    errors = [rerun.error for rerun in (*every, *measured.openings) if rerun.error]
    by_page = {page: percentiles(reruns) for page, reruns in measured.clicks.items()}
    return {"pages": by_page, "all": percentiles(every), "openings": percentiles(measured.openings), "errors": [*errors, *lost]}


def percentiles(reruns: Sequence[Rerun]) -> dict[str, float]:
    """How many there were, and in how many ms half of them and 95 of 100 were done."""
    times = [rerun.seconds * 1000 for rerun in reruns] or [0.0]
    middle, most = np.percentile(times, [50, 95])
    return {"n": len(reruns), "p50": float(middle), "p95": float(most)}


def main(database: str, many: str = str(USERS)) -> None:
    """Record with a browser, let it go, and let the people in."""
    os.environ["SYNAPSE_HOME"] = str(store_home(database))
    with started(dashboard, "api/healthz") as server:
        with browsing(server.address) as browser:
            visits = [recorded(browser, page) for page in PAGES]
        found = asyncio.run(crowd(server, visits, int(many)))
        found["known"] = asyncio.run(crowd(server, visits, int(many), age_of_all))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
