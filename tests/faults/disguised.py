"""Identifiers in the clothes of an id or a code, and honest ids and codes that look like them; every person here is made up."""

from __future__ import annotations

import base64
import calendar
import uuid
from collections.abc import Callable
from pathlib import Path
from random import Random

from synapse_analytics.bundle.identity import is_verhoeff
from tests.builders import write_bundle

Maker = Callable[[Random], str]
MONTHS, SHORT = list(calendar.month_name)[1:], list(calendar.month_abbr)[1:]
SURNAMES, GIVEN = (
    names.split()
    for names in (
        "SHARMA SINGH KUMAR VERMA PATEL REDDY RAO IYER NAIR MEHTA JOSHI DESAI GUPTA KHAN BOSE GHOSH PILLAI MENON PATIL YADAV",
        "PRIYA ARJUN ASHA RAVI SUNITA ANIL SURESH KAVITA POOJA NEHA AMIT ROHIT VIJAY DEEPAK MEENA LATA RADHA MOHAN SWATI KIRAN",
    )
)
MAKERS = ("00", "3C", "F0", "A4", "28", "5C", "D8", "70", "84", "1C", "B8", "60")  # how addresses of devices begin
LETTERS, DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"


def _drawn(random: Random, of: str, length: int) -> str:
    return "".join(random.choices(of, k=length))


def _born(random: Random, form: str, names: list[str] = SHORT) -> str:
    month = random.randint(1, 12)
    parts = {"d": random.randint(1, 28), "m": month, "word": names[month - 1], "y": random.randint(1935, 2005)}
    return form.format(**parts, yy=parts["y"] % 100)


def _date(form: str, names: list[str] = SHORT) -> Maker:
    return lambda random: _born(random, form, names)


def _phone(form: str) -> Maker:
    return lambda random: form.format(random.choice("6789") + _drawn(random, DIGITS, 4), _drawn(random, DIGITS, 5))


def _aadhaar(form: str) -> Maker:
    def make(random: Random) -> str:
        first = random.choice("23456789") + _drawn(random, DIGITS, 10)
        whole = next(first + digit for digit in DIGITS if is_verhoeff(first + digit))
        return form.format(whole[:4], whole[4:8], whole[8:])

    return make


def _device(form: str) -> Maker:
    return lambda random: form.format(random.choice(MAKERS), *(_drawn(random, DIGITS + "ABCDEF", 2) for _ in range(5)))


def _name(form: str) -> Maker:
    return lambda random: form.format(random.choice(SURNAMES), random.choice(GIVEN))


