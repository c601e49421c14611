"""Fifty people who are signed in, for ten minutes: `python -m benchmarks.users` prints what they met; `--write` also writes it to docs/benchmarks.md.

Leaders, doctors and analysts, each with a session and a websocket of their own, go round the pages of their role: filters, tabs, the next page.
They send what Chromium sent when somebody of their role did the same, so that a page that changes what it sends is measured as it is.
The times are those of the server: from the click's message to the end of its run, waiting in line included.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx  # a dependency of Streamlit's sign-in

from benchmarks.browsing import browsing
from benchmarks.document import DOCUMENT, USERS_PART
from benchmarks.entering import bring
from benchmarks.loading import stored
from benchmarks.met import PEOPLE, Met, section
from benchmarks.peer_clicking import plain_streamlit
from benchmarks.replaying import FIELD, OPENING, PAGE, TAB, Click, Visit, recorded, round_of
from benchmarks.serving import Server
from benchmarks.sessions import Session, session
from benchmarks.signed_in import clinic, people, signed_in
from benchmarks.workloads import USERS, USERS_AT
from benchmarks.written import write_part
from synapse_analytics.cohort import FILTERS
from synapse_analytics.store import store_home
from synapse_analytics.web.menu import WITHOUT_COHORT

ROUNDS = {
    "leadership": ("overview", "diagnoses", "variation"),
    "doctor": ("patients_like_mine", "outcomes", "compare_treatments"),
    "analyst": ("pathways", "export", "methods", "data"),
}
THINKING = (2.5, 7.5)  # s
SHARED, OLDEST = (
    1,
    60,
)  # the age from which half of the tabs ask; the others each draw one up to this age, so that there is somebody to ask about
LOOKING = 5.0  # s between two looks at the memory of the server
PEER_MINUTES = 2.0
AT_ONCE = 4  # sign-ins


@dataclass(frozen=True, slots=True)
class Tabs:
    """How somebody uses the dashboard: with this session, round these pages."""

    cookie: str
    visits: Sequence[Visit]

    def clicks(self, first: int) -> Iterator[Click]:
        """The page that is opened first, and every click on the way round."""
        yield self.visits[first].opening
        for place in range(len(self.visits)):
            yield from self.visits[(first + place) % len(self.visits)].clicks


@dataclass(frozen=True)
class Crowd:
    """All of them, at one server, until it is time to go."""

    server: Server
    until: float
    met: Met
    web: httpx.AsyncClient
    names_cohort: bool = True  # the page says of whom it speaks

    async def person(self, number: int, mine: Tabs) -> None:
        """Open a tab, go round once with pauses to think, close it, open another one about other people, until it is time to go."""
        chance = random.Random(number)  # noqa: S311 - think times
        await asyncio.sleep(chance.uniform(0, THINKING[1]))
        while time.monotonic() < self.until:
            age = SHARED if chance.random() < 0.5 else chance.randint(SHARED + 1, OLDEST)
            try:
                async with session(self.server.address, mine.cookie) as tab:
                    await self._round(tab, mine, chance, age)
            except Exception as broken:  # noqa: BLE001 - whatever it is, it is counted, and somebody opens another tab
                self.met.wrong(type(broken).__name__)
                await asyncio.sleep(chance.uniform(*THINKING))

    async def _round(self, tab: Session, mine: Tabs, chance: random.Random, age: int) -> None:
        for click in mine.clicks(chance.randrange(len(mine.visits))):
            if click.kind in (OPENING, PAGE):
                await self._asked(mine, click)
            speaks = self.names_cohort and click.kind != TAB and click.page not in WITHOUT_COHORT
            took = await tab.ask(click.sent, age, FILTERS[FIELD].words(age) if speaks else None)
            self.met.saw(click, took, shared=age == SHARED)
            await asyncio.sleep(chance.uniform(*THINKING))
            if time.monotonic() > self.until:
                return

    async def _asked(self, mine: Tabs, click: Click) -> None:
        """What a browser asks beside the websocket: the document of a tab, and now and then whether the session lasts."""
        if not mine.cookie:
            return
        path = "" if click.kind == OPENING else "api/session"
        answer = await self.web.get(f"{self.server.address}/{path}", headers={"Cookie": mine.cookie, "Accept": "text/html"})
        if answer.status_code != httpx.codes.OK:
            self.met.wrong(f"HTTP {answer.status_code}")

    async def look(self) -> None:
        """Look at the memory of the server again and again."""
        begun = time.monotonic()
        while True:
            self.met.memory.append((time.monotonic() - begun, await asyncio.to_thread(self.server.megabytes)))
            await asyncio.sleep(LOOKING)


async def crowd(server: Server, everybody: Sequence[Tabs], minutes: float, *, names_cohort: bool = True) -> Met:
    """All at once for so many minutes."""
    async with httpx.AsyncClient(timeout=30) as web:
        here = Crowd(server, time.monotonic() + minutes * 60, Met(), web, names_cohort)
        looking, worked = asyncio.create_task(here.look()), server.worked()
        await asyncio.gather(*(here.person(number, mine) for number, mine in enumerate(everybody)))
        looking.cancel()
        here.met.worked = server.worked() - worked
        return here.met


def signed_in_people(home: Path, many: int, minutes: float) -> Met:
    """Sign all of them in, record what a browser of each role sends, let it go, and let the people at it."""
    everybody = people(many)
    with clinic(home, everybody) as server:
        with ThreadPoolExecutor(AT_ONCE) as several:
            cookies = list(several.map(partial(signed_in, server.address), everybody))
        rounds: dict[str, list[Visit]] = {}
        for person, cookie in zip(everybody, cookies, strict=True):
            if person.role not in rounds:
                bring(server.address, cookie)
                with browsing(server.address) as browser:
                    rounds[person.role] = round_of(browser, ROUNDS[person.role])
        tabs = [Tabs(cookie, rounds[person.role]) for person, cookie in zip(everybody, cookies, strict=True)]
        met = asyncio.run(crowd(server, tabs, minutes))
        if met.errors:
            sys.stderr.write(f"{server.last_words()}\n")
        return met


def plain_people(generation: Path, many: int, minutes: float) -> Met:
    """As many at the page of a peer: plain Streamlit over pandas frames, which nobody has to sign in to."""
    with plain_streamlit(str(generation)) as server:
        with browsing(server.address) as browser:
            visit = recorded(browser, "")
        return asyncio.run(crowd(server, [Tabs("", [visit])] * many, minutes, names_cohort=False))


def measured(home: Path, many: int, minutes: float, *, peer: bool) -> Mapping[str, Met]:
    """The dashboard and, beside it, plain Streamlit."""
    found = {PEOPLE: signed_in_people(home, many, minutes)}
    if peer:
        generation = next(path for path in (home / "generations").iterdir() if path.is_dir())
        found["plain Streamlit"] = plain_people(generation, many, min(minutes, PEER_MINUTES))
    return found


def main() -> None:
    """Measure over a store of 100,000 patients that is made for it, or over one that is there."""
    parser = argparse.ArgumentParser(prog="benchmarks.users")
    parser.add_argument("--people", type=int, default=USERS)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--patients", type=int, default=USERS_AT)
    parser.add_argument("--database", help="a store that is there already, in place of one that is made")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--write", action="store_true", help=f"write it to docs/{DOCUMENT.name}, too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(store_home(asked.database)) if asked.database else stored(Path(folder), asked.patients)
        found = measured(home, asked.people, asked.minutes, peer=not asked.no_peer)
    text = section(found, f"{asked.people} people, {asked.patients:,} patients, {asked.minutes:g} minutes", " ".join(sys.argv[1:]))
    sys.stdout.write(f"{text}\n")
    if asked.write:
        write_part(DOCUMENT, USERS_PART, text)


if __name__ == "__main__":
    main()
