"""The command that writes the report for print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics.clinic import open_clinic
from synapse_analytics.commands.common import CohortText, Database, PolicyOption, cohort_from, operator
from synapse_analytics.errors import UsageError
from synapse_analytics.exports import report as make_report
from synapse_analytics.terminal import note


def report(
    out: Path,
    quarter: Annotated[str | None, typer.Option(help="the quarter to point out, as 2026-Q3; default: the latest of each indicator")] = None,
    cohort: CohortText = "",
    database: Database = None,
    policy: PolicyOption = None,
) -> None:
    """Write the report for print: one HTML file, always under the policy publish."""
    html = make_report(open_clinic(database, policy=policy, asker=operator()), cohort_from(cohort), quarter=quarter)
    try:
        out.write_text(html, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The report cannot be written to '{out}': {error.strerror}. Name a file in a folder that is there.") from error
    note(f"Wrote {out}. Open it in a browser to read or print it.")
