"""The command that serves the dashboard."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics import audit
from synapse_analytics.commands.common import Database
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.logs import lines
from synapse_analytics.places import LAUNCHER, TOP, document
from synapse_analytics.settings import read_settings
from synapse_analytics.store import check_private, store_home
from synapse_analytics.terminal import note

LAST_PORT = 65_535
LOCAL_ADDRESSES = ("127.0.0.1", "localhost", "::1")


def serve(
    address: Annotated[str, typer.Option(help="an address of this computer; with sign-in any other, too")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=LAST_PORT, help="the port")] = 8501,
    log_level: Annotated[str | None, typer.Option(help="what the log has: debug, info, warning or error; default: info")] = None,
    log_format: Annotated[str | None, typer.Option(help="text, or json (an object a line)")] = None,
    log_file: Annotated[Path | None, typer.Option(help="a file for the log instead of stderr; it may be rotated")] = None,
    database: Database = None,
) -> None:
    """Serve the dashboard on this computer."""
    home = store_home(database)
    if address not in LOCAL_ADDRESSES and read_settings(home).sign_in is None:
        raise NotAllowed(
            f"The dashboard cannot be served on '{address}', because no sign-in is set up: anyone who can reach that address could read everything. "
            f"Serve it on 127.0.0.1, or set up sign-in ({document('sign_in.md')})."
        )
    check_private(home)
    log = lines.wanted(log_level, log_format, log_file)
    lines.handler(log).close()  # refused here, not by a server that nobody looks at
    _check_free(address or "0.0.0.0", port)  # noqa: S104  (what no address means to the server)
    options = ["--server.address", address, "--server.port", str(port)]
    note(f"Synapse Spine Outcomes starts on {address or 'every address'}, port {port} (stop with Ctrl+C).")
    _become([sys.executable, "-m", "streamlit", "run", str(LAUNCHER), *options], _environment(home) | log.told())


def _check_free(address: str, port: int) -> None:
    """UsageError where nothing can be served at this address and port; the server would say it later, and in its own words."""
    other = port + 1 if port < LAST_PORT else port - 1
    reasons = {
        errno.EADDRINUSE: f"Port {port} of {address} is taken: another program, or another dashboard, serves there. Choose another: --port {other}, or make run PORT={other}.",
        errno.EACCES: f"This account may not serve on port {port}. Choose one from 1024 with --port.",
        errno.EADDRNOTAVAIL: f"'{address}' is no address of this computer. Choose one that is with --address.",
    }
    try:
        family, _kind, _protocol, _name, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        socket.create_server(place[:2], family=family).close()
    except OSError as fault:
        number = errno.EADDRNOTAVAIL if isinstance(fault, socket.gaierror) else fault.errno
        if number in reasons:  # with any other fault the server may know better
            raise UsageError(reasons[number]) from fault


def _environment(home: Path) -> dict[str, str]:
    """What the server is told: its folder, which may not depend on the working directory, and that no header decides who asks."""
    told = {"SYNAPSE_HOME": str(home), "FORWARDED_ALLOW_IPS": "none"}
    if named := os.environ.get("SYNAPSE_SETTINGS"):
        told["SYNAPSE_SETTINGS"] = str(Path(named).absolute())
    return os.environ | told


def _become(command: list[str], environment: dict[str, str]) -> None:
    """Run the server in place of this process, so that whoever ends the one ends the other."""
    audit.flush()  # what waits would be lost with this process
    os.chdir(TOP)  # where the settings of Streamlit lie; those of the folder this was typed in would hold beside them
    if os.name == "nt":  # pragma: no cover (there a process cannot become another)
        raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603 - our own interpreter
    os.execve(command[0], command, environment)  # noqa: S606 - our own interpreter
