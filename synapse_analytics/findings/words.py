"""Numbers and codes as people read them: one way to write a share, a change, an interval and what was withheld."""

from __future__ import annotations

from functools import partial
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import group_words, groups
from synapse_analytics.vocabulary import inside

WITHHELD = "withheld"
HUNDRED = 100
NARROW = 0.02  # a share under 10 % has a decimal where its 95 % interval is less than 2 percentage points wide
POOLED = v.Term(groups.POOLED, group_words("diagnosis", groups.POOLED))  # rare rows of a published answer, put together
INDICATOR_UNITS = {"points": "points", "days": "days", "per_100": "per 100"}
SHORT_VISITS = {"baseline": "Start", "week_6": "6 wk", "month_3": "3 mo", "month_6": "6 mo", "month_12": "12 mo", "month_24": "24 mo"}
# Which direction is better, as the axis says it.
BETTER = {"lower": "lower is better", "higher": "higher is better"}


def count(value: Any) -> str:
    """1234 -> 1,234."""
    return WITHHELD if value is None else f"{value:,}"


def share(value: float | None, like: float | None = None, width: float | None = None) -> str:
    """0.764 -> 76 %; a decimal only where a whole number would say none or all, or where the 95 % interval is narrow enough to bear it.

    `like` is the estimate whose digits its limits take, `width` how wide its interval is: 1.4 % (1.0 to 2.0 %), but 4 % (3 to 6 %).
    """
    if value is None:
        return WITHHELD
    percent = 100 * (value if like is None else like)
    needed = 0 < percent < 0.95 or 99.5 <= percent < 100
    needed = needed or (width is not None and width < NARROW and 0 < percent < 9.95)
    if like is None and (0 < percent < 0.05 or 99.95 <= percent < 100):
        return "under 0.1 %" if percent < 1 else "over 99.9 %"
    return f"{100 * value:.{int(needed)}f} %"


def of_hundred(n: int, of: int, value: float | None) -> str:
    """A share as people picture it: `61 of 100`; of a hundred or fewer, or without a share, the two counts."""
    if of <= HUNDRED or value is None:
        return f"{n:,} of {of:,}"
    return f"{in_hundred(value)} of {HUNDRED}"


def in_hundred(value: float) -> str:
    """A share in a whole number of a hundred; in words where that would be none or all, and it is neither."""
    if 0 < value < 1 and round(HUNDRED * value) in (0, HUNDRED):
        return "fewer than 1" if value < 0.5 else "more than 99"
    return str(round(HUNDRED * value) or "none")


def number(value: float | None, decimals: int | None = None, like: float | None = None) -> str:
    """Two significant digits (of `like`, the estimate, if given), or a set number of decimals; never a negative zero."""
    if value is None:
        return WITHHELD
    size = abs(value if like is None else like)
    places = decimals if decimals is not None else (0 if size >= 9.95 else 1 if size >= 0.95 or size == 0 else 2)
    text = f"{value:,.{places}f}"
    return text.replace("-", "\u2212") if float(text.replace(",", "")) else text.lstrip("-")


def between(low: float | None, high: float | None, write: Any = number, like: float | None = None) -> str:
    """The limits of an interval, with the digits of its estimate if that is given: `2.8 to 3.4`; empty when there are none."""
    if low is None or high is None:
        return ""
    told = partial(write, like=like) if write in (number, days, points) and like is not None else write
    if write is share:  # without an estimate both have the digits of the upper one
        told = partial(share, like=high if like is None else like, width=None if like is None else high - low)
    return f"{told(low).removesuffix(' %')} to {told(high)}"


def width(low: float | None, high: float | None) -> float | None:
    """How wide an interval is; None where there is none."""
    return None if low is None or high is None else high - low


def interval(row: Any, like: float | None, *, in_table: bool = False) -> str:
    """The 95 % interval of a share as a hover says it; empty when there is none. The shares in a table are whole, to be read across."""
    limits = between(row["low"], row["high"], partial(share, like=like) if in_table else share, like)
    return f"95 % interval {limits}" if limits else ""


