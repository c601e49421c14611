"""Who may do what: the roles of a clinic and the one table of permissions. Checked on every run and again where data leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from synapse_analytics.errors import NotAllowed


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
