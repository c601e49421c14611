"""Synapse Spine Outcomes: from an anonymised bundle to released answers.

The way of the data:

(a clinic's own files -> intake ->) bundle/ -> check -> store (tables, marts) -> publish -> Clinic -> Cohort -> counts, queries -> estimates
-> disclosure (the gate) -> Released -> findings -> figures / exports -> page

A room imports only from the rooms above it in this list:

errors.py        what people can do wrong, as exceptions with messages for people
files.py         reading a file in whose place something else may lie
progress.py      how long work says how far it is
places.py        where pages, launcher and documents lie, in a checkout and in a wheel
terminal.py      what commands write: tables, notes, progress
logs/            what a process writes about itself, without a value of a patient
plain_yaml.py    reading the YAML that people write, within limits
vocabulary/      closed lists: label, order, colour, codes, source
indicators/      one declaration for each indicator: title, question, target and the conditions it counts
settings/        what a clinic sets: policy, targets, recalculations of control limits, sign-in
access.py        who may do what
audit/           the append-only log of who did and asked what
bundle/          the schema (what one valid row of each file is), reading, checks, problems
intake/          a clinic's own files -> bundle: sources, mapping, scoring, de-identification, accounting
synthetic/       the generator of synthetic bundles, and the effects it hides in them
dictionary.py    the data dictionary as rows, generated from what is declared
pathways/        treatments of an episode -> steps and end states (pure)
anonymity.py     which cells of exported rows are blanked (pure)
store/           tables, engine, generations, marts (what no question changes)
estimates/       statistics: arrays in, estimates out (pure)
disclosure/      the gate: policy, Released, release()
clinic.py        Clinic(engine, generation, policy): the one handle
cohort/          filters: clause, sentence, URL, attrition
remembered.py    what was fetched, kept for a while
counts/          the one way of counting: episodes, distinct patients and sums by group
queries/         every other SELECT of the product
analyses/        one file or folder for each page's questions: (Clinic, Cohort, options) -> Released
findings/        Released -> the question of a picture and the sentence that answers it (pure)
figures/         Released -> plotly figure as plain dict
exports/         Released / ReleasedRecords -> CSV, Parquet, XLSX, zip with manifest, the report for print
web/             the only Streamlit in the package
commands/        the commands of the command line, and __main__.py, which reads them
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synapse_analytics import analyses
    from synapse_analytics.clinic import open_clinic
    from synapse_analytics.cohort import Cohort

__all__ = ["Cohort", "analyses", "open_clinic"]
__version__ = "0.1.0"
_HOMES = {"Cohort": "synapse_analytics.cohort", "open_clinic": "synapse_analytics.clinic"}


def __getattr__(name: str) -> Any:
    """The three names people start with, imported when first asked for: nothing upstream is loaded by importing a layer."""
    if name == "analyses":
        return import_module("synapse_analytics.analyses")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'synapse_analytics' has no attribute '{name}'")
