"""From the address of a page, as somebody sent it, to its cohort: whatever the address says beside the filters must be known to the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode, urlsplit

from synapse_analytics.errors import UsageError

POLICY = "policy"  # the parameter that asks for the stricter policy
# What each page keeps in the address beside filters and policy: tabs, options, and parts that are open. Tests visit every page to hold this list to it.
PAGE_CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "overview": ("indicator", "period"),
        "diagnoses": ("diagnoses_tab", "mix_by", "baseline_by", "co_diagnoses"),
        "pathways": (
            *("pathways_tab", "unit", "repeats", "gap_collapse", "max_steps", "combination_overlap", "pathway_score", "pathway"),
            *("sankey", "ways", "other_definitions", "reading", "injection", "injection_sure"),
            *("response_event", "response_by", "escalation_event", "escalation_by", "min_days", "event", "stepped_by"),
        ),
        "outcomes": (*("outcomes_tab", "instrument", "index", "outcome_by", "shown", "measure", "month", "preset", "weeks", "rules"),),
        "compare_treatments": ("a", "b", "outcome", "month", "crossover", "sure"),
        "patients_like_mine": (
            *("like_diagnosis", "age", "pain", "odi", "symptom_weeks", "bmi", "like_sex", "like_smoker", "width"),
            *("like_more", "like_checked", "like_patient"),
        ),
        "variation": ("variation_tab", "indicator", "period", "funnel_by"),
        "export": ("export_tab", "rows_of"),
        "data": ("data_tab",),
        "audit_log": (),  # whom and what one looks for there stays out of the address
        "methods": ("methods_tab", "month"),
    }
)
# What begins as an address does, or has a question mark before anything is set: one in a value makes no link, or all before it would be lost.
_LINK = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*://|[^=]*\?")
_CHOICES = frozenset(name for names in PAGE_CHOICES.values() for name in names)


def is_link(text: str) -> bool:
    """True for an address with or without a query; a query alone (`sex=female`) is none."""
    return _LINK.match(text) is not None


def filters_of(link: str) -> str:
    """The query of a link without what the pages know and no filter is; any other name stays, so that nobody loses a filter by a typing error."""
    kept = [(name, value) for name, value in _parts(link) if name not in _CHOICES and name != POLICY]
    return urlencode(kept)


def policy_of(link: str) -> str | None:
    """The policy that a link asks for, None where it asks for none; of a link that names two both, which no clinic knows."""
    asked = dict.fromkeys(value for name, value in _parts(link) if name == POLICY and value)
    return ",".join(asked) or None


def _parts(link: str) -> list[tuple[str, str]]:
    text = link.strip()
    try:
        query = urlsplit(text).query if is_link(text) else text
    except ValueError as error:  # brackets or signs that no host may have
        raise UsageError("The link cannot be read: it is no address of a page.") from error
    return parse_qsl(query, keep_blank_values=True)
