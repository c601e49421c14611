"""A line of the audit log in plain words: what happened as a sentence without its subject, the cohort, and the details that are left."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from synapse_analytics import analyses, audit
from synapse_analytics.access import Permission
from synapse_analytics.cohort import Cohort
from synapse_analytics.web.menu import MENU, heading_of

# By the code of an event: what happened in general, and where the details are known in particular. The person of the line is the subject.
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "start": ("started", ""),
        "stop": ("stopped", ""),
        "sign_in": ("signed in", ""),
        "sign_in_refused": ("was not let in, having no role here", ""),
        "sign_out": ("signed out", ""),
        "session_ended": ("was signed out by the dashboard", "was signed out by the dashboard: {why}"),
        "access_refused": ("was refused", "was refused: may not {permission}"),
        "question": ("asked a question", "asked: {answer}"),
        "questions_lost": ("could not log questions that were answered", ""),
        "download": ("downloaded a file", "downloaded: {answer}"),
        "report_asked": ("asked for a report", ""),
        "report": ("took a report", ""),
        # Older versions of the program wrote one line for a load.
        "load": ("gave a bundle to be loaded", ""),
        "load_asked": ("asked to load a bundle", ""),
        "load_refused": ("gave a bundle that was refused", ""),
        "load_aborted": ("began a load that was stopped; nothing came into use", ""),
        "publish_asked": ("asked to put a new data version into use", "asked to put the new data version {generation} into use"),
        "publish": ("put a new data version into use", "put the new data version {generation} into use"),
        "generation_use_asked": ("asked to use another data version", "asked to use data version {generation}"),
        "generation_used": ("put a data version into use", "put data version {generation} into use"),
        "generation_remove_asked": ("asked to remove a data version", "asked to remove data version {generation}"),
        "generation_removed": ("removed a data version", "removed data version {generation}"),
        "generation_found": ("found a data version in use that the log did not put into use", "found data version {generation} in use, which the log did not put into use"),
        "backup_asked": ("asked to back up the store", ""),
        "backup": ("backed up the store", "backed up the store, with data version {generation} in use"),
        "restore_asked": ("asked to restore the store from a backup", "asked to restore the store from the backup of {made_at}"),
        "restore": ("restored the store from a backup", "restored the store from the backup of {made_at}, with data version {generation} in use"),
        "draft_mapping_asked": ("asked for a mapping of the clinic's own files", ""),
        "draft_mapping": ("had a mapping of the clinic's own files proposed", ""),
        "anonymise_asked": ("asked to make a bundle of the clinic's own files", ""),
        "anonymise": ("made a bundle of the clinic's own files", ""),
        "export_previewed": ("looked at ten rows of an export", "looked at ten rows of an export of {table}"),
        "export_asked": ("asked to export rows", "asked to export rows: {table}"),
        "export_finished": ("exported rows", "exported rows: {table}"),
        "export_aborted": ("began an export of rows that failed", "began an export of rows that failed: {table}"),
        "cohort_save_asked": ("asked to save a cohort", ""),
        "cohort_saved": ("saved a cohort", ""),
        "cohort_remove_asked": ("asked to remove a saved cohort", ""),
        "cohort_removed": ("removed a saved cohort", ""),
        "settings_change": ("runs with other settings from now on", ""),
        "policy_change": ("runs under another policy from now on", "runs under the policy “{policy}” from now on"),
        "log_settled": ("settled what was wrong with the log", ""),
    }
)  # fmt: skip
REFUSED = {"accepted": False}  # in the details of a bundle or of files that were not taken
OTHER_FILES = {
    "records": "the rows of an export",
    "saved_cohort": "a saved cohort",
    "patient_page": "a page for a patient",
    "audit_log": "the audit log",
}
NAMES = {"generation": "data version", "n": "patients", "of": "where", "answer": "answer"}  # of details, as people say them


def in_general(event: str) -> str:
    """What happened, whatever the details; an event of another version of the program stays a code."""
    return WORDS.get(event, (event, ""))[0]


def sentence(line: audit.Line) -> str:
    """What happened, with the detail that says most."""
    general, particular = WORDS.get(line.event, (line.event, ""))
    known = {name: _spoken(name, value) for name, value in line.detail.items()}
    try:
        return (particular or general).format_map(known)
    except KeyError:
        return general


def details(line: audit.Line) -> str:
    """What the sentence does not say: name and value, in the order of the log."""
    _, particular = WORDS.get(line.event, ("", ""))
    left = {name: value for name, value in line.detail.items() if f"{{{name}}}" not in particular}
    parts = [*_pairs(left)]
    if line.rows is not None:
        parts.append(f"rows: {line.rows:,}")
    if line.sha256:
        parts.append(f"sha256: {line.sha256[:16]}")
    return "; ".join(parts)


def _pairs(detail: Mapping[str, Any]) -> list[str]:
    pairs = []
    for name, value in detail.items():
        if isinstance(value, Mapping):
            pairs.extend(_pairs(value))
        elif value is not None:
            pairs.append(f"{NAMES.get(name, name.replace('_', ' '))}: {_spoken(name, value)}")
    return pairs


def _spoken(name: str, value: Any) -> str:
    """The value of a detail as people say it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:,}" if name == "n" and isinstance(value, int) else str(value)
    if name == "answer":
        known = analyses.answers().get(text)
        return known.question if known else OTHER_FILES.get(text, text)
    if name == "permission":
        return next((str(one.value) for one in Permission if one.name.lower() == text), text)
    if name == "of" and text in MENU:
        return f"page {heading_of(text)}"
    if name in {"why", "of"}:
        return text.replace("_", " ")
    return text.replace(",", ", ") if name == "columns" else text


@lru_cache(maxsize=1024)
def cohort(url: str | None) -> str:
    """The cohort of a line in words; empty where the event concerns none."""
    if url is None:
        return ""
    known, notices = Cohort.from_url(url)
    return known.sentence() + (" (and a filter that this version of the program does not know)" if notices else "")
