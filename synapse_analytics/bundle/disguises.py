"""Identifiers in the clothes of an id or a code: a few forms tell by themselves, the others by the many values of a column.

`P-9876543210` may be a counter and `NORTH_WING` is no doctor, so one value says nothing. Of a whole column chance can be ruled out:
a tenth of random numbers end in a right check digit, a thirtieth are a date, counters stand close together.
A form is written for Arrow's expressions and Python's alike: no looking ahead, no back references.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synapse_analytics.bundle.identity import PAN_PATTERN, is_verhoeff

Matches = Sequence[re.Match[str]]
_BEFORE = r"(?:[A-Za-z]+[0-9]{0,3}[_-])*[A-Za-z]*"  # letters, or the code of a site
_AFTER = r"(?:[_-]?[A-Za-z]+|[_-][A-Za-z]*[0-9]{1,4})?"
_TITLE_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"  # as spreadsheets write them
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_PREFIX = "(?:[A-Za-z]+[_-])?"
_YEAR = "(?P<y>19[0-9]{2}|20[0-4][0-9])"


@dataclass(frozen=True, slots=True)
class Disguise:
    """A form that at least `least` values and this share of a column must have, and what those many must look like."""

    rule: str
    form: str
    looks_real: Callable[[Matches], bool]
    least: int = 3
    share: float = 0.5

    def is_seen(self, texts: Sequence[str]) -> bool:
        """Whether these values (a sample of the column, each once) are what the form says."""
        form = re.compile(self.form)
        found = [match for text in texts if (match := form.fullmatch(text))]
        return len(found) >= max(self.least, self.share * len(texts)) and self.looks_real(found)


def _aadhaar_numbers(found: Matches) -> bool:
    """Four in five end in a right check digit: a tenth would by chance."""
    return sum(is_verhoeff(match["n"]) for match in found) >= 0.8 * len(found)


def _phone_numbers(found: Matches) -> bool:
    """Nearly all begin as mobile numbers do, and they do not stand together as counters do."""
    numbers = [re.sub("[_-]", "", match["n"]) for match in found]
    mobile = [number for number in numbers if number[0] in "6789"]
    return len(mobile) >= 0.9 * len(numbers) and len({number[:5] for number in mobile}) >= 0.5 * min(len(mobile), 200)


def _pans(found: Matches) -> bool:
    """Ten of 26 letters may stand fourth; in a PAN none else does. The rest differs from person to person."""
    return all(match["n"][3].upper() in "ABCFGHJLPT" for match in found) and len({match["n"][:3] for match in found}) > 1


def _device_addresses(found: Matches) -> bool:
    """Bare hexadecimals of twelve: the first byte of a device's address is even, and many makers begin differently."""
    addresses = [re.sub("[_-]", "", match["n"]) for match in found]
    even = sum(int(address[:2], 16) % 2 == 0 for address in addresses)
    letters = sum(c.isalpha() for address in addresses for c in address)
    return even >= 0.95 * len(found) and len({address[:2] for address in addresses}) >= 8 and letters >= len(found)


def _health_ids(found: Matches) -> bool:
    """Numbers drawn at random: a part of a counter (`T-24-0001-0002-0003`) begins with nought nearly always, of these one in four.

    Of a few values only two noughts tell a counter: one of these alone is a person's.
    """
    of_a_counter = "[_-]0" if len(found) >= 20 else "[_-]00"
    return sum(re.search(of_a_counter, match["n"]) is None for match in found) >= 0.4 * len(found)


def _dates(found: Matches) -> bool:
    """Days of several months: a year and a counter (`P20200101`) stay together, and most of their numbers are no days."""
    return len({(match["y"], match["m"]) for match in found}) > 1


def _dates_of_two_digit_years(found: Matches) -> bool:
    """Every month and nearly every day, and none that does not exist: neither counters nor three small numbers do that."""
    days = {(int(match["m"]), int(match["d"])) for match in found}
    exist = all(day <= monthrange(2000, month)[1] for month, day in days)
    return exist and len({day for _, day in days}) >= 25 and len({month for month, _ in days}) == 12


def _worded_dates(found: Matches) -> bool:
    """Several months; one alone may be the code of a site (`01-MAR-61`)."""
    return len({match["m"].lower()[:3] for match in found}) > 1


