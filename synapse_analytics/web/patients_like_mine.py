"""The particulars of a patient, and the cards beside the answer: by what they received, how similar they are, and what to do where they are too few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from synapse_analytics import audit, exports
from synapse_analytics import vocabulary as v
from synapse_analytics.access import Permission
from synapse_analytics.analyses.headline import is_pain
from synapse_analytics.analyses.likeness import WIDTHS
from synapse_analytics.analyses.nearness import ALL
from synapse_analytics.cohort import without
from synapse_analytics.disclosure import PUBLISH, Released
from synapse_analytics.errors import NotAllowed
from synapse_analytics.findings import alike as words
from synapse_analytics.findings import patients_like_mine as said
from synapse_analytics.web import address, browser, frame, link, taking
from synapse_analytics.web.choices import choose, labels, switch
from synapse_analytics.web.leaving import leaving
from synapse_analytics.web.parts import behind, card, columns, listed, say
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort

ANY = "any"  # in the URL: this particular does not matter
IN_HALVES = ("bmi", "pain")  # the other particulars are whole numbers
SEXES = {ANY: "Any", "female": "Woman", "male": "Man"}
SMOKER = {ANY: "Any", "no": "No", "yes": "Yes"}
DIAGNOSIS, WIDTH = "like_diagnosis", "width"  # parameters of the URL
NAMES = {"sex": "like_sex", "smoker": "like_smoker"}  # of the particulars whose parameter has another name


def particulars() -> dict[str, Any]:
    """The patient, as far as it matters; nobody is looked up by it."""
    with st.container(horizontal=True, key="particulars"):
        diagnosis = choose(DIAGNOSIS, "Diagnosis", labels(v.DIAGNOSES), _usual())
        age = particular("age", "Age, years", (0, 90), 50)
        pain = _pain_now()
        odi = particular("odi", "ODI now, 0 to 100", (0, 100))
        weeks = particular("symptom_weeks", "Weeks of symptoms", (0, 2600))
        bmi = particular("bmi", "Body mass index", (10, 80))
        sex = switch(NAMES["sex"], "Sex", SEXES, ANY)
        smoker = switch(NAMES["smoker"], "Smoker", SMOKER, ANY)
    held = address.option(WIDTH, "1")
    width = next((step for step in WIDTHS if f"{step:g}" == held), 1)
    if f"{width:g}" != held:
        link.refuse(WIDTH, held, "The usual distance")
    chosen = {"diagnosis": diagnosis, "symptom_weeks": weeks, "age": age, "pain": pain, "odi": odi, "bmi": bmi, "width": width}
    return chosen | {"sex": None if sex == ANY else sex, "smoker": None if smoker == ANY else smoker}


def _usual() -> str:
    """The diagnosis before anybody chose one: that of the filters."""
    filtered = cohort().diagnosis
    return "herniated_disc" if not filtered or "herniated_disc" in filtered else filtered[0]


def can_match(diagnosis: str) -> bool:
    """False where the filters leave out everybody with this diagnosis; then it says so, and one click solves it."""
    filtered = cohort().diagnosis
    if not filtered or diagnosis in filtered:
        return True
    mine, theirs = words.with_diagnosis(diagnosis), " or ".join(words.with_diagnosis(code) for code in filtered)
    with card("conflict", "The filters exclude this diagnosis"):
        st.markdown(f"The patient has {plain(mine)}, but the filters include only patients with {plain(theirs)}.")
        with st.container(horizontal=True):
            st.button("Use the diagnosis of the filters", key="like_filters", on_click=address.write, args=(DIAGNOSIS, ""))
            rest = without(cohort(), ("diagnosis",))
            st.button("Remove the diagnosis filter", key="like_unfiltered", on_click=address.ask_about, args=(rest,))
    return False


def too_few(released: Released) -> bool:
    """True where too few are similar: then how many there are, how many are needed, and what finds enough, each one click away."""
    finding = said.alike(released)
    if not (released.refused or not released.tables or "ways" in released.tables):
        return False
    with card("few", finding.question or "Too few patients", finding.answer):
        ways = released.tables.get("ways", ())
        if ways:
            st.markdown("One change would find enough patients:")
            with st.container(horizontal=True):
                for place, row in enumerate(ways):
                    st.button(plain(words.way(row)), key=f"like_way_{place}", on_click=_go, args=(dict(row),))
        elif not released.refused:
            where = "fit the filters" if cohort().in_use() else "are in the data"
            st.markdown(f"Changing these details would not find enough patients: too few with this diagnosis {plain(where)}.")
    return True


def _go(row: dict[str, Any]) -> None:
    """Callback: leave out what this way leaves out, and take its distance."""
    names = words.PARTICULARS if row["drop"] == ALL else [row["drop"]] if row["drop"] else []
    for name in names:
        address.write(NAMES.get(name, name), ANY)
    address.write(WIDTH, f"{row['width']:g}")


def halves() -> Sequence[Any]:
    """Two columns for what belongs to one answer; on a narrow screen one stands below the other."""
    with st.container(key="like_year"):
        return columns(2)


def by_treatment(released: Released) -> None:
    """What they received, and how each fared; the comparison that takes their differences into account is one click away."""
    with card("treatments", "Results by treatment"):
        listed(words.by_treatment(released), "Results by treatment")
        say(words.clearly(released))
        where = f"compare_treatments?{replace(cohort(), diagnosis=(released.options['diagnosis'],)).url()}"
        link = f'<a href="{escape(where)}" target="_self">Compare treatments</a>'
        browser.linked(
            f'<p style="margin:0;font-size:14px">These groups differ in more than their treatment: {link} takes that into account.</p>',
            "like_compare",
            _nothing,
        )
        frame.save(released, "groups", "like_groups")


def _nothing() -> None:
    """Callback: the browser follows the link."""


def how_similar(released: Released) -> None:
    """What similar means in years and points, how near they are, and one step wider or narrower."""
    at = WIDTHS.index(released.options["width"])
    with card("similar", "How similar are they?"):
        for line in words.alike_means(released):
            st.markdown(plain(line))
        with st.container(horizontal=True):
            for label, step in (("Narrower", at - 1), ("Wider", at + 1)):
                there = 0 <= step < len(WIDTHS)
                to = f"{WIDTHS[step]:g}" if there else ""
                st.button(label, key=f"like_{label.lower()}", disabled=not there, on_click=address.write, args=(WIDTH, to))
        for line in (words.alike_beware(released), *released.notes):
            say(line)


def where_shared(options: dict[str, Any]) -> None:
    """Where numbers are shown as they may be shared, the page for the patient is all that can be had here."""
    if clinic().policy.rounds:
        for_the_patient(options)


def for_the_patient(options: Mapping[str, Any]) -> None:
    """One page in plain words to take home, made on demand; nothing for a person who may not take anything away."""
    if taking.is_permitted():
        behind("like_patient", "One page for the patient, in plain words", lambda: _patient_page(dict(options)))


def _patient_page(options: dict[str, Any]) -> None:
    """About whom the page is (asked when this is opened), and the button that saves it (the page is made anew then)."""
    handle = clinic().under(PUBLISH.name)
    try:
        with st.spinner("Checking which numbers may leave the clinic ..."):
            page = exports.PatientPage.ask(handle, options)
    except NotAllowed as error:
        st.info(plain(error), icon=":material/shield:")
        return
    st.markdown(
        f"The page is about {plain(page.who)}. The patient takes it home, so its numbers are rounded and come from a wider group of this clinic's "
        "patients. They differ a little from the numbers above."
    )
    name = exports.patient_page_name(handle, page)
    st.download_button(
        "Page for the patient",
        data=leaving(
            handle,
            lambda allowed: exports.patient_page(allowed, options).encode(),
            audit.Subject(page.cohort.url(), detail={"answer": "patient_page", "file": name}),
            needs=Permission.COMPARE_TREATMENTS,
        ),
        file_name=name,
        mime="text/html",
        key="save_patient_page",
        on_click="ignore",
        icon=":material/print:",
        help="One A4 page, to print from any browser.",
    )


def scores(released: Released) -> list[str]:
    """The scores of which outcomes are known, the headline score first."""
    return list(dict.fromkeys(row["instrument"] for row in released.tables["outcomes"]))


def checked(released: Released) -> None:
    """Whether such ranges held for past patients who were left out; asked on demand, because it takes seconds in a large clinic."""
    say(words.checked(frame.slow("calibration"), released.options))


def particular(name: str, label: str, limits: tuple[int, int], default: float | None = None) -> float | None:
    """A number about the patient, in the URL like every option; None means that it does not matter."""
    held = address.option(name, ANY if default is None else f"{default:g}")
    number, step, form = (float, 0.5, "%.1f") if name in IN_HALVES else (int, 1, "%d")
    low, high = limits
    try:
        value = number(float(held)) if low <= float(held) <= high else None
    except ValueError:  # ANY, or what somebody wrote into the URL
        value = None
    if value is None and held != ANY:
        link.refuse(name, held, "Any value", f"A number from {low} to {high} is needed.")
    st.number_input(
        label,
        number(low),
        number(high),
        value=None,
        step=step,
        format=form,
        placeholder="any",
        key=address.show_as(name, value),
        on_change=_picked,
        args=(name,),
    )
    return value


def _pain_now() -> float | None:
    """The score of the patient in the pain that this clinic asks for; no field where it asks for none."""
    asked = v.find(v.INSTRUMENTS, clinic().generation.headline)
    if not is_pain(clinic()):
        return None
    return particular("pain", "Pain now, 0 to 10" if asked.code == v.HEADLINE else f"{asked.label.split(' (')[0]} now, 0 to 10", (0, 10), 7)


def _picked(name: str) -> None:
    value = st.session_state[address.PICK + name]
    address.write(name, ANY if value is None else f"{value:g}")
