"""The seal of a list of files: its sha256 in a file beside it, so that a list that was edited is not believed."""

from __future__ import annotations

import os
from pathlib import Path

from synapse_analytics.files import content_of
from synapse_analytics.store.private import PUBLISHED, write_private

SEAL = "manifest.sha256"  # as `sha256sum` writes it, so that `sha256sum -c manifest.sha256` checks it without this program
LISTED = "manifest.json"


def sealed(folder: Path, seal: str = SEAL) -> str | None:
    """The sha256 that is noted of the list in this folder; None when none is, as an earlier version of this program wrote it."""
    try:
        return content_of(folder / seal).decode("ascii", errors="replace").partition(" ")[0].strip()
    except FileNotFoundError:
        return None


def seal(folder: Path, sha256: str, seal: str = SEAL, listed: str = LISTED) -> None:
    """Note the sha256 of the list in this folder, whole or not at all; a process that is killed leaves nothing in the folder."""
    new = folder.with_name(f"{folder.name}.{seal}.new")
    try:
        write_private(new, f"{sha256}  {listed}\n")
        new.chmod(PUBLISHED)
        os.replace(new, folder / seal)
    finally:
        new.unlink(missing_ok=True)