DISGUISED: dict[str, tuple[str, Maker]] = {
    "12-Dec-1961": ("identity_date", _date("{d}-{word}-{y}")),
    "12Dec1961": ("identity_date", _date("{d}{word}{y}")),
    "12_dec_1961": ("identity_date", _date("{d}_{word}_{y}", [name.lower() for name in SHORT])),
    "12-DECEMBER-1961": ("identity_date", _date("{d}-{word}-{y}", [name.upper() for name in MONTHS])),
    "12DEC61": ("identity_date", _date("{d:02}{word}{yy:02}", [name.upper() for name in SHORT])),
    "DOB-12-Dec-61": ("identity_date", _date("DOB-{d}-{word}-{yy:02}")),
    "1961-Dec-12": ("identity_date", _date("{y}-{word}-{d}")),
    "1961DEC12": ("identity_date", _date("{y}{word}{d:02}", [name.upper() for name in SHORT])),
    "December-12-1961": ("identity_date", _date("{word}-{d}-{y}", MONTHS)),
    "12-Dec-1961-M": ("identity_date", _date("{d}-{word}-{y}-M")),
    "D19611231": ("identity_date", _date("D{y}{m:02}{d:02}")),
    "DOB_19611231": ("identity_date", _date("DOB_{y}{m:02}{d:02}")),
    "dob-1961-12-31": ("identity_date", _date("dob-{y}-{m:02}-{d:02}")),
    "D31121961": ("identity_date", _date("D{d:02}{m:02}{y}")),
    "D12311961": ("identity_date", _date("D{m:02}{d:02}{y}")),
    "31-12-1961-F": ("identity_date", _date("{d}-{m}-{y}-F")),
    "S01-19611231": ("identity_date", _date("S01-{y}{m:02}{d:02}")),
    "19611231-P7": ("identity_date", _date("{y}{m:02}{d:02}-P7")),
    "00-1A-2B-3C-4D-5E": ("identity_network", _device("{}-{}-{}-{}-{}-{}")),
    "00_1a_2b_3c_4d_5e": ("identity_network", lambda random: _device("{}_{}_{}_{}_{}_{}")(random).lower()),
    "00:1A:2B:3C:4D:5E": ("identity_network", _device("{}:{}:{}:{}:{}:{}")),
    "MAC-00-1A-2B-3C-4D-5E": ("identity_network", _device("MAC-{}-{}-{}-{}-{}-{}")),
    "D_001A2B3C4D5E": ("identity_network", _device("D_{}{}{}{}{}{}")),
    "001A-2B3C-4D5E": ("identity_network", _device("X_{}{}-{}{}-{}{}")),
    "P-9876543210": ("identity_phone", _phone("P-{}{}")),
    "P9876543210": ("identity_phone", _phone("P{}{}")),
    "PAT_+919876543210": ("identity_phone", _phone("PAT_+91{}{}")),
    "PAT_919876543210": ("identity_phone", _phone("PAT_91{}{}")),
    "PAT-0098765-43210": ("identity_phone", _phone("PAT-0{}-{}")),
    "S01-9876543210-M": ("identity_phone", _phone("S01-{}{}-M")),
    "9876543210P": ("identity_phone", _phone("{}{}P")),
    "UID-234123412346": ("identity_aadhaar", _aadhaar("UID-{}{}{}")),
    "UID234123412346": ("identity_aadhaar", _aadhaar("UID{}{}{}")),
    "UID-2341-2341-2346": ("identity_aadhaar", _aadhaar("UID-{}-{}-{}")),
    "234123412346_A": ("identity_aadhaar", _aadhaar("{}{}{}_A")),
    "P-91-1234-5678-9012": ("identity_health_id", lambda random: f"P-91-{'-'.join(_drawn(random, DIGITS, 4) for _ in range(3))}"),
    "PAN-ABCPV1234K": (
        "identity_pan",
        lambda random: (
            f"PAN-{_drawn(random, LETTERS, 3)}P{_drawn(random, LETTERS, 1)}{_drawn(random, DIGITS, 4)}{_drawn(random, LETTERS, 1)}"
        ),
    ),
    "SHARMA_PRIYA": ("identity_name", _name("{}_{}")),
    "SINGH-ARJUN": ("identity_name", _name("{}-{}")),
    "sharma_priya": ("identity_name", lambda random: _name("{}_{}")(random).lower()),
    "SharmaPriya": ("identity_name", lambda random: f"{random.choice(SURNAMES).title()}{random.choice(GIVEN).title()}"),
    "P-SHARMA-PRIYA": ("identity_name", _name("P-{}-{}")),
    "SHARMA_PRIYA_07": ("identity_name", lambda random: f"{_name('{}_{}')(random)}_{random.randint(1, 99):02}"),
    "P0001_Sharma_Priya": ("identity_name", lambda random: f"P{random.randint(1, 9999):04}_{_name('{}_{}')(random).title()}"),
    "KumariPriya": ("identity_name", lambda random: f"Kumari{random.choice(GIVEN).title()}{random.randint(1, 99)}"),
    "MissPriya": ("identity_name", lambda random: f"Miss{random.choice(GIVEN).title()}{random.randint(1, 99)}"),
    "DrSharma": ("identity_name", lambda random: f"Dr{random.choice(SURNAMES).title()}{random.randint(1, 99)}"),
    "SHARMA_P": ("identity_name", lambda random: f"{random.choice(SURNAMES)}_{random.choice(GIVEN)[0]}"),
    "1-Mar": ("spreadsheet_damage", lambda random: f"{random.randint(1, 31)}-{random.choice(SHORT)}"),
    "Mar-24": ("spreadsheet_damage", lambda random: f"{random.choice(SHORT)}-{random.randint(0, 99):02}"),
    "3/1": ("spreadsheet_damage", lambda random: f"{random.randint(1, 31)}/{random.randint(1, 12)}"),
    "1.20E+08": ("spreadsheet_damage", lambda random: f"{random.randint(1, 9)}.{random.randint(0, 99):02}E+{random.randint(6, 30):02}"),
}
"""What stands there -> the rule that the column breaks, and a value of it."""


def _bytes(random: Random, length: int) -> bytes:
    return random.randbytes(length)


