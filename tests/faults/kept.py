"""A store as a clinic keeps it, for faults to befall: two data versions, a log, a saved cohort, settings; and how to tell that it is whole."""

from __future__ import annotations

import atexit
import functools
import json
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from synapse_analytics import analyses, audit
from synapse_analytics.audit import witness
from synapse_analytics.clinic import open_clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.store import engine, generations, list_generations, manifest
from synapse_analytics.synthetic import generate
from tests.faults.program import command

PATIENTS = {"first": 60, "second": 70, "third": 80}  # of the bundles; the second is in use
ASKED = ("diagnosis_mix", "score_over_time")
OURS = {"CURRENT", "lock", "loading", "generations", "cohorts.yaml", "cohorts.lock", "settings.yaml", audit.DATABASE, audit.KEY, audit.HEAD}
SETTINGS = "policy: clinic\nquestions_must_be_logged: {}\ntargets:\n  reoperation_within_90_days: 0.05\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """The store that is copied for each case, the bundles, and what a store answers that has just loaded one of them."""

    home: Path
    bundles: dict[str, Path]
    answers: dict[str, str]
    versions: dict[str, str]  # the ids of the first and the second
    rows: dict[str, int]  # patients in each bundle


@functools.cache
def kept() -> Kept:
    """Made once for each process."""
    folder = Path(tempfile.mkdtemp(prefix="kept-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home, bundles = folder / "home", {name: folder / name for name in PATIENTS}
    found, versions = {}, {}
    for name, place in bundles.items():
        generate(place, patients=PATIENTS[name], seed=PATIENTS[name])
        if name == "third":  # in a copy: it is what cases load
            shutil.copytree(home, folder / "other")
        store = folder / "other" if name == "third" else home
        assert command("load", place, "--database", url(store)).code == 0
        found[name] = answers(store)
        versions[name] = list_generations(url(store))[0].id
    assert command("cohort", "sex=female", "--save", "Women", "--database", url(home)).code == 0
    (home / "settings.yaml").write_text(SETTINGS.format("false"), encoding="utf-8")
    (home / "settings.yaml").chmod(0o600)
    audit.flush()
    assert len(set(found.values())) == len(PATIENTS)
    return Kept(home, bundles, found, versions, PATIENTS)


def copy(place: Path) -> Path:
    """A new copy of the store at this place."""
    shutil.rmtree(place, ignore_errors=True)
    (witness.own_file(place) or place).unlink(missing_ok=True)  # it knows the copy that was here before
    return shutil.copytree(kept().home, place)


def url(home: Path) -> str:
    """The store as commands name it."""
    return f"duckdb:///{home}"


def forget() -> None:
    """Look at the disk as a new process would."""
    generations._verified.clear()
    manifest._read.cache_clear()
    engine._engines.clear()


def answers(home: Path) -> str:
    """What the store says of its patients, its every byte checked: what pages show without a question, and two answers."""
    forget()
    return asked(open_clinic(url(home)))


def asked(clinic: object) -> str:
    """The answers of a clinic that is open."""
    info = clinic.generation  # type: ignore[attr-defined]
    facts = [info.clinic, info.data_until, info.synthetic, info.headline, info.months, info.sites, info.rows, info.missingness, info.sha256]
    tables = [analyses.answer(clinic, name, Cohort()).tables for name in ASKED]  # type: ignore[arg-type]
    return json.dumps([facts, [{name: [dict(row) for row in rows] for name, rows in one.items()} for one in tables]], default=str)


def which(home: Path) -> str:
    """The bundle whose answers the store gives; none of ours is a mixture."""
    found = answers(home)
    return next((name for name, known in kept().answers.items() if known == found), "a mixture of several bundles")


def unsound(home: Path) -> str:
    """What is wrong with the log or with who may read the store; nothing as a rule."""
    if problem := audit.verify(home).problem:
        return f"audit verify: {problem}"
    for path in [home, *home.rglob("*")]:
        mode, is_open = stat.S_IMODE(path.stat().st_mode), stat.S_IRWXG | stat.S_IRWXO
        if mode & is_open:
            return f"others may read '{path.name}' ({mode:o})"
    return ""


def left_behind(home: Path) -> str:
    """What lies in a store that should not: anything but its own files and published data versions."""
    known = OURS | {info.id for info in list_generations(url(home))}
    found = sorted(path.name for path in [*home.iterdir(), *(home / "generations").iterdir()] if path.name not in known)
    return f"left behind: {', '.join(found)}" if found else ""
