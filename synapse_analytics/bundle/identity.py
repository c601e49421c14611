"""Recognisers of values that identify a person: numbers, addresses, dates and names."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from datetime import date

MAX_JUDGED = 200  # characters of a value; a longer one is refused anyway, and patterns must stay fast
_VERHOEFF_D = (
    "0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 9876543210".split()  # noqa: SIM905 - read as a table
)
_VERHOEFF_P = "0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258".split()  # noqa: SIM905 - read as a table
AADHAAR_FORM = re.compile(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", re.ASCII)
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
)  # they take no room, and hide a name from patterns
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - twelve words
TITLES_OF_PLACES = ("shri", "sri")  # hospitals and towns begin with them too: SriRamachandra, SriNagar
TITLES = ("mr", "mrs", "ms", "miss", "dr", "prof", "smt", "kumari", *TITLES_OF_PLACES)
_TITLE = f"(?:{'|'.join(TITLES)})"
_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[A-Za-z]{2,}")
_HEALTH_HANDLE = re.compile(r"[\w.]+@(?:abdm|sbx|ndhm)\b", re.I)
_URL = re.compile(r"(?:\b[a-z][a-z0-9+.]*://|\bwww\.)\S+|\b[\w-]+\.(?:com|org|net|in|gov|edu|io)(?:/\S*)?$", re.I)
_DEVICE = re.compile(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.I)
_PAN = re.compile(r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]", re.ASCII)
_VOTER = re.compile(r"[A-Z]{3}/?\d{7}", re.ASCII)
_HEALTH_ID = re.compile(r"\d{2}[- ]\d{4}[- ]\d{4}[- ]\d{4}|\d{14}", re.ASCII)
_DOCUMENT = re.compile(r"[A-PR-WY][1-9]\d{6}|[A-Z]{2}[- ]?\d{2}[- ]?(?:19|20)\d{9}", re.ASCII)
RECORD_NUMBER = r"(?i:MRN|UHID|IPD|OPD|CRNO|CR|HN|HOSP)[ :#/_-]*[0-9]{3,}"
_RECORD_NUMBER = re.compile(RECORD_NUMBER)
_POSITION = re.compile(r"-?\d{1,2}\.\d{3,}\s*[,; ]\s*-?\d{1,3}\.\d{3,}", re.ASCII)
_ADDRESS = re.compile(
    r"\b(?:street|road|rd|lane|nagar|marg|colony|sector|flat|plot|apartment|apartments|house|h\.?no|floor|block|village|taluk|taluka"
    r"|post|p\.?o\.? ?box|avenue|chowk|gali|layout|enclave|society|near|opp)\b",
    re.I,
)
_TITLED = re.compile(rf"{_TITLE}(?:\.[ _-]*|[ _-]+)[^\W\d_]{{2,}}.*", re.I)
# A title and a name in an id or code: Dr_Sharma, shri-ramesh-kumar1, Dr_A_Sharma. Read by Arrow (RE2) too.
TITLED_CODE = rf"(?i:{_TITLE})[_-](?:[A-Za-z][_-])*[A-Za-z]{{2,}}[A-Za-z0-9_-]*"
ID_NAME = rf"{TITLED_CODE}|[A-Z][a-z]{{2,}}(?:[_-][A-Z][a-z]+)+"
_ID_NAME = re.compile(ID_NAME)
_EMBEDDED_PHONE = re.compile(r"(?<![\dA-Za-z])(?:\+?91[ -]?|0)?[6-9]\d{4}[ -]?\d{5}(?!\d)", re.ASCII)
_DATE_FORMS = (
    re.compile(r"(?P<y>(?:18|19|20)\d\d)[-/. ]?(?P<m>\d\d)[-/. ]?(?P<d>\d\d)(?:[T ].*)?", re.ASCII),
    re.compile(r"(?P<d>\d{1,2})[-/. ](?P<m>\d{1,2})[-/. ](?P<y>(?:18|19|20)?\d\d)(?:[T ].*)?", re.ASCII),
    re.compile(r"(?P<m>\d{1,2})[-/. ](?P<d>\d{1,2})[-/. ](?P<y>(?:18|19|20)?\d\d)(?:[T ].*)?", re.ASCII),
)
_BETWEEN = "[ .,/_-]*"
_WORDED_DATE = re.compile(
    rf"\d{{1,2}}(?:st|nd|rd|th)?{_BETWEEN}([a-z]{{3}})[a-z]*{_BETWEEN}(?:\d{{2}}|\d{{4}})"
    rf"|([a-z]{{3}})[a-z]*{_BETWEEN}\d{{1,2}}(?:st|nd|rd|th)?[ .,/_-]+\d{{4}}"
    rf"|(?:18|19|20)\d\d{_BETWEEN}([a-z]{{3}})[a-z]*{_BETWEEN}\d{{1,2}}(?:st|nd|rd|th)?",
    re.I,
)
_SPREADSHEET = re.compile(
    r"\d{1,2}-(?:MONTHS)|(?:MONTHS)-(?:\d\d|\d{4})|\d{1,2}/\d{1,2}|\d(?:\.\d+)?E\+\d{2,}"  # MAR24 or 1-3, and 12E7 or a long number
    r"|#(?:REF!|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|#+)".replace("MONTHS", "|".join(month.capitalize() for month in _MONTHS)),
    re.ASCII,
)


def is_verhoeff(text: str) -> bool:
    """True if the digits end in a right Verhoeff check digit, as Aadhaar numbers do; 10 % of random numbers do by chance."""
    check = 0
    for place, digit in enumerate(reversed([c for c in text if c.isdecimal()])):
        check = int(_VERHOEFF_D[check][int(_VERHOEFF_P[place % 8][int(digit)])])
    return check == 0


def identity_rule(text: str) -> str | None:
    """The identity rule that this value breaks, or None; names are judged apart (`is_name`), because codes look like them."""
    text = "".join(map(_plain_digit, unicodedata.normalize("NFKC", _INVISIBLE.sub("", text[:MAX_JUDGED])))).strip()
    if len(text) < 5 or text.isalpha():
        return None
    return next((rule for rule, is_like in _RECOGNISERS if is_like(text)), None)


def _plain_digit(c: str) -> str:
    return c if c.isascii() or not c.isdecimal() else str(unicodedata.decimal(c))


def is_name(text: str) -> bool:
    """True if the text looks like a person's name: a title and a name, or two to four words that all begin with a capital."""
    text = _INVISIBLE.sub("", text[:MAX_JUDGED]).strip()
    if _TITLED.fullmatch(text):
        return True
    words = re.split(r"[ ._'-]+", text.strip("."))
    return 2 <= len(words) <= 4 and all(_is_capitalised(word) for word in words)


