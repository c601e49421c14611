"""Parts of pages that are more than one chart: the facts of a generation, the warnings, lists of declarations."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import table
from synapse_analytics.findings import words as w
from synapse_analytics.web.methods_text import POLICY
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, look

FACTS = {
    "clinic": "Clinic",
    "generation": "Generation",
    "loaded_at": "Loaded (UTC)",
    "data_until": "Complete until",
    "first_month": "First visits from",
    "last_month": "First visits to",
    "headline": "Headline score",
    "synthetic": "Synthetic",
    "sha256": "Fingerprint of the bundle (sha256)",
}
BASE = ("patients", "episodes", "other_diagnoses", "symptoms", "investigations", "treatments", "scores", "adverse_events")


def facts(released: Released) -> None:
    """What is loaded, and how many rows of each file."""
    if released.refused:
        st.info(plain(released.refused), icon=":material/visibility_off:")
        return
    known = released.tables["generation"][0]
    about = [{"about": label.replace(" ", "\u00a0"), "value": _fact(name, known[name])} for name, label in FACTS.items()]
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.html(table.table(about, look(), caption="What is loaded"))
    with right:
        rows = {row["file"].removesuffix(".csv"): row["rows"] for row in released.tables["rows"]}
        listed = [{"file": name.replace("_", " ").capitalize(), "rows": rows[name]} for name in BASE if name in rows]
        st.html(table.table(listed, look(), caption="Rows of each file"))


def _fact(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes, these patients do not exist" if value else "no"
    text = str(value)
    if name == "headline":
        return w.instrument(text).label
    return text.replace("T", " ").removesuffix("+00:00") if name == "loaded_at" else text


def warnings(released: Released, words: Mapping[str, str]) -> None:
    """The warnings of the last load in words, with how many rows each concerns."""
    if released.refused:
        st.info(plain(released.refused), icon=":material/visibility_off:")
        return
    rows = [
        {
            "warning": words.get(row["rule"], row["rule"].replace("_", " ").capitalize()),
            "file": row["file"],
            "rows": row["n"],
            "withheld": ["rows"] if "n" in row["withheld"] else [],
        }
        for row in released.tables["warnings"]
    ]
    if not rows:
        st.success("The checks had nothing to warn of.")
        return
    st.html(table.table(rows, look(), caption="Warnings"))
    st.caption("Warnings do not stop a load: the rows are loaded and counted, and named here so that nobody is surprised.")


def listed(rows: Sequence[Mapping[str, Any]], caption: str) -> None:
    """Declarations as a table; no number of a patient is in them."""
    st.html(table.table(rows, look(), caption=caption))


def section(title: str) -> None:
    """A heading inside a page."""
    st.header(title, anchor=False)


def text(markdown: str) -> None:
    """A paragraph of a page that explains."""
    st.markdown(markdown)


def policy_in_force() -> None:
    """The limits of the policy in force."""
    policy = clinic().policy
    section(f"Policy in force: {policy.name}")
    rows = [
        {"rule": words, "limit": "as computed" if getattr(policy, name) is None else getattr(policy, name)}
        for name, words in POLICY.items()
    ]
    st.html(table.table(rows, look(), caption="Limits of the policy"))
    st.caption(
        "Minimum, maximum and single points are never shown. A withheld number stays withheld in every file. "
        "The deployment chooses the policy; anybody may ask for the stricter one in the sidebar, nobody for the weaker."
    )


def answer_entry(name: str, answer: Any) -> None:
    """One question: what it asks, how its columns are to be read, and its options."""
    with st.expander(plain(answer.question)):
        st.markdown(f"On the command line and in Python: `{name}`")
        body = inspect.getdoc(answer.function) or ""
        st.markdown(" ".join(body.split("\n")[1:]).strip().replace("*", "\\*"))
        if answer.options:
            options = [
                {"option": option.name, "default": "nothing" if option.default is None else str(option.default), "meaning": option.meaning}
                for option in answer.options
            ]
            st.html(table.table(options, look(), caption="Options"))


def treatments() -> None:
    """Every treatment with its class, stage and kind."""
    stages = {term.code: term.label for term in v.STAGES}
    classes = {term.code: term.label for term in v.TREATMENT_CLASSES}
    listed(
        [{"treatment": x.label, "class": classes[x.treatment_class], "stage": stages[x.stage], "kind": x.kind} for x in v.TREATMENTS],
        "Treatments",
    )


def bands() -> None:
    """The bands numbers are grouped by."""
    of = (("Age", v.AGE_BANDS), ("Baseline pain", v.PAIN_BANDS), ("Baseline ODI", v.ODI_BANDS), ("BMI", v.BMI_BANDS))
    section("Bands")
    rows = [{"of": name, "bands": "; ".join(band.label for band in terms)} for name, terms in (*of, ("Symptoms", v.SYMPTOM_BANDS))]
    listed(rows, "Bands")
