"""The settings of a clinic, in one YAML file: policy, logging of questions, targets, recalculations of control limits, sign-in.

The file is `settings.yaml` in the home of the store, or the one that SYNAPSE_SETTINGS names. Any fault in it is an error:
a policy or a target that was silently ignored would be worse than a page that names the fault.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

from synapse_analytics.errors import UsageError
from synapse_analytics.plain_yaml import once, plain, text_of
from synapse_analytics.settings.reading import check_keys, mapping, one_of, yes_no
from synapse_analytics.settings.sign_in import SignIn, sign_in_from
from synapse_analytics.settings.targets import Recalculation, recalculations, targets
from synapse_analytics.settings.witness import Witnesses, witnesses

__all__ = ["POLICIES", "Recalculation", "Settings", "SignIn", "Witnesses", "read_settings", "settings_file", "settings_from"]
FILE = "settings.yaml"
KEYS = ("policy", "questions_must_be_logged", "targets", "recalculations", "sign_in", "audit")
POLICIES = ("clinic", "publish")  # the names of disclosure.POLICIES, which stands downstream; a test holds them together


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a clinic; the defaults hold where there is no file."""

    policy: str | None = None
    questions_must_be_logged: bool = False  # if so, a question that cannot be logged is not answered; for clinics where people sign in
    targets: tuple[tuple[str, float], ...] = ()  # (indicator, number in its unit; shares 0 to 1)
    steps: tuple[tuple[str, tuple[Recalculation, ...]], ...] = ()  # (indicator, its recalculations in order of month)
    sign_in: SignIn | None = None  # None: this computer only, one person with every role
    audit: Witnesses = Witnesses()

    def target(self, name: str) -> float | None:
        """The clinic's own target of an indicator; None when it has set none."""
        return dict(self.targets).get(name)

    def recalculations(self, name: str) -> tuple[Recalculation, ...]:
        """The recalculations of the limits of an indicator's control chart, the earliest first."""
        return dict(self.steps).get(name, ())

    @property
    def digest(self) -> str:
        """A short sha256 of the settings that can change an answer, for the key of a cache; empty when all have their defaults."""
        answering = replace(
            self, questions_must_be_logged=False, sign_in=None, audit=Witnesses()
        )  # these decide whether there is an answer, not which
        return "" if answering == Settings() else hashlib.sha256(repr(answering).encode()).hexdigest()[:12]


def settings_file(home: Path | None) -> Path:
    """The file of the settings of the store at `home`, whether it is there or not."""
    named = os.environ.get("SYNAPSE_SETTINGS")
    return Path(named or (home or Path(os.environ.get("SYNAPSE_HOME") or ".synapse")) / FILE).absolute()


def read_settings(home: Path | None) -> Settings:
    """The settings of the store at `home` (None: the one that SYNAPSE_HOME names); UsageError names file, key, fault and legal values."""
    path = settings_file(home)
    try:
        return once(path, _read)
    except FileNotFoundError as error:
        if not os.environ.get("SYNAPSE_SETTINGS"):
            return Settings()
        raise UsageError(
            f"SYNAPSE_SETTINGS names the file '{path}', which is not there. Create the file, or unset SYNAPSE_SETTINGS."
        ) from error
    except OSError as error:
        raise UsageError(f"The settings in '{path}' cannot be read. This account must be allowed to read the file.") from error


def _read(path: Path) -> Settings:
    try:
        return settings_from(text_of(path))
    except UsageError as error:
        raise UsageError(f"The settings in '{path}' cannot be used. {error}") from error


def settings_from(text: str) -> Settings:
    """The settings in a YAML text; UsageError when anything in it is wrong."""
    held = mapping("The file", plain(text).values)
    check_keys("", held, KEYS)
    return Settings(
        policy=one_of("policy", held.get("policy"), POLICIES, "policy"),
        questions_must_be_logged=yes_no("questions_must_be_logged", held.get("questions_must_be_logged")),
        targets=targets(held),
        steps=recalculations(held),
        sign_in=sign_in_from(held["sign_in"]) if "sign_in" in held else None,  # nothing below it is a fault, not local mode
        audit=witnesses(held),
    )
