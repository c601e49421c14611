"""The part `sign_in` of the settings: what can be set, what is refused, and the client secret, which nothing ever shows."""

from __future__ import annotations

import os
import re
import traceback
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from synapse_analytics.access import Role
from synapse_analytics.errors import UsageError
from synapse_analytics.settings import Settings, SignIn, settings_from
from synapse_analytics.settings.sign_in import ROLES
from tests.house import ROOT

LEAST: dict[str, Any] = {
    "address": "https://outcomes.clinic.example",
    "provider": "https://id.clinic.example/realms/staff/.well-known/openid-configuration",
    "client_id": "synapse",
    "roles": {"doctor": ["spine-doctors"]},
}
HIDDEN = "s3cret-/+=of-the-clinic"


def read(**changed: Any) -> SignIn:
    found = settings_from(yaml.safe_dump({"sign_in": LEAST | changed})).sign_in
    assert found is not None
    return found


def test_defaults() -> None:
    assert settings_from("").sign_in is None
    found = read()
    assert found == SignIn(LEAST["address"], LEAST["provider"], "synapse", (("doctor", ("spine-doctors",)),))
    assert (found.idle_minutes, found.longest_hours, found.trusted_proxies) == (15, 8, ("127.0.0.1", "::1"))
    assert (found.role_claim, found.name_claim) == ("roles", "email")
    assert found.redirect_uri == "https://outcomes.clinic.example/oauth2callback"


def test_everything_can_be_set() -> None:
    found = read(
        client_secret_file=str(Path("/etc/synapse/client_secret")),
        role_claim="realm_access.roles",
        name_claim="preferred_username",
        roles={"admin": ["it"], "leadership": ["board", "both"], "doctor": ["both"]},
        idle_minutes=1,
        longest_hours=0.5,
        trusted_proxies=["10.0.0.5", "FD00::5", "fd00:0::5"],
    )
    assert found.roles == (("leadership", ("board", "both")), ("doctor", ("both",)), ("admin", ("it",)))
    assert (found.idle_minutes, found.longest_hours, found.trusted_proxies) == (1, 0.5, ("10.0.0.5", "fd00::5"))
    assert (found.client_secret_file, found.role_claim, found.name_claim) == (
        "/etc/synapse/client_secret",
        "realm_access.roles",
        "preferred_username",
    )


def test_a_key_with_nothing_has_its_default() -> None:
    assert read(idle_minutes=None, trusted_proxies=None) == read()
    assert read(trusted_proxies=[]).trusted_proxies == ()


