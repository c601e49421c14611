"""The seal of a generation: the sha256 of its manifest, in a file beside it, so that a manifest that was edited is not believed."""

from __future__ import annotations

import os
from pathlib import Path

from synapse_analytics.store.private import PUBLISHED, write_private

SEAL = "manifest.sha256"  # as `sha256sum` writes it, so that `sha256sum -c manifest.sha256` checks it without this program


def sealed(folder: Path) -> str | None:
    """The sha256 that is noted of the manifest in this folder; None when an earlier version of this program wrote it and noted none."""
    try:
        return (folder / SEAL).read_text(encoding="ascii", errors="replace").partition(" ")[0].strip()
    except FileNotFoundError:
        return None


def seal(folder: Path, sha256: str) -> None:
    """Note the sha256 of the manifest in this folder, whole or not at all."""
    new = folder / f"{SEAL}.new"
    write_private(new, f"{sha256}  manifest.json\n")
    new.chmod(PUBLISHED)
    os.replace(new, folder / SEAL)
