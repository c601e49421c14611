"""One mutated input of a clinic's own files for each number: always the same, and most of them mutated more than once."""

from __future__ import annotations

from random import Random

from tests.faults.intake_samples import KINDS, Drawn, drawn
from tests.faults.mutated_files import change_files
from tests.faults.mutated_json import change_json, change_resources
from tests.faults.mutated_mappings import change_mapping, lenient
from tests.faults.mutated_tables import change_tables


def mutated(number: int) -> Drawn:
    """The input of this number, with its files written."""
    random = Random(f"intake {number}")
    found = drawn(KINDS[number % len(KINDS)])
    if random.random() < 0.6:
        lenient(found)
    of_files = random.random() < 0.3
    for _ in range(random.choice((0, 1, 1) if of_files else (1, 1, 2, 3))):
        (change_resources if found.resources else change_tables)(random, found)
    found.write()
    if found.resources and random.random() < 0.2:
        change_json(random, found)
    if of_files:
        change_files(random, found)
    if random.random() < 0.12:
        change_mapping(random, found)
    return found
