"""Identities that cannot be anybody's: every number has a form that is never given to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from synapse_analytics.bundle.identity import is_verhoeff

WOMEN = ("Aditi", "Bhavna", "Chitra", "Deepa", "Farida", "Gauri", "Hema", "Indira", "Jaya", "Kavita", "Lata", "Meena", "Nasreen", "Pooja")
MEN = ("Arjun", "Bharat", "Chetan", "Dinesh", "Farhan", "Gopal", "Harish", "Imran", "Jatin", "Kiran", "Lalit", "Manoj", "Nikhil", "Prakash")
FAMILIES = (
    "Agarwal",
    "Bhat",
    "Chavan",
    "Desai",
    "Fernandes",
    "Gokhale",
    "Iyer",
    "Joshi",
    "Kulkarni",
    "Menon",
    "Naidu",
    "Pillai",
    "Rao",
    "Shaikh",
)
PLACES = ("Andheri East", "Chembur", "Dadar West", "Ghatkopar", "Kothrud", "Malad West", "Thane", "Vashi")
OLDEST = 90  # ages from here on are one group


@dataclass(frozen=True, slots=True)
class Person:
    """Who a patient is said to be."""

    mrn: str
    given: str
    family: str
    born: date
    phone: str
    email: str
    address: str
    aadhaar: str
    pan: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


def draw_people(random: np.random.Generator, patients: list[dict[str, str]], first_visit: dict[str, date]) -> dict[str, Person]:
    """A person for each patient, of the age that the bundle says at the first visit."""
    numbers = random.permutation(len(patients) * 4)[: len(patients)] + 40_000
    return {
        row["patient_id"]: _person(random, row, first_visit[row["patient_id"]], int(number))
        for row, number in zip(patients, numbers, strict=True)
    }


def _person(random: np.random.Generator, row: dict[str, str], visit: date, number: int) -> Person:
    women = row["sex"] == "female" or (row["sex"] == "unknown" and number % 2 == 0)
    given, family = _one(random, WOMEN if women else MEN), _one(random, FAMILIES)
    house, place = int(random.integers(1, 200)), _one(random, PLACES)
    return Person(
        mrn=f"{number:07d}",
        given=given,
        family=family,
        born=_born(random, int(row["age_years"]), visit),
        phone=f"+91 00000 {number:05d}",  # no number of India begins with 0
        email=f"{given}.{family}{number % 1000}@example.com".lower(),  # a domain kept free for examples (RFC 2606)
        address=f"{house} Made-up Road, {place} 0{number:05d}",  # no postal code of India begins with 0
        aadhaar=_aadhaar(number),
        pan=f"MUPZ{family[0]}{number % 10_000:04d}{given[0]}",  # no kind of holder has the letter Z in the fourth place
    )


def _one(random: np.random.Generator, names: tuple[str, ...]) -> str:
    return names[int(random.integers(0, len(names)))]


def _born(random: np.random.Generator, age: int, visit: date) -> date:
    """A date of birth with which a person is so old at the visit; those of 90 may be older."""
    years = age + (int(random.integers(0, 6)) if age >= OLDEST else 0)
    birthday = date(visit.year - years, visit.month, min(visit.day, 28))
    return birthday - timedelta(int(random.integers(1, 360)))


def _aadhaar(number: int) -> str:
    """Twelve digits with a right check digit; none that is given out begins with 0."""
    start = f"000000{number:05d}"
    return next(start + digit for digit in "0123456789" if is_verhoeff(start + digit))
