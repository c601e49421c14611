"""Readers of what a comparison says: its headline and the subtitles of its figures, against the rows they stand over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from synapse_analytics import vocabulary as v
from tests.pages.sentences import COUNT, NUMBER, SHARE, Row, Said, near

NOTHING = (
    "cannot be told",
    "Too few patients",
    "count for fewer than",
    "still differ in",
    "There are too few answers for any of the methods",
)
VISITS = "|".join(visit.label for visit in v.VISITS)
LIST = rf"(?:(?:{VISITS}|the start)(?:, | and )?)+"
METHODS = {
    "Not adjusted (observed means)": "crude",
    "Adjusted for the first score (ANCOVA)": "ancova",
    "Similar patients only (overlap weights)": "overlap",
    "All visits together (repeated measures)": "mmrm",
}


def _label(said: Said, arm: str) -> str:
    code = said.options[arm]
    (label,) = {term.label for terms in (v.TREATMENTS, v.TREATMENT_CLASSES, v.STRATEGIES) for term in terms if term.code == code}
    return str(label)


def _is_refused(said: Said, text: str | None = None) -> bool:
    """The sentence gives a reason, and no row shows a difference."""
    if not any(word in (text or said.text) for word in NOTHING):
        return False
    assert all(row["difference"] is None for row in said.tables["estimates"])
    return True


def _places(text: str) -> list[str]:
    return re.findall(rf"{VISITS}|the start", text)


def _side(row: Row | None) -> str | None:
    if row is None or row["low"] is None:
        return None
    return "same" if row["low"] <= 1e-9 and row["high"] >= -1e-9 else "lower" if row["high"] < 0 else "higher"


def _claims(said: Said, text: str) -> dict[str, str]:
    """visit -> what the sentence says of it: same, a or b."""
    found: dict[str, str] = {}
    for part in text.split("; "):
        match = re.fullmatch(rf"(?:(?P<same>no clear difference)|patients who had (?P<who>.+) did better) at (?P<visits>{LIST})", part)
        assert match, f"nobody can read: {part!r}"
        if match["same"]:
            claim = "same"
        else:
            (claim,) = [arm for arm in "ab" if _label(said, arm).lower() == match["who"].lower()]
        found |= dict.fromkeys(_places(match["visits"]), claim)
    return found


def _truth(said: Said) -> dict[str, str]:
    """visit -> same, a or b, from the rows of the repeated measures."""
    lower = v.find(v.INSTRUMENTS, said.options["outcome"]).better == "lower"
    way = {"same": "same", "lower": "a" if lower else "b", "higher": "b" if lower else "a"}
    sides = {v.find(v.VISITS, row["visit"]).label: _side(row) for row in said.tables["mmrm"]}
    return {label: way[side] for label, side in sides.items() if side is not None}


SIZE = r"[\d.,]+"
WAY = r"lower|higher"
THING = r"(?:pain|back pain|buttock pain|leg pain|disability|quality of life|health as patients rate it)"
BY = rf"(?P<value>{SIZE}) points (?P<way>{WAY})"
CLEAR = rf" \((?P<low>{SIZE}) to (?P<high>{SIZE})\)"
SIGNED = rf"{SIZE}(?: (?:{WAY}))?"
UNCLEAR = rf" \((?P<value>{SIGNED}); (?P<low>{SIGNED}) to (?P<high>{SIGNED})\)"
BEGIN = rf"At (?P<at>3 months|\d+ months), {THING} was"
FIRST = (rf"{BEGIN} {BY} (?P<a>.+?) than (?P<b>[^(]+?){CLEAR}", rf"{BEGIN} not clearly different (?P<a>.+?) and (?P<b>[^(]+?){UNCLEAR}")
THEN = (
    rf"; (?P<but>but )?at (?P<at>\d+ months), it was (?P<still>still )?{BY}{CLEAR}",
    rf"; (?:(?P<nor>nor was it at)|at) (?P<at>\d+ months)(?(nor)|, it was not clearly different){UNCLEAR}",
)
DISAGREE = " The methods disagree at {at}, so no conclusion can be drawn for that time."


def headline(said: Said) -> None:
    """The sentence: each of its parts says of its visit what the row of the repeated measures says, with its numbers and in its direction."""
    verdict, at = said.tables["quality"][0]["verdict"], f"{said.options['month']} months"
    if verdict == "refused":
        assert said.text.endswith(" cannot be compared here.")
        return
    text = said.text
    if verdict == "methods_disagree":
        assert text.endswith(DISAGREE.format(at=at))
        text = text.removesuffix(DISAGREE.format(at=at))
    assert text.endswith(".")
    rows = {v.find(v.VISITS, row["visit"]).label: row for row in said.tables["mmrm"] if _side(row) is not None}
    expected = [label for label in dict.fromkeys(("3 months", at)) if label in rows] or [at]
    if not rows:
        rows = {at: next(row for row in said.tables["estimates"] if row["method"] == "overlap")}
    first, rest = _part(FIRST, text.removesuffix("."))
    sides = [_stated(first, rows[str(first["at"])])]
    _names(said, first)
    found = [first["at"]]
    while rest:
        then, rest = _part(THEN, rest)
        sides.append(_stated(then, rows[str(then["at"])]))
        is_clear = sides[-1] != "same"
        assert bool(then.get("still")) == (is_clear and sides[-2] == sides[-1])
        assert bool(then.get("but")) == (is_clear and sides[-2] != sides[-1])
        assert bool(then.get("nor")) == (sides[-2:] == ["same", "same"])
        found.append(then["at"])
    assert found == expected


def _part(patterns: Sequence[str], text: str) -> tuple[dict[str, str | None], str]:
    """One part of the sentence with its numbers, and what comes after it."""
    for pattern in patterns:
        if match := re.match(pattern, text):
            return match.groupdict(), text[match.end() :]
    raise AssertionError(f"nobody can read: {text!r}")


def _stated(part: dict[str, str | None], row: Row) -> str | None:
    """The side of the row, if words and numbers of the part are those of it."""
    side = _side(row)
    assert part.get("way") == {"same": None}.get(str(side), side), (part, row)
    ends = {"value": row["difference"], "low": row["low"], "high": row["high"]}
    if side == "lower":
        ends = {"value": -row["difference"], "low": -row["high"], "high": -row["low"]}
    for name, end in ends.items():
        number, _, way = str(part[name]).partition(" ")
        assert near(f"\u2212{number}" if way == "lower" else number, end), (part, row)
        assert side != "same" or bool(way) == (float(number) != 0), (part, row)
    return side


def _names(said: Said, first: dict[str, str | None]) -> None:
    """Both treatments stand in the sentence, in their order."""
    for arm in "ab":
        words = set(re.findall(r"[a-z]{5,}", _label(said, arm).lower())) - {"within", "other"}
        told = str(first[arm]).lower()
        assert any(word in told for word in words), (told, words)
        assert ("without" in told) == said.options[arm].startswith("no_")


def course(said: Said) -> None:
    if said.text.startswith("No course is shown"):
        assert not any(row["mean_a"] is not None for row in said.tables["mmrm"])
        return
    found = said.match(
        r"(Lower|Higher) is better\. Lines: means of both groups, adjusted to the same start\. Bands: 95 % intervals\. Below: how many answered\."
        r"( The bar on the right is the smallest important change, (?P<bar>[\d.]+) points\.)?"
        r"(?: Not known at (?P<unknown>.+): too few answers in one group\.)?"
    )
    assert not set(_places(found["unknown"] or "")) & set(_truth(said))
    family = said.options["outcome"].split("_")[0]
    assert (float(found["bar"]) if found["bar"] else None) == {"nrs": 2, "odi": 10}.get(family)


def frequencies(said: Said) -> None:
    """The numbers of 100 are those of the rows that are shown."""
    rows = [row for row in said.tables["responders"] if row["share_a"] is not None]
    if not said.text:
        assert not rows
        return
    numbers = re.findall(r"(\d+) of 100 similar patients had .+? and (\d+) of 100 |at \d+ months, (\d+) and (\d+) of 100", said.text)
    told = [tuple(int(cell) for cell in one if cell) for one in numbers]
    assert [tuple(round(100 * row[f"share_{arm}"]) for arm in "ab") for row in rows] == told, (said.text, rows)


def by_visit(said: Said) -> None:
    if said.text.startswith("No visit is shown"):
        assert not any(row["difference"] is not None for row in said.tables["mmrm"])
        return
    pattern = (
        r"All visits together \(repeated measures\): (?P<claims>.+?)\.(?: Not known at (?P<unknown>.+): too few answers in one group\.)?"
    )
    found = said.match(pattern)
    assert _claims(said, found["claims"]) == _truth(said)
    assert not set(_places(found["unknown"] or "")) & set(_truth(said))


def estimates(said: Said) -> None:
    if _is_refused(said):
        return
    found = said.match(
        rf"(?P<method>{'|'.join(map(re.escape, METHODS))}): (?P<value>{NUMBER}) \((?P<low>{NUMBER}) to (?P<high>{NUMBER})\) points, "
        rf"(?P<a>.+) minus (?P<b>.+), n = (?P<n_a>{COUNT}) and (?P<n_b>{COUNT})\."
        r"( The sentence at the top of the page takes all visits together \(repeated measures\)\.)?"
    )
    (row,) = [row for row in said.tables["estimates"] if row["method"] == METHODS[found["method"]]]
    for name, column in (("value", "difference"), ("low", "low"), ("high", "high"), ("n_a", "n_a"), ("n_b", "n_b")):
        assert near(found[name], row[column]), (name, said.text, row)
    assert (found["a"].lower(), found["b"].lower()) == (_label(said, "a").lower(), _label(said, "b").lower())


def trajectories(said: Said) -> None:
    rows = [row for row in said.tables["trajectories"] if row["low"] is not None]
    if said.text == "No course is shown because the two cannot be compared.":
        assert not any(row["mean"] is not None for row in rows)
        return
    found = said.match(
        r"Means of those who answered, with 95 % interval, not adjusted\. "
        rf"The intervals of the two groups (?:do not overlap at (?P<apart>{LIST})|overlap at every visit)\."
    )
    pairs: dict[str, list[Row]] = {}
    for row in rows:
        pairs.setdefault("the start" if row["visit"] == "baseline" else v.find(v.VISITS, row["visit"]).label, []).append(row)
    apart = {
        label for label, pair in pairs.items() if len(pair) == 2 and (pair[0]["low"] > pair[1]["high"] or pair[1]["low"] > pair[0]["high"])
    }
    assert set(_places(found["apart"] or "")) == apart


def balance(said: Said) -> None:
    rows = [row for row in said.tables["balance"] if row["smd_before"] is not None]
    if said.text.startswith("Too few patients"):
        assert not rows
        return
    found = said.match(
        r"Before weighting, (?P<before>none|\d+) of (?P<all>\d+) characteristics(?P<shown> that may be shown)? differed notably"
        r"(, most of all .+ \((?P<most>[\d.]+)\))?(; after weighting, (?P<after>none|\d+) did)?\."
        r"( (?P<hidden>\d+) more (is|are) withheld and may differ: too few patients\.)?"
        r"( No difference can be given for .+\.)?"
    )
    assert int(found["all"]) == len(rows)
    assert int(found["hidden"] or 0) == sum("smd_before" in row["withheld"] for row in said.tables["balance"])
    assert bool(found["shown"]) == bool(found["hidden"])
    assert int(found["before"].replace("none", "0")) == sum(abs(row["smd_before"]) > 0.1 for row in rows)
    if found["most"]:
        assert near(found["most"], max(abs(row["smd_before"]) for row in rows))
    if found["after"]:
        left = sum(abs(row["smd_after"]) > 0.1 for row in rows if row["smd_after"] is not None)
        assert (0 if found["after"] == "none" else int(found["after"])) == left


def overlap(said: Said) -> None:
    rows = said.tables["overlap"]
    if said.text.startswith("Too few patients"):
        assert not any(row["n"] for row in rows)
        return
    assert ("a comparison is possible" in said.text) != bool(said.tables["quality"][0]["refused"])
    found = re.search(r"(\d+) bars are withheld", said.text)
    assert int(found[1] if found else 0) == sum(row["n"] is None for row in rows)


def subgroups(said: Said) -> None:
    tests = {row["attribute"]: row["interaction_p"] for row in said.tables["subgroups"] if row["interaction_p"] is not None}
    tests = {
        name: p
        for name, p in tests.items()
        if any(r["attribute"] == name and r["difference"] is not None for r in said.tables["subgroups"])
    }
    if said.text.startswith(("No subgroup is shown", "Too few patients to test whether it is the same")):
        assert not tests
        return
    found = said.match(
        rf"Of (?P<all>\d+) characteristics tested, (?P<found>none|\d+) changes? the difference "
        rf"\((?P<no>no )?interaction p < 0\.05\)\. "
        rf"(Even if none truly did, at least one would seem to in (?P<share>{SHARE}) of such comparisons|This does not prove .+)\. "
        r"Adjusted for the first score \(ANCOVA\), with 95 % interval\."
    )
    assert int(found["all"]) == len(tests)
    assert (0 if found["found"] == "none" else int(found["found"])) == sum(p < 0.05 for p in tests.values())
    assert (found["share"] is None) == bool(found["no"]) == (found["found"] == "none")
    assert found["share"] is None or near(found["share"], 1 - 0.95 ** len(tests))


def sensitivity(said: Said) -> None:
    rows = [row for row in said.tables["sensitivity"] if row["difference"] is not None]
    if said.text.startswith("Nothing is shown"):
        assert not rows
        return
    found = said.match(
        r"(?:In none of the scenarios would the conclusion change|In (?P<turned>\d+) of (?P<all>\d+) scenarios the conclusion would change)\. "
        r"Each scenario takes the missing answers to be worse by the points named\."
    )
    (base,) = [row for row in said.tables["estimates"] if row["method"] == "mmrm"]
    turned = sum(_side(row) != _side(base) for row in rows)
    assert int(found["turned"] or 0) == turned
    assert int(found["all"] or len(rows)) == len(rows)


COMPARISON: Mapping[str, Callable[[Said], None]] = {
    f"compare_treatments.{read.__name__}": read
    for read in (course, estimates, by_visit, trajectories, balance, overlap, subgroups, sensitivity)
}
__all__: Sequence[str] = ["COMPARISON", "frequencies", "headline"]
