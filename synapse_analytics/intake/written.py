"""Finished records as the files of a bundle: surrogates, months, days, codes; rows in the order of their surrogates."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from synapse_analytics.bundle.schema import BUNDLE_FORMAT, FILES, Column, Kind, RecordFile
from synapse_analytics.intake.columns import BETWEEN_PARTS
from synapse_analytics.intake.disguise import Surrogates
from synapse_analytics.intake.mapping.model import Mapping as Rules
from synapse_analytics.intake.records import Frames
from synapse_analytics.intake.scoring.scored import half_up

METHOD = "anonymise: surrogate ids, months and day numbers, ages of 90 and over as 90, only the columns that the mapping names"
_PLAIN = csv.WriteOptions(include_header=False, quoting_style="none")
_DECIMALS = 3
_BMI_DECIMALS = 1
_OPTIONAL = frozenset(file.name for file in FILES if not file.needed)


def bundle_tables(frames: Frames, surrogates: Surrogates, rules: Rules) -> dict[str, pa.Table]:
    """Every file of the bundle as a table of texts and whole numbers, by its name; files that need not be there only with rows."""
    frames = _named(frames, surrogates, rules)
    tables = {file.name: _table(file, frames[file.stem], surrogates) for file in FILES}
    return {name: table for name, table in tables.items() if table.num_rows or name not in _OPTIONAL}


def write_bundle(tables: Mapping[str, pa.Table], folder: Path, rules: Rules) -> None:
    """Write the files and the manifest into this folder."""
    files = {name: _write(table, folder / name) for name, table in tables.items()}
    manifest: dict[str, Any] = {
        "format": BUNDLE_FORMAT, "clinic": rules.clinic, "data_until": rules.data_until, "deidentified_by": rules.deidentified_by,
        "method": METHOD, "synthetic": rules.synthetic, "files": files,
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _write(table: pa.Table, path: Path) -> dict[str, int | str]:
    buffer = BytesIO()
    buffer.write((",".join(table.column_names) + "\n").encode())
    csv.write_csv(table, buffer, _PLAIN)
    content = buffer.getvalue()
    path.write_bytes(content)
    return {"rows": table.num_rows, "sha256": hashlib.sha256(content).hexdigest()}


def _named(frames: Frames, surrogates: Surrogates, rules: Rules) -> Frames:
    """The records with their surrogates in place of patient_id, episode_id and treatment_id."""
    patients, episodes = frames["patients"], frames["episodes"]
    patient_ids = np.array(surrogates.ids("patient", patients["patient_id"].tolist()), object)
    episode_ids = np.array(surrogates.ids("episode", _episode_keys(episodes, rules)), object)
    named = {"patients": patients.assign(patient_id=patient_ids)}
    named["episodes"] = episodes.assign(episode_id=episode_ids, patient_id=patient_ids[episodes["patient"].to_numpy()])
    for name in frames.keys() - {"patients", "episodes"}:
        named[name] = frames[name].assign(episode_id=episode_ids[frames[name]["episode"].to_numpy()])
    treatments = named["treatments"]
    treatment_ids: np.ndarray = np.array(surrogates.ids("treatment", _treatment_keys(treatments)), object)
    named["treatments"] = treatments.assign(treatment_id=treatment_ids)
    followed = named["adverse_events"]["treatment"].to_numpy()
    of_event = pd.Series(followed).map(dict(enumerate(treatment_ids.tolist())))
    named["adverse_events"] = named["adverse_events"].assign(treatment_id=of_event.to_numpy())
    return named


def _episode_keys(episodes: pd.DataFrame, rules: Rules) -> list[str]:
    """What sets an episode apart in the clinic: its patient, and its own id or first day where a patient may have several."""
    patient = episodes["patient_id"].tolist()
    if rules.episode.is_ == "column":
        return [f"{one}{BETWEEN_PARTS}{other}" for one, other in zip(patient, episodes["episode_id"].tolist(), strict=True)]
    if rules.episode.is_ == "one_per_patient":
        return patient
    first = episodes["first_visit_date"].tolist()
    return [f"{one}{BETWEEN_PARTS}{day:.0f}" for one, day in zip(patient, first, strict=True)]


def _treatment_keys(treatments: pd.DataFrame) -> list[str]:
    """What sets a treatment apart: its episode, its own id, and what it was; equal ones are numbered."""
    columns = [
        treatments[name].astype("str").fillna("").tolist() for name in ("episode_id", "treatment_id", "treatment", "start_day", "end_day")
    ]
    seen: Counter[str] = Counter()
    keys = []
    for parts in zip(*columns, strict=True):
        key = BETWEEN_PARTS.join(parts)
        keys.append(f"{key}{BETWEEN_PARTS}{seen[key]}")
        seen[key] += 1
    return keys


def _table(file: RecordFile, frame: pd.DataFrame, surrogates: Surrogates) -> pa.Table:
    columns = {column.name: _column(column, frame, surrogates) for column in file.columns}
    table = pa.table({name: column for name, column in columns.items() if _is_needed(file.column(name), column)})
    return table.sort_by([(name, "ascending") for name in table.column_names])


def _is_needed(column: Column, values: pa.Array) -> bool:
    return column.required or values.null_count < len(values)


def _column(column: Column, frame: pd.DataFrame, surrogates: Surrogates) -> pa.Array:
    if column.kind is Kind.MONTH:
        return _months(frame["zero"].to_numpy(float))
    values = frame[column.name]
    if column.kind is Kind.UNIT:
        return _units(column.name, values, surrogates)
    if column.kind in (Kind.COUNT, Kind.DAY):
        return pa.array(values.to_numpy(float), pa.float64(), from_pandas=True).cast(pa.int32())
    if column.kind in (Kind.NUMBER, Kind.SCORE):
        return _decimals(half_up(values.to_numpy(float), _BMI_DECIMALS) if column.name == "bmi" else values.to_numpy(float))
    return pa.array(values, pa.string(), from_pandas=True)


def _each_once(values: pa.Array | pa.ChunkedArray, text: Callable[[Any], str]) -> pa.Array:
    """Each distinct value written once."""
    # Texts that pandas joined from several tables come in several chunks.
    encoded = (values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values).dictionary_encode()
    return pa.array([text(one) for one in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)


def _decimals(values: np.ndarray) -> pa.Array:
    return _each_once(pa.array(values, from_pandas=True), lambda value: f"{value:.{_DECIMALS}f}".rstrip("0").rstrip("."))


def _months(zero: np.ndarray) -> pa.Array:
    return pa.array(zero.astype("datetime64[D]").astype("datetime64[M]").astype(str), pa.string())


def _units(name: str, values: pd.Series, surrogates: Surrogates) -> pa.Array:
    """Sites and clinicians: codes as they are, and a surrogate for every other text (values.py marks them)."""

    def text(unit: str) -> str:
        return surrogates.unit(name, unit[1:]) if unit.startswith("\0") else unit

    return _each_once(pa.array(values, pa.string(), from_pandas=True), text)
