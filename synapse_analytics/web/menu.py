"""The pages in the order of the menu: their short names in it, their headings, and which of them the filters do not concern."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Entry:
    """A page as the menu names it; one with an icon stands at the far end. The heading of the page says more where there is more to say."""

    word: str
    icon: str | None = None
    heading: str = ""


MENU = MappingProxyType(
    {
        "overview": Entry("Overview"),
        "diagnoses": Entry("Diagnoses"),
        "pathways": Entry("Pathways"),
        "outcomes": Entry("Outcomes"),
        "compare_treatments": Entry("Compare", heading="Compare treatments"),
        "patients_like_mine": Entry("Similar", heading="Patients like mine"),
        "variation": Entry("Variation"),
        "export": Entry("Export", "download"),
        "data": Entry("Data", "database"),
        "audit_log": Entry("Audit log", "policy"),
        "methods": Entry("Methods", "menu_book"),
    }
)
WITHOUT_COHORT = (
    "data",
    "audit_log",
    "methods",
)  # these pages have no filters beside them, and are shown even where a cohort is too small to be shown


def heading_of(name: str) -> str:
    """The heading of a page."""
    return MENU[name].heading or MENU[name].word
