"""How people sign in: the provider, the claim that says who somebody is, and which values of a claim give which role."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SignIn:
    """The part `sign_in` of the settings."""

    address: str  # what people type: https://outcomes.clinic.example, without a path; http only for this computer itself
    provider: str  # the URL of the provider's discovery document (.well-known/openid-configuration)
    client_id: str
    roles: tuple[tuple[str, tuple[str, ...]], ...]  # (role, the values of the claim that give it)
    client_secret_file: str | None = None  # else the variable SYNAPSE_CLIENT_SECRET holds it
    role_claim: str = "roles"  # may lead through objects, as realm_access.roles does
    name_claim: str = "email"  # names the person in the audit log; without it `sub` does
    idle_minutes: float = 15
    longest_hours: float = 8
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")  # who may pass on requests of others
