"""Patients like mine: what happened to this clinic's own patients that are most like the one described."""

from synapse_analytics.figures import patients_like_mine as drawn
from synapse_analytics.web import frame
from synapse_analytics.web.parts import behind
from synapse_analytics.web.patients_like_mine import (
    by_treatment,
    can_match,
    checked,
    for_the_patient,
    halves,
    how_similar,
    particulars,
    scores,
    too_few,
    where_shared,
)


def year() -> None:
    """What became of them within a year, beside what they received and how similar they are."""
    left, right = halves()
    with left:
        frame.show(drawn.alike, answer, table="year")
        for_the_patient(answer.options)
    with right:
        by_treatment(answer)
        how_similar(answer)


def in_detail() -> None:
    """The order of treatments, and scores, improvement and surgery over time."""
    frame.show(drawn.received, answer, table="pathways")
    for instrument in scores(answer):
        frame.show(drawn.scores, answer, table="outcomes", key=f"like_{instrument}", instrument=instrument)
    frame.show(drawn.responders, answer, table="responders")
    frame.show(drawn.operated, answer, table="surgery")


asked = particulars()
if can_match(asked["diagnosis"]):
    where_shared(asked)
    answer = frame.slow("patients_like_mine", **asked)
    if not too_few(answer):
        year()
        behind("like_more", "Order of treatments, and scores at 3, 12 and 24 months", in_detail)
        behind("like_checked", "How accurate is this? Checked on past patients", lambda: checked(answer))
