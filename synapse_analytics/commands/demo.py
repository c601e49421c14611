"""The command that shows the dashboard to a stranger: made-up patients, a folder of their own, a free port, and the browser at the link."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from synapse_analytics.commands.common import path_from
from synapse_analytics.errors import UsageError
from synapse_analytics.places import TOP, document
from synapse_analytics.terminal import note, shown_progress
from synapse_analytics.vocabulary.plurals import counted

PORTS = range(8501, 8601)
HERE = "127.0.0.1"
COMMAND = (sys.executable, "-m", "synapse_analytics")


def demo(
    patients: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="number of made-up patients; default: 2000, or as loaded")
    ] = None,
    home: Annotated[
        Path | None, typer.Option(parser=path_from, help="the folder of the demonstration; default: one of your account")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="print the link, open nothing")] = False,  # noqa: FBT002  (how a flag is declared)
) -> None:
    """Show the dashboard on made-up patients, in a folder of its own. Nothing has to be there before."""
    folder = (home or account_folder()).absolute()
    note(f"A demonstration of Synapse Spine Outcomes. The patients are made up: none of them exists. All of it lies in {folder}.")
    environment = _environment(folder)
    if not _is_there(folder, patients):
        _load(patients, environment)
    note(
        "Your own data: go to the folder that is to hold them and run this command again, first with `load BUNDLE` in place of `demo`, "
        "then with `serve`. "
        f"How they become a bundle: {document('your_own_data.md')}."
    )
    note(f"To be rid of the demonstration, stop it and delete the folder {folder}.")
    raise typer.Exit(_served(free_port(), environment, opens=not no_browser and has_display(os.environ)))


def _environment(folder: Path) -> dict[str, str]:
    """What the other commands are told: one folder for everything, and nothing of a clinic, whose sign-in would shut a stranger out."""
    told = {"SYNAPSE_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}  # there the audit log is witnessed
    return {name: value for name, value in os.environ.items() if name != "SYNAPSE_SETTINGS"} | told


def account_folder() -> Path:
    """Where programs of this account keep data, by the custom of the system."""
    custom = {"win32": ("LOCALAPPDATA", "~/AppData/Local"), "darwin": ("", "~/Library/Application Support")}
    variable, usual = custom.get(sys.platform, ("XDG_DATA_HOME", "~/.local/share"))
    named, own = Path(os.environ.get(variable) or ""), Path(os.path.expanduser(usual))
    data = named if named.is_absolute() else own
    if not data.is_absolute():
        raise UsageError("This account has no folder of its own. Name one: demo --home FOLDER.")
    return data / "synapse-analytics" / "demo"


def _is_there(folder: Path, patients: int | None) -> bool:
    """True if made-up patients are loaded there already, as many as were asked for; UsageError for a clinic's own data."""
    from synapse_analytics.errors import NothingLoaded  # noqa: PLC0415  (the first words do not wait for the store)
    from synapse_analytics.store.generations import open_generation  # noqa: PLC0415

    try:
        _, info = open_generation(folder)
    except NothingLoaded:
        return False
    if not info.synthetic:
        raise UsageError(
            f"The folder {folder} holds the data of a clinic, not made-up ones. Serve it with `serve`, or name another: --home FOLDER."
        )
    return patients in (None, info.rows["patients"])


def _load(wanted: int | None, environment: Mapping[str, str]) -> None:
    """Make the patients and load them, as anybody loads a bundle; the bundle itself does not stay."""
    from synapse_analytics.synthetic import PATIENTS, SEED, generate  # noqa: PLC0415  (the first words do not wait for the statistics)

    patients = wanted or PATIENTS
    note(f"{counted(patients, 'patient')} are made and loaded now. The next `demo` finds them there.")
    with tempfile.TemporaryDirectory() as made:
        with shown_progress() as progress:
            generate(Path(made), patients=patients, seed=SEED, progress=progress)
        loaded = subprocess.run([*COMMAND, "load", made], cwd=TOP, env=environment, stdout=subprocess.DEVNULL, check=False)  # noqa: S603 - our own program
    if loaded.returncode:
        raise typer.Exit(loaded.returncode)


def free_port() -> int:
    """The first port from 8501 on that nobody uses."""
    for port in PORTS:
        with socket.socket() as tried:
            if os.name != "nt":  # there it would share the port
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was left a moment ago is free
            try:
                tried.bind((HERE, port))
            except OSError:
                continue
            return port
    raise UsageError(f"No port from {PORTS[0]} to {PORTS[-1]} is free. End another dashboard, then start the demonstration again.")


def has_display(environment: Mapping[str, str]) -> bool:
    """True if a browser would open a window; one that works in the terminal would hide the link."""
    return os.name == "nt" or sys.platform == "darwin" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _served(port: int, environment: Mapping[str, str], *, opens: bool) -> int:
    """Serve until somebody ends it, and pass on what the server says; the first link goes to the browser, too.

    Other accounts can read the link off the command line of the browser. Here they would find made-up patients.
    """
    command = [*COMMAND, "serve", "--address", HERE, "--port", str(port)]
    with subprocess.Popen(command, cwd=TOP, env=environment, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603 - our own program
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), lambda *_: server.terminate())
        for line in server.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            if opens and (link := re.search(r"http://\S+", line)):
                opens = not webbrowser.open(link[0])
        code = server.wait()
    note("The demonstration has ended. `demo` shows it again.")
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else code
