"""Why a column is left out: it identifies people, it is free text, or nothing says what it is."""

from __future__ import annotations

from synapse_analytics.bundle.column_names import is_identity_name
from synapse_analytics.bundle.identity import identity_rule, is_name
from synapse_analytics.intake.draft.looks import Look

SOURCE_SAYS = "the source says that it identifies people"
UNKNOWN = "nothing says what it is"
_JUDGED = 200  # texts
_LONG = 40  # characters: longer texts are what somebody wrote


def why_left_out(look: Look) -> str:
    """The reason, for a column that fills no field. It holds no value."""
    return identity_of(look) or ("it holds free text" if is_free_text(look) else "") or UNKNOWN


def identity_of(look: Look) -> str:
    """Why a column identifies people; "" when nothing says so."""
    if look.name in look.table.identifiers:
        return SOURCE_SAYS
    if is_identity_name(look.name) or (look.label != look.name and is_identity_name(look.label)):
        return "its name says that it identifies people, or holds dates or free text"
    texts = list(look.counts)[:_JUDGED]
    rules = [rule for text in texts if (rule := identity_rule(text)) and rule != "identity_date"]
    if rules and len(rules) >= max(1, 0.02 * len(texts)):
        kind = max(set(rules), key=rules.count).removeprefix("identity_").replace("_", " ")
        return f"its values identify people: {kind}"
    if len(texts) >= 5 and look.distinct > 5 and sum(map(is_name, texts)) >= 0.5 * len(texts):
        return "its values look like names"
    return ""


def is_free_text(look: Look) -> bool:
    """True if people wrote what they liked here."""
    if look.name in look.table.free_text:
        return True
    texts = list(look.counts)[:_JUDGED]
    return bool(texts) and look.distinct > 20 and sum(map(len, texts)) / len(texts) > _LONG