@pytest.mark.parametrize(
    ("written", "as_browsers_do"),
    [
        ("https://Outcomes.Clinic.example", "https://outcomes.clinic.example"),
        ("https://outcomes.clinic.example:443", "https://outcomes.clinic.example"),
        ("https://outcomes.clinic.example:8443", "https://outcomes.clinic.example:8443"),
        ("HTTPS://192.0.2.7", "https://192.0.2.7"),
        ("https://[FD00::1]:8443", "https://[fd00::1]:8443"),
        ("http://127.0.0.1:8501", "http://127.0.0.1:8501"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_address_is_what_browsers_send(written: str, as_browsers_do: str) -> None:
    found = read(address=written)
    assert found.address == as_browsers_do
    assert found.host == as_browsers_do.partition("//")[2]


def test_roles_are_those_of_access() -> None:
    assert tuple(Role) == ROLES


def test_sign_in_does_not_change_an_answer() -> None:
    assert settings_from(yaml.safe_dump({"sign_in": LEAST})).digest == Settings().digest == ""


DISCOVERY = "/.well-known/openid-configuration"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"address": None}, "sign_in.address: it is missing. Sign-in needs address, provider, client_id, roles"),
    ({"roles": None}, "sign_in.roles: it is missing"),
    ({"adress": "x"}, "sign_in.adress: there is no such setting. Allowed: address, provider"),
    ({"address": "outcomes.clinic.example"}, "sign_in.address: this is not a web address .* Allowed: https://host or"),
    ({"address": "ftp://outcomes.clinic.example"}, "this is not a web address"),
    ({"address": "https://u:hunter2@outcomes.clinic.example"}, "this is not a web address"),
    ({"address": "https://outcomes.clinic.example/"}, "sign_in.address: something stands after the host"),
    ({"address": "https://outcomes.clinic.example/x"}, "something stands after the host"),
    ({"address": "https://outcomes.clinic.example?x=1"}, "this is not a web address"),
    ({"address": "https://outcomes.clinic.example#x"}, "this is not a web address"),
    ({"address": "https://outcomes.clinic.example:99999"}, "this is not a web address"),
    ({"address": "https://outcomes.clinic.example:"}, "this is not a web address"),
    ({"address": "https://outcomes.clinic.example\n"}, "this is not a web address"),
    ({"address": "https://clin\u0131c.example"}, "this is not a web address"),
    ({"address": "https://\u212aeycloak.example"}, "this is not a web address"),
    ({"address": "https://a..example"}, "this is not a web address"),
    ({"address": ["https://outcomes.clinic.example"]}, "this is not a web address"),
    ({"address": "http://outcomes.clinic.example"}, "http is not encrypted. .* http only for 127.0.0.1, localhost"),
    ({"address": "http://127.0.0.1.clinic.example"}, "http is not encrypted"),
    ({"provider": "https://id.clinic.example/realms/staff"}, f"the end is missing. Add {DISCOVERY} to the address of the provider"),
    ({"provider": f"http://id.clinic.example{DISCOVERY}"}, "sign_in.provider: http is not encrypted"),
    ({"provider": f"https://id.clinic.example/?x={DISCOVERY}"}, "this is not a web address"),
    ({"provider": f"https://login.microsoftonline.com/common/v2.0{DISCOVERY}"}, "every organisation could sign in. Allowed: .* own tenant"),
    ({"client_id": 12345}, "sign_in.client_id: 12345 is not text. Allowed: .* a number stands in quotes"),
    ({"client_id": ""}, "this is not a short text"),
    ({"client_id": "a\u202eb"}, "this is not a short text"),
    ({"client_id": "x" * 301}, "Allowed: 1 to 300 characters"),
    ({"client_secret": HIDDEN}, "sign_in.client_secret: the secret must not stand in this file. Allowed: client_secret_file"),
    ({"client_secret_file": HIDDEN}, "client_secret_file: this is not the path of a file. Allowed: an absolute path"),
    ({"role_claim": True}, "sign_in.role_claim: True is not text"),
    ({"name_claim": ["email"]}, "sign_in.name_claim: this is not a short text"),
    ({"roles": {}}, "sign_in.roles: nobody would have a role"),
    ({"roles": ["doctor"]}, "sign_in.roles: lines of `key: value` are needed here"),
    ({"roles": {"doctors": ["x"]}}, "sign_in.roles.doctors: there is no such role. Nearest: doctor"),
    ({"roles": {7: ["x"]}}, "sign_in.roles.7: there is no such role. Allowed: leadership, doctor, analyst, admin"),
    ({"roles": {"doctor": "x"}}, r"sign_in.roles.doctor: a list is needed here, such as: \[spine-doctors"),
    ({"roles": {"doctor": None}}, "sign_in.roles.doctor: a list is needed here"),
    ({"roles": {"doctor": []}}, "sign_in.roles.doctor: the list is empty"),
    ({"roles": {"doctor": ["x", 1001]}}, r"sign_in.roles.doctor\[2\]: 1001 is not text"),
    ({"roles": {"doctor": ["x", "y", "x"]}}, "sign_in.roles.doctor: 'x' is listed twice"),
    ({"role_claim": "email", "roles": {"doctor": ["spine"]}}, "sign_in.roles.doctor: 'spine' is not an e-mail address"),
    ({"role_claim": "email", "roles": {"doctor": ["a@x.example", "A@X.example"]}}, "'a@x.example' is listed twice"),
    ({"idle_minutes": 0}, "sign_in.idle_minutes: 0 cannot be used. Allowed: a number from 1 to 60"),
    ({"idle_minutes": 61}, "Allowed: a number from 1 to 60"),
    ({"idle_minutes": True}, "True cannot be used"),
    ({"idle_minutes": float("nan")}, "nan cannot be used"),
    ({"longest_hours": 24.5}, "sign_in.longest_hours: 24.5 cannot be used. Allowed: a number from 0.5 to 24"),
    ({"longest_hours": "8"}, "'8' cannot be used"),
    ({"trusted_proxies": "10.0.0.5"}, "sign_in.trusted_proxies: a list is needed here"),
    ({"trusted_proxies": ["127.0.0.1", "10.0.0.0/8"]}, r"trusted_proxies\[2\]: '10.0.0.0/8' is not an IP address. Allowed: .* no network"),
    ({"trusted_proxies": ["*"]}, r"trusted_proxies\[1\]: '\*' is not an IP address"),
    ({"trusted_proxies": ["proxy.clinic.example"]}, "is not an IP address"),
    ({"trusted_proxies": ["::"]}, "'::' is not one computer"),
]


