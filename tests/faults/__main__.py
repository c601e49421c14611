"""Tries every case of every class of faults, prints how many survived and writes docs/faults.md: `make faults`.

`make faults ARGS="kill"` tries the classes whose names hold this word, and writes their rows. `--sample` tries as many as `make test`, and writes nothing.
Classes are tried side by side, one for each processor. Exit code 1 if one case did not survive.
"""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from synapse_analytics.store.engine import processors
from tests.faults.classes import CLASSES, count_at
from tests.faults.counted import Count, Faults
from tests.faults.written import write

CONSOLE = Console(width=150, highlight=False)


def main(words: list[str]) -> int:
    """Try, print, write."""
    is_sample = "--sample" in words
    wanted = [word for word in words if not word.startswith("--")]
    chosen = [place for place, faults in enumerate(CLASSES) if not wanted or any(word in faults.name for word in wanted)]
    counts = _counted([place for place in chosen if _can_be_tried(CLASSES[place])], is_sample=is_sample)
    CONSOLE.print(_table(counts))
    if not is_sample:
        write(counts, [faults.name for faults in CLASSES])
        CONSOLE.print("Written to docs/faults.md.")
    return 1 if any(one.wrong for one in counts) else 0


def _can_be_tried(faults: Faults) -> bool:
    if why := faults.why_not():
        CONSOLE.print(f"Not tried: {faults.name} ({why}).")
    return not why


def _counted(places: list[int], *, is_sample: bool) -> list[Count]:
    """The counts of the classes at these places, in their order; each is told as soon as it is known."""
    found: dict[int, Count] = {}
    largest_first = sorted(places, key=lambda place: -CLASSES[place].cases)
    # New interpreters: forking one that has imported Arrow and DuckDB hangs now and then, for their threads stay behind.
    with ProcessPoolExecutor(processors(), mp_context=multiprocessing.get_context("spawn")) as pool:
        begun = {pool.submit(count_at, place, is_sample): place for place in largest_first}
        for done in as_completed(begun):
            place = begun[done]
            one = found[place] = replace(done.result(), faults=CLASSES[place])
            CONSOLE.print(f"{len(found)} of {len(places)}: {one.faults.name}: {one.survived} of {one.tried} survived, {one.seconds:.0f} s")
            for wrong in one.wrong:
                CONSOLE.print(f"  {wrong}", style="red", markup=False)
    return [found[place] for place in places]


def _table(counts: list[Count]) -> Table:
    table = Table("class of faults", "tried", "survived", "rows lost", "seconds")
    for one in counts:
        style = "red" if one.wrong else None
        table.add_row(one.faults.name, str(one.tried), str(one.survived), str(one.lost), f"{one.seconds:.0f}", style=style)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
