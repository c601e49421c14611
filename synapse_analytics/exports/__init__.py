"""Files: Released answers as CSV, Parquet, XLSX or a plain document; released records as a zip. Nothing else leaves here.

spreadsheets.py  what makes a cell safe to open, and XLSX
stamps.py        what a file says about itself: whether it may leave, by whom and when, what was asked
answers.py       Released -> bytes or a document
report.py        the report for print, for use inside the clinic or to share; its pages are in templates/
paper.py, svg.py a control chart of the report: the figure of the page, drawn as SVG
records.py       ReleasedRecords -> zip with data, manifest and data dictionary
"""

from synapse_analytics.exports.answers import as_document, as_frame, file_name, table_bytes
from synapse_analytics.exports.records import FORMATS, export, export_records
from synapse_analytics.exports.report import check_reportable, report, report_name
from synapse_analytics.exports.spreadsheets import safe_text
from synapse_analytics.exports.stamps import check_same, file_stem, may_leave, stamp

__all__ = [
    "FORMATS",
    "as_document",
    "as_frame",
    "check_reportable",
    "check_same",
    "export",
    "export_records",
    "file_name",
    "file_stem",
    "may_leave",
    "report",
    "report_name",
    "safe_text",
    "stamp",
    "table_bytes",
]
