"""Which reader reads the subtitle of which figure: every figure of every page has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest

from synapse_analytics import vocabulary as v
from tests.pages.comparison_readers import COMPARISON
from tests.pages.outcome_readers import too_few, trajectory, verdicts, weekly
from tests.pages.sentences import (
    COUNT,
    ENOUGH,
    FEW,
    INTERVAL,
    NUMBER,
    SHARE,
    Row,
    Said,
    check_share,
    has_most,
    label_of,
    near,
    only,
    read_ends,
)

Reader = Callable[[Said], None]
LIMITED = rf"(?P<share>{SHARE})( \((?P<limits>{INTERVAL})\))?"
STEP = r"[\w +()/-]+?"


EACH_COLUMN = " Each column is one group and adds up to 100 %."


def mix(said: Said) -> None:
    rows = [row for row in said.tables["diagnoses"] if row["diagnosis"] != "pooled"]
    top = max((row["share"] for row in rows if row["share"] is not None), default=None)
    if said.is_one_of("Every diagnosis is too rare to show."):
        assert not top
        return
    found = said.match(
        rf"(?P<names>.+) is the most common: {LIMITED}, (?P<n>{COUNT}) of (?P<of>{COUNT}) episodes\.",
        rf"(?P<names>.+) are the most common: (?P<share>{SHARE}) each\.",
        rf"All (?P<n>{COUNT}) episodes have the diagnosis (?P<names>.+)\.",
    )
    names = [label_of(v.DIAGNOSES, name) for name in found["names"].split(" and ")]
    assert sorted(names) == sorted(row["diagnosis"] for row in rows if row["share"] == top)
    row = only(rows, diagnosis=names[0])
    for name in {"n", "of"} & found.groupdict().keys():
        assert near(found[name], row[name])
    if "share" in found.groupdict():
        check_share(found, row)
    else:
        assert row["share"] == 1


def mix_by(said: Said) -> None:
    rows, by = [row for row in said.tables["diagnoses"] if not row["group"].startswith("not_")], said.by
    rare = {row["group"] for row in rows if by in {"sex", "age_sex"} and row["group"].endswith(("other", "unknown"))}
    if rare < {row["group"] for row in rows}:
        rows = [row for row in rows if row["group"] not in rare]
    if said.is_one_of("This is recorded for none of these patients."):
        assert not rows
        return
    if said.text.startswith("All have the diagnosis "):
        found = said.match(r"All have the diagnosis (?P<name>.+); the table shows how many\.")
        assert {"other diagnoses, pooled" if row["diagnosis"] == "pooled" else row["diagnosis"] for row in rows if row["n"] != 0} == {
            found["name"] if "pooled" in found["name"] else label_of(v.DIAGNOSES, found["name"])
        }
        return
    said = Said(said.text.removesuffix(EACH_COLUMN), said.tables, said.options, said.is_shown)
    sizes = {row["group"]: row["of"] or 0 for row in rows}
    compared = Said(said.text, said.tables, {"by": by})
    apart = {}
    for code in {row["diagnosis"] for row in rows} - {"pooled"}:
        shares = [row["share"] for row in rows if row["diagnosis"] == code and row["share"] is not None and sizes[row["group"]] >= ENOUGH]
        apart[code] = max(shares) - min(shares) if len(shares) > 1 else -1.0
    if said.is_one_of("There is only one group, so there is nothing to compare."):
        assert len(sizes) == 1
    elif FEW.fullmatch(said.text):
        assert max(apart.values()) < 0
        assert len(sizes) > 1
    elif said.text.startswith("No diagnosis differs between the groups."):
        assert max(apart.values()) == 0
    else:
        code = label_of(v.DIAGNOSES, said.match(r"(?P<name>.+?) differs most: .*")["name"])
        assert apart[code] >= max(apart.values()) - 1e-12
        mine = [row for row in rows if row["diagnosis"] == code]
        text, _, pooled = said.text.partition(" In ")
        number = re.fullmatch(r"(\d+) groups? it is pooled with other rare diagnoses\.", pooled)
        without = [group for group in sizes if not any(row["group"] == group for row in mine)]
        pools = [group for group in without if any(row["group"] == group and row["diagnosis"] == "pooled" for row in rows)]
        assert (int(number[1]) if number else 0) == len(pools) or not said.is_shown
        compared = Said(text, said.tables, {"by": by})
        read_ends(compared, r".+? differs most: (?P<ends>.*?)", mine, "share", lambda row: sizes[row["group"]])


def co_diagnoses(said: Said) -> None:
    rows = [row for row in said.tables["co_diagnoses"] if row["diagnosis"] != row["other_diagnosis"]]
    how = r" Rows: primary diagnosis; columns: other diagnosis recorded\."
    if said.text.startswith("No secondary diagnoses"):
        assert not any(row["n"] for row in rows)
    elif not FEW.match(said.text):
        found = said.match(rf"Most common: (?P<one>.+) with (?P<other>.+), {LIMITED}, (?P<n>{COUNT}) of (?P<of>{COUNT}) episodes\.{how}")
        pair = {"diagnosis": label_of(v.DIAGNOSES, found["one"]), "other_diagnosis": label_of(v.DIAGNOSES, found["other"])}
        has_most(only(rows, **pair), rows, "share", "of")
        check_share(found, only(rows, **pair))
        assert near(found["n"], only(rows, **pair)["n"])
        assert near(found["of"], only(rows, **pair)["of"])
    else:
        assert not [row for row in rows if row["share"] is not None and (row["of"] or 0) >= ENOUGH]


def _most_in_group(table: str, column: str, terms: tuple[v.Term, ...]) -> Reader:
    def read(said: Said) -> None:
        rows = said.tables[table]
        if FEW.fullmatch(said.text):
            assert not [row for row in rows if row["share"] is not None and (row["of"] or 0) >= ENOUGH]
            return
        if not rows:
            return  # the note says that nothing is recorded
        found = said.match(rf"Most common: (?P<what>.+?)( in (?P<group>.+?))?, {LIMITED}, (?P<n>{COUNT}) of (?P<of>{COUNT}) episodes\.")
        assert (found["group"] is None) == (said.by in {None, "site", "clinician"})
        mine = [row for row in rows if row[column] == label_of(terms, found["what"]) and near(found["n"], row["n"])]
        row = next(row for row in mine if near(found["of"], row["of"]))
        if said.by == "diagnosis":
            assert row["group"] == label_of(v.DIAGNOSES, found["group"])
        has_most(row, rows, "share", "of")
        check_share(found, row)

    return read


def investigations(said: Said) -> None:
    if said.by is not None:
        _most_in_group("investigations", "investigation", v.INVESTIGATIONS)(said)
        return
    rows = said.tables["investigations"]
    if said.text.startswith("No investigation was done often enough"):
        assert not [row for row in rows if row["yield"] is not None and (row["n"] or 0) >= ENOUGH]
        return
    found = said.match(
        rf"(Most common: (?P<done>.+?), {LIMITED}, (?P<n>{COUNT}) of (?P<of>{COUNT}) episodes\. )?"
        rf"((?P<what>[^:.]+) confirms the diagnosis most often: (?P<yield>{SHARE})( \((?P<limits_of>{INTERVAL})\))?, "
        rf"(?P<k>{COUNT}) of (?P<tests>{COUNT}) investigations|Every investigation was done in fewer than 30 episodes: too few to say which confirms the diagnosis most often)\."
    )
    if found["done"]:
        row = only(rows, investigation=label_of(v.INVESTIGATIONS, found["done"]))
        has_most(row, rows, "share", "of")
        check_share(found, row)
        assert near(found["n"], row["n"])
        assert near(found["of"], row["of"])
    if found["what"] is None:
        assert not [row for row in rows if row["yield"] is not None and (row["n"] or 0) >= ENOUGH]
        return
    row = only(rows, investigation=label_of(v.INVESTIGATIONS, found["what"]))
    has_most(row, rows, "yield", "n")
    assert near(found["yield"], row["yield"])
    assert not found["limits_of"] or near(found["limits_of"].split(" to ")[0] + " %", row["yield_low"])
    assert near(found["k"], row["confirmed"])
    assert near(found["tests"], row["n"])


def baseline_score(said: Said) -> None:
    rows = [row for row in said.tables["baseline_table"] if row["variable"] == said.options["variable"] and row["n"] != 0]
    if said.is_one_of("This score was not recorded at the first visit."):
        assert not rows
        return
    limited = rf"(?P<mean>{NUMBER})( \((?P<low>{NUMBER}) to (?P<high>{NUMBER})\))?, n = (?P<n>{COUNT})\."
    if len(rows) > 1 and (FEW.fullmatch(said.text) or said.by in {"site", "clinician"}):
        read_ends(said, r"Mean (?P<ends>.*?)", rows, "mean", lambda row: row["n"])
        return
    found = said.match(rf"Mean {limited}", rf"Most severe: (?P<group>.+?), mean {limited}( \d+ groups? (is|are) too small .*)?")
    row = rows[0] if len(rows) == 1 else next(row for row in rows if near(found["n"], row["n"]) and near(found["mean"], row["mean"]))
    assert near(found["mean"], row["mean"])
    if found["low"]:
        assert near(found["low"], row["low"])
        assert near(found["high"], row["high"])
    if len(rows) > 1:
        has_most(row, rows, "mean", "n")


def branching(said: Said) -> None:
    if said.is_one_of("Too few patients to show this."):
        return
    reading = (
        r"\. Each row is the next step of care; widths are shares of all episodes\."
        r"( Rare pathways are grouped and not followed further\.)?( Gaps are numbers withheld: too few patients\.)?"
    )
    had = rf"Within two years (?P<conservative>{SHARE}) had conservative care, (?P<injection>{SHARE}) an injection and (?P<surgery>{SHARE}) surgery"
    few = rf"(?P<part>Within two years {SHARE}.+|Too few patients had each kind of care to show shares)"  # of some stages only
    of = rf"(; of (?P<of>{COUNT}) who had surgery, (?P<n>{COUNT}|fewer than 1|none) had no injection first|; all (?P<all>{COUNT}) who had surgery had an injection first)?"
    found = said.match(had + of + reading, few + of + reading).groupdict()
    rows = said.tables["stages"]
    for stage in ("conservative", "injection", "surgery") if "part" not in found else ():
        assert near(found[stage], only(rows, stage=stage)["share"])
    check_hundred(found["of"], found["n"], only(rows, stage="no_injection_before"))
    if found["all"]:
        assert near(found["all"], only(rows, stage="no_injection_before")["of"])


def check_hundred(of: str | None, n: str | None, row: Row) -> None:
    """So many of a hundred, or of the fewer there are."""
    if of is None or n is None:
        return
    if row["of"] <= 100:
        assert (near(n, row["n"]), near(of, row["of"])) == (True, True), row
    elif n in {"none", "fewer than 1"}:
        assert round(100 * row["share"]) == 0, row
    else:
        assert (of, near(n, 100 * row["share"])) == ("100", True), row


def by_first(said: Said) -> None:
    if said.is_one_of("Too few patients to show this."):
        return
    many = rf"(?P<a>{COUNT}|none|fewer than 1) of (?P<a_of>{COUNT})"
    better, worse, lost = many, many.replace("a", "b", 1).replace("a_of", "b_of"), many.replace("a", "c", 1).replace("a_of", "c_of")
    found = said.match(
        rf"({better} resolved or improved( and (?P<w>{COUNT}|none|fewer than 1)( of {COUNT})? got worse)?|{worse} got worse)?(; )?"
        rf"({lost} were lost to follow-up)?(\. )?Within two years of the first visit, n (= (?P<n>{COUNT})|withheld)\."
        r"( Numbers are rounded, so a bar may end a little before or after 100 %\.)?"
    ).groupdict()
    rows = said.tables["end"]
    for letter, ended in (("a", "resolved+improved"), ("b", "worse"), ("c", "lost")):
        check_hundred(found[f"{letter}_of"], found[letter], only(rows, ended=ended))
    check_hundred(found["a_of"], found["w"], only(rows, ended="worse"))
    if said.is_shown and found["n"]:
        assert sum(row["n"] or 0 for row in said.tables["ends"]) == pytest.approx(int(found["n"].replace(",", "")), rel=0.1, abs=30)


def escalation(said: Said) -> None:
    rows = [row for row in said.tables["horizons"] if row["month"] == 12]
    what = "an injection" if said.options["event"] == "injection" else "surgery"
    if said.text.startswith(("Too few patients were still waiting at 12 months", "Too few patients to draw a curve")):
        return
    if len(rows) == 1:
        check_share(said.match(rf"{LIMITED} had {what} within 12 months\."), rows[0], ("incidence", "low", "high"))
    else:
        read_ends(said, rf"Had {what} within 12 months: (?P<ends>.*?)", rows, "incidence", lambda row: followed(said, row))


def followed(said: Said, row: Row) -> int | None:
    """Episodes still waiting at 12 months, and those that had the event by then; no curve is told where fewer than 10 wait."""
    (start,) = [one["at_risk"] for one in said.tables["horizons"] if one["month"] == 0 and one["group"] == row["group"]]
    known = start is not None and (row["at_risk"] or 0) >= 10 and row["incidence"] is not None
    return row["at_risk"] + round(start * row["incidence"]) if known else None


def stepped_care(said: Said) -> None:
    rows = said.tables["groups"]
    if said.text.startswith("Too few patients with a first"):
        too_few(said, rows, "share", "n")
        return
    text, _, flags = said.text.replace(" with red flags is left out.", " with red flags are left out.").partition(
        " with red flags are left out."
    )
    text, _, number = text.rpartition(" ") if _ else (text, "", "0")
    assert int(number.replace(",", "")) == sum(row["red_flags"] or 0 for row in rows) or any(row["red_flags"] is None for row in rows)
    assert not flags
    rest = Said(text, said.tables, said.options)
    if len(rows) == 1:
        found = rest.match(rf"{LIMITED} of (?P<n>{COUNT}) did\.")
        check_share(found, rows[0])
        assert near(found["n"], rows[0]["n"])
    else:
        read_ends(rest, r"(?P<ends>.*?) did", rows, "share", lambda row: row["n"])


def _held(table: str, share: str, part: str, meaning: str) -> Reader:
    def read(said: Said) -> None:
        rows = said.tables[table]
        if said.is_one_of("Too few patients to show this."):
            return
        if said.by is None:
            (row,) = rows
            found = said.match(rf"{LIMITED} {meaning}, (?P<k>{COUNT}) of (?P<n>{COUNT})\.")
            check_share(found, row, (share, f"{share}_low", f"{share}_high"))
            assert near(found["k"], row[part])
            assert near(found["n"], row["scored"])
        else:
            read_ends(said, rf"(?P<ends>.*?) {meaning}", rows, share, lambda row: row["scored"])

    return read


def responders(said: Said) -> None:
    rows = said.tables["groups"]
    if said.is_one_of("Too few answers to show this."):
        too_few(said, rows, "share", "n")
    elif len(rows) == 1:
        found = said.match(
            rf"{LIMITED} of (?P<n>{COUNT}) who answered\. If those who did not answer are counted as not improved, it is (?P<all>{SHARE}) of (?P<of>{COUNT}) expected\."
        )
        check_share(found, rows[0])
        assert near(found["n"], rows[0]["n"])
        assert near(found["of"], rows[0]["expected"])
        assert near(found["all"], rows[0]["share_of_expected"])
    else:
        read_ends(said, r"Among those who answered: (?P<ends>.*?)", rows, "share", lambda row: row["n"])


def bounds(said: Said) -> None:
    rows = said.tables["bounds"]
    if said.text.startswith(("Each line runs from", "Too few patients were expected to answer")):
        return
    found = said.match(
        rf"Between (?P<worst>{SHARE}) \(if none of those who did not answer improved\) and (?P<best>{SHARE}) \(if all of them did\)\."
    )
    (row,) = rows
    assert near(found["worst"], row["worst"])
    assert near(found["best"], row["best"])


def followed_up(said: Said) -> None:
    rows = [row for row in said.tables["visits"] if row["visit"] != "baseline"]
    if said.text.startswith(("Too few patients were expected to answer", "No follow-up visit is due")):
        return
    mine = [row for row in rows if row["visit"] == "month_12"]
    if len(mine) == 1:
        found = said.match(rf"At 12 months, (?P<share>{SHARE}) answered: (?P<n>{COUNT}) of (?P<of>{COUNT}) expected\.")
        check_share(found, mine[0])
        assert near(found["n"], mine[0]["answered"])
        assert near(found["of"], mine[0]["expected"])
    else:
        read_ends(said, r"Answered at 12 months: (?P<ends>.*?)", mine, "share", lambda row: row["expected"])


def missing(said: Said) -> None:
    names = {
        "age_years": "age",
        "female": "share of women",
        "baseline": "score at the first visit",
        "symptom_weeks": "weeks of symptoms",
        "bmi": "BMI",
    }
    names |= {"smoker": "share of smokers", "operated": "share who had surgery"}
    rows = [row for row in said.tables["baselines"] if row["group"] == "answered" and row["smd"] is not None]
    far = [names[row["variable"]] for row in rows if abs(row["smd"]) > 0.1]
    sizes = [row["n"] or 0 for row in said.tables["baselines"] if any(row["variable"] == other["variable"] for other in rows)]
    if said.text.startswith("Too few patients in one of the two groups"):
        assert not rows or not said.is_shown
    elif said.text.startswith("Fewer than 30 patients in one of the two groups"):
        assert min(sizes) < ENOUGH or not said.is_shown
    elif far:
        assert said.text.replace(" and ", ", ").startswith(f"They differed notably in {', '.join(far)}. Under each name: ")
    else:
        assert said.text.startswith("They did not differ notably in anything recorded here.")


def step_times(said: Said) -> None:
    rows = [row for row in said.tables["steps"] if row["median_days"] is not None]
    if said.text.startswith("No step is followed"):
        too_few(said, rows, "median_days", "n")
        return
    found = said.match(
        rf"Most common(?P<named> of the steps shown by name)?: (?P<source>{STEP}) to (?P<target>{STEP}), median (?P<median>{NUMBER}) days"
        rf"( \(middle half (?P<low>\d+) to (?P<high>\d+)\))?, n = (?P<n>{COUNT})\."
    )
    steps = (
        [row for row in said.tables["steps"] if "other" not in (row["source"], row["target"])] if found["named"] else said.tables["steps"]
    )
    most = max(steps, key=lambda row: row["n"] or 0)
    assert (
        found["named"] or "other" not in (most["source"], most["target"]) or all("other" in (row["source"], row["target"]) for row in rows)
    )
    assert near(found["n"], most["n"])
    row = next(row for row in rows if row["n"] == most["n"] and near(found["median"], row["median_days"]))
    if found["low"]:
        assert near(found["low"], row["q1_days"])
        assert near(found["high"], row["q3_days"])


def firmness(said: Said) -> None:
    rows = [row for row in said.tables["pathways"] if row["share"] is not None]
    if said.is_one_of("Too few patients to show this."):
        assert not rows
        return
    found = said.match(
        rf"\u201c.+\u201d depends on it most: (?P<low>{SHARE}) to (?P<high>{SHARE}) of all episodes\. Line: the range over gaps of 0 to 90 days and overlaps of 0 to 30 days; point: the usual definition \(30 and 14 days\)\.",
        rf"\u201c.+\u201d depends on it most: (?P<low>[\d.]+) %? ?to (?P<high>{SHARE}) of all episodes\. Line: .*",
        rf"\u201c.+\u201d depends on it most, but is (?P<low>(?P<high>{SHARE})) of all episodes whatever the definition\. Line: .*",
    )
    spans = {}
    for row in rows:
        low, high = spans.get(row["steps"], (1.0, 0.0))
        spans[row["steps"]] = (min(low, row["share"]), max(high, row["share"]))
    low, high = max(spans.values(), key=lambda span: span[1] - span[0])
    assert near(found["low"], low)
    assert near(found["high"], high)


def alike(said: Said) -> None:
    """The patients, and both shares as natural frequencies; what is not known yet stands in a sentence of its own."""
    if re.match(r"(Only \d+ patients?|No patient|Too few patients) in this clinic (is|are) similar\. At least 20 are needed: ", said.text):
        assert (only(said.tables["matched"])["people"] or 0) < 20
        return
    frequency = r"(fewer than |more than )?(?P<{0}>\d+) of 100"
    found = said.match(
        rf"(Among )?(?P<people>{COUNT}) (similar )?patients in this clinic(, | are similar\.)"
        rf"({frequency.format('operated')} had surgery within a year( \(\d+ to \d+\))?\.)?"
        rf"(( O|o)f those who answered, {frequency.format('better')} had clearly less .+ at 12 months( \((\d+ to \d+; )?(?P<n>{COUNT}) answers\))?\.)?"
        r"(?P<unknown>( How many .+? is not known yet: too few have .+?\.)*)"
    )
    assert (found["operated"] is None) == ("had surgery within a year is not known yet" in found["unknown"])
    assert (found["better"] is None) == ("at 12 months is not known yet" in found["unknown"])
    assert near(found["people"], only(said.tables["matched"])["people"])
    operated_, better = only(said.tables["year"], outcome="surgery"), said.tables["year"][-1]
    assert found["operated"] is None or abs(int(found["operated"]) - 100 * operated_["share"]) <= 1
    assert found["better"] is None or abs(int(found["better"]) - 100 * better["share"]) <= 1
    assert found["n"] is None or near(found["n"], better["n"])


def received(said: Said) -> None:
    if said.text.startswith("Too few similar patients"):
        return
    found = said.match(rf"(?P<most>Most common: )?.+, (?P<share>{SHARE}) of them\. Colours show the first step\.")
    rows = said.tables["pathways"]
    named = [row["share"] for row in rows if row["share"] is not None and row["steps"] != ("other",)]
    if found["most"]:
        assert near(found["share"], max(named))
    elif said.is_shown:  # every pathway that is shown stands for several
        assert not named
        assert near(found["share"], rows[0]["share"])


def scores(said: Said) -> None:
    if said.text.startswith("Too few similar patients"):
        return
    months, *_ = re.split(r" ?(Thick line: middle half|Thin line: middle 80 %|The point is the median)", said.text)
    if not months:
        return
    for part in months.rstrip(".").split("; "):
        found = Said(part, said.tables, said.options).match(
            rf"(?P<month>\d+) months: median (?P<median>{NUMBER}) \((middle half (?P<low>{NUMBER}) to (?P<high>{NUMBER}), )?n = (?P<n>{COUNT})(, (?P<share>{SHARE}) followed up)?\)"
        )
        row = only(said.tables["outcomes"], month=int(found["month"]), group="all", instrument=said.options["instrument"])
        given = {"median": "median", "low": "q1", "high": "q3", "n": "n", "share": "completeness"}
        assert all(found[name] is None or near(found[name], row[column]) for name, column in given.items())


def alike_responders(said: Said) -> None:
    months = said.text.partition(". With 95 % interval")[0].rstrip(".")
    if months in {"Only some groups are large enough to show", "Too few similar patients to show this"}:
        return
    for part in months.split("; "):
        found = Said(part, said.tables, said.options).match(rf"(?P<month>\d+) months: {LIMITED}, n = (?P<n>{COUNT})")
        row = only(said.tables["responders"], month=int(found["month"]), group="all", preset=said.tables["responders"][0]["preset"])
        check_share(found, row)
        assert near(found["n"], row["n"])


def operated(said: Said) -> None:
    if said.text.startswith("Too few similar patients"):
        return
    found = said.match(
        rf"{LIMITED} within (?P<month>\d+) months of the first visit \(cumulative incidence( with 95 % interval)?\)\. Still followed: .+"
    )
    check_share(found, only(said.tables["surgery"], month=int(found["month"])), ("incidence", "low", "high"))


def missingness(said: Said) -> None:
    found = said.match(rf"(?P<name>.+) is empty most often: (?P<share>{SHARE}) of the rows\.")
    assert near(found["share"], max(row["share"] for row in said.tables["missingness"] if row["share"] is not None))


def changes(said: Said) -> None:
    rows = said.tables["bins"]
    if said.text.startswith(("Some bars are withheld", "Too few answers for shares")):
        return
    groups = {row["group"] for row in rows}
    better = [
        row for row in rows if (row["to"] <= 0 if v.find(v.INSTRUMENTS, said.options["instrument"]).better == "lower" else row["from"] > 0)
    ]
    shares = [
        {"group": group, "n": n, "share": sum(row["n"] for row in better if row["group"] == group) / n if n else None}
        for group in groups
        if (n := sum(row["n"] for row in rows if row["group"] == group)) is not None
    ]
    tail = r" Blue: better; orange: worse; grey: little or no change\."
    if len(groups) > 1:
        text = said.text.replace(" Blue: better; orange: worse; grey: little or no change.", "")
        read_ends(Said(text, said.tables, said.options), r"Improved by .+?: (?P<ends>.*?)", shares, "share", lambda row: row["n"])
        return
    found = said.match(
        rf"Of (?P<n>{COUNT}) patients who answered, (?P<first>{SHARE}) (improved|got worse) .+?, (?P<same>{SHARE}) .+?, (?P<last>{SHARE}) (improved|got worse) .+?\.{tail}"
    )
    n = sum(row["n"] for row in rows)
    middle = next(row for row in rows if row["from"] <= 0 < row["to"])
    assert near(found["n"], n)
    assert near(found["first"], sum(row["n"] for row in rows if row["to"] <= middle["from"]) / n)
    assert near(found["same"], middle["n"] / n)
    assert near(found["last"], sum(row["n"] for row in rows if row["from"] >= middle["to"]) / n)


def flow(said: Said) -> None:
    treated = {row["steps"]: row["n"] for row in said.tables["ways"] if row["steps"][0] not in {"untreated", "other"} and row["n"]}
    if said.text.startswith("Most common: "):
        found = said.match(rf"Most common: .+?( only)? \((?P<n>{COUNT}) episodes?\)\. Width: .*")
        assert near(found["n"], max(treated.values()))


def says(*texts: str) -> Reader:
    """A sentence that claims nothing about the cohort: it says how the chart is to be read."""

    def read(said: Said) -> None:
        assert any(said.text.startswith(text) for text in texts), f"nobody can read: {said.text!r}"

    return read


BEFORE = "of those who had (surgery|an injection) had improved by 2 points or more just before it"
AFTER = "of those who had not improved by 12 weeks had no injection or surgery in the next 12 weeks"
NOBODY = "No patients match these filters."


# Their sentences are held to their points by tests of their own: test_one_verdict, test_nobody_is_ranked.
def plateau(said: Said) -> None:
    """The earliest and the latest week, by name or by how many share it."""
    rows = [row for row in said.tables["plateaus"] if not {"week", "median_at_end"} & set(row.get("withheld", ()))]
    if said.is_one_of("No treatment has enough answers over enough weeks.", NOBODY):
        assert not rows or not said.is_shown
        return
    found = said.match(
        r"In the largest group \((?P<care>.+?)\) pain falls clearly (?P<until>until|for as long as there are answers, until) week (?P<week>\d+)"
        r"(; in the others until (between )?week (?P<least>\d+)( and week (?P<most>\d+))?)?\. The bar .+",
    )
    if not said.is_shown:
        return
    diagnosis, care = found["care"].rsplit(", ", 1)
    codes = [label_of(terms, text[0].upper() + text[1:]) for terms, text in ((v.DIAGNOSES, diagnosis), (v.TREATMENT_CLASSES, care))]
    top = only(rows, diagnosis=codes[0], treatment_class=codes[1])
    assert top["n"] == max(row["n"] or 0 for row in rows)
    assert int(found["week"]) == (top["week"] if found["until"] == "until" else top["weeks_seen"])
    assert (top["week"] is None) == (found["until"] != "until")
    weeks = [row["week"] for row in rows if row is not top and row["week"] is not None]
    told = [int(found[name]) for name in ("least", "most") if found[name]]
    assert told == sorted({min(weeks), max(weeks)} if weeks else ())


def landmark_differences(said: Said) -> None:
    """The differences of the first landmark that is shown, by every method that is shown, each at its latest time."""
    rows = [row for row in said.tables["estimates"] if row["measure"] == said.options["measure"] and row["difference"] is not None]
    if said.is_one_of("Too few patients were followed for long enough to compare."):
        assert not rows
        return
    found = said.match(r"Without surgery by day (?P<day>90|180), (?P<told>.+)\.")
    day = int(found["day"])
    assert day == min(row["landmark"] for row in rows)
    methods = {"not adjusted": "crude", "adjusted by regression": "ancova", "among patients made alike": "overlap"}
    told = dict(part.split(": ") for part in found["told"].split("; "))
    assert {methods[name] for name in told} == {row["method"] for row in rows if row["landmark"] == day}
    for name, text in told.items():
        mine = [row for row in rows if row["landmark"] == day and row["method"] == methods[name]]
        check_difference(text, max(mine, key=lambda row: row["month"]))


def check_difference(text: str, row: Row) -> None:
    """`2 of 100 fewer (7 fewer to 2 more)` is a difference and its limits; a word for the direction where it is not nought."""
    scale = {"operated": 100.0}.get(row["measure"], 1.0)
    signs = {"fewer": -1, "earlier": -1, "lower": -1, "more": 1, "later": 1, "higher": 1}
    parts = re.fullmatch(rf"({NUMBER})(?: of 100| days| points)(?: (\w+))?(?: \((.+) to (.+)\))?", text)
    assert parts, f"nobody can read: {text!r}"
    whole = signs.get(parts[2], 1)
    assert near(parts[1], row["difference"] * whole, scale), (text, row)
    if parts[3] is None:
        assert None in (row["low"], row["high"])
        return
    ends = [end.split(" ") for end in (parts[3], parts[4])]
    written = sorted(float(end[0]) * (signs[end[1]] if len(end) > 1 else whole if float(end[0]) else 1) for end in ends)
    for number, limit in zip(written, (row["low"], row["high"]), strict=True):
        digits = len(ends[0][0].partition(".")[2])
        assert abs(number - scale * limit) <= 0.5 * 10**-digits + 1e-9, (text, row)


READ_ELSEWHERE = {"control_chart.control_chart", "funnel.funnel"}
READERS: Mapping[str, Reader] = {
    **COMPARISON,
    "changes.changes": changes,
    "flow.flow": flow,
    "diagnoses.mix": mix,
    "diagnoses.mix_by": mix_by,
    "companions.co_diagnoses": co_diagnoses,
    "companions.symptoms": _most_in_group("symptoms", "symptom", v.SYMPTOMS),
    "companions.investigations": investigations,
    "companions.baseline_score": baseline_score,
    "table_one.table_one": says("Mean (SD) or number (share)."),
    "injection_before_surgery.differences": landmark_differences,
    "branching.branching": branching,
    "ends.by_first": by_first,
    "pathways.escalation": escalation,
    "pathways.stepped_care": stepped_care,
    "pathways.step_times": step_times,
    "response.responding": _held("escalated", "share_responding", "responding", BEFORE),
    "response.waiting": _held("waiting", "share_not_escalated", "not_escalated", AFTER),
    "response.plateau": plateau,
    "response.firmness": firmness,
    "outcomes.trajectory": trajectory,
    "outcomes.weekly": weekly,
    "better_or_worse.verdicts": verdicts,
    "improvement.responders": responders,
    "improvement.bounds": bounds,
    "changes.against_baseline": says("Mean score at", "Too few patients at each first score"),
    "non_response.followed_up": followed_up,
    "non_response.missing": missing,
    "patients_like_mine.alike": alike,
    "patients_like_mine.received": received,
    "patients_like_mine.scores": scores,
    "patients_like_mine.responders": alike_responders,
    "patients_like_mine.operated": operated,
    "data.missingness": missingness,
}
