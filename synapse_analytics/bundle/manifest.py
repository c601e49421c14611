"""The manifest of a bundle: the required entries are there and of the right form, nothing else is, and no text identifies anyone."""

from __future__ import annotations

import json
import re
from typing import Any

from synapse_analytics.bundle.identity import identity_rule
from synapse_analytics.bundle.problems import Place, Report, shown_name
from synapse_analytics.bundle.schema import BUNDLE_FORMAT, FILES
from synapse_analytics.bundle.source import MANIFEST, Member

REQUIRED = ("format", "clinic", "data_until", "deidentified_by", "method")
OPTIONAL = ("synthetic", "files")
MAX_BYTES, MAX_TEXT = 1 << 20, 1_000
_MONTH = re.compile(r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])", re.ASCII)
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_DESCRIBED = frozenset(name for file in FILES for name in file.names)
# The clinic may have a web page, and a method may say when it was applied; neither is about a patient.
_HARMLESS = frozenset({"identity_url", "identity_date", "identity_address", "identity_network"})


def read_manifest(member: Member, report: Report) -> dict[str, Any]:
    """The manifest as far as it could be read; everything wrong with it goes to the report."""
    with member.open() as handle:
        content = handle.read(MAX_BYTES + 1)
    try:
        if len(content) > MAX_BYTES:
            raise ValueError
        manifest = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_no_twins)
    except (ValueError, RecursionError):
        manifest = None
    if not isinstance(manifest, dict):
        report.add("manifest_not_json", Place(MANIFEST))
        return {}
    _check_entries(manifest, report)
    _check_files(manifest.get("files", {}), report)
    return manifest


def data_until_month(manifest: dict[str, Any]) -> int | None:
    """The last month with complete data as year * 12 + month - 1; None when the manifest names no such month."""
    text = manifest.get("data_until")
    if not isinstance(text, str) or not _MONTH.fullmatch(text):
        return None
    return int(text[:4]) * 12 + int(text[5:]) - 1


def described_files(manifest: dict[str, Any]) -> dict[str, Any]:
    """What the manifest says of each file, by name; empty when it says nothing."""
    files = manifest.get("files")
    return files if isinstance(files, dict) else {}


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these pairs; of two equal keys JSON readers silently keep the last."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError
    return dict(pairs)


def _check_entries(manifest: dict[str, Any], report: Report) -> None:
    for key in REQUIRED:
        if key in manifest:
            _check_text(key, manifest[key], report)
        else:
            report.add("manifest_missing_key", Place(MANIFEST, column=key))
    for key in [key for key in manifest if key not in REQUIRED + OPTIONAL]:
        report.add("manifest_unknown_key", Place(MANIFEST, column=shown_name(key)))
    if not isinstance(manifest.get("synthetic", False), bool):
        report.add("manifest_wrong_type", Place(MANIFEST, column="synthetic"), hint="allowed: true or false")
    if isinstance(manifest.get("format"), str) and manifest["format"] != BUNDLE_FORMAT:
        report.add("manifest_format", Place(MANIFEST, column="format"), manifest["format"], BUNDLE_FORMAT)


def _check_text(key: str, text: Any, report: Report) -> None:
    place = Place(MANIFEST, column=key)
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT or not text.isprintable():
        report.add("manifest_wrong_type", place, hint=f"allowed: a text of 1 to {MAX_TEXT} characters")
    elif key == "data_until":
        if not _MONTH.fullmatch(text):
            report.add("manifest_wrong_type", place, text, "YYYY-MM")
    elif key != "format" and (rule := _identity_in(text)):
        report.add(rule, place, text)


def _identity_in(text: str) -> str | None:
    """The identity rule broken by the whole text or one of its words."""
    found = (identity_rule(part.strip("().,;:")) for part in (text, *text.split()))
    return next((rule for rule in found if rule and rule not in _HARMLESS), None)


def _check_files(files: Any, report: Report) -> None:
    if not isinstance(files, dict):
        report.add("manifest_wrong_type", Place(MANIFEST, column="files"))
        return
    for name, entry in files.items():
        if name not in _DESCRIBED:
            report.add("manifest_unknown_key", Place(MANIFEST, column=f"files.{shown_name(name)}"))
        elif not _is_described(entry):
            report.add(
                "manifest_wrong_type",
                Place(MANIFEST, column=f"files.{name}"),
                hint="allowed: rows, a whole number, and sha256, 64 hexadecimal digits",
            )


def _is_described(entry: Any) -> bool:
    if not isinstance(entry, dict) or not set(entry) <= {"rows", "sha256"}:
        return False
    rows, sha256 = entry.get("rows", 0), entry.get("sha256", "0" * 64)
    return type(rows) is int and rows >= 0 and isinstance(sha256, str) and bool(_SHA256.fullmatch(sha256))
