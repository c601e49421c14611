"""The command that serves the dashboard."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics import audit
from synapse_analytics.clinic import deployment_policy
from synapse_analytics.commands.common import Database, operator
from synapse_analytics.errors import NotAllowed, SynapseError
from synapse_analytics.settings import read_settings
from synapse_analytics.store import store_home
from synapse_analytics.terminal import note

LOCAL_ADDRESSES = ("127.0.0.1", "localhost", "::1")
ROOT = Path(__file__).resolve().parents[2]


def _note_policy(home: Path) -> None:
    """Log the policy in force where it is not the one that the last start noted; a fault becomes a note here and a notice on the pages."""
    try:
        policy = deployment_policy(read_settings(home)).name
        noted = [json.loads(line["detail"])["policy"] for line in audit.lines(home, audit.Event.POLICY_CHANGE)]
        if noted[-1:] != [policy]:
            audit.append(audit.Event.POLICY_CHANGE, operator(), audit.Subject(detail={"policy": policy}), home=home)
    except (SynapseError, sqlite3.Error) as error:
        note(f"The policy in force could not be written to the audit log. {error}")


def serve(
    address: Annotated[str, typer.Option(help="an address of this computer")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="the port")] = 8501,
    database: Database = None,
) -> None:
    """Serve the dashboard on this computer."""
    if address not in LOCAL_ADDRESSES:
        raise NotAllowed(
            f"The dashboard cannot be served on '{address}', because it has no sign-in yet: anyone who can reach that address could read everything. Use 127.0.0.1."
        )
    _note_policy(store_home(database))
    environment = os.environ | ({"SYNAPSE_HOME": str(store_home(database))} if database else {})
    note(f"Synapse Spine Outcomes on http://{address}:{port} (stop with Ctrl+C)")
    options = ["--server.address", address, "--server.port", str(port)]
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "dashboard.py"), *options]
    try:
        raise typer.Exit(subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode)  # noqa: S603 - our own interpreter
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
