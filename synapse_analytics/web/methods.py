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
    "What the numbers count": (
        "Statistics count **episodes**. An episode is one problem of one patient, from the first visit until it is closed. In a table, *n* is the number of "
        "episodes. The number beside the cohort is the number of patients. Whether a number is withheld always depends on the number of different patients."
    ),
    "Days and months": (
        "Day 0 is the day of the first visit. The data give only the month of the first visit, so a follow-up period counts as complete only when it would be "
        "complete even for a first visit on the last day of that month. For the same reason the calendar month of a later event can be wrong by one. "
        "Follow-up ends on the last recorded day, or on the last day that the data are sure to cover, whichever is later."
    ),
    "Baseline, follow-up and completeness": (
        "The **baseline** is the last answer given on day 0 or in the 60 days before it. At a later visit the answer nearest to the target day counts; the table "
        "below shows which days belong to which visit. An answer is **expected** from everybody who has a baseline, whose follow-up period is complete and who was "
        "alive at its end. It is also expected from patients who were lost to follow-up or discharged. Means, shares and completeness are computed from the same episodes."
    ),
    "Pathways": (
        "A course of treatment has a start and an end; a procedure takes one day. Two courses of the same treatment with a gap of at most 30 days are merged. "
        "Courses that overlap for at least 14 days, or of which one lies within the other, are shown as one combined step (A, A + B, B). Pathways cover day 0 to day 730. "
        "Repeated steps are merged and marked x2. The page Pathways lets you change these rules. **How the episode ended** is the first of these that applies at the end of the period: "
        "died; resolved or lost; still in treatment; otherwise better, the same or worse by 2 points of pain (10 points of ODI where the clinic records no pain score); "
        "unknown, if there is no follow-up score."
    ),
    "Order of the stages of care": (
        "Conservative care, injection and surgery are put in the order of their first days, from the first visit to day 730. If two begin on the same day, "
        "they keep the order given here. A course that was running at the first visit begins at the first visit; a course that had ended by then is left out. "
        "An injection counts as **before** surgery if it was given on an earlier day or on the same day."
    ),
    "Change over a step": (
        "The score before a step is the last answer given on the day it starts or in the 60 days before. The score after it is the last answer between day 14 of the step "
        "and the start of the next step, and at most 180 days after the start."
    ),
    "Time to injection or surgery": (
        "This is the cumulative incidence (Aalen-Johansen method). For an injection, the competing events are surgery, recovery, discharge and death; for surgery, recovery, "
        "discharge and death. Patients who were lost, referred elsewhere or are still under care are censored. The intervals are 95 % intervals on the log(-log) scale."
    ),
    "Stepped care": (
        "The days with any conservative treatment in the 180 days before the first injection or surgery are counted, and compared with the number of days that you choose. "
        "Episodes with red flags are counted separately."
    ),
    "Intervals": (
        "Intervals of means use the t distribution, intervals of shares the Wilson method. Medians and quartiles are exact. A group of one patient has no interval. "
        "All intervals are 95 % intervals."
    ),
}
ATTENTION = (
    "Chance alone marks a point on a long control chart now and then, and the overview shows seventeen charts. An indicator is therefore said to have **changed** only if two "
    "conditions hold: its course can be divided into an earlier and a later part that differ by at least "
    f"{STRONG:g} standard errors, and the division lies in the last 24 months. An indicator **needs attention** if it has changed, or if it reliably misses its target. "
    "Each chart still shows the points that the four NHS rules mark. The rule was chosen by simulation. The table shows how often it gives a false alarm, and how soon it finds a true change:"
)
CALIBRATION = (
    "*Patients like mine* gives ranges for a patient. Do they hold? Up to 150 past episodes of each diagnosis were left out and then predicted from the most similar patients. "
    "*Interval* is the share of episodes whose true result should lie within the range; *Share* is the share that did. Scores are whole numbers, so the shares are slightly higher."
)
LIMITS = """
- The data come from routine care. A difference between two groups does not prove that one treatment works better.
- Somebody who may set all filters can compare two cohorts that differ by one patient. The policy *clinic* is therefore only for staff who are bound by confidentiality.
  The policy *publish*, which allows only broad filters, is for everybody else.
- Patients who did not answer may differ from those who did. Check the follow-up on the page Outcomes before you rely on a mean.
- Patients who were chosen for high scores improve on average even without treatment (regression to the mean). The page Outcomes says by how much.
"""
GLOSSARY = {
    "Cohort": "The patients a question is about. You choose them with the filters in the sidebar.",
    "Completeness": "The share of the patients expected to answer who did answer.",
    "Course": "A treatment with a start and an end: medication, physical therapy, heat or cold, lifestyle.",
    "Data version": "The data of one load. A data version is complete and is never changed.",
    "Episode": "One problem of one patient, from the first visit until it is closed.",
    "Expected": "Episodes with a baseline, a complete follow-up period and a patient alive at its end.",
    "Index": "The day from which time is counted: the first visit or the start of a treatment.",
    "Median": "The middle value: half of the values are lower, half are higher.",
    "NRS": "Numeric rating scale of pain, from 0 (no pain) to 10 (worst imaginable pain).",
    "ODI": "Oswestry Disability Index, from 0 (no disability) to 100.",
    "Pathway": "The treatments of an episode in its first two years, in order.",
    "Procedure": "A treatment that takes one day: an injection or surgery.",
    "Responder": "A patient who improved by at least the amount named.",
    "Standardised difference": "The difference between two groups, divided by the standard deviation.",
    "Step": "One part of a pathway: a treatment, a treatment class, a stage of care or a combination.",
    "Withheld": "Not shown, because the number rests on too few patients.",
}
RULES = {  # of a policy, by the name of their field
    "group": "Fewest patients in a cohort, and in a group that shows more than its counts",
    "counted": "Smallest count that is shown",
    "count_step": "Counts are rounded to a multiple of",
    "digits": "Significant digits of all other numbers",
    "mean": "Fewest patients for a mean",
    "interval": "Fewest patients for an interval",
    "median": "Fewest patients for a median",
    "quartile": "Fewest patients for quartiles",
    "tail": "Fewest patients for the 10th and 90th percentiles",
    "arm": "Fewest patients in each group of a comparison",
    "at_risk": "Fewest patients at risk for a point of a curve",
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
    section("Groups of values")
    listed([{"value": name, "groups": "; ".join(band.label for band in terms)} for name, terms in BANDS.items()], "Groups of values")


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
                {"option": option.name, "default": "none" if option.default is None else str(option.default), "meaning": option.meaning}
                for option in answer.options
            ]
            listed(options, "Options")


def calibration(released: Released) -> None:
    """How many held-out episodes lie inside the intervals that were foretold, by diagnosis."""
    rows = released.tables.get("calibration", ())
    if rows:
        listed(rows, "calibration")
    else:
        st.info("No diagnosis has enough similar episodes for this check.")


def policy_in_force() -> None:
    """The limits of the policy in force."""
    policy = clinic().policy
    section(f"Policy in force: {policy.name}")
    limits = [(words, getattr(policy, name)) for name, words in RULES.items()]
    listed([{"rule": words, "limit": "not rounded" if limit is None else limit} for words, limit in limits], "Limits of the policy")
    st.caption(
        "The smallest value, the largest value and single patients are never shown. A number that is withheld on a page is withheld in every file, too. "
        "The administrator chooses the policy. In the sidebar everybody can choose the stricter policy; nobody can choose a weaker one."
    )
