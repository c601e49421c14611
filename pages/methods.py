"""Methods: every definition, threshold and source as used, written from the declarations the code itself runs on."""

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.web import frame


def definitions() -> None:
    """How things are counted."""
    for title, words in frame.words.DEFINITIONS.items():
        frame.text(f"## {title}\n{words}")
    frame.section("Visits")
    frame.listed([{"visit": x.label, "target, day": x.target, "from day": x.first, "to day": x.last} for x in v.VISITS], "Visits")
    frame.bands()


def scores() -> None:
    """Instruments and responder rules with their sources."""
    frame.section("Scores")
    frame.listed([{"score": x.label, "from": f"{x.low:g}", "to": f"{x.high:g}", "better": x.better} for x in v.INSTRUMENTS], "Scores")
    frame.section("Who counts as improved")
    frame.listed([{"rule": x.label, "scores": ", ".join(v.scores_of(x)), "reference": x.source} for x in v.PRESETS], "Responder rules")
    frame.section("Treatments")
    frame.treatments()


def answers() -> None:
    """Every indicator as it is declared, and every question with its options."""
    frame.section("Indicators")
    frame.declared_indicators()
    frame.section("Questions")
    for name, answer in analyses.answers().items():
        frame.answer_entry(name, answer)


def calibration() -> None:
    """Whether the intervals of patients like mine hold for episodes that were held out."""
    month = frame.choose("month", "After", (3, 12, 24), 12, write="{} months".format)
    frame.text(frame.words.CALIBRATION)
    frame.rows(frame.slow("calibration", of=frame.everybody(), month=month), "calibration")


def policy() -> None:
    """The limits of the policy in force, and what the product cannot do."""
    frame.policy_in_force()
    frame.section("Known limits")
    frame.text(frame.words.LIMITS)


def glossary() -> None:
    """The words, one meaning each."""
    frame.listed([{"word": word, "means": meaning} for word, meaning in frame.words.GLOSSARY.items()], "Glossary")


TABS = {"Definitions": definitions, "Scores and treatments": scores, "Answers": answers, "Calibration": calibration}
frame.tabs("methods_tab", TABS | {"Privacy and limits": policy, "Glossary": glossary})
