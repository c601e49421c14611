"""A load: a checked bundle becomes base tables and marts, checks itself, and only then is published."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics import vocabulary as v
from synapse_analytics.bundle import Check, check_bundle
from synapse_analytics.errors import BundleRefused
from synapse_analytics.progress import Progress, quiet
from synapse_analytics.store.base import Keys, base_table
from synapse_analytics.store.building import Build, building, publish
from synapse_analytics.store.engine import store_folder
from synapse_analytics.store.manifest import GenerationInfo, describe_files, digest_of, write_manifest
from synapse_analytics.store.marts import build_marts
from synapse_analytics.store.missingness import missing_shares
from synapse_analytics.store.present import codes_present
from synapse_analytics.store.selfcheck import check_generation
from synapse_analytics.store.tables import BASE_TABLES
from synapse_analytics.store.workshop import Workshop

BeforePublish = Callable[[str], None]  # told the id of a complete generation before it comes into use; what it raises stops the load


def load_bundle(
    path: Path | str, database: str | None = None, progress: Progress = quiet, before_publish: BeforePublish | None = None
) -> GenerationInfo:
    """Check a bundle and load it; a refused one raises BundleRefused, which carries the check."""
    check = check_bundle(Path(path), progress)
    if not check.accepted:
        raise BundleRefused(check.sentence(), check)
    # Nobody else has seen this check: its tables are let go as soon as they are stored, 500 MB at 1M patients.
    tables = dict(check.tables)
    check.tables.clear()
    return _load(replace(check, tables=tables), tables, database, progress, before_publish)


def load(
    check: Check, database: str | None = None, progress: Progress = quiet, before_publish: BeforePublish | None = None
) -> GenerationInfo:
    """Build a generation from an accepted check and publish it; nothing comes into use if `before_publish` raises."""
    if not check.accepted:
        raise BundleRefused("A refused bundle cannot be loaded.", check)
    return _load(check, dict(check.tables), database, progress, before_publish)


def _load(
    check: Check, tables: dict[str, pa.Table], database: str | None, progress: Progress, before_publish: BeforePublish | None
) -> GenerationInfo:
    store = store_folder(database)
    with building(store) as build:
        facts = _facts(check)
        info = _build(tables, facts, build, progress)
        progress("Putting into use", 0, 1)
        publish(store, build, before_publish)  # nothing after this may stop: what is in use has to be said
    return info


def _build(tables: dict[str, pa.Table], facts: dict[str, Any], build: Build, progress: Progress) -> GenerationInfo:
    expected = {name: len(table) for name, table in tables.items()}
    with Workshop(build.folder) as workshop:
        for name, table in _base_tables(tables, progress):
            workshop.keep_base(name, table)
        build_marts(workshop, data_until=facts["data_until"], headline=facts["headline"], progress=progress)
        rows = check_generation(workshop, expected)
        present = codes_present(workshop)
    files = describe_files(build.folder)
    info = GenerationInfo(
        id=build.generation,
        loaded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        rows=rows,
        sha256=digest_of(files),
        present=present,
        current=True,
        **facts,
    )
    write_manifest(build.folder, info, files)
    return info


def _base_tables(tables: dict[str, pa.Table], progress: Progress) -> Iterator[tuple[str, pa.Table]]:
    """Base tables in an order in which every key is known before it is used; takes each out of `tables`."""
    keys: Keys = {}
    total, done = sum(map(len, tables.values())), 0
    for stored in BASE_TABLES:
        progress(f"Storing {stored.name.replace('_', ' ')}", done, total)
        rows = tables.pop(stored.name)
        done += len(rows)
        yield stored.name, base_table(stored.name, rows, keys)
    progress("Storing", done, total)


def _facts(check: Check) -> dict[str, Any]:
    """What the manifest of the generation says about the bundle."""
    episodes = check.tables["episodes"]
    months = pc.min_max(episodes["first_visit_month"]).as_py()
    return {
        "clinic": check.manifest["clinic"],
        "data_until": check.manifest["data_until"],
        "synthetic": bool(check.manifest.get("synthetic", False)),
        "warnings": tuple(asdict(warning) for warning in check.warnings),
        "headline": _headline(check.tables["scores"]),
        "sites": tuple(sorted(pc.unique(episodes["site"]).to_pylist())),
        "clinicians": tuple(sorted(pc.unique(episodes["clinician"]).to_pylist())),
        "months": tuple(_month_text(months[end], check.manifest["data_until"]) for end in ("min", "max")),
        "missingness": missing_shares(check.tables),
    }


def _headline(scores: pa.Table) -> str:
    """The headline instrument of a generation, one for all its patients: the first of HEADLINE_FALLBACK that the bundle has answers to."""
    present = {v.INSTRUMENTS[place].code for place in pc.unique(scores["instrument"]).to_pylist()}
    return next((code for code in v.HEADLINE_FALLBACK if code in present), v.HEADLINE)


def _month_text(month: int | None, otherwise: str) -> str:
    return otherwise if month is None else f"{month // 12:04d}-{month % 12 + 1:02d}"
