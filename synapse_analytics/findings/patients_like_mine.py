"""What is said of patients like mine: what became of them within a year, what they received, how they scored later, who improved and who was operated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import alike as said
from synapse_analytics.findings import care
from synapse_analytics.findings import words as w
from synapse_analytics.findings.finding import Finding, finding, nothing

Row = Mapping[str, Any]
ALL = "all"
NONE_YET = "Too few similar patients to show this."
HANDFUL = "At least 20 are needed: fewer say too little about the next patient."


@finding("patients_like_mine")
def alike(released: Released) -> Finding:
    """The patient described; how many are similar, were operated within a year and had clearly improved at 12 months."""
    question = said.described(released.options)
    row = next(iter(released.tables.get("matched", ())), None)
    if row is None or row["refused"]:
        return nothing(question, f"{_few(None if row is None else row['people'])} {HANDFUL}")
    known, unknown = [], []
    among = f"Among {w.count(row['people'])} similar patients in this clinic, "
    (operated_, better), had = said.year(released), said.improved(said.headline(released))
    if operated_ is not None:
        known.append(f"{among}{said.of_100(operated_['share'])} had surgery within a year{_in_brackets(operated_)}.")
    else:
        unknown.append("How many had surgery within a year is not known yet: too few have been followed that long.")
    if better is not None:
        of = "Of those who answered, " if known else f"{among}of those who answered, "
        known.append(f"{of}{said.of_100(better['share'])} had {had} at 12 months{_in_brackets(better, better['n'])}.")
    else:
        unknown.append(f"How many had {had} at 12 months is not known yet: too few have answered.")
    if not known:
        return nothing(question, " ".join((f"{w.count(row['people'])} patients in this clinic are similar.", *unknown)))
    return Finding(question, " ".join((*known, *unknown)))


def _few(people: int | None) -> str:
    if people is None:
        return "Too few patients in this clinic are similar."
    count = "No patient" if people == 0 else "Only 1 patient" if people == 1 else f"Only {people} patients"
    return f"{count} in this clinic {'is' if people < 2 else 'are'} similar."


def _in_brackets(row: Row, answers: int | None = None) -> str:
    limits = said.limits(row["low"], row["high"])
    parts = [limits, f"{answers:,} answers" if answers else ""]
    text = "; ".join(part for part in parts if part)
    return f" ({text})" if text else ""


@finding("patients_like_mine")
def received(released: Released) -> Finding:
    """The most frequent order of treatments, and its share."""
    question = "Which treatments did they have, and in which order?"
    first = next((row for row in released.tables.get("pathways", ()) if row["share"] is not None), None)
    if first is None:
        return nothing(question, NONE_YET)
    most = "Most common: " if first["steps"] != ("other",) else ""
    return Finding(question, f"{most}{care.pathway(first['steps'])}, {w.share(first['share'])} of them.", "Colours show the first step.")


@finding("patients_like_mine", *({"instrument": term.code} for term in v.INSTRUMENTS))
def scores(released: Released, *, instrument: str) -> Finding:
    """The median of all of them at each month, with the middle half, n and follow-up."""
    question = f"What was their {w.thing(instrument)} at follow-up?"
    known = [row for row in scored(released, instrument) if row["median"] is not None]
    if not known:
        return nothing(question, NONE_YET)
    months = [_later(row) for row in known if row["group"] == ALL]
    drawn = {"q1": "thick line: middle half", "p10": "thin line: middle 80 %"}
    lines = "; ".join(text for end, text in drawn.items() if any(row[end] is not None for row in known))
    key = f"{w.capital(lines)}." if lines else "The point is the median."
    return Finding(question, f"{'; '.join(months)}." if months else "", key)


def scored(released: Released, instrument: str) -> list[Row]:
    """The rows of a score in which somebody is counted, or in which the number is withheld."""
    return [row for row in released.tables.get("outcomes", ()) if row["instrument"] == instrument and row["n"] != 0]


def _later(row: Row) -> str:
    half = w.between(row["q1"], row["q3"], one_decimal)
    followed = "" if row["completeness"] is None else f", {w.share(row['completeness'])} followed up"
    return f"{row['month']} months: median {one_decimal(row['median'])} ({f'middle half {half}, ' if half else ''}{w.n_of(row['n'])}{followed})"


def one_decimal(value: float | None) -> str:
    """A score with at most one decimal: a median of whole numbers is a whole or a half."""
    return w.number(value, 1).removesuffix(".0")


@finding("patients_like_mine")
def responders(released: Released) -> Finding:
    """The share of all of them that improved at each month, with its interval."""
    rows = improved(released)
    if all(row["share"] is None for row in rows):
        return nothing("How many improved?", NONE_YET)
    every = [row for row in rows if row["group"] == ALL and row["share"] is not None]
    shares = "; ".join(
        f"{row['month']} months: {w.with_interval(row['share'], row['low'], row['high'], w.share)}, {w.n_of(row['n'])}" for row in every
    )
    question = f"How many improved by {v.find(v.PRESETS, str(rows[0]['preset'])).label}?"
    return Finding(question, f"{shares or 'Only some groups are large enough to show'}. With 95 % interval.")


def improved(released: Released) -> list[Row]:
    """The rows of the first preset in which somebody is counted, or in which the number is withheld."""
    table = released.tables.get("responders", ())
    return [row for row in table if row["preset"] == table[0]["preset"] and row["n"] != 0]


@finding("patients_like_mine")
def operated(released: Released) -> Finding:
    """The share operated within the longest time that may be shown, by Aalen and Johansen."""
    question = "How many had surgery?"
    known = [row for row in released.tables.get("surgery", ()) if row["incidence"] is not None]
    if not known:
        return nothing(question, NONE_YET)
    last = known[-1]
    share = w.with_interval(last["incidence"], last["low"], last["high"], w.share)
    said = f"{share} within {last['month']} months of the first visit (cumulative incidence with 95 % interval)."
    return Finding(question, said, "Still followed: without surgery until then, and followed that long.")
