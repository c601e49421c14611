"""Tries every case of every class of faults, prints how many survived and writes docs/faults.md: `make faults`.

`make faults ARGS="kill"` tries the classes whose names hold this word, and writes nothing. `--sample` tries as many as `make test`.
Exit code 1 if one case did not survive.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.faults.classes import CLASSES
from tests.faults.counted import Count, count
from tests.faults.written import write

CONSOLE = Console(width=150)


def main(words: list[str]) -> int:
    """Try, print, write."""
    is_sample = "--sample" in words
    wanted = [word for word in words if not word.startswith("--")]
    counts: list[Count] = []
    with Progress(console=CONSOLE) as bar:
        for faults in CLASSES:
            if wanted and not any(word in faults.name for word in wanted):
                continue
            if why := faults.why_not():
                CONSOLE.print(f"Not tried: {faults.name} ({why}).")
                continue
            task = bar.add_task(faults.name, total=faults.cases)
            counts.append(
                count(faults, faults.sample if is_sample else None, lambda done, of, task=task: bar.update(task, completed=done, total=of))
            )
    CONSOLE.print(_table(counts))
    for one in counts:
        for wrong in one.wrong:
            CONSOLE.print(f"{one.faults.name}, {wrong}", style="red", markup=False)
    if len(counts) == len(CLASSES) and not is_sample:
        write(counts)
        CONSOLE.print("Written to docs/faults.md.")
    return 1 if any(one.wrong for one in counts) else 0


def _table(counts: list[Count]) -> Table:
    table = Table("class of faults", "tried", "survived", "rows lost", "seconds")
    for one in counts:
        style = "red" if one.wrong else None
        table.add_row(one.faults.name, str(one.tried), str(one.survived), str(one.lost), f"{one.seconds:.0f}", style=style)
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
