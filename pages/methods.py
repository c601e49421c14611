"""Methods: every definition, threshold and source as used, written from the declarations the code itself runs on."""

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.web import frame, methods
from synapse_analytics.web.choices import choose
from synapse_analytics.web.indicators import declared_indicators
from synapse_analytics.web.parts import listed, section, tabs, text


def definitions() -> None:
    """How things are counted."""
    for title, words in methods.DEFINITIONS.items():
        text(f"## {title}\n{words}")
    methods.attention()
    section("Visits")
    listed([{"visit": x.label, "target, day": x.target, "from day": x.first, "to day": x.last} for x in v.VISITS], "Visits")
    methods.bands()


def scores() -> None:
    """Instruments and responder rules with their sources."""
    section("Scores")
    listed([{"score": x.label, "from": f"{x.low:g}", "to": f"{x.high:g}", "better": x.better} for x in v.INSTRUMENTS], "Scores")
    section("Who counts as improved")
    listed([{"rule": x.label, "scores": ", ".join(v.scores_of(x)), "reference": x.source} for x in v.PRESETS], "Responder rules")
    section("Treatments")
    methods.treatments()


def answers() -> None:
    """Every indicator as it is declared, and every question with its options."""
    section("Indicators")
    declared_indicators()
    section("Questions")
    for name, answer in analyses.answers().items():
        methods.answer_entry(name, answer)


def calibration() -> None:
    """How many held-out episodes lie inside the intervals that patients like mine foretells."""
    month = choose("month", "After", {month: f"{month} months" for month in (3, 12, 24)}, 12)
    text(methods.CALIBRATION)
    methods.calibration(frame.slow("calibration", of=frame.EVERYBODY, month=month))


def policy() -> None:
    """The limits of the policy in force, and what the product cannot do."""
    methods.policy_in_force()
    section("Known limits")
    text(methods.LIMITS)


def glossary() -> None:
    """The words, one meaning each."""
    listed([{"word": word, "means": meaning} for word, meaning in methods.GLOSSARY.items()], "Glossary")


TABS = {"Definitions": definitions, "Scores and treatments": scores, "Indicators and questions": answers}
tabs("methods_tab", TABS | {"Check on past patients": calibration, "Privacy and limits": policy, "Glossary": glossary})