def with_interval(value: float | None, low: float | None, high: float | None, write: Any = number) -> str:
    """A value with its limits in brackets."""
    limits = between(low, high, write, value)
    told = share(value, width=width(low, high)) if write is share else write(value)
    return f"{told} ({limits})" if limits else told


def share_of(value: float | None, n: int | None) -> str:
    """A share; where too few patients stand behind it, the count alone: `62 %`, `n = 3`."""
    return share(value) if value is not None or n is None else f"n = {n:,}"


def part_of(part: int | None, whole: int | None, what: str = "") -> str:
    """A part with what it is a part of: `3 of 41 expected`, `a withheld number of 41 expected`."""
    who = f" {what}" if what else ""
    if whole == 0:
        return "no episodes" if what == "episodes" else f"no patients{who}"
    if part is None and whole is None:
        return f"a withheld number{who}"
    known, all_ = ("a withheld number" if number is None else count(number) for number in (part, whole))
    return f"{known} of {all_}{who}"


def share_and_part(value: float | None, part: int | None, whole: int | None, width: float | None = None) -> str:
    """A share with its two counts: `62 %  \u00b7  8 of 13`; nobody has no share."""
    counted = part_of(part, whole)
    if whole == 0:
        return counted
    if value is None and part is None:
        return "number and share withheld" + ("" if whole is None else f", of {whole:,}")
    return f"{share(value, width=width)}  \u00b7  {counted}" if value is not None else f"share withheld, {counted}"


def share_who(value: float | None, what: str) -> str:
    """A share with what they did: `62 % answered`, `share withheld`."""
    return "share withheld" if value is None else f"{share(value)} {what}"


def numbers_are(number: int) -> str:
    """How many numbers are something: `1 number is`, `412 numbers are`."""
    return "1 number is" if number == 1 else f"{number:,} numbers are"


def those(number: int | None) -> str:
    """Of whom a share is: `412`, or `those` where their number is withheld."""
    return "those" if number is None else f"{number:,}"


def n_of(value: int | None) -> str:
    """`n = 412`, or `n withheld`."""
    return "n withheld" if value is None else f"n = {value:,}"


def n_of_both(first: int | None, second: int | None) -> str:
    """The sizes of two arms, in the order of their names: `n = 34 and 219`, `n: withheld and 219`."""
    if first is None and second is None:
        return "n withheld"
    return f"n{':' if None in (first, second) else ' ='} {count(first)} and {count(second)}"


def capital(text: str) -> str:
    """The text with a capital first letter, as a sentence or a label begins."""
    return text[:1].upper() + text[1:]


def standing(row: Any, unit: str) -> str:
    """The value of an indicator with its unit, or one of: 'no episodes', 'too few still followed', 'withheld'."""
    if row["value"] is None and "value" not in row["withheld"]:
        return "no episodes" if row["n"] == 0 else "too few still followed"
    return amount(row["value"], unit)


def amount(value: float | None, unit: str, like: float | None = None) -> str:
    """The value of an indicator in its unit: `62 %`, `3.1 points`, `1,204`, `4.2 per 100`; a limit with the digits of its estimate (`like`)."""
    if value is None:
        return WITHHELD
    if unit == "share":
        return share(value, like)
    if unit == "patients":
        return count(round(value))
    written = WRITTEN.get(unit, number)(value, like=like)
    return f"{written} {INDICATOR_UNITS[unit].removesuffix('s') if written == '1' else INDICATOR_UNITS[unit]}"


def level(value: float | None, unit: str, period: str) -> str:
    """The level of a course; of a count how many in one period: `6.5 a month`."""
    return f"{number(value)} a {period}" if unit == "patients" and value is not None else amount(value, unit)


def days(value: float | None, like: float | None = None) -> str:
    """Days as they are counted: `5`, `12`, `5.5` in the middle of two; limits of whole days are whole."""
    told = value if like is None else like
    return WITHHELD if value is None or told is None else number(value, 0 if told == round(told) else 1)