def _date_forms() -> list[Disguise]:
    """Day, month and year in the three usual orders, run together or parted, in digits or with the month in letters."""
    forms = []
    for order in ("ymd", "dmy", "mdy"):
        for between, digit in (("", ""), ("[_-]", "?")):
            parts = {"y": _YEAR, "m": f"(?P<m>0{digit}[1-9]|1[0-2])", "d": f"(?P<d>0{digit}[1-9]|[12][0-9]|3[01])"}
            short = parts | {"y": "(?P<y>[0-9]{2})"}
            worded = parts | {"m": f"(?P<m>(?i:{_MONTHS}))", "d": "(?P<d>0?[1-9]|[12][0-9]|3[01])(?:st|nd|rd|th)?"}
            for kind, judge, least, share in (
                (parts, _dates, 2, 0.5),
                (short, _dates_of_two_digit_years, 100, 0.9),
                (worded, _worded_dates, 2, 0.2 if order != "mdy" else 0.5),
                (worded | {"y": "(?P<y>[0-9]{2})"}, _worded_dates, 3, 0.5),
            ):
                form = _BEFORE + between.join(kind[part] for part in order) + _AFTER
                forms.append(Disguise("identity_date", form, judge, least, share))
    return forms


DISGUISES = (
    Disguise("identity_aadhaar", rf"{_BEFORE}(?P<n>[2-9][0-9]{{3}}[_-]?[0-9]{{4}}[_-]?[0-9]{{4}}){_AFTER}", _aadhaar_numbers, 2, 0.2),
    Disguise("identity_phone", rf"{_BEFORE}(?:(?:00)?91[_-]?|0)?(?P<n>[0-9]{{5}}[_-]?[0-9]{{5}}){_AFTER}", _phone_numbers, 3, 0.2),
    Disguise("identity_pan", rf"(?:[A-Za-z]+[0-9]{{0,3}}[_-])+(?P<n>(?i:{PAN_PATTERN.replace('ABCFGHJLPT', 'A-Z')})){_AFTER}", _pans, 3),
    Disguise("identity_network", r"(?:[A-Za-z]+[_-])?(?P<n>(?:[0-9A-Fa-f]{4}[_-]?){2}[0-9A-Fa-f]{4})", _device_addresses, 20),
    Disguise("identity_health_id", r"(?:[A-Za-z]+[_-])?[0-9]{2}(?P<n>(?:[_-][0-9]{4}){3})", _health_ids, 1, 0.0),
    Disguise("identity_name", rf"{_PREFIX}(?:Dr|Prof|Mr|Mrs|Ms|Shri|Smt)(?:[A-Z][a-z]{{2,}}){{1,3}}(?:[_-]?[0-9]{{1,4}})?", bool, 1, 0.1),
    *_date_forms(),
)

# One value of these is enough: chance does not write them. Spreadsheets write months with a capital and a hyphen.
_WRITTEN_DATE = rf"[0-9]{{1,2}}-(?:{_TITLE_MONTHS})-(?:[0-9]{{2}}|[0-9]{{4}})|[0-9]{{4}}-(?:{_TITLE_MONTHS})-[0-9]{{1,2}}"
_DAMAGE = rf"[0-9]{{1,2}}-(?:{_TITLE_MONTHS})|(?:{_TITLE_MONTHS})-(?:[0-9]{{2}}|[0-9]{{4}})"
_HEX = "[0-9A-Fa-f]{2}"
_SURE = {
    "identity_date": _WRITTEN_DATE,
    "spreadsheet_damage": _DAMAGE,
    "identity_network": rf"{_PREFIX}(?:{_HEX}-){{5}}{_HEX}|{_PREFIX}(?:{_HEX}_){{5}}{_HEX}",
}
_WITH_MONTH = frozenset({"identity_date", "spreadsheet_damage"})
ANY_SURE = f"^(?:{'|'.join(_SURE.values())})$"
MONTH_LIKE = "^(?:[0-9]{1,2}-[A-Z][a-z]{2}|[A-Z][a-z]{2}-(?:[0-9]{2}|[0-9]{4}))$"


def sure_rule(text: str, *, months_are_codes: bool = False) -> str:
    """The rule that this value breaks by itself; empty when it breaks none."""
    rule = next((rule for rule, form in _SURE.items() if re.fullmatch(form, text)), "")
    if rule == "identity_network" and not re.search("[A-Fa-f]", text[-17:]):
        return ""  # six small numbers
    return "" if rule in _WITH_MONTH and months_are_codes else rule


def is_like_month(text: str) -> bool:
    """Whether a code is built like a month of a spreadsheet and is none."""
    return bool(re.match(MONTH_LIKE, text)) and not re.search(_TITLE_MONTHS, text)
