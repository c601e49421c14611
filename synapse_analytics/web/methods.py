"""The page Methods: words that are not declared elsewhere, and declarations as tables."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import streamlit as st

from synapse_analytics import vocabulary as v
from synapse_analytics.disclosure import Released
from synapse_analytics.estimates.change_points import STRONG
from synapse_analytics.web.choices import labels
from synapse_analytics.web.parts import listed, section
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic

SIMULATED = Path(__file__).with_name("attention.md")  # as `make truth` printed it
DEFINITIONS = {
    "What n counts": (
        "Statistics run over **episodes** (one problem, from first visit to close). *n* in a table counts its episodes; the number beside the cohort "
        "counts patients. The limits that decide what is withheld always count distinct patients."
    ),
    "Days and months": (
        "Day 0 is the first visit; it lies somewhere in its month, so a window counts as closed only when it is surely closed, and the calendar month of a later event "
        "can be one month off. Follow-up ends at the later of the last recorded day and the last day that is surely covered."
    ),
    "Baseline, follow-up and completeness": (
        "**Baseline** is the answer nearest to day 0 from 60 days before it on. At a later visit the answer nearest to its target day counts, within the window below. "
        "**Expected** is everybody with a baseline whose window is surely closed and who did not die before its end; lost and discharged patients stay expected. "
        "Means, shares and completeness use the same episodes."
    ),
    "Pathways": (
        "Courses have a start and an end, procedures are one day. Courses of one unit at most 30 days apart are one; courses that overlap for at least 14 days, or one of which "
        "contains the other, are a combined step (A, A + B, B). The window is day 0 to 730. Consecutive repeats are united and shown as x2. These parameters can be changed on the page. "
        "**End state** at the end of the window, first that fits: died; resolved or lost; still in treatment; else by the headline score, 2 points or more of pain (10 of ODI where it stands in) better or worse; no pair: not known."
    ),
    "Branching": (
        "Conservative care, injection and surgery in the order of their first days, from the first visit to day 730; on one day in this order. A course that was running at the "
        "first visit begins there; what was over before it is left out. An injection **before** surgery came on an earlier day or on the same."
    ),
    "Change over a step": (
        "Before: the answer nearest to the start, from 60 days before it on. After: the last answer from 14 days after the start to the start of the next step, at most 180 days."
    ),
    "Time to escalation": (
        "Cumulative incidence by Aalen and Johansen: an injection competes with surgery, resolved, discharged and died; surgery with resolved, discharged and died. "
        "Lost, referred and open episodes are censored. Limits are log(-log) with 95 %."
    ),
    "Stepped care": (
        "Days covered by any conservative course in the 180 days before the first injection or surgery, at least the number chosen. Episodes with red flags are counted apart."
    ),
    "Intervals": (
        "Means: t distribution. Shares: Wilson. Medians and quartiles are exact. A group of one has no interval. All limits are 95 %."
    ),
}
ATTENTION = (
    "A long control chart carries some mark by chance, and the overview looks at seventeen of them. So an indicator has **changed** only if, of all "
    f"places at which its course can be cut in two, the strongest difference between after and before is at least {STRONG:g} standard errors, and this "
    "place lies in the last 24 months of the course. It **needs attention** if it has changed, or if its target is reliably missed. The marks of the four NHS "
    "rules stay on the points of each chart. The rule was chosen by simulation; how often it is wrong, and how soon it finds a true change:"
)
CALIBRATION = (
    "Do the intervals of *Patients like mine* hold? Of up to 150 held-out episodes per diagnosis, *share* lies inside the interval that the "
    "patients most like each would foretell; *nominal* is the share that should. Scores are whole numbers, so shares lie a little above."
)
LIMITS = """
- The data are observational: a difference between groups does not show that a treatment works better.
- With free filters the difference between two allowed cohorts can isolate a patient. The policy *clinic* is for staff bound by confidentiality;
  *publish*, with coarse filters only, is for everybody else.
