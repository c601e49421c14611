"""`make truth`: what each method says of simulated clinics whose truth is known, printed and put into docs/methods.md."""

from __future__ import annotations

import argparse
import sys

from truth import attention, comparisons, variation
from truth.tables import ON_THE_PAGE, put

ATTENTION = "truth of attention"
PARTS = {"truth": comparisons.report, "truth of variation": variation.report, ATTENTION: attention.report}
NAMES = {"comparisons": "truth", "variation": "truth of variation", "attention": ATTENTION}
SEEDS = 1000


def main() -> None:
    """Simulate, print, and with the full number of seeds write the tables."""
    parser = argparse.ArgumentParser(prog="truth")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--only", choices=NAMES)
    asked = parser.parse_args()
    for part in [NAMES[asked.only]] if asked.only else PARTS:
        text = PARTS[part](asked.seeds)
        sys.stdout.write(text)
        if asked.seeds >= SEEDS:
            put(text, part)
            if part == ATTENTION:
                ON_THE_PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
