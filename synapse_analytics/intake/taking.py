"""From the tables of a source and a mapping to the records of a bundle, still with the clinic's ids, and the book of what became of each row."""

from __future__ import annotations

from collections.abc import Sequence

from synapse_analytics.intake.days import in_days
from synapse_analytics.intake.episodes import Work, complete, linked
from synapse_analytics.intake.faults import Faults
from synapse_analytics.intake.finish import finished
from synapse_analytics.intake.ledger import Ledger
from synapse_analytics.intake.mapping.episode_ids import with_episode_ids
from synapse_analytics.intake.mapping.model import Mapping
from synapse_analytics.intake.mapping.reading import faults_of
from synapse_analytics.intake.nearest import put_back, set_aside
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.records import Frames, read_records
from synapse_analytics.progress import Progress, quiet

STEPS = 5  # of the whole way; two of them here


def taken(tables: Sequence[RawTable], mapping: Mapping, progress: Progress = quiet) -> tuple[Frames, Work]:
    """The records that would go into a bundle, and the account of the rows; IntakeRefused with every fault."""
    mapping = with_episode_ids(mapping, tables)
    faults_of(mapping, tables).raise_if_any("The mapping does not fit the source. Nothing was written.")
    work = Work(tables, mapping, Faults(), Ledger(tables))
    frames = read_records(tables, mapping.rows, work.faults, work.ledger, progress)
    progress("Anonymising", 1, STEPS)
    frames, values = set_aside(complete(frames, work), work)
    frames = put_back(finished(in_days(linked(frames, work), work), work), values, work)
    progress("Anonymising", 2, STEPS)
    work.faults.raise_if_any("The source cannot be used as it is mapped. Nothing was written.")
    for frame in frames.values():
        work.ledger.keep(frame["table"].to_numpy(), frame["row"].to_numpy())
    return frames, work
