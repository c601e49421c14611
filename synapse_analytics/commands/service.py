"""Commands of the running service: serve, audit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics import audit as log
from synapse_analytics.commands.common import Database, home_of
from synapse_analytics.errors import NotAllowed, StoreError, UsageError
from synapse_analytics.terminal import note

LOCAL_ADDRESSES = ("127.0.0.1", "localhost", "::1")
ROOT = Path(__file__).resolve().parents[2]


def audit(
    action: Annotated[str, typer.Argument(help="verify or export")] = "verify",
    database: Database = None,
) -> None:
    """Verify the chain of the audit log, or write it as JSON lines."""
    if action == "verify":
        found = log.verify(home_of(database))
        if found.problem:
            raise StoreError(f"The audit log does not hold: {found.problem}. {found.lines:,} lines were read.")
        note(f"The audit log is whole: {found.lines:,} lines.")
    elif action == "export":
        for line in log.export(home_of(database)):
            sys.stdout.write(f"{line}\n")
    else:
        raise UsageError(f"'{action}' is not an action. Legal: verify, export.")


def serve(address: str = "127.0.0.1", port: Annotated[int, typer.Option(min=1, max=65535)] = 8501, database: Database = None) -> None:
    """Serve the dashboard on this computer."""
    if address not in LOCAL_ADDRESSES:
        raise NotAllowed(
            f"Serving on {address} needs sign-in, and sign-in is not there yet: without it anyone who reaches the address reads everything. Use 127.0.0.1."
        )
    environment = os.environ | ({"SYNAPSE_HOME": str(home_of(database))} if database else {})
    note(f"Synapse Spine Outcomes on http://{address}:{port} (stop with Ctrl+C)")
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(ROOT / "dashboard.py"),
        "--server.address",
        address,
        "--server.port",
        str(port),
    ]
    try:
        raise typer.Exit(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)  # noqa: S603 - our own interpreter
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
