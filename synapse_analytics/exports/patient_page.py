"""One page that a patient takes home: what happened to people like them, in plain words, on one sheet of A4.

It leaves the clinic, so it is made under the policy publish and about a group that this policy knows: the diagnosis and, where enough
patients stand behind them, sex and age group. The finer particulars of the patient are used for nothing on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.cohort.limits import PUBLISH_AGE_BANDS
from synapse_analytics.errors import NotAllowed
from synapse_analytics.exports.report import templates
from synapse_analytics.exports.stamps import check_same, cohort_slug, end_of_name, spoken_day, stamp, today
from synapse_analytics.figures.icons import Hundred, icon_svg
from synapse_analytics.figures.theme import LIGHT
from synapse_analytics.findings.alike import hundreds, of_100
from synapse_analytics.findings.words import decimals, instrument, number, thing
from synapse_analytics.vocabulary.periods import spoken

Row = Mapping[str, Any]
SURGERY = "surgery_within_12_months"
TOO_FEW = "No page can be made for the patient: too few patients have this diagnosis for numbers to share."
WHO = {"female": "women", "male": "men"}
DIAGNOSES = {
    "herniated_disc": "a herniated disc (a slipped disc in the back)",
    "spinal_stenosis": "spinal stenosis (a narrow canal in the spine)",
    "degenerative_disc_disease": "degenerative disc disease (worn discs in the back)",
    "sacroiliac_joint_dysfunction": "sacroiliac joint dysfunction (trouble in the joint between spine and pelvis)",
    "piriformis_syndrome": "piriformis syndrome (a muscle in the buttock that presses on a nerve)",
    "other_spinal": "another problem of the spine",
}


@dataclass(frozen=True, slots=True)
class PatientPage:
    """What the page says: about whom, how many they were, and the two released rows; a row is None where its share is withheld."""

    cohort: Cohort
    people: int | None
    operated: Row | None
    better: Row | None
    score: str  # the instrument in which they were better

    @classmethod
    def ask(cls, clinic: Clinic, options: Mapping[str, Any]) -> PatientPage:
        """Of the narrowest group of which both numbers may leave, else of the narrowest with one; NotAllowed where there is none."""
        found = [cls._of(clinic, cohort) for cohort in groups(options)]
        known = [page for page in found if page.operated or page.better]
        if not known:
            raise NotAllowed(TOO_FEW)
        return next((page for page in known if page.operated and page.better), known[0])

    @classmethod
    def _of(cls, clinic: Clinic, cohort: Cohort) -> PatientPage:
        surgery = check_same(analyses.answer(clinic, "indicators", cohort, theme="stepped"), clinic)
        response = check_same(analyses.answer(clinic, "responders", cohort, month=12), clinic)
        operated = next((row for row in surgery.tables.get("indicators", ()) if row["name"] == SURGERY and row["value"] is not None), None)
        better = next((row for row in response.tables.get("groups", ()) if row["share"] is not None), None)
        return cls(cohort, response.n, operated, better, str(response.options["instrument"]))

    @property
    def who(self) -> str:
        """The people it is about: `women with a herniated disc (a slipped disc in the back), 40 to 64 years old`."""
        sex = WHO.get("".join(self.cohort.sex), "people")
        age = "".join(self.cohort.age_band).replace("65-90", "65 years old or older").replace("-", " to ")
        years = "" if not age else f", {age}" if "years" in age else f", {age} years old"
        return f"{sex} with {DIAGNOSES[self.cohort.diagnosis[0]]}{years}"


def groups(options: Mapping[str, Any]) -> Iterator[Cohort]:
    """The groups that publish knows around a patient, the narrowest first."""
    sex = (options["sex"],) if options.get("sex") else ()
    years = options.get("age")
    bands = [code for code in PUBLISH_AGE_BANDS if years is not None and _holds(code, float(years))]
    narrow = [(sex, tuple(bands)), ((), tuple(bands)), (sex, ()), ((), ())]
    for sexes, ages in dict.fromkeys(narrow):
        yield Cohort(diagnosis=(str(options["diagnosis"]),), sex=sexes, age_band=ages)


def _holds(band: str, years: float) -> bool:
    low, high = (int(end) for end in band.split("-"))
    return low <= years < high + 1


def patient_page(clinic: Clinic, options: Mapping[str, Any]) -> str:
    """The page as HTML that needs nothing else; `options` are those of patients_like_mine, of which diagnosis, sex and age are used."""
    handle = clinic.under("publish")
    page, info = PatientPage.ask(handle, options), handle.generation
    parts = {
        "clinic": info.clinic,
        "who": page.who,
        "people": page.people,
        "panels": list(_panels(page)),
        "missing": [
            words for words, row in (("How many had an operation", page.operated), ("How many got better", page.better)) if not row
        ],
        "until": spoken(info.data_until),
        "made": spoken_day(today()),
        "synthetic": info.synthetic,
        "stamp": stamp(handle),
    }
    return templates().get_template("patient.html").render(parts)


def patient_page_name(clinic: Clinic, page: PatientPage) -> str:
    """The name of its file: `for_the_patient-herniated_disc-40-64-female-to_share.html`."""
    return f"for_the_patient-{cohort_slug(page.cohort)}-{end_of_name(clinic.under('publish').policy)}.html"


def _panels(page: PatientPage) -> Iterator[dict[str, Any]]:
    if page.operated:
        share, colour = page.operated["value"], LIGHT.treatment("surgery")
        yield _panel("had an operation on the spine within one year.", share, page.operated, colour)
    if page.better:
        points = number(v.clear_change(page.score), decimals(page.score)).removesuffix(".0").removesuffix("0")
        term = instrument(page.score)
        less = "clearly less trouble in daily life" if page.score == "odi" else f"clearly less {thing(page.score)}"
        said = (
            f"of those who answered had {less} after one year: at least {points} points less on a scale from {term.low:g} to {term.high:g}."
        )
        yield _panel(said, page.better["share"], page.better, LIGHT.better) | {"answers": page.better["n"]}


def _panel(said: str, share: float, row: Row, colour: str) -> dict[str, Any]:
    low, high = (None if row[end] is None else hundreds(row[end]) for end in ("low", "high"))
    drawn = icon_svg(Hundred((f"{of_100(share)} people", said), hundreds(share), (), colour), LIGHT.paper)
    # The SVG is made of numbers, colours and words that icon_svg has escaped.
    return {"share": of_100(share), "said": said, "low": low, "high": high, "drawn": Markup(drawn), "answers": None}  # noqa: S704
