"""Files made to exhaust a reader, and identifiers in the clothes of ids and codes."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from random import Random

from synapse_analytics.bundle import check_bundle
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.disguised import DISGUISED, write_ids
from tests.faults.drawn import write_right
from tests.faults.heavy import HEAVY

SECONDS, IDS = 20, 40
REFUSED_SOON = "The bundle is refused within 20 seconds of work, for what is wrong with it, and nothing is loaded."
REFUSED = "The bundle is refused for the column, and no message repeats a value of it."


def _heavy(folder: Path) -> Inject:
    def inject(number: int) -> End:
        heavy = list(HEAVY.values())[number]
        shutil.rmtree(folder / "case", ignore_errors=True)
        bundle = write_right(folder / "case" / "bundle")
        handed_in = heavy.fill(bundle) or bundle
        begin = time.process_time()
        check = check_bundle(handed_in)
        if time.process_time() - begin > SECONDS:
            return End("it takes too long")
        return SURVIVED if heavy.rule in check.counts and not check.tables else End(f"refused, but not for '{heavy.rule}'")

    return inject


def _disguised(folder: Path) -> Inject:
    def inject(number: int) -> End:
        name = list(DISGUISED)[number]
        rule, make = DISGUISED[name]
        random = Random(f"counted {name}")
        values = list(dict.fromkeys(make(random) for _ in range(4 * IDS)))[:IDS]
        shutil.rmtree(folder / "bundle", ignore_errors=True)
        check = check_bundle(write_ids(folder / "bundle", values))
        if rule not in check.counts or check.tables:
            return End(f"'{name}' is accepted", lost=1)
        told = json.dumps([asdict(problem) for problem in check.problems])
        return End("a message repeats a value") if any(value in told for value in values) else SURVIVED

    return inject


CLASSES = (
    Faults("heavy files", REFUSED_SOON, len(HEAVY), 1, _heavy),
    Faults("identifiers as ids or codes", REFUSED, len(DISGUISED), 4, _disguised),
)
