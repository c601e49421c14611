"""Identifiers disguised as ids or codes: a few forms are sure from one value, the others only from many values of a column.

`P-9876543210` may be a counter and `NORTH_WING` is no doctor, so one value proves nothing. In a whole column chance can be ruled out:
a tenth of random numbers end in a right check digit, a thirtieth are a date, and counters are close together.
Forms must run in Arrow and in Python: no look-ahead, no back references.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synapse_analytics.bundle.identity import PAN_PATTERN, TITLES, TITLES_OF_PLACES, is_verhoeff

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
    """A form that at least `least` values and this share of a column must have, and a test of all values of that form together."""

    rule: str
    form: str
    looks_real: Callable[[Matches], bool]
    least: int = 3
    share: float = 0.5
    names_places: bool = False  # a form that sites may have

    def is_seen(self, texts: Sequence[str]) -> bool:
        """True if these values (a sample of the column, each once) break the rule together."""
        form = re.compile(self.form)
        found = [match for text in texts if (match := form.fullmatch(text))]
        return len(found) >= max(self.least, self.share * len(texts)) and self.looks_real(found)


def _titled(titles: Sequence[str]) -> str:
    """The form of a title and a name written as one word: DrSharma, KumariPriya1."""
    return rf"{_PREFIX}(?:{'|'.join(title.capitalize() for title in titles)})(?:[A-Z][a-z]{{2,}}){{1,3}}(?:[_-]?[0-9]{{1,4}})?"


def _aadhaar_numbers(found: Matches) -> bool:
    """True if four in five end in a right check digit; a tenth would by chance."""
    return sum(is_verhoeff(match["n"]) for match in found) >= 0.8 * len(found)


def _phone_numbers(found: Matches) -> bool:
    """True if nearly all begin as mobile numbers do, and they are not close together as counters are."""
    numbers = [re.sub("[_-]", "", match["n"]) for match in found]
    mobile = [number for number in numbers if number[0] in "6789"]
    return len(mobile) >= 0.9 * len(numbers) and len({number[:5] for number in mobile}) >= 0.5 * min(len(mobile), 200)


def _pans(found: Matches) -> bool:
    """True if the fourth letter of all is one of the ten that a PAN may have there, and the letters before it differ."""
    return all(match["n"][3].upper() in "ABCFGHJLPT" for match in found) and len({match["n"][:3] for match in found}) > 1


def _device_addresses(found: Matches) -> bool:
    """True for twelve hexadecimal digits of many makers (first bytes), nearly all with an even first byte, as devices have."""
    addresses = [re.sub("[_-]", "", match["n"]) for match in found]
    even = sum(int(address[:2], 16) % 2 == 0 for address in addresses)
    letters = sum(c.isalpha() for address in addresses for c in address)
    return even >= 0.95 * len(found) and len({address[:2] for address in addresses}) >= 8 and letters >= len(found)


def _health_ids(found: Matches) -> bool:
    """True if the numbers look random: one in four has a part that begins with 0, of counters (`T-24-0001-0002-0003`) nearly all do.

    Fewer than 20 values are counters only with two noughts in a row, as one person's number alone must be found.
    """
    of_a_counter = "[_-]0" if len(found) >= 20 else "[_-]00"
    return sum(re.search(of_a_counter, match["n"]) is None for match in found) >= 0.4 * len(found)


def _dates(found: Matches) -> bool:
    """True if they lie in several months: a year and a counter (`P20200101`) stay in one, and most of their numbers are no days."""
    return len({(match["y"], match["m"]) for match in found}) > 1


def _dates_of_two_digit_years(found: Matches) -> bool:
    """True if every month and nearly every day occurs, and no day that does not exist: counters and small numbers differ in that."""
    days = {(int(match["m"]), int(match["d"])) for match in found}
    exist = all(day <= monthrange(2000, month)[1] for month, day in days)
    return exist and len({day for _, day in days}) >= 25 and len({month for month, _ in days}) == 12


def _worded_dates(found: Matches) -> bool:
    """True if several months occur; one alone may be the code of a site (`01-MAR-61`)."""
    return len({match["m"].lower()[:3] for match in found}) > 1


def _date_forms() -> list[Disguise]:
    """Day, month and year in the three usual orders, with or without separators, in digits or with the month in letters."""
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
    Disguise("identity_name", _titled([title for title in TITLES if title not in TITLES_OF_PLACES]), bool, 1, 0.1),
    Disguise("identity_name", _titled(TITLES_OF_PLACES), bool, 1, 0.1, names_places=True),
    *_date_forms(),
)

# One value in these forms is enough, as chance does not produce them. Spreadsheets write months with a capital and a hyphen.
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
    """True for a code in the form of a spreadsheet's month that is no month, such as `Del-01`."""
    return bool(re.match(MONTH_LIKE, text)) and not re.search(_TITLE_MONTHS, text)
