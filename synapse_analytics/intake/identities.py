"""What a column that is left out seems to hold of people, by its name or by a sample of its values. Nothing of a value is told."""

from __future__ import annotations

from collections import Counter
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.column_names import is_identity_name, normalise
from synapse_analytics.bundle.identity import AADHAAR_FORM, identity_rule, is_name, is_verhoeff

_ROWS = 20_000
_JUDGED = 200  # texts
_FEW, _MOST = 0.02, 0.5  # of the texts judged: so many are no accident, and so many words with capitals are names and no diagnoses
_HELD = MappingProxyType(
    {
        "identity_phone": "phone numbers",
        "identity_email": "e-mail addresses",
        "identity_date": "dates",
        "identity_address": "addresses",
        "identity_pan": "PAN numbers",
        "identity_voter": "voter ids",
        "identity_health_id": "health ids",
        "identity_record_number": "record numbers",
        "identity_document": "numbers of documents",
        "identity_url": "web addresses",
        "identity_network": "addresses of devices",
    }
)
_NAMED = (  # words of a header, the telling ones first, and what stands below it
    ("dates of birth", "dob birth born janm birthdate birthday"),
    ("phone numbers", "phone mobile tel telephone cell whatsapp contact fax"),
    ("e-mail addresses", "mail email"),
    ("Aadhaar numbers", "aadhaar aadhar adhaar adhar uidai"),
    ("PAN numbers", "pan"),
    ("addresses", "address addr street village town city district pin pincode zip postcode postal locality landmark house"),
    ("record numbers", "mrn uhid record hospital registration regno enrolment crno ipno opno"),
    ("names", "name names surname forename firstname lastname fullname initials alias father mother spouse husband wife guardian kin naam"),
    ("notes", "notes note remarks remark comment comments narrative freetext text letter"),
    ("dates", "date dates datetime timestamp"),
)


def held_by(name: str, column: pa.Array) -> str:
    """What a column seems to hold that identifies people, such as `phone numbers, by its values`; "" when nothing says so."""
    by_name = _by_name(name)
    by_values = _by_values(column)
    if by_values and (not by_name or by_values == by_name):
        return f"{by_values}, by its values"
    return f"{by_name}, by its name" if by_name else ""


def _by_name(name: str) -> str:
    if not is_identity_name(name):
        return ""
    words = normalise(name)
    parts = {word.rstrip("0123456789").removesuffix("s") for word in words.split("_")} | set(words.split("_"))
    telling = (what for what, known in _NAMED if parts & set(known.split()))
    return next(telling, "something that identifies people")


def _by_values(column: pa.Array) -> str:
    texts = [text for text in pc.unique(column.slice(0, _ROWS)).to_pylist() if text][:_JUDGED]
    if not texts:
        return ""
    if sum(bool(AADHAAR_FORM.fullmatch(text)) and is_verhoeff(text) for text in texts) > _MOST * len(texts):
        return "Aadhaar numbers"
    rules = Counter(rule for text in texts if (rule := identity_rule(text)))
    if rules and rules.total() >= max(1, _FEW * len(texts)):
        return _HELD.get(rules.most_common(1)[0][0], "something that identifies people")
    return "names" if len(texts) > 5 and sum(map(is_name, texts)) >= _MOST * len(texts) else ""
