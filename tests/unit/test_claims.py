"""Which person and which roles the claims of a provider give.

The claims are those of the providers' own documents:
Keycloak        Server administration guide, "OIDC token and SAML assertion mappings"; classes UserRealmRoleMappingMapper, GroupMembershipMapper
Microsoft       learn.microsoft.com/entra/identity-platform/id-token-claims-reference;
                learn.microsoft.com/security/zero-trust/develop/configure-tokens-group-claims-app-roles (overage)
Google          developers.google.com/identity/openid-connect/reference
Auth0           auth0.com/docs/secure/tokens/json-web-tokens/create-custom-claims
Okta            developer.okta.com/docs/guides/customize-tokens-groups-claim
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.access import NOBODY, Role, person_of, why_no_role
from synapse_analytics.settings import SignIn

PLAIN = SignIn(
    "https://outcomes.clinic.example",
    "https://id.clinic.example/.well-known/openid-configuration",
    "synapse",
    (("leadership", ("board",)), ("doctor", ("spine", "both")), ("analyst", ("both",))),
)


def settings(claim: str, name: str = "email", **roles: str) -> SignIn:
    return replace(PLAIN, role_claim=claim, name_claim=name, roles=tuple((role, (value,)) for role, value in roles.items()))


def roles(claims: dict[str, Any], sign_in: SignIn) -> set[str]:
    return {str(role) for role in person_of(claims, sign_in).roles}


KEYCLOAK = {
    "exp": 1764410000,
    "iat": 1764409700,
    "auth_time": 1764409699,
    "jti": "3f0b9a6c-6d5b-4a9e-9d65-0f9e7e1f2b11",
    "iss": "https://id.clinic.example/realms/staff",
    "aud": "synapse",
    "sub": "7c1d9a52-1d6c-4f7e-8f6e-3f2f5d6a9b10",
    "typ": "ID",
    "azp": "synapse",
    "sid": "c8a1b6f2-0d0b-4a55-a5de-0a5c1e8f8d11",
    "acr": "1",
    "email_verified": False,
    "realm_access": {"roles": ["default-roles-staff", "offline_access", "synapse-doctor"]},
    "resource_access": {"synapse": {"roles": ["viewer"]}, "outcomes.clinic.example": {"roles": ["analyst"]}},
    "groups": ["/spine/doctors", "/board"],
    "name": "Ada Okafor",
    "preferred_username": "a.okafor",
    "email": "a.okafor@clinic.example",
}
ENTRA = {
    "aud": "6cb04018-a3f5-46a7-b995-940c78f5aef3",
    "iss": "https://login.microsoftonline.com/3338040d-6c67-4c5b-b112-36a304b66dad/v2.0",
    "name": "Ada Okafor",
    "oid": "00000000-0000-0000-66f3-3332eca7ea81",
    "preferred_username": "a.okafor@clinic.example",
    "rh": "0.AAAA",
    "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
    "tid": "3338040d-6c67-4c5b-b112-36a304b66dad",
    "ver": "2.0",
    "email": "leader@clinic.example",
}
DOCTORS = "0760b6cf-170e-4a14-91b3-4b78e0739963"
OVERAGE = {
    "_claim_names": {"groups": "src1"},
    "_claim_sources": {
        "src1": {"endpoint": "https://graph.microsoft.com/v1.0/users/00000000-0000-0000-66f3-3332eca7ea81/getMemberObjects"}
    },
}
GOOGLE = {
    "iss": "https://accounts.google.com",
    "azp": "1234987819200.apps.googleusercontent.com",
    "aud": "1234987819200.apps.googleusercontent.com",
    "sub": "10769150350006150715113082367",
    "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
    "hd": "clinic.example",
    "email": "A.Okafor@clinic.example",
    "email_verified": True,
    "iat": 1764409700,
    "exp": 1764413300,
}
AUTH0 = {"iss": "https://clinic.eu.auth0.com/", "sub": "auth0|123456", "aud": "synapse", "https://clinic.example/roles": ["board"]}
OKTA = {"sub": "00uid4BxXw6I6TV4m0g3", "iss": "https://clinic.okta.example", "aud": "synapse", "groups": ["Everyone", "Spine Doctors"]}


@pytest.mark.parametrize(
    ("claims", "sign_in", "name", "expected"),
    [
        (KEYCLOAK, settings("realm_access.roles", "preferred_username", doctor="synapse-doctor"), "a.okafor", {"doctor"}),
        (KEYCLOAK, settings("resource_access.synapse.roles", "name", doctor="viewer"), "Ada Okafor", {"doctor"}),
        (KEYCLOAK, settings("resource_access.outcomes.clinic.example.roles", doctor="analyst"), KEYCLOAK["sub"], {"doctor"}),
        (KEYCLOAK, settings("groups", doctor="/spine/doctors", leadership="/board"), KEYCLOAK["sub"], {"doctor", "leadership"}),
        (KEYCLOAK, settings("groups", doctor="spine/doctors", leadership="board"), KEYCLOAK["sub"], set()),
        (KEYCLOAK, settings("email", admin="a.okafor@clinic.example"), KEYCLOAK["sub"], set()),
        (
            ENTRA | {"roles": ["Analyst"]},
            settings("roles", "preferred_username", analyst="Analyst"),
            "a.okafor@clinic.example",
            {"analyst"},
        ),
        (ENTRA | {"roles": ["Analyst"]}, settings("roles", "preferred_username", analyst="analyst"), "a.okafor@clinic.example", set()),
        (ENTRA | {"groups": [DOCTORS]}, settings("groups", "oid", doctor=DOCTORS), ENTRA["oid"], {"doctor"}),
        (ENTRA | OVERAGE, settings("groups", "oid", doctor=DOCTORS), ENTRA["oid"], set()),
        (ENTRA, settings("email", "oid", leadership="leader@clinic.example"), ENTRA["oid"], set()),
        (GOOGLE, settings("email", doctor="a.okafor@CLINIC.example"), "A.Okafor@clinic.example", {"doctor"}),
        (GOOGLE | {"email_verified": False}, settings("email", doctor="a.okafor@clinic.example"), GOOGLE["sub"], set()),
        (GOOGLE | {"email_verified": "true"}, settings("email", doctor="a.okafor@clinic.example"), "A.Okafor@clinic.example", set()),
        (GOOGLE | {"email": "A.O\u212aafor@clinic.example"}, settings("email", doctor="a.okafor@clinic.example"), None, set()),
        (GOOGLE, settings("hd", leadership="clinic.example"), "A.Okafor@clinic.example", {"leadership"}),
        (AUTH0, settings("https://clinic.example/roles", leadership="board"), "auth0|123456", {"leadership"}),
        (OKTA, settings("groups", doctor="Spine Doctors"), OKTA["sub"], {"doctor"}),
        (OKTA, settings("groups", doctor="spine doctors"), OKTA["sub"], set()),
    ],
)
def test_claims_as_providers_document_them(claims: dict[str, Any], sign_in: SignIn, name: str | None, expected: set[str]) -> None:
    assert roles(claims, sign_in) == expected
    assert name is None or person_of(claims, sign_in).name == name


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("spine", {"doctor"}),
        (["both", "board"], {"doctor", "analyst", "leadership"}),
        ([], set()),
        (["spine", 1], set()),
        ([["spine"]], set()),
        ({"spine": True}, set()),
        (True, set()),
        (None, set()),
        ("spine board", set()),
        ("spine\0", set()),
        (" spine", set()),
    ],
)
def test_shapes_of_the_claim(found: Any, expected: set[str]) -> None:
    assert roles({"sub": "a", "roles": found}, PLAIN) == expected


def test_the_longest_name_that_is_there_counts() -> None:
    sign_in = settings("a.b.c", doctor="x")
    assert roles({"sub": "s", "a.b.c": "x", "a": {"b": {"c": "y"}}}, sign_in) == {"doctor"}
    assert roles({"sub": "s", "a.b": {"c": "x"}, "a": {"b": {"c": "y"}}}, sign_in) == {"doctor"}
    assert roles({"sub": "s", "a": {"b.c": "x"}}, sign_in) == {"doctor"}
    assert roles({"sub": "s", "a": ["b"]}, sign_in) == set()


def test_without_a_name_there_is_nobody() -> None:
    assert person_of({"roles": ["spine"]}, PLAIN) == NOBODY
    assert person_of({"roles": ["spine"], "sub": 7, "email": ["a@b"]}, PLAIN) == NOBODY
    assert person_of({"roles": ["spine"], "sub": " ", "email": ""}, PLAIN) == NOBODY
    assert "sent no name." in why_no_role({"roles": ["spine"]}, PLAIN)


def test_names_are_harmless() -> None:
    assert person_of({"email": "a\nb\u202ec\ud800\x1b[2J"}, PLAIN).name == "a\ufffdb\ufffdc\ufffd\ufffd[2J"
    long = person_of({"email": "x" * 1_000_000}, PLAIN).name
    assert len(long) == 200
    assert long.endswith("x\u2026")
    assert person_of({"email": "x" * 200}, PLAIN).name == "x" * 200


@pytest.mark.parametrize(
    ("claims", "claim", "why"),
    [
        (ENTRA | OVERAGE, "groups", "sent no groups, because the person is in too many .* at most 200"),
        (ENTRA | {"hasgroups": True}, "groups", "sent no groups, because the person is in too many"),
        (ENTRA, "groups", "the provider sent no claim 'groups'"),
        (ENTRA | OVERAGE, "roles", "the provider sent no claim 'roles'"),
        (ENTRA, "email", "does not say that the e-mail address is verified"),
        (GOOGLE, "email", "no value of the claim 'email' gives a role"),
        (KEYCLOAK, "realm_access", "the claim 'realm_access' is neither a text nor a list of texts"),
        (KEYCLOAK, "groups", "no value of the claim 'groups' gives a role"),
    ],
)
def test_why_there_is_no_role(claims: dict[str, Any], claim: str, why: str) -> None:
    told = why_no_role(claims, settings(claim, doctor="nobody@x.example"))
    assert told.startswith("For the administrator: ")
    assert re.search(why, told)
    assert not any(value in told for value in claims.values() if isinstance(value, str) and len(value) > 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["spine", "board", "both", "", "x"]) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "a.b", "roles", "groups"]) | st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYS = (
    st.sampled_from(["sub", "email", "email_verified", "roles", "groups", "_claim_names", "hasgroups", "a", "a.roles", "a.b"]) | st.text()
)


def texts(value: Any) -> set[str]:
    """Every text in a value, but no key."""
    if isinstance(value, dict):
        value = list(value.values())
    return set().union(*map(texts, value)) if isinstance(value, list) else {value} if isinstance(value, str) else set()


@given(claims=st.dictionaries(KEYS, JSON, max_size=8), claim=st.sampled_from(["roles", "groups", "email", "a.roles", "a.b.roles", "."]))
def test_no_claims_raise_or_give_a_role_that_the_settings_do_not_name(claims: dict[str, Any], claim: str) -> None:
    sign_in = replace(PLAIN, role_claim=claim)
    found = person_of(claims, sign_in)
    present = {value.lower() for value in texts(claims)}
    assert found.roles <= {Role(role) for role, values in sign_in.roles if present.intersection(values)}
    assert 0 < len(found.name) <= 200
    assert found.name.isprintable()
    assert why_no_role(claims, sign_in)
