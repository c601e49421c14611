"""Which rows of a table make a total: pathways make all episodes, bins make those who answered, what leads to a step leads on from it.

A sum is written down only where the truths add up too, so that a table whose rows were merged or cut is never misread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from synapse_analytics import vocabulary as v
from tests.attacks.desk import Line, Seen
from tests.attacks.finding import asked_words
from tests.attacks.ledger import EPISODES, Key, Ledger, What, Who, alias, key_of, who_of

Adder = Callable[[Seen, Ledger], None]


def _written(seen: Seen, ledger: Ledger, line: Line, column: str) -> Key | None:
    """The key of a count; a pooled row is a part whose count is known like any other."""
    truth = line.truth.row.get(column) if line.truth else None
    if not isinstance(truth, int) or (line.row[column] is None and column not in line.row["withheld"]):
        return None
    who, what = key_of(seen, line)
    if not line.pooled:
        return alias(seen, line, what, column, who)
    key: Key = ((*what, column, "pooled"), who)
    ledger.write(key, line.row[column], truth, (f"{seen.ask.name}.{line.table}.{column}", asked_words(seen)))
    return key


def _add(ledger: Ledger, total: Key, parts: list[Key]) -> None:
    if parts and len(set(parts)) == len(parts) and sum(ledger.truth.get(part, 0) for part in parts) == ledger.truth.get(total):
        ledger.adds_up(total, tuple(parts))


def _all_rows(table: str, column: str, total: Callable[[Seen, Who], Key]) -> Adder:
    """The rows of a table, group by group, make a total."""

    def add(seen: Seen, ledger: Ledger) -> None:
        by_group: dict[Who, list[Key]] = {}
        for line in seen.lines:
            key = _written(seen, ledger, line, column) if line.table == table else None
            if key is not None:
                by_group.setdefault(key[1], []).append(key)
        for who, parts in by_group.items():
            _add(ledger, total(seen, who), parts)

    return add


def _everybody(_seen: Seen, who: Who) -> Key:
    return EPISODES, who


def _answered(seen: Seen, who: Who) -> Key:
    """Those who answered at the visit, as the course of the score counts them."""
    options = {name: value for name, value in seen.options if name in ("instrument", "index")}
    what: What = ("score_over_time", tuple(sorted(options.items())), "visits", (("visit", f"month_{dict(seen.options)['month']}"),), "n")
    return what, who


def _expected(seen: Seen, who: Who) -> Key:
    """Those who were expected at the visit, as the course of the score counts them."""
    (what, _) = _answered(seen, who)
    return (*what[:-1], "expected"), who


def _periods(seen: Seen, ledger: Ledger) -> None:
    """The periods of an indicator make the indicator, where all of them are over."""
    for column in ("n", "events"):
        parts: dict[str, list[Key]] = {}
        whole: dict[str, Key] = {}
        for line in seen.lines:
            key = _written(seen, ledger, line, column) if column in line.row else None
            if key is not None and line.table == "periods":
                parts.setdefault(line.row["name"], []).append(key)
            elif key is not None:
                whole[line.row["name"]] = key
        for name, total in whole.items():
            _add(ledger, total, parts.get(name, []))


def _links(seen: Seen, ledger: Ledger) -> None:
    """As many leave a step as came to it; the first links make all episodes."""
    coming: dict[tuple[int, str], list[Key]] = {}
    going: dict[tuple[int, str], list[Key]] = {}
    for line in seen.lines:
        key = _written(seen, ledger, line, "n") if line.table == "links" else None
        if key is not None:
            coming.setdefault((line.row["step"], line.row["target"]), []).append(key)
            going.setdefault((line.row["step"] - 1, line.row["source"]), []).append(key)
    who = who_of(seen.ask.cohort)
    _add(ledger, (EPISODES, who), [key for (step, _), keys in going.items() if step == -1 for key in keys])
    for node in (node for node in coming if node in going):
        _join(ledger, ((*coming[node][0][0][:3], node, "at"), who), coming[node], going[node])


def _join(ledger: Ledger, node: Key, coming: list[Key], going: list[Key]) -> None:
    whole = sum(ledger.truth.get(key, 0) for key in coming)
    if whole == sum(ledger.truth.get(key, 0) for key in going) and node not in ledger.truth:
        ledger.truth[node], ledger.known[node], ledger.said[node] = whole, (0, 10**9), ("pathways.links.(step)", "", "not shown")
        ledger.adds_up(node, tuple(coming))
        ledger.adds_up(node, tuple(going))


def _branches(seen: Seen, ledger: Ledger) -> None:
    """The ways on from a place make it; those from the first visit make all episodes."""
    who = who_of(seen.ask.cohort)
    here: dict[tuple[str, ...], Key] = {(): (EPISODES, who)}
    for line in (line for line in seen.lines if line.table == "branches"):
        key = _written(seen, ledger, line, "n")
        if key is not None:
            here[tuple(line.row[place] for place in ("first_stage", "second_stage", "third_stage") if line.row[place])] = key
    for place, whole in here.items():
        _add(ledger, whole, [key for other, key in here.items() if other and other[:-1] == place])


def _ends(seen: Seen, ledger: Ledger) -> None:
    """The ends of a first step make all that began with it, those of a way make the way; the first steps make all episodes."""
    who = who_of(seen.ask.cohort)
    parts: dict[str, list[Key]] = {}
    whole: dict[str, Key] = {}
    for line in seen.lines:
        if line.table == "ways":
            n, ends = _written(seen, ledger, line, "n"), [_written(seen, ledger, line, code) for code in v.codes(v.END_STATES)]
            if n is not None and None not in ends:
                _add(ledger, n, [end for end in ends if end is not None])
        if line.table == "ends":
            key, of = (_written(seen, ledger, line, column) for column in ("n", "of"))
            if key is not None and of is not None:
                parts.setdefault(line.row["first_step"], []).append(key)
                whole.setdefault(line.row["first_step"], of)
    for first, keys in parts.items():
        _add(ledger, whole[first], keys)
    _add(ledger, (EPISODES, who), list(whole.values()))


TOTALS: Mapping[str, tuple[Adder, ...]] = {
    "branching": (_branches,),
    "pathways": (_all_rows("pathways", "n", _everybody), _all_rows("ways", "n", _everybody), _links, _ends),
    "change_distribution": (_all_rows("bins", "n", _answered), _all_rows("by_baseline", "n", _answered)),
    "better_or_worse": (_all_rows("verdicts", "n", _expected),),
    "overview": (_periods,),
}
