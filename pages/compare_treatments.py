"""Compare treatments: what is so early and late after two treatments, whether they can be compared, and of whom it speaks."""

from synapse_analytics.figures import compare_treatments as drawn
from synapse_analytics.web import compare_treatments as page
from synapse_analytics.web import frame
from synapse_analytics.web.parts import behind, columns


def all_of_it() -> None:
    """What stands behind the answer: other times, four methods, how alike the groups are, subgroups and what could change it."""
    page.other_choices(answer, chosen)
    if page.is_shown(answer):
        frame.show(drawn.estimates, answer, table="estimates")
        frame.show(drawn.by_visit, answer, table="mmrm")
        frame.show(drawn.trajectories, answer, table="trajectories")
    frame.show(drawn.balance, answer, table="balance")
    frame.show(drawn.overlap, answer, table="overlap")
    if page.has_subgroups(answer):
        frame.show(drawn.subgroups, answer, table="subgroups")
        frame.show(drawn.sensitivity, answer, table="sensitivity")
    page.unmeasured(answer)


(above,) = columns(1)
chosen = page.asked()
answer = frame.slow("compare_treatments", **chosen)
page.choices(above, answer, chosen)
if page.answered(answer):
    left, right = page.halves()
    with left:
        if page.is_shown(answer):
            frame.show(drawn.course, answer, table="mmrm")
    with right:
        page.can_be_compared(answer)
        page.of_whom(answer)
    behind("sure", "How sure is this?", all_of_it)
