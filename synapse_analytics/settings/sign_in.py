"""How people sign in: the provider, the claim that says who somebody is, and which values of a claim give which role."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

from synapse_analytics.errors import UsageError
from synapse_analytics.plain_yaml import shown
from synapse_analytics.settings.reading import check_keys, listed, mapping, number, words
from synapse_analytics.settings.secret import VARIABLE, read_secret, secret_file
from synapse_analytics.settings.urls import address, provider

ROLES = ("leadership", "doctor", "analyst", "admin")  # those of access.Role, which stands downstream; a test holds them together
NEEDED = ("address", "provider", "client_id", "roles")


@dataclass(frozen=True, slots=True)
class SignIn:
    """The part `sign_in` of the settings. It knows where the client secret is and never holds it."""

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

    @property
    def host(self) -> str:
        """The address as browsers write it into `Host`."""
        return self.address.partition("://")[2]

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to; it is registered there."""
        return f"{self.address}/oauth2callback"

    def secret(self) -> str:
        """The client secret, read anew; UsageError when there is none, or when others may read it."""
        return read_secret(self.client_secret_file)


def sign_in_from(value: Any) -> SignIn:
    """The part `sign_in` of the settings; UsageError when anything in it is missing or wrong."""
    held = mapping("sign_in", value)
    if "client_secret" in held:
        raise UsageError(
            f"sign_in.client_secret: the secret must not stand in this file. Allowed: client_secret_file, or the variable {VARIABLE}."
        )
    check_keys("sign_in.", held, tuple(READERS))
    missing = [key for key in NEEDED if held.get(key) is None]
    if missing:
        raise UsageError(f"sign_in.{missing[0]}: it is missing. Sign-in needs {', '.join(NEEDED)}.")
    found = SignIn(**{key: READERS[key](f"sign_in.{key}", given) for key, given in held.items() if given is not None})
    if found.role_claim == "email":
        _check_addresses(found)
    return found


def _roles(where: str, value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    held = mapping(where, value)
    if not held:
        raise UsageError(f"{where}: nobody would have a role. Allowed: one line or more of `role: [value of the claim]`.")
    for role in held:
        if role not in ROLES:
            near = get_close_matches(shown(role), ROLES)
            raise UsageError(
                f"{where}.{shown(role)}: there is no such role. {'Nearest' if near else 'Allowed'}: {', '.join(near or ROLES)}."
            )
    return tuple((role, _values(f"{where}.{role}", held[role])) for role in ROLES if role in held)


def _values(where: str, value: Any) -> tuple[str, ...]:
    found = tuple(words(f"{where}[{count}]", one) for count, one in enumerate(listed(where, value, "[spine-doctors, spine-fellows]"), 1))
    if not found:
        raise UsageError(f"{where}: the list is empty. Allowed: one value or more; leave the role out if nobody has it.")
    _check_once(where, found)
    return found


def _check_once(where: str, found: tuple[str, ...]) -> None:
    once: set[str] = set()
    for one in found:
        if one in once:
            raise UsageError(f"{where}: '{one}' is listed twice. Allowed: each value once in a role.")
        once.add(one)


def _check_addresses(found: SignIn) -> None:
    """Values of the claim `email` are addresses, whose letters may be large or small."""
    for role, values in found.roles:
        where = f"sign_in.roles.{role}"
        wrong = [value for value in values if "@" not in value]
        if wrong:
            raise UsageError(f"{where}: '{wrong[0]}' is not an e-mail address. Allowed: addresses, because role_claim is email.")
        _check_once(where, tuple(value.lower() for value in values))


def _proxies(where: str, value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_proxy(f"{where}[{count}]", one) for count, one in enumerate(listed(where, value, '["10.0.0.5"]'), 1)))


def _proxy(where: str, value: Any) -> str:
    allowed = 'Allowed: the IP address of one computer, in quotes, as "10.0.0.5"; no name and no network.'
    try:
        found = ip_address(words(where, value))
    except ValueError as error:
        raise UsageError(f"{where}: '{value}' is not an IP address. {allowed}") from error
    if found.is_unspecified or found.is_multicast:
        raise UsageError(f"{where}: '{value}' is not one computer. {allowed}")
    return str(found)


READERS: Mapping[str, Callable[[str, Any], Any]] = MappingProxyType(
    {
        "address": address,
        "provider": provider,
        "client_id": words,
        "client_secret_file": secret_file,
        "role_claim": words,
        "name_claim": words,
        "roles": _roles,
        "idle_minutes": lambda where, value: number(where, value, 1, 60),
        "longest_hours": lambda where, value: number(where, value, 0.5, 24),
        "trusted_proxies": _proxies,
    }
)
