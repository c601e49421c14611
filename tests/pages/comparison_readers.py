"""Readers of what a comparison says: its headline and the subtitles of its figures, against the rows they stand over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from synapse_analytics import vocabulary as v
from tests.pages.sentences import COUNT, NUMBER, SHARE, Row, Said, near

NOTHING = (
    "cannot be told",
    "has fewer than",
    "have fewer than",
    "carries the information of fewer than",
    "still differ after weighting",
    "No method could be fitted",
)
VISITS = "|".join(visit.label for visit in v.VISITS)
LIST = rf"(?:(?:{VISITS}|the start)(?:, | and )?)+"
METHODS = {"Crude": "crude", "ANCOVA": "ancova", "Overlap weights": "overlap", "Repeated measures": "mmrm"}


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
        match = re.fullmatch(rf"(?:(?P<same>no clear difference)|patients who had (?P<who>.+) fared better) at (?P<visits>{LIST})", part)
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


def headline(said: Said) -> None:
    """The headline names every visit before the horizon at which something else is so, and no other."""
    main, _, earlier = said.text.partition("; earlier, ")
    verdict = said.tables["quality"][0]["verdict"]
    if verdict == "refused":
        assert main.endswith("cannot be compared here")
        assert not earlier
        return
    at = f"{said.options['month']} months"
    expected = {"no_clear_difference": "same", "a_improved_more": "a", "b_improved_more": "b"}.get(verdict)
    words = {"same": "No clear difference at", "a": f"Patients who had {_label(said, 'a')}", "b": f"Patients who had {_label(said, 'b')}"}
    start = "The methods disagree at" if expected is None else words[expected]
    assert main.lower().startswith(start.lower()), main
    assert f"at {at}" in main
    others = {visit: found for visit, found in _truth(said).items() if visit != at and found != expected}
    assert (_claims(said, earlier) if earlier else {}) == others


def by_visit(said: Said) -> None:
    if said.text.startswith("No visit is shown"):
        assert not any(row["difference"] is not None for row in said.tables["mmrm"])
        return
    pattern = r"Repeated measures, adjusted: (?P<claims>.+?)\.(?: Not known at (?P<unknown>.+): too few answers in one group\.)?"
    found = said.match(pattern)
    assert _claims(said, found["claims"]) == _truth(said)
    assert not set(_places(found["unknown"] or "")) & set(_truth(said))


def estimates(said: Said) -> None:
    if _is_refused(said):
        return
    found = said.match(
        rf"(?P<method>{'|'.join(METHODS)}): (?P<value>{NUMBER}) \((?P<low>{NUMBER}) to (?P<high>{NUMBER})\) points, "
        rf"(?P<a>.+) minus (?P<b>.+), n = (?P<n_a>{COUNT}) and (?P<n_b>{COUNT})\."
    )
    (row,) = [row for row in said.tables["estimates"] if row["method"] == METHODS[found["method"]]]
    for name, column in (("value", "difference"), ("low", "low"), ("high", "high"), ("n_a", "n_a"), ("n_b", "n_b")):
        assert near(found[name], row[column]), (name, said.text, row)
    assert (found["a"], found["b"].lower()) == (_label(said, "a"), _label(said, "b").lower())


def trajectories(said: Said) -> None:
    rows = [row for row in said.tables["trajectories"] if row["low"] is not None]
    if said.text == "No course is shown where no difference may be shown.":
        assert not any(row["mean"] is not None for row in rows)
        return
    found = said.match(
        r"Observed means of those who answered, with 95 % interval, not adjusted\. "
        rf"The intervals of the two groups (?:lie apart at (?P<apart>{LIST})|overlap throughout)\."
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
    if said.text.startswith("The groups are too small"):
        assert not rows
        return
    found = said.match(
        r"(?P<before>\d+) of (?P<all>\d+) attributes(?P<shown> that may be shown)? differed notably before weighting"
        r"(, most of all .+ \((?P<most>[\d.]+)\))?(; (?P<after>none|\d+) after it)?\."
        r"( (?P<hidden>\d+) more (is|are) withheld and may differ: too few patients\.)?"
        r"( No distance can be given for .+\.)?"
    )
    assert int(found["all"]) == len(rows)
    assert int(found["hidden"] or 0) == sum("smd_before" in row["withheld"] for row in said.tables["balance"])
    assert bool(found["shown"]) == bool(found["hidden"])
    assert int(found["before"]) == sum(abs(row["smd_before"]) > 0.1 for row in rows)
    if found["most"]:
        assert near(found["most"], max(abs(row["smd_before"]) for row in rows))
    if found["after"]:
        left = sum(abs(row["smd_after"]) > 0.1 for row in rows if row["smd_after"] is not None)
        assert (0 if found["after"] == "none" else int(found["after"])) == left


def overlap(said: Said) -> None:
    rows = said.tables["overlap"]
    if said.text.startswith("The arms are too small"):
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
    if said.text.startswith(("No subgroup is shown", "Whether it is the same cannot be tested")):
        assert not tests
        return
    found = said.match(
        rf"Of (?P<all>\d+) attributes that can be tested, (?P<found>none|\d+) shows? that the difference depends on the subgroup "
        rf"\(interaction p < 0\.05\)\. (By chance alone at least one would in (?P<share>{SHARE}) of such sets|That is no proof .+)\. "
        r"ANCOVA, with 95 % interval\."
    )
    assert int(found["all"]) == len(tests)
    assert (0 if found["found"] == "none" else int(found["found"])) == sum(p < 0.05 for p in tests.values())
    assert (found["share"] is None) == (found["found"] == "none")
    assert found["share"] is None or near(found["share"], 1 - 0.95 ** len(tests))


def sensitivity(said: Said) -> None:
    rows = [row for row in said.tables["sensitivity"] if row["difference"] is not None]
    if said.text.startswith("Nothing is shown"):
        assert not rows
        return
    found = said.match(
        r"Repeated measures, with the unanswered shifted\. What the interval says would "
        r"(?:stay the same under every assumption|change under (?P<turned>\d+) of (?P<all>\d+) assumptions)\."
    )
    (base,) = [row for row in said.tables["estimates"] if row["method"] == "mmrm"]
    turned = sum(_side(row) != _side(base) for row in rows)
    assert int(found["turned"] or 0) == turned
    assert int(found["all"] or len(rows)) == len(rows)


COMPARISON: Mapping[str, Callable[[Said], None]] = {
    f"compare_treatments.{read.__name__}": read for read in (estimates, by_visit, trajectories, balance, overlap, subgroups, sensitivity)
}
__all__: Sequence[str] = ["COMPARISON", "headline"]
