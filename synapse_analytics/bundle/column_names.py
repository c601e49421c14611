"""Names of columns outside the schema that say that the column identifies people, or holds dates or free text."""

from __future__ import annotations

import re
import unicodedata


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_WORDS = frozenset(
    _listed(
        "name names surname forename firstname lastname fullname initials alias father mother spouse husband wife guardian kin relative"
        " phone telephone tel mobile cell contact whatsapp fax email mail aadhaar aadhar adhaar adhar uid uidai vid pan voter epic abha phr"
        " passport licence license ssn nhs mrn uhid crno hospitalno ipno opno registration regno enrolment insurance policy account bank ifsc"
        " upi card address addr street road house village town taluk taluka district city pincode pin zip zipcode postcode postal locality"
        " landmark latitude longitude lat lon lng gps geo location ip ipaddress mac imei device url website web link facebook twitter"
        " instagram linkedin dob birth birthdate birthday born date dates datetime timestamp photo image picture face signature fingerprint"
        " biometric iris voice barcode qr notes note remarks remark comment comments narrative freetext text letter religion caste"
        " naam pata janm नाम जन्म पता आधार फोन मोबाइल"
    )
)
_STEMS = _listed(
    "aadhaar aadhar phone mobile email address birth surname firstname lastname fullname middlename patientname fathername mothername"
    " passport pincode postcode zipcode whatsapp voterid healthid recordnumber recordno hospitalnumber licence socialsecurity nationalid"
    " visitdate dateof freetext"
)
_PHRASES = _listed(  # the words of a name in any order
    "record_number record_no health_id national_id id_card hospital_no hospital_number ip_no op_no next_kin case_number file_number"
)


def normalise(name: str) -> str:
    """A header name as lower-case words joined by `_`: `E-Mail` and `eMail` become `e_mail`."""
    name = unicodedata.normalize("NFKC", name)
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^\w]+|_+", "_", name.casefold()).strip("_")


def is_identity_name(name: str) -> bool:
    """True if a column of this name is about a person's identity, a date or free text."""
    words = [re.sub(r"\d+$", "", word) for word in normalise(name).split("_")]
    if any(word in _WORDS or word.removesuffix("s") in _WORDS for word in words):
        return True
    joined = "".join(words)
    return any(stem in joined for stem in _STEMS) or any(set(phrase.split("_")) <= set(words) for phrase in _PHRASES)
