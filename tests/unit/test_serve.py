"""`serve` becomes the server: only where it may be reached, over a private store, and gone when it is told to go."""

from __future__ import annotations

import errno
import os
import socket
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from synapse_analytics.commands import service
from synapse_analytics.errors import UsageError
from synapse_analytics.settings import Settings, SignIn
from tests.unit.test_command_line import Run, run

__all__ = ["run"]
SIGN_IN = SignIn("https://outcomes.clinic.example", "https://provider.example/.well-known/openid-configuration", "synapse", ())
Started = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """The servers that this process would have become: command and environment."""
    became: Started = []
    monkeypatch.setattr(service, "_become", lambda command, environment: became.append((command, environment)))
    monkeypatch.setattr(service, "_check_free", lambda _address, _port: None)  # another server may run while tests do
    return became


@pytest.mark.parametrize("address", ["", "0.0.0.0", "192.168.1.7", "outcomes.clinic.example", "::", "127.0.0.2"])  # noqa: S104
def test_another_address_needs_sign_in(address: str, run: Run, started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = run("serve", "--address", address)
    assert (code, started) == (3, [])
    assert "because no sign-in is set up" in " ".join(err.split())
    monkeypatch.setattr(service, "read_settings", lambda _home: Settings(sign_in=SIGN_IN))
    assert run("serve", "--address", address)[0] == 0
    ((command, _environment),) = started
    assert command[command.index("--server.address") + 1] == address


def test_the_server_is_told_what_the_working_directory_cannot_change(
    run: Run, started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ours.yaml").write_text("policy: publish", encoding="utf-8")
    monkeypatch.setenv("SYNAPSE_HOME", "home")
    monkeypatch.setenv("SYNAPSE_SETTINGS", "ours.yaml")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    code, out, err = run("serve", "--port", "8600")
    ((command, environment),) = started
    assert (code, out, command[-1]) == (0, "", "8600")
    assert environment["SYNAPSE_HOME"] == str(tmp_path / "home")
    assert environment["SYNAPSE_SETTINGS"] == str(tmp_path / "ours.yaml")
    assert environment["FORWARDED_ALLOW_IPS"] == "none"
    assert "http" not in err  # the link comes from the server, with its token
    assert "starts on 127.0.0.1, port 8600" in " ".join(err.split())


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104
def test_a_port_that_is_taken_is_told_before_the_server_starts(address: str) -> None:
    with socket.create_server((address, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} of {address} is taken.*Choose another: --port {port + 1}"):
            service._check_free(address, port)
    service._check_free(address, port)


def test_the_port_that_is_named_instead_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_given: object, **_options: object) -> None:
        raise OSError(errno.EADDRINUSE, "taken")

    monkeypatch.setattr(socket, "create_server", taken)
    with pytest.raises(UsageError, match="--port 65534, or"):
        service._check_free("127.0.0.1", 65535)


@pytest.mark.parametrize("address", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_of_another_computer_is_told(address: str) -> None:
    with pytest.raises(UsageError, match=f"'{address}' is no address of this computer"):
        service._check_free(address, 8600)


@pytest.mark.parametrize(("number", "said"), [(errno.EACCES, "may not serve on port 80"), (errno.ENOBUFS, "")])
def test_what_else_may_be_wrong_with_a_port(number: int, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(UsageError, match=said) if said else nullcontext():
        service._check_free("127.0.0.1", 80)


def test_an_open_store_is_not_served(run: Run, started: Started, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    code, _, err = run("serve", "--database", f"duckdb:///{tmp_path}")
    assert (code, started) == (1, [])
    assert f"chmod-Rgo={tmp_path}" in "".join(err.split())


def test_nothing_that_waits_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(service.audit, "flush", lambda: steps.append("flush"))
    monkeypatch.setattr(os, "execve", lambda program, *_rest: steps.append(program))
    service._become([sys.executable, "-V"], {})
    assert steps == ["flush", sys.executable]
