"""What a comparison says: how large the difference is, when there is one, how alike the groups are, and what could change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.findings import words as w
from synapse_analytics.findings.arms import has_row, inside, is_refused, listed, not_known, over_visits, refused, shown_as, side_of
from synapse_analytics.findings.compared import NOTABLE
from synapse_analytics.findings.early_and_late import frequencies, importance, sentence, smallest_change, stated, thing_of
from synapse_analytics.findings.finding import Finding, finding, nothing
from synapse_analytics.vocabulary.covariates import covariate_label

Row = Mapping[str, Any]
# The four methods in plain words, and how statisticians call them.
METHODS = {
    "crude": "Not adjusted",
    "ancova": "Adjusted for the first score",
    "overlap": "Similar patients only",
    "mmrm": "All visits together",
}
CALLED = {"crude": "observed means", "ancova": "ANCOVA", "overlap": "overlap weights", "mmrm": "repeated measures"}
ANCOVA = "Adjusted for the first score (ANCOVA), with 95 % interval."
HEADLINE = "The sentence at the top of the page takes all visits together (repeated measures)."
TOO_UNLIKE = "Too few patients, or groups too different, to say who could have had either treatment."


def _shown(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["difference"] is not None]


@finding("compare_treatments")
def headline(released: Released) -> Finding:
    """What is so early and late, or why there is no answer where the two cannot be compared."""
    question = f"How did {thing_of(released.options['outcome'])} differ between the two treatments?"
    if not released.tables["quality"]:
        return nothing(question, refused(released))
    if is_refused(released):
        return Finding(question, f"{sentence(released)} {refused(released)}")
    return Finding(question, " ".join(part for part in (sentence(released), importance(released), frequencies(released)) if part))


@finding("compare_treatments")
def course(released: Released) -> Finding:
    """How the chart of the adjusted course is to be read."""
    question = f"How did {thing_of(released.options['outcome'])} change?"
    if all(row["mean_a"] is None for row in released.tables["mmrm"]):
        return nothing(question, "No course is shown: the two cannot be compared, or the model of all visits cannot be fitted.")
    least = smallest_change(released.options["outcome"])
    bar = "" if least is None else f" The bar on the right is the smallest important change, {least:g} points."
    better = w.BETTER[w.instrument(released.options["outcome"]).better]
    how = f"{w.capital(better)}. Lines: means of both groups, adjusted to the same start. Bands: 95 % intervals. Below: how many answered.{bar}"
    return Finding(question, "", f"{how} {not_known(released)}".strip())


@finding("compare_treatments")
def estimates(released: Released) -> Finding:
    """The difference by overlap weights, else by the first method that may be shown."""
    question = f"How large is the difference at {released.options['month']} months, by four methods?"
    known = _shown(released.tables["estimates"])
    if not known:
        return nothing(question, refused(released))
    first = next((row for row in known if row["method"] == "overlap"), known[0])
    difference = w.with_interval(first["difference"], first["low"], first["high"], shown_as(released))
    arms = f"{inside(released, 'a')} minus {inside(released, 'b')}, {w.n_of_both(first['n_a'], first['n_b'])}"
    said = f"{METHODS[first['method']]} ({CALLED[first['method']]}): {difference} points, {arms}."
    return Finding(question, said, HEADLINE if _is_stated_otherwise(released, first) else "")


def _is_stated_otherwise(released: Released, row: Row) -> bool:
    """True where the sentence of the page is of another method than this row."""
    return row["method"] != "mmrm" and any(visit.get("visit") for visit, _ in stated(released))


@finding("compare_treatments")
def by_visit(released: Released) -> Finding:
    """What the repeated measures say at each visit up to the time asked for."""
    question = "Is there a difference at any visit?"
    if not _shown(released.tables["mmrm"]):
        return nothing(question, "No visit is shown: the two cannot be compared, or the model of all visits cannot be fitted.")
    return Finding(question, over_visits(released))


@finding("compare_treatments")
def trajectories(released: Released) -> Finding:
    """At which times the intervals of both groups do not touch."""
    rows = released.tables["trajectories"]
    question = f"How did {thing_of(released.options['outcome'])} change, not adjusted?"
    if all(row["mean"] is None for row in rows if row["n"] != 0):
        return nothing(question, "No course is shown because the two cannot be compared.")
    return Finding(question, f"Means of those who answered, with 95 % interval, not adjusted. {_parted(rows)}")


def _parted(rows: Sequence[Row]) -> str:
    apart = []
    for visit in v.VISITS:
        pair = [row for row in rows if row["visit"] == visit.code and row["n"] != 0 and row["low"] is not None]
        if len(pair) == 2 and max(row["low"] for row in pair) > min(row["high"] for row in pair):
            apart.append("the start" if visit.code == "baseline" else w.visit(visit.code))
    return f"The intervals of the two groups {f'do not overlap at {listed(apart)}' if apart else 'overlap at every visit'}."


@finding("compare_treatments")
def balance(released: Released) -> Finding:
    """How many attributes differed before and after weighting, which most, and of which nothing can be said.

    Of those that are withheld nothing is said, also where they are why a comparison is refused.
    """
    question = "Were the groups alike at the start?"
    every = released.tables["balance"]
    rows = [row for row in every if row["smd_before"] is not None]
    if not rows:
        return nothing(question, "Too few patients to say how alike the groups were.")
    hidden = sum("smd_before" in row["withheld"] for row in every)
    apart = sum(abs(row["smd_before"]) > NOTABLE for row in rows)
    said = f"Before weighting, {apart or 'none'} of {len(rows)} characteristics{' that may be shown' if hidden else ''} differed notably"
    if apart:
        most = max(reversed(rows), key=lambda row: abs(row["smd_before"]))  # of two as large, the last
        said += f", most of all {w.inside(covariate_label(most['covariate']))} ({w.number(abs(most['smd_before']), 2)})"
    weighted = [row for row in rows if row["smd_after"] is not None]
    if weighted:
        said += f"; after weighting, {sum(abs(row['smd_after']) > NOTABLE for row in weighted) or 'none'} did"
    said += "."
    if hidden:
        said += f" {hidden} more {'is' if hidden == 1 else 'are'} withheld and may differ: too few patients."
    # The same for everybody of one group, and another for the other: no distance can be given.
    without = [row["covariate"] for row in every if row["smd_before"] is None and "smd_before" not in row["withheld"]]
    if without:
        said += f" No difference can be given for {listed([w.inside(covariate_label(code)) for code in without])}."
    return Finding(question, said)


@finding("compare_treatments")
def overlap(released: Released) -> Finding:
    """How the mirrored bars are to be read, and how many are withheld."""
    question = "Could patients of both groups have had either treatment?"
    shares = [share for arm in ("a", "b") for _, share in propensities(released, arm)]
    if not any(row["n"] for row in released.tables["overlap"]) or not any(shares):
        return nothing(question, TOO_UNLIKE)
    possible = "" if released.tables["quality"][0]["refused"] else ", and a comparison is possible"
    hidden = shares.count(None)
    withheld = "" if not hidden else f" {hidden} {'bar is' if hidden == 1 else 'bars are'} withheld: too few patients."
    return Finding(
        question, "", f"Where bars stand on both sides of the line, similar patients had one treatment or the other{possible}.{withheld}"
    )


def propensities(released: Released, arm: str) -> list[tuple[Row, float | None]]:
    """The rows of an arm by the probability of treatment a, each with its share of the arm."""
    rows = [row for row in released.tables["overlap"] if row["arm"] == arm]
    counts = [row["n"] for row in rows]
    answered = next((row[f"answered_{arm}"] for row in released.tables["quality"]), None)
    whole = answered or (0 if None in counts else sum(counts))  # those that are shown are no whole
    return [(row, row["n"] / whole if whole and row["n"] is not None else None) for row in rows]


@finding("compare_treatments")
def subgroups(released: Released) -> Finding:
    """In how many attributes the difference depends on the subgroup, and how far that can be trusted."""
    question = "Is the difference the same in all subgroups?"
    rows = [row for row in released.tables["subgroups"] if has_row(row)]
    if not _shown(rows):
        return nothing(question, "No subgroup is shown: too few patients, or the two cannot be compared.")
    tests = {row["attribute"]: row["interaction_p"] for row in rows if row["interaction_p"] is not None}
    if not tests:
        return Finding(question, "Too few patients to test whether it is the same.", ANCOVA)
    found = sum(p < 0.05 for p in tests.values())
    beware = "This does not prove that it is the same: tests of subgroups find only large differences."
    if found:
        beware = f"Even if none truly did, at least one would seem to in {w.share(1 - 0.95 ** len(tests))} of such comparisons."
    depends = f"{found or 'none'} {'change' if found > 1 else 'changes'} the difference ({'' if found else 'no '}interaction p < 0.05)"
    return Finding(question, f"Of {len(tests)} characteristics tested, {depends}. {beware}", ANCOVA)


@finding("compare_treatments")
def sensitivity(released: Released) -> Finding:
    """In how many scenarios for the missing answers the interval would say something else."""
    question = "What if those who did not answer did worse?"
    rows = _shown(released.tables["sensitivity"])
    if not rows:
        return nothing(question, "Nothing is shown: the two cannot be compared, or the model of all visits cannot be fitted.")
    side = side_of(next((row for row in released.tables["estimates"] if row["method"] == "mmrm"), None))
    turned = sum(side_of(row) != side for row in rows)
    would = (
        f"In {turned} of {len(rows)} scenarios the conclusion would change."
        if turned
        else "In none of the scenarios would the conclusion change."
    )
    return Finding(question, f"{would} Each scenario takes the missing answers to be worse by the points named.")