@pytest.mark.parametrize(("changed", "complaint"), WRONG)
def test_wrong_settings_are_refused(changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as refused:
        read(**changed)
    told = "".join(traceback.format_exception(refused.value))
    assert HIDDEN not in told
    assert "hunter2" not in told


def test_sign_in_without_lines_is_not_local_mode() -> None:
    with pytest.raises(UsageError, match="sign_in.address: it is missing"):
        settings_from("sign_in:\n")


def test_yaml_as_people_write_it() -> None:
    found = settings_from("""
sign_in:
  address: https://outcomes.clinic.example
  provider: https://id.clinic.example/.well-known/openid-configuration
  client_id: synapse
  role_claim: https://clinic.example/roles
  roles:
    doctor: [/spine/doctors, "1001"]
  trusted_proxies: ["::1"]
""").sign_in
    assert found is not None
    assert found.role_claim == "https://clinic.example/roles"
    assert found.roles == (("doctor", ("/spine/doctors", "1001")),)
    assert found.trusted_proxies == ("::1",)


def test_examples_of_the_document_can_be_used() -> None:
    text = (ROOT / "docs" / "sign_in.md").read_text(encoding="utf-8")
    examples = [settings_from(block).sign_in for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)]
    assert [example.role_claim for example in examples if example] == ["realm_access.roles", "roles", "email"]
    documented = set(re.findall(r"^\| `(\w+)` \|", text.partition("## Roles")[0], re.MULTILINE))
    assert documented == {field.name for field in fields(SignIn)}


def secret_in(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    file = folder / "client secret"
    file.write_bytes(content)
    file.chmod(mode)
    return file


@pytest.fixture(autouse=True)
def _without_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SYNAPSE_CLIENT_SECRET", raising=False)


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_secret_of_the_file(tmp_path: Path, mode: int) -> None:
    found = read(client_secret_file=str(secret_in(tmp_path, HIDDEN.encode() + b"\r\n", mode)))
    assert found.secret() == HIDDEN
    assert HIDDEN not in repr(found)
    assert HIDDEN not in repr(Settings(sign_in=found))


def test_secret_of_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_CLIENT_SECRET", HIDDEN)
    assert read().secret() == HIDDEN


def test_secret_is_needed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="There is no client secret. Name its file in sign_in.client_secret_file .* or set SYNAPSE_CLIENT"):
        read().secret()
    monkeypatch.setenv("SYNAPSE_CLIENT_SECRET", HIDDEN)
    with pytest.raises(UsageError, match="is given twice") as refused:
        read(client_secret_file=str(secret_in(tmp_path, HIDDEN.encode()))).secret()
    assert HIDDEN not in str(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o601])
def test_secret_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = secret_in(tmp_path, HIDDEN.encode(), mode)
    with pytest.raises(UsageError, match=f"other accounts may read or change the file. Do this: chmod 600 '{file}'") as refused:
        read(client_secret_file=str(file)).secret()
    assert HIDDEN not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("content", [b"", b" \n", f"{HIDDEN}\nsecond".encode(), b"\xff" + HIDDEN.encode(), HIDDEN.encode() + b"\0"])
def test_file_without_a_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(UsageError, match="sign_in.client_secret_file: it holds no secret. Allowed: one line") as refused:
        read(client_secret_file=str(secret_in(tmp_path, content))).secret()
    assert HIDDEN not in "".join(traceback.format_exception(refused.value))


def test_empty_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_CLIENT_SECRET", " ")
    with pytest.raises(UsageError, match="SYNAPSE_CLIENT_SECRET: it holds no secret"):
        read().secret()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the file is not there, or this account may not read it") as refused:
        read(client_secret_file=f"/{HIDDEN}").secret()  # a secret may begin with a slash
    assert HIDDEN not in "".join(traceback.format_exception(refused.value))
    with pytest.raises(UsageError, match="may not read it"):
        read(client_secret_file=str(tmp_path)).secret()
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(UsageError, match="this is not a file with a secret"):
        read(client_secret_file=str(tmp_path / "pipe")).secret()
    with pytest.raises(UsageError, match="at most 4096 bytes"):
        read(client_secret_file=str(secret_in(tmp_path, b"x" * 5000))).secret()
