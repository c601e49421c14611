"""The words of patients like mine: the patient described, natural frequencies, how near the others are, and what finds more of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w

Row = Mapping[str, Any]
MOST = 500  # episodes that are used, as the docstring of the answer says
NOT_KNOWN = "\u2013"
ENOUGH = 20  # answers from which "of 100" says no more than there is
WHO = {"female": "A woman", "male": "A man"}
WITH = {"herniated_disc": "a herniated disc", "other_spinal": "another spinal condition"}
SMOKING = {"yes": "smoker", "no": "non-smoker"}
RECEIVED = {
    "all": "All similar patients",
    "conservative": "Conservative care only",
    "injection": "With an injection",
    "surgery": "With surgery",
    "none": "No treatment",
}
PARTICULARS = {
    "age": "age",
    "sex": "sex",
    "symptom_weeks": "weeks of symptoms",
    "pain": "pain",
    "odi": "ODI",
    "bmi": "body mass index",
    "smoker": "smoking",
}


def with_diagnosis(code: str) -> str:
    """A diagnosis after "with": `a herniated disc`, `spinal stenosis`."""
    return WITH.get(code) or v.inside(v.find(v.DIAGNOSES, code).label)


def described(options: Mapping[str, Any]) -> str:
    """The patient: `A woman of 52 with a herniated disc for 10 weeks, pain 7, ODI 46`; what does not matter is not named."""
    given = {name: f"{float(options[name]):g}" for name in ("age", "symptom_weeks", "pain", "odi", "bmi") if options.get(name) is not None}
    who = WHO.get(str(options.get("sex")), "A patient") + (f" of {given['age']}" if "age" in given else "")
    weeks = given.get("symptom_weeks")
    since = f" for {weeks} {'week' if weeks == '1' else 'weeks'}" if weeks else ""
    parts = [f"{PARTICULARS[name]}\u00a0{given[name]}" for name in ("pain", "odi", "bmi") if name in given]
    parts += [SMOKING[options["smoker"]]] if options.get("smoker") in SMOKING else []
    return ", ".join([f"{who} with {with_diagnosis(options['diagnosis'])}{since}", *parts])


def of_100(share: float) -> str:
    """A share as a natural frequency: `26 of 100`."""
    if 0 < share < 0.005:
        return "fewer than 1 of 100"
    return "more than 99 of 100" if 0.995 < share < 1 else f"{hundreds(share)} of 100"


def hundreds(share: float) -> int:
    """How many of 100: as many as `of_100` says, and as many dots as are filled."""
    return int(f"{100 * share:.0f}")


def limits(low: float | None, high: float | None) -> str:
    """The limits of a natural frequency: `22 to 31`; empty where there are none."""
    return w.between(low, high, lambda share: f"{hundreds(share)}")


def year(released: Released) -> tuple[Row | None, Row | None]:
    """Who was operated within a year, and who had clearly improved at 12 months; None where the share is withheld or there is none."""
    shown = [row for row in released.tables.get("year", ()) if row["share"] is not None]
    surgery = next((row for row in shown if row["outcome"] == "surgery"), None)
    return surgery, next((row for row in shown if row["outcome"] != "surgery"), None)


def better(released: Released, group: str = "all") -> Row | None:
    """Who had clearly improved in the headline score at 12 months, of a group; None where nothing is counted of it."""
    table = released.tables.get("responders", ())
    rows = [row for row in table if (row["group"], row["preset"], row["month"]) == (group, table[0]["preset"], 12)]
    return rows[0] if rows else None


def headline(released: Released) -> str:
    """The code of the headline score."""
    return str(released.tables["outcomes"][0]["instrument"])


def improved(instrument: str) -> str:
    """What who responded had: `clearly less pain`."""
    thing = "disability" if instrument == "odi" else w.thing(instrument)
    return f"clearly less {thing}" if w.instrument(instrument).better == "lower" else f"a clearly better {thing}"


def by_treatment(released: Released) -> list[dict[str, Any]]:
    """What they received, the patients of each, and their score and improvement at 12 months, as people read them."""
    code = headline(released)
    counted = {row["group"]: row for row in released.tables["groups"]}
    scores = {row["group"]: row for row in released.tables["outcomes"] if (row["instrument"], row["month"]) == (code, 12)}
    half = {group: _middle(scores.get(group)) for group in counted if group != "all"}
    column = f"{'ODI' if code == 'odi' else w.name(code)}, middle half"
    return [
        {"Treatment": words, "Patients": counted[group]["people"], "Answers": scores[group]["n"] if group in scores else 0}
        | ({column: half[group]} if is_half_known(released) else {})
        | {"Clearly better": _better(better(released, group))}
        for group, words in RECEIVED.items()
        if group in half
    ]


def is_half_known(released: Released) -> bool:
    """True if of some treatment the middle of the scores at 12 months may be shown; else the column would hold dashes only."""
    code = headline(released)
    rows = [row for row in released.tables["outcomes"] if (row["instrument"], row["month"]) == (code, 12) and row["group"] != "all"]
    return any(row["median"] is not None for row in rows)


def _middle(row: Row | None) -> str:
    if row is None or row["median"] is None:
        return NOT_KNOWN
    if row["q1"] is not None and row["q3"] is not None:
        return f"{_score(row['q1'])} to {_score(row['q3'])}"
    return f"median {_score(row['median'])}"


def _better(row: Row | None) -> str:
    """Of a few the count itself: "9 of 9" says how little "100 of 100" would rest on."""
    if row is None or row["n"] == 0:
        return NOT_KNOWN
    if row["share"] is None or (row["n"] or 0) < ENOUGH:
        return w.part_of(row["responders"], row["n"])
    return of_100(row["share"])


def _score(value: float) -> str:
    return w.number(value, 1).removesuffix(".0")


def clearly(released: Released) -> str:
    """What the columns of the treatments mean."""
    preset, code = better(released), headline(released)
    said = ["Results of those who answered at 12 months."]
    if preset is not None:
        said.append(f"Clearly better: {v.find(v.PRESETS, str(preset['preset'])).label} better than at the first visit.")
    if is_half_known(released):
        said.append(f"Middle half: a quarter of patients scored lower and a quarter higher. Score: {w.scale(code)}.")
    if any(NOT_KNOWN in row.values() for row in by_treatment(released)):
        said.append("A dash means too few answers.")
    return " ".join(said)


def alike_means(released: Released) -> list[str]:
    """What similar means, and how near they are, in years and points."""
    rows = sorted(released.tables["nearness"], key=lambda row: row["particular"] == "symptom_weeks")
    spans = [_span(row["particular"], row["within"]) for row in rows]
    means = (
        f"Similar means the same diagnosis and, overall, {'within ' if spans[0][0].isdigit() else ''}{_listed(spans)}."
        if spans
        else "Similar means the same diagnosis."
    )
    near = [f"half are within {_gap(row['particular'], row['median_difference'])}" for row in rows if row["median_difference"] is not None]
    unknown = [
        f"{w.capital(PARTICULARS[row['particular']])} {'are' if row['particular'] == 'symptom_weeks' else 'is'} recorded for none of them."
        for row in rows
        if row["n"] == 0
    ]
    return [means, *([f"Of these patients, {_listed(near)}."] if near else []), *unknown]


def alike_beware(released: Released) -> str:
    """What "on the whole" hides, and how much another sex or smoking habit, or what is not recorded, counts."""
    said = ["A patient may differ more in one of these and less in the others."] if len(released.tables["nearness"]) > 1 else []
    asked = {"sex": "sex", "smoker": "smoking habit"}
    other = [f"another {words}" for name, words in asked.items() if released.options.get(name) is not None]
    said.append(
        f"{w.capital(_listed([*other, 'a missing value']))} {'each count' if other else 'counts'} like a difference of 10 years of age."
    )
    if (released.tables["matched"][0]["n"] or 0) >= MOST:
        said.append(f"If more than {MOST} patients are similar, the {MOST} most similar are used.")
    return " ".join(said)


def _span(name: str, within: float) -> str:
    """The widest difference in one particular if all differ as much: `10 years of age`."""
    if name == "symptom_weeks":
        return "symptoms half to twice as long" if 1.95 < within < 2.05 else f"symptoms up to {within:.1f} times as long or as short"
    return _gap(name, within)


def _gap(name: str, value: float) -> str:
    number = f"{value:.1f}".removesuffix(".0")
    one = number == "1"
    units = {
        "age": f"{number} {'year' if one else 'years'} of age",
        "symptom_weeks": f"{number} {'week' if one else 'weeks'} of symptoms",
        "pain": f"{number} {'point' if one else 'points'} of pain",
        "odi": f"{number} {'point' if one else 'points'} of ODI",
        "bmi": f"{number} {'unit' if one else 'units'} of body mass index",
    }
    return units[name]


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def way(row: Row) -> str:
    """What would find enough, as the words of a button: `Leave out body mass index (41 patients)`."""
    found = "enough patients" if row["people"] is None else f"{row['people']:,} patients"
    if row["drop"] == "all":
        return f"Leave out everything but the diagnosis ({found})"
    if row["drop"]:
        return f"Leave out {PARTICULARS[row['drop']]} ({found})"
    return f"Allow larger differences ({found})"


def checked(released: Released, options: Mapping[str, Any]) -> str:
    """Whether the middle 80 % held what happened to past patients who were left out; empty where too few could be checked."""
    rows = [row for row in released.tables.get("calibration", ()) if row["diagnosis"] == options["diagnosis"] and row["nominal"] == 0.8]
    row = next((row for row in rows if row["share"] is not None), None)
    if row is None:
        return "Too few past patients with this diagnosis have a later score to check this."
    return (
        f"Checked on {w.count(row['n'])} past patients with this diagnosis: for {of_100(row['share'])}, "
        f"{w.thing(row['instrument'])} recorded at {row['month']} months was within the range of the middle 80 % of patients similar to them. Scores are whole numbers, so a little more than 80 of 100 is expected."
    )
