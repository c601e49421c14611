"""What the codes of a column mean: by their label, by words of clinics, by a concept set; what is not certain stays "?" with the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from synapse_analytics.bundle.identity import is_name
from synapse_analytics.intake.draft.looks import Look
from synapse_analytics.intake.mapping.fields import FieldOf, Reads
from synapse_analytics.intake.mapping.model import OPEN
from synapse_analytics.intake.mapping.places import nearest
from synapse_analytics.intake.mapping.questions import concepts, words_of
from synapse_analytics.plain_yaml import shown

CONCEPTS = MappingProxyType(
    {
        "diagnosis": "diagnoses",
        "treatment": "treatments",
        "investigation": "investigations",
        "symptom": "symptoms",
        "instrument": "instruments",
    }
)
MISSING = frozenset(
    "na n/a n.a. nan nil null none - -- --- * ** . .. nr nd ? missing unknown unk not#recorded not#known not#available not#done not#applicable"
    " refused blank #n/a".replace("#n/a", "=n/a").split()
)
_SENTINELS = frozenset({-1, -8, -9, -88, -99, -999, 9, 88, 98, 99, 777, 888, 998, 999, 8888, 9999})
_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "sex": {"female": "f fem woman w girl", "male": "m man boy", "other": "o t transgender intersex", "unknown": "u unk not#known"},
        "side": {"left": "l lt left#side lt.", "right": "r rt right#side rt.", "both": "b bl b/l bilateral both#sides"},
        "finding": {
            "confirmed": "positive pos yes +ve + seen",
            "not_confirmed": "negative neg no normal -ve",
            "inconclusive": "equivocal unclear ?",
        },
        "severity": {
            "mild": "minor grade#1 grade#i gr#i gr#1 i",
            "moderate": "grade#2 grade#ii gr#ii gr#2 ii",
            "severe": "major serious grade#3 grade#iii gr#iii gr#3 iii",
        },
        "status": {
            "open": "active ongoing under#care under#rx on#rx in#treatment on#treatment",
            "resolved": "recovered cured",
            "discharged": "completed closed discharge d/c dc",
            "referred": "referred#out ref#out transferred",
            "lost": "ltfu lost#to#follow-up lost#to#follow#up dropped#out",
            "died": "dead death deceased expired",
        },
        "occupation": {
            "sedentary": "desk desk#job office desk#work office#work clerical",
            "light": "light#manual",
            "heavy": "manual labour labourer farmer heavy#manual",
            "retired": "pensioner rtd",
            "none": "nil unemployed homemaker housewife student not#working",
        },
        "event": {
            "haematoma": "hematoma",
            "infection": "ssi wound#infection",
            "thromboembolism": "dvt pe",
            "readmission": "readmitted",
            "nerve_injury": "nerve#inj",
            "dural_tear": "durotomy csf#leak",
        },
    }
)
_YES_NO = {"yes": "y true t 1 present positive checked current current#smoker smoker", "no": "n false f 0 absent negative unchecked never"}


def meanings(field: FieldOf, look: Look) -> tuple[dict[str, str | None], str]:
    """Code -> meaning ("?" when it is open, None for what is not recorded), and what those that are open are nearest to."""
    codes: dict[str, str | None] = {}
    hints = []
    for code in look.codes:
        if code.casefold() in MISSING and code.casefold() not in _known(field):
            continue
        said = look.table.choices.get(look.name, {}).get(code) or code
        meaning = meaning_of(field, said)
        near = "" if meaning else _near(field, said)
        if near or (said != code and not meaning):
            hints.append(f"{shown(code)}" + f" ({shown(said)})" * (said != code) + f" is nearest to {near}" * bool(near))
        if not meaning and said == code and is_name(code) and not (near and field.name in CONCEPTS):
            continue  # it may be a person's: `anonymise` says that a code has no meaning, and masks it
        if meaning or not _left_to_concepts(field, look):
            codes[code] = meaning or OPEN
    codes |= _rare(field, look, codes)
    listed = codes if any(one != code for code, one in codes.items()) else {}  # where one is listed, all must be
    return listed, "; ".join(hints) if OPEN in listed.values() else ""


def _rare(field: FieldOf, look: Look, codes: Mapping[str, str | None]) -> dict[str, str | None]:
    """Texts that stand there once, but are words of the closed list: no one's own."""
    if look.split or field.name in CONCEPTS:
        return {}
    return {text: one for text in look.counts if text not in codes and (one := meaning_of(field, text))}


def _left_to_concepts(field: FieldOf, look: Look) -> bool:
    """True where codes stand for themselves in a column that a concept set reads: only those of a short list are asked about."""
    return field.name in CONCEPTS and len(look.codes) > 30


def meaning_of(field: FieldOf, text: str) -> str:
    """The word of the closed list that a text is; "" when that is not certain."""
    plain = " ".join(text.casefold().replace("_", " ").split())
    known = _known(field).get(plain, "")
    return known or (concepts(CONCEPTS[field.name]).meaning(text) or "" if field.name in CONCEPTS else "")


def _near(field: FieldOf, text: str) -> str:
    if text.isdigit() or len(text) < 2:
        return ""
    return concepts(CONCEPTS[field.name]).nearest(text) if field.name in CONCEPTS else nearest(text, words_of(field), 70)


def _known(field: FieldOf) -> dict[str, str]:
    words = _YES_NO if field.reads is Reads.YES_NO else _WORDS.get(field.name, {})
    found = {one.replace("#", " "): code for code, many in words.items() for one in many.split()}
    own = {code.replace("_", " "): code for code in words_of(field)} | {term.label.casefold(): term.code for term in field.terms}
    return found | own


def missing_of(look: Look, low: float | None, high: float | None) -> tuple[str, ...]:
    """Texts of a column of numbers that mean not recorded: signs such as NA, and 99 or -1 where no such value exists."""
    signs = [text for text in look.counts if text.casefold() in MISSING]
    outside = [
        text
        for text, number in look.numbers.items()
        if number in _SENTINELS and low is not None and high is not None and not low <= number <= high
    ]
    return tuple(sorted({*signs, *outside}))


def signs_of(look: Look) -> tuple[str, ...]:
    """Texts of a column of codes or dates that mean not recorded."""
    return tuple(sorted(text for text in look.counts if text.casefold() in MISSING))


def said(texts: Iterable[str]) -> str:
    """Texts in a sentence: the first three that cannot be names of people, and how many more."""
    every = list(texts)
    listed = [f"'{shown(text)}'" for text in every if not is_name(text)][:3]
    more = [f"{len(every) - len(listed)} more"] if len(every) > len(listed) else []
    return ", ".join([*listed, *more])
