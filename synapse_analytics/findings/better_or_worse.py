"""What is said of how many got clearly better, stayed about the same or got clearly worse, beside those who did not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics.disclosure import Released
from synapse_analytics.findings import compared as f
from synapse_analytics.findings import words as w
from synapse_analytics.findings.difference import real
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
FEW = "Too few answers to show how they did."
HUNDRED = 100  # answers from which on a share is said of 100
READING = "The bar also includes those who did not answer, so its shares are smaller."
OF_ANSWERED = ("of_answered", "of_answered_low", "of_answered_high")


@finding("better_or_worse")
def verdicts(released: Released) -> Finding:
    """Of 100 who answered how many were clearly better, about the same and clearly worse, and how many of 100 patients expected to answer did not."""
    instrument, rows = released.options["instrument"], released.tables["verdicts"]
    month = released.options["month"]
    question = f"How many have {w.clearly(instrument, 'better')} at {month} months?"
    if w.clearly(instrument, "better") == "clearly better":
        question = f"How many are clearly better at {month} months?"
    if not any(row["expected"] is None or row["expected"] > 0 for row in rows):
        return nothing(question, "Nobody was expected to have answered this score by then.")
    if not any(row["share_of_expected"] for row in rows):
        return nothing(question, FEW)
    by = released.options.get("by")
    if len(f.in_order(rows, "group")) > 1:
        return Finding(question, _compared(rows, by))
    said = _of_hundred(rows, instrument, month)
    return Finding(question, said, READING if said.startswith("Of ") and "expected to answer did not" in said else "")


def named(instrument: str, verdict: str) -> str:
    """A verdict in words: `clearly less pain`, `about the same`; what was put together is named by both."""
    better, worse = (w.clearly(instrument, side) for side in ("better", "worse"))
    same = "about the same"
    words = {"better": better, "same": same, "worse": worse, "not_worse": f"{better} or {same}", "not_better": f"{same} or {worse}"}
    return words.get(verdict, "did not answer" if verdict == "not_answered" else "answered")


def _of_hundred(rows: Sequence[Row], instrument: str, month: int) -> str:
    answered = [row for row in rows if row["verdict"] not in ("answered", "not_answered")]
    silent = _silent(next((row for row in rows if row["verdict"] == "not_answered"), None))
    if not answered or any(row["of_answered"] is None for row in answered) or answered[0]["answered"] is None:
        return f"{FEW}{silent}"
    n = answered[0]["answered"]
    numbers = [w.count(row["n"]) for row in answered] if n < HUNDRED else of_hundred([row["of_answered"] for row in answered])
    verb = "had" if "clearly less" in named(instrument, "better") else "were"
    parts = [f"{number} {named(instrument, row['verdict'])}" for number, row in zip(numbers, answered, strict=True)]
    parts[0] = parts[0].replace(" ", f" {verb} ", 1)
    return f"Of {min(n, HUNDRED):,} who answered at {month} months, {', '.join(parts)}.{silent}"


def of_hundred(shares: Sequence[float]) -> list[str]:
    """Shares of one whole as numbers of 100 that add up to 100 (largest remainder); of shares that were rounded before each by itself.

    A share that is not nought is never written as nought, nor one that is not all as all.
    """
    numbers = [int(HUNDRED * share + 1e-9) for share in shares]
    left = HUNDRED - sum(numbers)
    if not 0 <= left <= len(shares):
        numbers, left = [round(HUNDRED * share) for share in shares], 0
    by_rest = sorted(range(len(shares)), key=lambda at: numbers[at] - HUNDRED * shares[at])
    for at in by_rest[:left]:
        numbers[at] += 1
    ends = {0: "fewer than 1", HUNDRED: "more than 99"}
    return [ends.get(number, str(number)) if 0 < share < 1 else str(number) for share, number in zip(shares, numbers, strict=True)]


def _silent(row: Row | None) -> str:
    if row is None or row["share_of_expected"] is None:
        return ""
    if row["expected"] is not None and row["expected"] < HUNDRED:
        return f" {w.count(row['n'])} of {w.count(row['expected'])} patients expected to answer did not."
    many = of_hundred([row["share_of_expected"], 1 - row["share_of_expected"]])[0]
    return f" {many[0].upper()}{many[1:]} of 100 patients expected to answer did not."


def _compared(rows: Sequence[Row], by: str | None) -> str:
    groups = {row["group"]: {**row, "of_answered": None} for row in rows}  # one in which the better were put together has no share of them
    groups |= {row["group"]: row for row in rows if row["verdict"] == "better"}
    known = f.compared(groups.values(), by, "of_answered", "answered")
    if not known.may_be_said:
        return known.none
    return f"Clearly better among those who answered: {known.ends(w.share)}.{real(known, *OF_ANSWERED[1:])}{known.rest}"
