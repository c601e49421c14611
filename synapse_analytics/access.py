"""Who may do what: the roles of a clinic and the one table of permissions. Checked on every run and again where data leave.

Who somebody is and which roles they have, a provider of sign-in says in claims, which are not to be trusted in shape or length.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from synapse_analytics.errors import NotAllowed
from synapse_analytics.settings.sign_in import SignIn

LONGEST_NAME = 200  # characters


class Role(StrEnum):
    """The four roles; a person may have several."""

    LEADERSHIP = "leadership"
    DOCTOR = "doctor"
    ANALYST = "analyst"
    ADMIN = "admin"


class Permission(StrEnum):
    """What can be permitted, worded so that "You may not ..." reads well."""

    SEE_RESULTS = "see results"
    COMPARE_TREATMENTS = "compare treatments or look for patients like mine"
    EXPORT_SHOWN = "export what is shown"
    EXPORT_RECORDS = "export rows"
    MANAGE_DATA = "load data, manage data versions or read the audit log"


EVERYBODY = frozenset(Role)
PERMITTED: Mapping[Permission, frozenset[Role]] = MappingProxyType(
    {
        Permission.SEE_RESULTS: EVERYBODY,
        Permission.COMPARE_TREATMENTS: EVERYBODY - {Role.LEADERSHIP},
        Permission.EXPORT_SHOWN: EVERYBODY,
        Permission.EXPORT_RECORDS: frozenset({Role.ANALYST}),
        Permission.MANAGE_DATA: frozenset({Role.ADMIN}),
    }
)
# Pages not named here need no more than a known role.
PAGES: Mapping[str, Permission] = MappingProxyType(
    {
        "compare_treatments": Permission.COMPARE_TREATMENTS,
        "patients_like_mine": Permission.COMPARE_TREATMENTS,
        "audit_log": Permission.MANAGE_DATA,
    }
)
# Where a role starts: the first page that the guide for these people leads to.
STARTS: Mapping[Role, str] = MappingProxyType(
    {Role.LEADERSHIP: "overview", Role.DOCTOR: "patients_like_mine", Role.ANALYST: "outcomes", Role.ADMIN: "data"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person who asks: the name for the audit log, and the roles; without a role there is no access."""

    name: str
    roles: frozenset[Role] = frozenset()
    session: str = field(
        default="", compare=False, repr=False
    )  # the session the person signed in for; empty in local mode and for commands


NOBODY = Person("nobody")  # no session, or one that has ended


def local_person(name: str = "local") -> Person:
    """The one person of local mode (no sign-in, 127.0.0.1 only): all roles."""
    return Person(name, EVERYBODY)


def may(asker: Person, permission: Permission) -> bool:
    """True if one of the person's roles permits this."""
    return bool(asker.roles & PERMITTED[permission])


def may_see(asker: Person, page: str) -> bool:
    """True if the person may open the page of this name."""
    return may(asker, needed(page))


def needed(page: str) -> Permission:
    """The permission that the page of this name needs."""
    return PAGES.get(page, Permission.SEE_RESULTS)


def start_page(asker: Person) -> str:
    """The page that a person sees first who asks for none: that of the first of the roles, in the order of the table; the overview without any."""
    return next((STARTS[role] for role in Role if role in asker.roles), STARTS[Role.LEADERSHIP])


def check(asker: Person, permission: Permission) -> None:
    """Raise NotAllowed, naming the roles that may, unless one of the person's roles permits this."""
    if not may(asker, permission):
        allowed = ", ".join(role for role in Role if role in PERMITTED[permission])
        raise NotAllowed(f"You may not {permission}. Only these roles may: {allowed}.")


def person_of(claims: Mapping[str, Any], sign_in: SignIn) -> Person:
    """The person whom these claims of a verified token describe, with the roles that the settings give; NOBODY without a name."""
    name = _name(claims, sign_in)
    given, _ = _given(claims, sign_in)
    alike = _alike(sign_in)
    roles = frozenset(Role(role) for role, values in sign_in.roles if not given.isdisjoint(map(alike, values)))
    return Person(name, roles) if name else NOBODY


def why_no_role(claims: Mapping[str, Any], sign_in: SignIn) -> str:
    """Why these claims give no role, for whoever helps the person; it names the claim that was looked at and shows no value of any."""
    _, why = _given(claims, sign_in)
    why = why if _name(claims, sign_in) else "the provider sent no name"
    return f"For the administrator: {why}."


def _name(claims: Mapping[str, Any], sign_in: SignIn) -> str:
    """What the log calls the person. An e-mail address that is known to be unverified may be somebody else's, so it is no name."""
    unverified = sign_in.name_claim == "email" and claims.get("email_verified") is False
    return ("" if unverified else _harmless(_claim(claims, sign_in.name_claim))) or _harmless(claims.get("sub"))


def _harmless(name: Any) -> str:
    """A name without line breaks, signs that turn the writing round, and so on, cut to a length that a log and a page can bear."""
    cut = name[: LONGEST_NAME + 1] if isinstance(name, str) else ""
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cut).strip()
    return shown if len(cut) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}\N{HORIZONTAL ELLIPSIS}"


def _given(claims: Mapping[str, Any], sign_in: SignIn) -> tuple[frozenset[str], str]:
    """What the claim of the settings says, and why that may give no role."""
    claim = sign_in.role_claim
    found = _claim(claims, claim)
    values = [found] if isinstance(found, str) else found
    if values is None and claim == "groups" and _too_many_groups(claims):
        return frozenset(), "the provider sent no groups, because the person is in too many (Microsoft Entra ID sends at most 200)"
    if values is None:
        return frozenset(), f"the provider sent no claim '{claim}'"
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return frozenset(), f"the claim '{claim}' is neither a text nor a list of texts"
    if claim == "email" and claims.get("email_verified") is not True:  # anybody can write any address into some directories
        return frozenset(), "the provider does not say that the e-mail address is verified"
    return frozenset(map(_alike(sign_in), values)), f"no value of the claim '{claim}' gives a role"


def _claim(held: Any, path: str) -> Any:
    """The claim of this name or at this path; None if there is none. Names may hold dots themselves, so the longest that is there counts."""
    if not isinstance(held, Mapping) or path in held:
        return held[path] if isinstance(held, Mapping) else None
    parts = path.split(".")
    for count in range(len(parts) - 1, 0, -1):
        name = ".".join(parts[:count])
        if name in held:
            return _claim(held[name], ".".join(parts[count:]))
    return None


def _too_many_groups(claims: Mapping[str, Any]) -> bool:
    """True if Microsoft Entra ID says where to ask for the groups instead of naming them."""
    elsewhere = claims.get("_claim_names")
    return (isinstance(elsewhere, Mapping) and "groups" in elsewhere) or claims.get("hasgroups") in (True, "true")


def _alike(sign_in: SignIn) -> Callable[[str], str]:
    """How values are compared: exactly, but in e-mail addresses large and small letters are the same (of ASCII: others have strange twins)."""
    return (lambda value: value.lower() if value.isascii() else value) if sign_in.role_claim == "email" else str