def _is_capitalised(word: str) -> bool:
    """True for a word of letters (and their marks, as in Devanagari) that begins with a capital, in scripts that have capitals."""
    letters = bool(word) and all(unicodedata.category(c)[0] in "LM" for c in word)
    return letters and (word[0].isupper() or not word[0].islower())


def id_identity_rule(text: str) -> str | None:
    """The identity rule that a well-formed id breaks; the forms of a PAN and of a voter id are judged in ids.py, which sees the whole column."""
    if is_record_number(text):
        return "identity_record_number"
    return "identity_name" if _ID_NAME.fullmatch(text) else None


def is_titled_code(text: str) -> bool:
    """True if a code of a site or clinician is a title and a name, such as Dr_Sharma."""
    return re.fullmatch(TITLED_CODE, text) is not None


def is_record_number(text: str) -> bool:
    """True for a hospital's word for a record number and a number, such as MRN-00482."""
    return _RECORD_NUMBER.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """True for a calendar date (or a time stamp) in one of the usual forms."""
    matches = filter(None, (form.fullmatch(text) for form in _DATE_FORMS))
    if any(_exists(int(match["y"]), int(match["m"]), int(match["d"])) for match in matches):
        return True
    match = _WORDED_DATE.fullmatch(text)
    return bool(match and (match[1] or match[2] or match[3]).lower() in _MONTHS)


def is_spreadsheet_damage(text: str) -> bool:
    """True for the text that a spreadsheet leaves of a code that it took for a date or a number, or for its mark of an error."""
    return _SPREADSHEET.fullmatch(text) is not None


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year if year > 99 else 2000 + year, month, day)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    if _EMBEDDED_PHONE.search(text):
        return True
    if re.search(r"[^\d+() .x/-]", text):
        return False
    digits = re.sub(r"\D", "", text)
    if text.startswith("+"):
        return 8 <= len(digits) <= 15
    if not text.isdigit():  # separators: a landline, or another country's form
        return bool(re.fullmatch(r"\(?0?\d{2,4}\)?[ -]+\d{3,4}[ -]?\d{3,5}", text))
    return len(digits) == 11 and digits[0] == "0"


def _is_network(text: str) -> bool:
    if _DEVICE.fullmatch(text):
        return True
    try:
        ipaddress.ip_address(re.split("[/%]", text, maxsplit=1)[0])
    except ValueError:
        return bool(re.fullmatch(r"(?:\d{1,3}\.){3}\d{1,3}:\d+", text))
    return True


def _is_address(text: str) -> bool:
    if _POSITION.fullmatch(text):
        return True
    words = len(text.split())
    return words >= 2 and bool(_ADDRESS.search(text)) and (any(c.isdigit() for c in text) or "," in text or words >= 3)


_RECOGNISERS = (
    ("identity_health_id", lambda text: bool(_HEALTH_HANDLE.fullmatch(text) or _HEALTH_ID.fullmatch(text))),
    ("identity_email", lambda text: bool(_EMAIL.search(text))),
    ("identity_url", lambda text: bool(_URL.search(text))),
    ("identity_network", _is_network),
    ("identity_date", is_date),
    ("identity_address", _is_address),
    ("identity_phone", _is_phone),
    ("identity_pan", lambda text: bool(_PAN.fullmatch(text.upper()))),
    ("identity_voter", lambda text: bool(_VOTER.fullmatch(text.upper()))),
    ("identity_record_number", is_record_number),
    ("identity_document", lambda text: bool(_DOCUMENT.fullmatch(text))),
)
PAN_PATTERN, VOTER_PATTERN = _PAN.pattern, r"[A-Z]{3}\d{7}"
