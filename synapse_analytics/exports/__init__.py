"""Files: Released answers as CSV, Parquet, XLSX or a plain document; released records as a zip. Nothing else leaves here.

spreadsheets.py  CSV and XLSX with cells that are safe to open
whole_files.py   a file that is written whole or not at all
stamps.py        the stamp: whether a file may leave the clinic, who made it, when, and about which cohort
answers.py       Released -> bytes or a document
again.py         the command line and the Python that give the numbers of a table again
report.py        the report for print, for use inside the clinic or to share; its template and style sheet are in templates/
pdf.py           the same as PDF, printed by a browser of the machine
patient_page.py  one page for a patient to take home, in plain words; always to share
paper.py, svg.py a control chart of the report: the figure of the page, drawn as SVG
records.py       ReleasedRecords -> zip with data, manifest and data dictionary
"""

from synapse_analytics.exports.again import command_line, python_code
from synapse_analytics.exports.answers import as_document, as_frame, file_name, table_bytes
from synapse_analytics.exports.patient_page import PatientPage, patient_page, patient_page_name
from synapse_analytics.exports.records import export, export_records
from synapse_analytics.exports.report import check_reportable, report, report_name
from synapse_analytics.exports.stamps import check_same, file_stem, how_many, may_leave, stamp

__all__ = [
    "PatientPage",
    "as_document",
    "as_frame",
    "check_reportable",
    "check_same",
    "command_line",
    "export",
    "export_records",
    "file_name",
    "file_stem",
    "how_many",
    "may_leave",
    "patient_page",
    "patient_page_name",
    "python_code",
    "report",
    "report_name",
    "stamp",
    "table_bytes",
]