- Those who did not answer may differ from those who did: look at *Outcomes, Who answered* before trusting a mean.
- A cohort chosen for high scores falls back to the middle without any effect; the outcomes page says by how much.
"""
GLOSSARY = {
    "Cohort": "The patients a question is about: the filters of the sidebar.",
    "Completeness": "Answered, of those expected to answer.",
    "Course": "A treatment with a start and an end: medication, physical therapy, heat or cold, lifestyle.",
    "Episode": "One problem of one patient, from the first visit to its close.",
    "Expected": "With a baseline, the window surely closed, alive at its end.",
    "Generation": "One complete, unchangeable load of a bundle.",
    "Index": "The day from which time is counted: the first visit or the start of a treatment.",
    "Median": "Half of the values lie below, half above.",
    "NRS": "Numeric rating scale of pain, 0 (none) to 10 (worst imaginable).",
    "ODI": "Oswestry Disability Index, 0 (no disability) to 100.",
    "Pathway": "The ordered steps of treatment of an episode in its first two years.",
    "Procedure": "A treatment on one day: an injection or surgery.",
    "Responder": "A patient who improved by at least the named amount.",
    "SMD": "Standardised mean difference: how many standard deviations two groups lie apart.",
    "Step": "One part of a pathway: a treatment, a class, a stage or a combination.",
    "Withheld": "Not shown, because too few patients stand behind it.",
}
RULES = {  # of a policy, by the name of their field
    "group": "Patients a cohort or a group needs for more than its counts",
    "counted": "Patients a count needs to be shown",
    "count_step": "Counts are rounded to a multiple of",
    "digits": "Significant digits of every other number",
    "mean": "Patients for a mean",
    "interval": "Patients for an interval",
    "median": "Patients for a median",
    "quartile": "Patients for quartiles",
    "tail": "Patients for extreme percentiles",
    "arm": "Patients in each group of a comparison",
    "at_risk": "Patients at risk for a point of a curve",
}
BANDS = {
    "Age": v.AGE_BANDS,
    "Baseline pain": v.PAIN_BANDS,
    "Baseline ODI": v.ODI_BANDS,
    "BMI": v.BMI_BANDS,
    "Symptoms": v.SYMPTOM_BANDS,
}


def attention() -> None:
    """When an indicator needs attention, how often that is a false alarm, and how soon a true change is found."""
    section("When an indicator needs attention")
    st.markdown(ATTENTION)
    st.markdown(SIMULATED.read_text(encoding="utf-8"))


def bands() -> None:
    """The bands by which numbers are grouped."""
    section("Bands")
    listed([{"of": name, "bands": "; ".join(band.label for band in terms)} for name, terms in BANDS.items()], "Bands")


def treatments() -> None:
    """Every treatment with its class, stage and kind."""
    stages, classes = labels(v.STAGES), labels(v.TREATMENT_CLASSES)
    listed(
        [{"treatment": x.label, "class": classes[x.treatment_class], "stage": stages[x.stage], "kind": x.kind} for x in v.TREATMENTS],
        "Treatments",
    )


def answer_entry(name: str, answer: Any) -> None:
    """One question: its words, how the columns of its answer are to be read, and its options."""
    with st.expander(plain(answer.question)):
        st.markdown(f"On the command line and in Python: `{name}`")
        body = inspect.getdoc(answer.function) or ""
        st.markdown(" ".join(body.split("\n")[1:]).strip().replace("*", "\\*"))
        if answer.options:
            options = [
                {"option": option.name, "default": "nothing" if option.default is None else str(option.default), "meaning": option.meaning}
                for option in answer.options
            ]
            listed(options, "Options")


def calibration(released: Released) -> None:
    """How many held-out episodes lie inside the intervals that were foretold, by diagnosis."""
    rows = released.tables.get("calibration", ())
    if rows:
        listed(rows, "calibration")
    else:
        st.info("No diagnosis has enough episodes alike to hold some out and compare them with the others.")


def policy_in_force() -> None:
    """The limits of the policy in force."""
    policy = clinic().policy
    section(f"Policy in force: {policy.name}")
    limits = [(words, getattr(policy, name)) for name, words in RULES.items()]
    listed([{"rule": words, "limit": "as computed" if limit is None else limit} for words, limit in limits], "Limits of the policy")
    st.caption(
        "Minimum, maximum and single points are never shown. A withheld number stays withheld in every file. "
        "The deployment chooses the policy; anybody may ask for the stricter one in the sidebar, nobody for the weaker."
    )
