"""The command that writes the report for print."""

from __future__ import annotations

from hashlib import sha256
from typing import Annotated

import typer

from synapse_analytics.audit import Event, Subject, deed
from synapse_analytics.commands.common import CohortText, Database, PathArgument, clinic_of, cohort_from, operator
from synapse_analytics.disclosure import PUBLISH
from synapse_analytics.exports import report as make_report
from synapse_analytics.exports.pdf import find_browser, print_pdf, sheets
from synapse_analytics.exports.whole_files import check_place, placed
from synapse_analytics.terminal import note

ReportPolicy = Annotated[
    str, typer.Option("--policy", help="publish: a report that may be shared; clinic: for use inside the clinic, where that is allowed")
]


def report(
    out: PathArgument,
    quarter: Annotated[
        str | None, typer.Option(help="the quarter to highlight, such as 2026-Q3; default: the latest of each indicator")
    ] = None,
    cohort: CohortText = "",
    database: Database = None,
    policy: ReportPolicy = PUBLISH.name,
) -> None:
    """Write the report on two sheets of A4: OUT.html, or OUT.pdf if a browser that can print it is installed.

    The report may be shared, unless `--policy clinic` asks for the one for use inside the clinic.
    """
    as_pdf = out.suffix.lower() == ".pdf"
    check_place(out, "report.html")
    browser = find_browser() if as_pdf else ""
    clinic = clinic_of(database)
    chosen = cohort_from(cohort, clinic)
    with deed(Event.REPORT_ASKED, operator(), Subject(chosen.url()), home=clinic.home, so_far="No report was written") as asked:
        note("Writing the report ...")
        html = make_report(clinic, chosen, quarter=quarter, policy=policy)
        content = html.encode()
        if as_pdf:
            note(f"Printing it with {browser} ...")
            content = print_pdf(html, browser)
        with placed(out) as part:
            part.write_bytes(content)
        detail = {"policy": policy, "generation": clinic.generation.id, "quarter": quarter}
        made = Subject(chosen.url(), sha256=sha256(content).hexdigest(), detail=detail)
        asked.ends(Event.REPORT, made, done="The report was written")
    note(f"Wrote {out}. {f'It has {sheets(content)} sheets of A4.' if as_pdf else 'Open it in a browser to read or print it.'}")
