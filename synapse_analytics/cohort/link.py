"""From the address of a page, as somebody sent it, to its cohort: whatever the address says beside the filters must be known to the pages."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

from synapse_analytics.errors import UsageError

POLICY = "policy"  # the parameter that asks for the stricter policy
# What the pages keep in the address beside the filters and the policy: tabs, options, and parts that are open (a test visits every page).
_CHOICES = """
a age b baseline_by bmi co_diagnoses combination_overlap crossover data_tab diagnoses_tab escalation_by escalation_event
event export_tab funnel_by gap_collapse index indicator injection injection_sure instrument like_checked like_diagnosis
like_more like_patient like_sex like_smoker max_steps measure methods_tab min_days mix_by month odi other_definitions
outcome outcome_by outcomes_tab pain pathway pathway_score pathways_tab period preset reading repeats response_by
response_event rows_of rules sankey shown stepped_by sure symptom_weeks unit variation_tab ways weeks width
"""
PAGE_CHOICES = frozenset(_CHOICES.split())


def is_link(text: str) -> bool:
    """True for an address with or without a query; a query alone (`sex=female`) is none."""
    return "://" in text or "?" in text


def filters_of(link: str) -> str:
    """The query of a link without what the pages know and no filter is; any other name stays, so that nobody loses a filter by a typing error."""
    kept = [(name, value) for name, value in _parts(link) if name not in PAGE_CHOICES and name != POLICY]
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