def points(value: float | None, like: float | None = None) -> str:
    """Points of a score: `2.3`, `0.8`, `12`."""
    told = value if like is None else like
    return WITHHELD if value is None or told is None else number(value, 0 if abs(told) >= 9.95 else 1)


# How the values of an indicator are written, by their unit; of others two significant digits.
WRITTEN = {"share": share, "days": days, "points": points}


def amounts_between(low: float | None, high: float | None, unit: str, like: float | None = None) -> str:
    """Two values of one unit, which is written once, with the digits of the estimate that lies between them."""
    return between(low, high, WRITTEN.get(unit, number), like)


def group(by: str | None, code: Any) -> str:
    """What people read for a group."""
    return "All patients" if groups.is_everybody(by, code) else group_words(by, str(code))


def instrument(code: str) -> v.Instrument:
    """The instrument of this code."""
    return v.find(v.INSTRUMENTS, code)


def name(code: str) -> str:
    """The name of an instrument without what its scale says in brackets: `Pain`, `EQ-5D index`."""
    return instrument(code).label.split(" (")[0]


def decimals(code: str) -> int:
    """The decimals with which values of an instrument are written."""
    return 2 if instrument(code).decimals == 3 else 1


def scale(code: str) -> str:
    """An axis title with range and direction: `Pain (worst, last week), 0 to 10, lower is better`."""
    term = instrument(code)
    return f"{term.label}, {term.low:g} to {term.high:g}, {BETTER[term.better]}"


def moved(code: str, change: float | None, low: float | None = None, high: float | None = None, how: str = "") -> str:
    """A mean change in words: `fell by 3.1 points (2.8 to 3.4)`; where its limits hold zero, that it did not clearly change."""
    if change is None:
        return "change withheld"
    places = decimals(code) + hides_zero(decimals(code), change, low, high)
    if low is not None and high is not None and low <= 0 <= high:
        return f"did not clearly change{how}: {number(change, places)} points ({number(low, places)} to {number(high, places)})"
    if float(f"{change:.{places}f}") == 0:
        return f"did not change{how}"
    limits = ""
    if low is not None and high is not None:
        ends = (-high, -low) if change < 0 else (low, high)
        limits = f" ({number(ends[0], places)} to {number(ends[1], places)})"
    return f"{'fell' if change < 0 else 'rose'}{how} by {number(abs(change), places)} points{limits}"


def hides_zero(places: int, value: float, low: float | None, high: float | None) -> bool:
    """True if with so many decimals an interval that does not hold zero would read as if it did: one more is needed."""
    if low is None or high is None or low * high <= 0:
        return False
    return not all(float(f"{end:.{places}f}") for end in (value, low, high))


def clearly(code: str, verdict: str) -> str:
    """A clear change of a score in words: `clearly less pain`, `clearly more disability`; of other scores `clearly better`."""
    better = verdict == "better"
    suffers = thing(code) if code.startswith("nrs") else "disability" if code.startswith("odi") else ""
    if suffers:
        return f"clearly {'less' if better else 'more'} {suffers}"
    return "clearly better" if better else "clearly worse"


def important(code: str) -> str:
    """Where the smallest important change lies: `clearly less pain: 2 points below the start`; empty for a score without one."""
    preset = v.important_change(code)
    if preset is None:
        return ""
    side = "below" if instrument(code).better == "lower" else "above"
    return f"{clearly(code, 'better')}: {preset.threshold:g} points {side} the start"


def visit(code: str) -> str:
    """What people read for a reference visit."""
    return v.find(v.VISITS, code).label


def wrapped(text: str, width: int) -> str:
    """The text broken into lines of at most `width` characters, as Plotly breaks them."""
    lines: list[str] = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(lines)


def thing(code: str) -> str:
    """A score inside a sentence: `pain`, `back pain`, `Oswestry Disability Index`."""
    return inside(name(code))
