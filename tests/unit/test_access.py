"""Who may do what, as the table of the privacy policy has it."""

from __future__ import annotations

import pytest

from synapse_analytics.access import Permission, Role, check, local_person, may, may_see, start_page
from synapse_analytics.errors import NotAllowed
from tests.builders import person

TABLE = [
    (Permission.SEE_RESULTS, ["leadership", "doctor", "analyst", "admin"]),
    (Permission.COMPARE_TREATMENTS, ["doctor", "analyst", "admin"]),
    (Permission.EXPORT_SHOWN, ["leadership", "doctor", "analyst", "admin"]),
    (Permission.EXPORT_RECORDS, ["analyst"]),
    (Permission.MANAGE_DATA, ["admin"]),
]


@pytest.mark.parametrize(("permission", "roles"), TABLE)
def test_each_role_may_what_the_policy_says(permission: Permission, roles: list[str]) -> None:
    assert [role for role in Role if may(person("p", role), permission)] == roles


def test_no_role_gives_nothing() -> None:
    stranger = person("p")
    assert not any(may(stranger, permission) for permission in Permission)


def test_roles_add_up() -> None:
    both = person("p", "analyst", "admin")
    assert may(both, Permission.EXPORT_RECORDS)
    assert may(both, Permission.MANAGE_DATA)


def test_local_mode_has_all_roles() -> None:
    assert all(may(local_person(), permission) for permission in Permission)


def test_leadership_sees_no_comparison_page() -> None:
    leader = person("p", "leadership")
    assert may_see(leader, "overview")
    assert not may_see(leader, "compare_treatments")
    assert not may_see(leader, "patients_like_mine")


def test_only_admins_see_the_audit_log() -> None:
    assert [role for role in Role if may_see(person("p", role), "audit_log")] == ["admin"]


STARTS = [
    (["leadership"], "overview"),
    (["doctor"], "patients_like_mine"),
    (["analyst"], "outcomes"),
    (["admin"], "data"),
    (["admin", "analyst"], "outcomes"),
    (["admin", "doctor", "analyst"], "patients_like_mine"),
    (["admin", "leadership"], "overview"),
    ([], "overview"),
]


@pytest.mark.parametrize(("roles", "page"), STARTS)
def test_each_role_starts_where_its_guide_starts(roles: list[str], page: str) -> None:
    assert start_page(person("p", *roles)) == page
    assert not roles or may_see(person("p", *roles), page)


def test_who_has_all_roles_starts_at_the_overview() -> None:
    assert start_page(local_person()) == "overview"


def test_refusal_names_who_may() -> None:
    with pytest.raises(NotAllowed, match="export rows.*analyst"):
        check(person("p", "doctor"), Permission.EXPORT_RECORDS)
