"""The closed door as a clinic has it: the dashboard behind nginx with TLS, and a provider that people sign in with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.door.processes import Ports, dashboard, free_ports, load, nginx, provider, settle_settings


@pytest.fixture(scope="session")
def ports() -> Ports:
    """Where nginx, the provider and the dashboard listen."""
    return free_ports()


@pytest.fixture(scope="session")
def nginx_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of nginx: its configuration, certificate and logs."""
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="session")
def behind_tls(nginx_home: Path, ports: Ports) -> Iterator[str]:
    """nginx, as documented; there may be no dashboard behind it. Yields what people type."""
    with nginx(nginx_home, ports) as address:
        yield address


@pytest.fixture(scope="session")
def signed_in_server(behind_tls: str, ports: Ports, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The dashboard with the sample data, behind nginx, where the people of processes.PEOPLE sign in. Yields what people type.

    The store is its own, filled by the command: here people change the data, and the log has to say where they came from.
    """
    home, logs = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("logs")
    load(home)
    with provider(logs, ports.provider) as discovery:
        settle_settings(home, behind_tls, discovery)
        with dashboard(home, ports.dashboard, logs / "dashboard.log"):
            yield behind_tls
