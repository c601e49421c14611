"""The whole way: from a source and its mapping to a checked bundle and the account of every row. Nothing is written unless all of it is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from synapse_analytics.bundle import check_bundle, explained, warned
from synapse_analytics.bundle.problems import Check
from synapse_analytics.bundle.schema import FILES
from synapse_analytics.errors import IntakeRefused
from synapse_analytics.intake.account import Accounting
from synapse_analytics.intake.accounted import accounted
from synapse_analytics.intake.disguise import Surrogates, write_link_table
from synapse_analytics.intake.faults import refused
from synapse_analytics.intake.mapping.model import Mapping
from synapse_analytics.intake.mapping.reading import open_questions
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.report import check_sums
from synapse_analytics.intake.sources import read_source
from synapse_analytics.intake.taking import STEPS, taken
from synapse_analytics.intake.written import bundle_tables, write_bundle
from synapse_analytics.progress import Progress, quiet

_OF_A_BUNDLE = {"manifest.json", *(file.name for file in FILES)}


@dataclass(frozen=True, slots=True)
class Options:
    """How surrogates are made (`secret`), where the link table goes (nowhere, unless a path is given), and who hears of the progress."""

    secret: bytes
    link_table: Path | None = None
    progress: Progress = quiet


def anonymise(source: str | Path, mapping: Mapping, out: Path, options: Options) -> Accounting:
    """Read the source, write the bundle `out`, and account for every row; IntakeRefused with every fault, and then nothing is written."""
    stop_at_questions(mapping)
    tables = read_source(source, mapping.files, options.progress)
    return anonymise_tables(tables, mapping, out, options)


def stop_at_questions(mapping: Mapping) -> None:
    """IntakeRefused with the list of questions that the mapping leaves open; nothing if there is none."""
    if questions := open_questions(mapping):
        raise refused("The mapping has open questions. Answer each, and delete its `ask`.", questions)


def anonymise_tables(tables: Sequence[RawTable], mapping: Mapping, out: Path, options: Options) -> Accounting:
    """The same, of tables that were read already."""
    stop_at_questions(mapping)
    _check_places(out, options.link_table)
    frames, work = taken(tables, mapping, options.progress)
    surrogates = Surrogates(options.secret)
    with _beside(out) as folder:
        options.progress("Anonymising", 3, STEPS)
        write_bundle(bundle_tables(frames, surrogates, mapping), folder, mapping)
        options.progress("Anonymising", 4, STEPS)
        check = check_bundle(folder, options.progress)
        _stop_unless_accepted(check)
        account = replace(accounted(frames, work), warnings=tuple(warned(check.warnings)))
        check_sums(account)
        if options.link_table is not None:
            write_link_table(options.link_table, surrogates)
    options.progress("Anonymising", STEPS, STEPS)
    return account


def _check_places(out: Path, link_table: Path | None) -> None:
    if out.exists() and (not out.is_dir() or {item.name for item in out.iterdir()} - _OF_A_BUNDLE):
        raise IntakeRefused(f"{out.name} exists and is no bundle. Name a new folder, or that of an earlier bundle, which is then replaced.")
    if link_table is not None and out.resolve() in link_table.resolve().parents:
        raise IntakeRefused("The link table says who the patients are. Name a path outside the bundle, where only you can read it.")


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A folder beside `out` that takes its place at the end, and is gone after a fault."""
    out.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".bundle-", dir=out.parent))
    try:
        yield folder
        folder.chmod(0o755)
        if out.exists():
            shutil.rmtree(out)
        folder.rename(out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _stop_unless_accepted(check: Check) -> None:
    """The check of the bundle is the last guard: what it refuses is told in the words of the check."""
    if not check.accepted:
        reasons = [f"{reason.heading}\n{chr(10).join(reason.places)}\n{reason.advice}" for reason in explained(check)]
        raise IntakeRefused("\n".join(["The bundle would be refused. Nothing was written.", *reasons]))
