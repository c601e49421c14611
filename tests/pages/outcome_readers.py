"""The readers of what is said of outcomes over time, and of who got clearly better."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from synapse_analytics import vocabulary as v
from tests.pages.sentences import COUNT, ENOUGH, NUMBER, SHARE, Row, Said, label_of, near, only, read_ends


def too_few(said: Said, rows: Sequence[Row], column: str, size: str) -> None:
    """Nothing of this column is shown; in the whole cohort it rests on few everywhere."""
    assert all(row[column] is None or (not said.is_shown and (row[size] or 0) < ENOUGH) for row in rows)


def trajectory(said: Said) -> None:
    rows = [row for row in said.tables["visits"] if row["n"] != 0]
    known = [row for row in rows if row["change"] is not None]
    if said.text in {"Too few answers to say how it changed.", "No patient of this cohort answered this score."}:
        too_few(said, rows, "change", "n")
        return
    months = [visit for visit in v.codes(v.VISITS) if any(row["visit"] == visit for row in known)]
    code = "month_12" if "month_12" in months else months[-1]
    mine, label = [row for row in rows if row["visit"] == code], v.find(v.VISITS, code).label
    if said.by is not None:
        text, _, reading = said.text.partition(" Grey lines:")
        text, _, dashed = text.partition(" Dashed line: ")
        assert not reading or reading == " the other groups. Below each time: how many answered."
        assert not dashed or re.fullmatch(r"clearly (less|better)[\w ]* \([\d.]+ points (below|above) the start\)\.", dashed)
        ends = rf"Mean change at {label}, in points: (?P<ends>.*?); (lower|higher) is better"
        read_difference(replace(said, text=text), ends, mine, ("change", "change_low", "change_high"), lambda row: row["n"])
        return
    (row,) = mine
    said = replace(said, text=improving(said))
    limits = rf"( \((?P<low>{NUMBER}) to (?P<high>{NUMBER})\))?"
    tail = rf", n = (?P<n>{COUNT})(, (?P<share>{SHARE}) followed up)?\."
    found = said.match(
        rf".+? changed by (?P<by>{NUMBER}) points on average at {label}(?P<low>), with too few patients for an interval{tail}",
        rf".+? (?P<how>fell|rose)( on average)? by (?P<by>{NUMBER}) points{limits} at {label}{tail}",
        rf".+? did not clearly change( on average)?: (?P<by>{NUMBER}) points{limits} at {label}{tail}",
    )
    sign = {"fell": -1, "rose": 1}.get(found.groupdict().get("how") or "", 1)
    assert near(found["by"], sign * row["change"])
    if "how" in found.groupdict() or "not clearly" in said.text:  # a claim that it fell, or that one cannot tell
        assert (row["change_low"] <= 0 <= row["change_high"]) == ("how" not in found.groupdict())
    if found["low"]:
        ends = sorted((sign * row["change_low"], sign * row["change_high"]))
        assert near(found["low"], ends[0])
        assert near(found["high"], ends[1])
    assert near(found["n"], row["n"])
    assert found["share"] is None or near(found["share"], row["completeness"])


def improving(said: Said) -> str:
    """The sentence without its last part, which says whether they still improve by 12 months: its interval lies wholly on one side or not."""
    rows = [row for row in said.tables["visits"] if row["further_low"] is not None and row["further_high"] is not None]
    sign = 1 if v.find(v.INSTRUMENTS, said.options["instrument"]).better == "higher" else -1
    better = {row["visit"]: min(sign * row["further_low"], sign * row["further_high"]) > 0 for row in rows}
    step = rf"(?P<by>{NUMBER})( \((?P<low>{NUMBER}) to (?P<high>{NUMBER})\))? points"
    still = re.search(
        rf" Patients still improve after (?P<visit>[\w ]+?)(, but by less than the smallest important change)?: {step} by 12 months\.$",
        said.text,
    )
    found = still or re.search(
        rf" From (?P<visit>[\w ]+) to 12 months (?P<how>there is no clear further improvement|they get worse again): {step}\.$", said.text
    )
    if not found:
        return said.text
    visit = label_of(v.VISITS, found["visit"])
    if said.is_shown:
        before = [
            better[code] for code in v.codes(v.VISITS) if code in better and v.codes(v.VISITS).index(code) < v.codes(v.VISITS).index(visit)
        ]
        assert all(before), "an earlier visit was already the last with a clear improvement"
        assert better[visit] == bool(still)
        assert not still or visit == list(better)[-1]
    row = only(said.tables["visits"], visit=visit)
    if not still and said.is_shown:
        assert (min(-sign * row["further_low"], -sign * row["further_high"]) > 0) == (found["how"] == "they get worse again")
    assert all(near(found[part], row[name]) for part, name in (("by", "further"), ("low", "further_low"), ("high", "further_high")))
    return said.text[: found.start()]


def read_difference(
    said: Said, pattern: str, rows: Sequence[Row], columns: tuple[str, str, str], size: Callable[[Row], int | None]
) -> None:
    """A sentence that compares groups and says whether chance explains how far the ends are apart."""
    value, low, high = columns
    chance = "Chance alone can explain this difference."
    care = "Chance does not explain it, but the groups differ in more than their treatment: Compare treatments takes that into account."
    units = "The page Variation shows whether they differ by more than chance."
    told = [text for text in (chance, "The difference is more than chance explains.", care, units) if f" {text}" in said.text]
    read_ends(replace(said, text=said.text.replace(f" {told[0]}", "") if told else said.text), pattern, rows, value, size)
    enough = [row for row in rows if row["group"] != "pooled" and row[value] is not None and (size(row) or 0) >= ENOUGH]
    if not told or not said.is_shown:
        assert told or len(enough) < 2 or any(row[low] is None for row in enough) or not said.is_shown
        return
    assert (told[0] == units) == (said.by in ("site", "clinician"))
    assert told[0] != care or said.by in ("highest_stage", "first_treatment")
    if told[0] in (units, chance):
        return
    ends = sorted(enough, key=lambda row: row[value])
    assert ends[0][high] < ends[-1][low] or len(enough) == 2, "two intervals that overlap are called different"


def weekly(said: Said) -> None:
    if said.is_one_of("No week has enough answers to show."):
        return
    found = said.match(
        r"Each point is the mean of (a week|(?P<step>\d) weeks), with its 95 % interval(: single weeks (have too few patients|are taken together))?\."
        r"(?P<flat> A longer flat line is one mean over several of these periods, each with few answers\.)?(?P<grey> Grey lines: the other groups\.)?"
        r" Between visits, fewer and different patients answer\."
    )
    rows = [row for row in said.tables["weeks"] if row["low"] is not None]
    if said.is_shown:
        assert {row["step"] for row in rows} == {int(found["step"] or 1)}
        assert bool(found["flat"]) == any(row["to_week"] - row["week"] >= row["step"] for row in rows)


def verdicts(said: Said) -> None:
    rows = said.tables["verdicts"]
    if said.is_one_of("Nobody was expected to have answered this score by then."):
        assert not any(row["expected"] for row in rows)
        return
    if said.is_one_of("Too few answers to show how they did."):
        assert not said.is_shown or not any(row["share_of_expected"] for row in rows) or all(row["of_answered"] is None for row in rows)
        return
    if len({row["group"] for row in rows}) > 1:
        mine = [row for row in rows if row["verdict"] == "better"]
        named = {row["group"] for row in mine}
        mine += [{**row, "of_answered": None} for row in rows if row["verdict"] == "not_answered" and row["group"] not in named]
        of_answered = ("of_answered", "of_answered_low", "of_answered_high")
        read_difference(said, r"Clearly better among those who answered: (?P<ends>.*?)", mine, of_answered, lambda row: row["answered"])
        return
    told = said.text.removesuffix(" The bar also includes those who did not answer, so its shares are smaller.")
    text, _, silent = told.rpartition(". ") if told.endswith("expected to answer did not.") else (told.removesuffix("."), "", "")
    assert (told != said.text) == (bool(silent) and text.startswith("Of ")), "who did not answer makes the shares of the bar smaller"
    if silent and said.is_shown:
        row = only(rows, verdict="not_answered")
        found = re.fullmatch(rf"(?P<n>{COUNT}|Fewer than 1) of (?P<of>{COUNT}) patients expected to answer did not\.", silent)
        assert found, silent
        shown = (row["n"], row["expected"]) if (row["expected"] or 0) < 100 else (100 * row["share_of_expected"], 100)
        assert near(found["n"], shown[0]) if found["n"] != "Fewer than 1" else 0 < shown[0] < 1
        assert near(found["of"], shown[1])
    if text == "Too few answers to show how they did" or not said.is_shown:
        return
    found = re.fullmatch(rf"Of (?P<of>{COUNT}) who answered at \d+ months, (?P<parts>.+)", text)
    assert found, text
    answered = [row for row in rows if row["verdict"] not in ("answered", "not_answered")]
    parts = re.findall(r"(fewer than 1|[\d,]+) (?:had |were )?([a-z ]+)", found["parts"])
    assert len(parts) == len(answered)
    for (number, words), row in zip(parts, answered, strict=True):
        assert ("less" in words or "better" in words) == (row["verdict"] in ("better", "not_worse"))
        assert ("more" in words or "clearly worse" in words) == (row["verdict"] in ("worse", "not_better"))
        value = row["n"] if found["of"] != "100" else 100 * row["of_answered"]
        assert (0 < value < 1) if number.startswith("fewer") else abs(int(number.replace(",", "")) - value) < 1 + 1e-9