HONEST: dict[str, Maker] = {
    "hex of 8": lambda random: _bytes(random, 4).hex(),
    "hex of 12": lambda random: _bytes(random, 6).hex(),
    "hex of 12, large": lambda random: _bytes(random, 6).hex().upper(),
    "hex of 12, named": lambda random: f"P-{_bytes(random, 6).hex()}",
    "hex in fours": lambda random: "-".join(_bytes(random, 2).hex() for _ in range(3)),
    "hash": lambda random: _bytes(random, 32).hex(),
    "uuid": lambda random: str(uuid.UUID(int=random.getrandbits(128), version=4)),
    "base32 of 8": lambda random: base64.b32encode(_bytes(random, 5)).decode(),
    "base32 of 13": lambda random: base64.b32encode(_bytes(random, 10)).decode()[:13],
    "base32 in fives": lambda random: "-".join(base64.b32encode(_bytes(random, 5)).decode()[:5] for _ in range(2)),
    "base36 of 7": lambda random: _drawn(random, LETTERS + DIGITS, 7),
    "base64 for addresses": lambda random: base64.urlsafe_b64encode(_bytes(random, 9)).decode(),
    "letters": lambda random: f"{_drawn(random, LETTERS, 6)}-{_drawn(random, LETTERS, 6)}",
    "6 digits": lambda random: f"P{random.randrange(10**6):06}",
    "8 digits": lambda random: f"P{random.randrange(10**8):08}",
    "10 digits": lambda random: f"P-{random.randrange(10**10):010}",
    "12 digits": lambda random: f"UID-{random.randrange(10**12):012}",
    "12 digits, no nought": lambda random: f"UID-{random.randrange(2 * 10**11, 10**12)}",
    "14 digits": lambda random: f"P{random.randrange(10**14):014}",
    "site and number": lambda random: f"{random.choice(['MAR01', 'DEL02', 'DEC-S1'])}-{random.randrange(10**6):06}",
    "site and small number": lambda random: f"{random.choice(['MAR01', 'DEC12', 'JAN31'])}-{random.randint(1, 9999):04}",
    "ward, site and number": lambda random: (
        f"{random.randint(1, 12):02}-{random.choice(['MAR', 'DEL', 'GOA'])}-{random.randint(1, 3000):04}"
    ),
    "year and number": lambda random: f"P{random.randint(2018, 2024)}-{random.randint(1, 2000):04}",
    "year, number run together": lambda random: f"P{random.randint(2018, 2024)}{random.randint(1, 9999):04}",
    "month and number": lambda random: f"E{random.randint(2018, 2024)}{random.randint(1, 12):02}-{random.randint(1, 400):03}",
    "three small numbers": lambda random: f"S{random.randint(1, 40)}-{random.randint(1, 60)}-{random.randint(1, 99)}",
}
"""Ids that say nothing of anybody, drawn at random: none of them may be refused."""

COUNTERS: dict[str, Callable[[int], str]] = {
    "P000001": lambda k: f"P{k:06}",
    "C-007": lambda k: f"C-{k:03}",
    "12 digits": lambda k: f"P-{k:012}",
    "12 digits from 2": lambda k: f"UID-{2 * 10**11 + k}",
    "10 digits from 9": lambda k: f"P-{9 * 10**9 + k}",
    "a counter for three sites": lambda k: f"{('BLR', 'MUM', 'DEL')[k % 3]}{k:07}",
    "year, patient, episode, treatment": lambda k: f"T-24-{k // 9:04}-{k // 3:04}-{k:04}",
    "from 100001": lambda k: f"S-{100_000 + k}",
    "after a year": lambda k: f"P{2020 * 10_000 + k}",
    "after a year, apart": lambda k: f"P2020-{k:04}",
    "from 19610101": lambda k: f"P{19_610_100 + k}",
    "hexadecimal": lambda k: f"{0xA0_0000_0000 + k:012x}X",
    "MAR01-000123": lambda k: f"MAR{1 + k % 3:02}-{k:06}",
    "letters after a word": lambda k: f"PATIENT-{LETTERS[k // 26 % 26]}{LETTERS[k % 26]}",
}
"""Ids that count, from the k-th."""

CODES: dict[str, tuple[str, ...]] = {
    "months as sites": ("MAR01", "DEC02", "DEC-S1", "JAN", "MAY-1"),
    "numbered": ("S-01", "S-02", "C-007", "SITE1"),
    "lettered": ("SITE-A", "SITE-B", "SITE-C"),
    "wings": ("NORTH_WING", "SOUTH_WING", "EAST_WING", "WEST_BLOCK", "MAIN_CLINIC"),
    "teams": ("SPINE_TEAM", "PAIN_TEAM", "LEAD-SURGEON", "VISITING_CONSULTANT"),
    "roles": ("STAFF_NURSE", "CHIEF_SURGEON", "ASSOCIATE-PROFESSOR", "DUTY_DOCTOR", "ORTHO_TRAINEE", "ADVANCED_PRACTITIONER"),
    "drills": ("DRILL", "Drop1", "MRI", "Drum2"),
    "towns": ("BANDRA_WEST", "ANDHERI_EAST", "NEW_DELHI"),
    "airports": ("MUM-A", "DEL-B", "BLR-C", "GOA-D"),
    "initials": ("RKS", "PM", "A-K", "S_V"),
    "words with a capital": ("Del-01", "Mar-01", "Goa-02"),
    "hexadecimal": ("a3f9-77", "1e5", "0x10", "00-1A"),
    "odd": ("__init__", "NA", "all", "-2e3", "pooled"),
}
"""Codes of sites or clinicians that must stay legal."""

TOWNS = ("NAVI_MUMBAI", "VILE_PARLE", "GREATER_NOIDA", "BANDRA_WEST", "PIMPRI_CHINCHWAD")
SRI = ("SriNagar", "SriRamachandra", "ShriRam2")
"""Codes of sites that would be names if clinicians or patients had them."""


def write_ids(folder: Path, ids: list[str]) -> Path:
    """A right bundle but for the ids of its patients."""
    return write_bundle(folder, episodes=[{"episode_id": f"E{k}", "patient_id": text} for k, text in enumerate(ids)])


def write_codes(folder: Path, column: str, codes: list[str]) -> Path:
    """A right bundle but for the codes of its sites or clinicians, each used three times."""
    return write_bundle(folder, episodes=[{"episode_id": f"E{k}", "patient_id": f"P{k}", column: text} for k, text in enumerate(codes * 3)])
