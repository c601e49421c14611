"""Attack 2, subtraction: is a withheld count what is left of a total?

Assumes that the stranger knows the method: a count shown as 0 is 0, any other shown count is at least 11 and was rounded to a
multiple of 5 on its own, a withheld count is 1 to 10; he knows which cells add up. He uses all answers about one cohort. A
count is found when a single value from 1 to 10 is left.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from tests.attacks.desk import Desk, Seen
from tests.attacks.direct import FEW, GROUP
from tests.attacks.finding import Finding, Result, asked_words
from tests.attacks.ledger import (
    EPISODES,
    OF_PATIENTS,
    PARTITIONS,
    PATIENTS,
    WITHIN,
    Key,
    Ledger,
    What,
    Who,
    canonical,
    counts_of,
    who_of,
)
from tests.attacks.solver import Sums
from tests.attacks.totals import TOTALS

ARITHMETIC = tuple(f"{whole} - {part}" for _, _, part, whole in WITHIN)


def subtraction(desk: Desk) -> Result:
    """All answers about one cohort, cohort by cohort."""
    result = Result("subtraction in a cohort", desk.policy)
    cohorts: dict[Who, list[Seen]] = {}
    for seen in desk.seen():
        cohorts.setdefault(who_of(seen.ask.cohort), []).append(seen)
    for answers in cohorts.values():
        solve(ledger_of(answers, desk.policy), result, desk.known.name)
    return result


def ledger_of(answers: Iterable[Seen], policy: str) -> Ledger:
    """Everything the documents tell, as intervals and sums."""
    ledger = Ledger(exact=policy == "clinic")
    for seen in answers:
        _population(seen, ledger)
        _rows(seen, ledger)
    _partitions(ledger)
    return ledger


def solve(ledger: Ledger, result: Result, clinic: str) -> None:
    """Narrow everything; count the hidden counts of 1 to 10 and those that are found."""
    sums = Sums()
    for key, (low, high) in ledger.known.items():
        sums.know(key, low, high)
    for total, parts in ledger.sums:
        sums.add_up(total, parts)
    sums.narrow()
    result.clashes += ledger.clashes
    for key, (low, high) in ledger.known.items():
        if low == high or (ledger.exact and ledger.said[key][0].endswith(ARITHMETIC)):
            continue  # it was shown, or is the difference of two counts that are shown on purpose
        few = GROUP if ledger.exact else FEW
        hidden, single = ledger.truth[key] in few, sums.low[key] == sums.high[key] and sums.low[key] in few
        result.tried += hidden
        if single and sums.low[key] == ledger.truth[key]:
            where, asked, released = ledger.said[key]
            result.report(Finding("count found", clinic, where, asked, words(key), released, ledger.truth[key], "only value left"))
        elif single:
            result.wrong += 1


def words(key: Hashable) -> str:
    """A key in one line."""
    return str(key)[:240]


def _population(seen: Seen, ledger: Ledger) -> None:
    place, who = (f"{seen.ask.name}.(cohort)", asked_words(seen)), who_of(seen.ask.cohort)
    if seen.ask.name in ("data_quality", "generation_summary"):  # of all that is loaded, whatever the cohort
        who = ()
    for what, shown, truth in ((PATIENTS, "n", seen.population[0]), (EPISODES, "episodes", seen.population[1])):
        ledger.write((what, who), seen.document[shown], truth, place)


def _rows(seen: Seen, ledger: Ledger) -> None:
    pooled = {line.table for line in seen.lines if line.pooled}
    for line in seen.lines:
        place = (f"{seen.ask.name}.{line.table}", asked_words(seen))
        here: dict[str, Key] = {}
        for column, key, released, truth in counts_of(seen, line):
            ledger.write(key, released, truth, (f"{place[0]}.{column}", place[1]))
            here[column] = key
            if seen.by and line.table not in pooled:
                ledger.split.add((key[0], who_of(seen.ask.cohort), seen.by))
        for answer, table, part, whole in WITHIN:
            if (seen.ask.name, line.table) == (answer, table) and part in here and whole in here:
                ledger.rest(here[whole], here[part], (f"{place[0]}.{whole} - {part}", place[1]))
    for add in TOTALS.get(seen.ask.name, ()):
        add(seen, ledger)


def _partitions(ledger: Ledger) -> None:
    """A cohort is the sum of its diagnoses, sexes, ages and years; patients only of what a patient has once."""
    for what, who in list(ledger.truth):
        for name in PARTITIONS if what != PATIENTS else OF_PATIENTS:
            parts = () if "rest of" in what else _parts_by(ledger, what, who, name)
            if parts and sum(ledger.truth[part] for part in parts) == ledger.truth[what, who]:
                ledger.adds_up((what, who), parts)


def _parts_by(ledger: Ledger, what: What, who: Who, name: str) -> tuple[Key, ...]:
    """A cohort by one attribute; none where a part was not seen. A group that a table by the attribute does not have is empty."""
    fields = dict(who)
    chosen = fields.get(name, PARTITIONS[name])
    keys: list[Key] = [(what, canonical({**fields, name: (value,)})) for value in chosen]
    parts = tuple(key for key in keys if key in ledger.truth)
    complete = len(parts) == len(keys) or (name not in fields and (what, who, name) in ledger.split)
    return parts if complete and len(chosen) > 1 else ()
