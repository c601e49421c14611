"""Attack 3, two cohorts: does the difference of two cohorts, or of two options, count a few patients?

Assumes what attack 2 assumes, and uses all cohorts at once: nested and complementary cohorts, unions and their parts.
Options that only move a threshold are nested as well: who has 84 days of conservative care has 28.
"""

from __future__ import annotations

from tests.attacks.asking import too_fine
from tests.attacks.desk import Desk
from tests.attacks.finding import Finding, Result
from tests.attacks.ledger import PARTITIONS, PATIENTS, Key, Ledger, Who, canonical
from tests.attacks.subtraction import ledger_of, solve

# (answer, column, option, values from the widest to the narrowest)
NESTED_OPTIONS = (
    ("stepped_care", "adherent", "min_days", (28, 42, 56, 84)),
    ("responders", "responders", "preset", ("odi_10", "odi_20")),
    ("responders", "responders", "preset", ("nrs_30pct", "nrs_50pct")),
)


def cohorts(desk: Desk) -> Result:
    """All cohorts and options together."""
    result = Result("two cohorts or options", desk.policy)
    ledger = ledger_of(desk.seen(), desk.policy)
    _complements(ledger)
    _nested_cohorts(ledger)
    _nested_options(ledger)
    solve(ledger, result, desk.known.name)
    return result


def _complements(ledger: Ledger) -> None:
    """Everybody = those with these values + those with the others."""
    for what, who in list(ledger.truth):
        fields = dict(who)
        for name, values in PARTITIONS.items():
            chosen = fields.get(name)
            if chosen is None or "rest of" in what or (what == PATIENTS and name in ("diagnosis", "year")):
                continue
            others = tuple(value for value in values if value not in chosen)
            without = {field: held for field, held in fields.items() if field != name}
            whole: Key = (what, canonical(without))
            other: Key = (what, canonical({**without, name: others}))
            if whole in ledger.truth and ledger.truth[whole] == ledger.truth[what, who] + ledger.truth.get(other, -1):
                ledger.adds_up(whole, ((what, who), other))


def _nested_cohorts(ledger: Ledger) -> None:
    """A cohort without one of its filters, minus the cohort: those who fail that filter alone."""
    for what, who in list(ledger.truth):
        if "rest of" in what:
            continue
        for wider in _wider(who):
            ledger.rest((what, wider), (what, who), (f"{what[0]}.two cohorts", f"{dict(wider)} - {dict(who)}"))


def _wider(who: Who) -> list[Who]:
    return [tuple(item for item in who if item != left) for left in who]


def _nested_options(ledger: Ledger) -> None:
    for what, who in list(ledger.truth):
        for answer, column, option, values in NESTED_OPTIONS:
            if what[0] != answer or what[-1] != column or len(what) < 5:
                continue
            options = dict(what[1])
            if options.get(option) not in values[1:]:
                continue
            before = values[values.index(options[option]) - 1]
            wider: Key = ((answer, tuple(sorted({**options, option: before}.items())), *what[2:]), who)
            ledger.rest(wider, (what, who), (f"{answer}.{column} by {option}", f"{before} - {options[option]} {dict(who)}"))


def fine_questions(desk: Desk) -> Result:
    """Is a question answered that is too fine for the policy: a narrow cohort, a split, a single patient's particulars, a month?"""
    result = Result("questions too fine", desk.policy)
    if desk.policy != "publish":
        return result
    known = desk.known
    for ask in too_fine():
        result.tried += 1
        alone = Desk(known, desk.policy, with_frank=False)
        if alone.ask(ask) is not None:
            result.report(Finding("answered", known.name, ask.name, f"{ask.cohort.url()} {ask.options}", "", "an answer", None, "asked"))
    return result
