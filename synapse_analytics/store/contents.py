"""What a store holds beside its data versions, by name: what a backup copies, what is made anew, what a killed process left."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

from synapse_analytics import audit

POINTER, GENERATIONS = "CURRENT", "generations"
COHORTS, SETTINGS, SURROGATES, MAPPINGS = "cohorts.yaml", "settings.yaml", "surrogates.key", "mappings"
LOG = (audit.DATABASE, audit.KEY, audit.HEAD)
LOCK, COHORTS_LOCK = "lock", "cohorts.lock"
LOCKS = (LOCK, "loading", COHORTS_LOCK)
SMALL = (COHORTS, SETTINGS, SURROGATES)  # files that are copied as they stand
# A restore: what it lays ready, what it puts in its place from then on, and what was there before.
READYING, READY, MOVING, BEFORE = "restore.part", "restore.ready", "restore.moving", "before-restore-"
SET_ASIDE = re.compile(rf"{re.escape(audit.DATABASE)}(-journal)?\.\d{{8}}T\d{{6}}|{BEFORE}.+")
LEFT = re.compile(
    rf"{POINTER}\.new|{re.escape(COHORTS)}\.new|{re.escape(SURROGATES)}\.part|{READYING}|audit\.(key|head)\.[0-9a-f]{{8}}\.part"
)
HALF_RESTORED = "A restore is under way, or was stopped before its end. Wait a minute, or finish it with the same `store restore`."
KILLED = 60  # seconds after which nobody is still writing such a file


def is_ours(name: str) -> bool:
    """True of a name in the folder of a store that this program gave."""
    known = (POINTER, GENERATIONS, MAPPINGS, READY, MOVING, f"{audit.DATABASE}-journal", *LOG, *LOCKS, *SMALL)
    return name in known or bool(SET_ASIDE.fullmatch(name) or LEFT.fullmatch(name))


def is_copied(name: str) -> bool:
    """True of a name in the folder of a store that a backup holds."""
    return name in (POINTER, GENERATIONS, MAPPINGS, *LOG, *SMALL)


def is_half_restored(store: Path) -> bool:
    """True while a restore puts the files of a backup in their places, or after its process was killed there."""
    return any((store / name).is_dir() for name in (READY, MOVING))


def leftovers(store: Path) -> Iterator[Path]:
    """Files beside the data versions that a process was writing when it was killed; what lies there shorter than a minute may still be written."""
    paths = [path for path in store.iterdir() if LEFT.fullmatch(path.name)] if store.is_dir() else []
    paths += (store / MAPPINGS).glob("*.yaml.part")
    for path in paths:
        if time.time() - path.lstat().st_mtime > KILLED:
            yield path
