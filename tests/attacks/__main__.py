"""`make attack`: attack every clinic under both policies, print the tables and write docs/attack.md.

`python -m tests.attacks --clinics 60 --sample` asks less and leaves the document alone; `--findings FILE` writes every finding.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from synapse_analytics import audit
from tests.attacks.asking import programme, sample
from tests.attacks.clinics import MADE, known_clinics
from tests.attacks.finding import Result
from tests.attacks.report import document, places, tables
from tests.attacks.running import attacked
from tests.attacks.unguarded import scores_of_any_cohort

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "attack.md"
POLICIES = ("publish", "clinic")
THOROUGH = ("60", "300")  # the others are asked a third of it


def one(name: str, policy: str, *, sampled: bool) -> tuple[str, int, list[Result]]:
    """All attacks on one clinic under one policy, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SYNAPSE_HOME"] = folder
        known = next(known_clinics(Path(folder), (name,)))
        asks = dict(sample())[policy] if sampled else programme(policy, thorough=name in THOROUGH)
        desk, results = attacked(known, policy, asks)
        if policy == "publish":
            results.append(scores_of_any_cohort(known))
        audit.flush()
        return policy, desk.asked, results


def everything(clinics: tuple[str, ...], *, sampled: bool) -> Iterator[tuple[str, str, int, list[Result]]]:
    """Every clinic under every policy, two at a time, as they end."""
    with ProcessPoolExecutor(max_workers=2) as pool:
        waiting = {pool.submit(one, name, policy, sampled=sampled): name for name in reversed(clinics) for policy in POLICIES}
        for done in as_completed(waiting):
            yield waiting[done], *done.result()


def say(text: str) -> None:
    """Progress, on stderr."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()


def main() -> None:
    """Attack, print and, when all was asked, write the document."""
    parser = argparse.ArgumentParser(prog="tests.attacks")
    parser.add_argument("--clinics", default=",".join(MADE))
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--findings", type=Path)
    given = parser.parse_args()
    clinics, asked = tuple(given.clinics.split(",")), 0
    found: dict[str, dict[str, dict[str, Result]]] = {policy: {} for policy in POLICIES}
    say(f"attacking {len(clinics)} clinics under {len(POLICIES)} policies")
    for name, policy, questions, results in everything(clinics, sampled=given.sample):
        asked += questions
        found[policy][name] = {result.attack: result for result in results}
        counted = ", ".join(f"{result.attack} {result.found:,} of {result.tried:,}" for result in results if result.tried)
        say(f"{name} under {policy}: {questions:,} questions; {counted}")
    together = {policy: _added(by_clinic, clinics) for policy, by_clinic in found.items()}
    sys.stdout.write(f"{tables(together)}\n\n{places(together, POLICIES[:1])}\n")
    if given.findings:
        findings = [
            asdict(finding) | {"policy": policy} for policy, results in together.items() for one_ in results for finding in one_.findings
        ]
        given.findings.write_text("\n".join(json.dumps(finding, default=str) for finding in findings), encoding="utf-8")
    if clinics == tuple(MADE) and not given.sample:
        DOCUMENT.write_text(document(together, clinics, asked), encoding="utf-8")
    if any(result.clashes for results in together.values() for result in results):
        say("The attack takes two numbers for one: see Result.clashes.")
    if any(result.found for result in together["publish"]):
        sys.exit("Under publish something was found that must not be found.")


def _added(by_clinic: dict[str, dict[str, Result]], clinics: tuple[str, ...]) -> list[Result]:
    """The results of all clinics, attack by attack, in the order of the clinics."""
    added: dict[str, Result] = {}
    for name in clinics:
        for attack, result in by_clinic[name].items():
            added.setdefault(attack, Result(attack, result.policy)).add(result)
    return list(added.values())


if __name__ == "__main__":
    main()
