"""The settings of a clinic, in one YAML file: policy, logging of questions, targets, and recalculations of control limits.

The file is `settings.yaml` in the home of the store, or the one that SYNAPSE_SETTINGS names. Any fault in it is an error:
a policy or a target that was silently ignored would be worse than a page that names the fault.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from synapse_analytics.errors import UsageError
from synapse_analytics.indicators import NAMES, indicator
from synapse_analytics.settings.sign_in import SignIn

Read = TypeVar("Read")
FILE = "settings.yaml"
KEYS = ("policy", "questions_must_be_logged", "targets", "recalculations")
STEP_KEYS = ("month", "reason")
POLICIES = ("clinic", "publish")  # the names of disclosure.POLICIES, which stands downstream; a test holds them together
MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
LONGEST_REASON = 200  # characters; it is written beside a chart
LARGEST = 1e9  # every target is smaller; infinity and NaN fail the comparison
FILES_KEPT = 8  # parsed files in memory; a service needs one, tests and a second store need a few


@dataclass(frozen=True, slots=True)
class Recalculation:
    """A month from which the limits of a control chart are computed anew, and the change in care that is the reason."""

    month: str  # YYYY-MM
    reason: str


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a clinic; the defaults hold where there is no file."""

    policy: str | None = None
    questions_must_be_logged: bool = False  # if so, a question that cannot be logged is not answered; for clinics where people sign in
    targets: tuple[tuple[str, float], ...] = ()  # (indicator, number in its unit; shares 0 to 1)
    steps: tuple[tuple[str, tuple[Recalculation, ...]], ...] = ()  # (indicator, its recalculations in order of month)
    sign_in: SignIn | None = None  # None: this computer only, one person with every role

    def target(self, name: str) -> float | None:
        """The clinic's own target of an indicator; None when it has set none."""
        return dict(self.targets).get(name)

    def recalculations(self, name: str) -> tuple[Recalculation, ...]:
        """The recalculations of the limits of an indicator's control chart, the earliest first."""
        return dict(self.steps).get(name, ())

    @property
    def digest(self) -> str:
        """A short sha256 of the settings that can change an answer, for the key of a cache; empty when all have their defaults."""
        answering = replace(self, questions_must_be_logged=False, sign_in=None)  # these decide whether there is an answer, not which
        return "" if answering == Settings() else hashlib.sha256(repr(answering).encode()).hexdigest()[:12]


def read_settings(home: Path | None) -> Settings:
    """The settings of the store at `home` (None: the one that SYNAPSE_HOME names); UsageError names file, key, fault and legal values."""
    named = os.environ.get("SYNAPSE_SETTINGS")
    path = Path(named or (home or Path(os.environ.get("SYNAPSE_HOME") or ".synapse")) / FILE).absolute()
    try:
        found = path.stat()
        return _read(path, found.st_mtime_ns, found.st_size)
    except FileNotFoundError as error:
        if not named:
            return Settings()
        raise UsageError(
            f"SYNAPSE_SETTINGS names the file '{path}', which is not there. Create the file, or unset SYNAPSE_SETTINGS."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The settings in '{path}' cannot be read. The file must be UTF-8 text this account may read.") from error


@lru_cache(maxsize=FILES_KEPT)
def _read(path: Path, _changed_ns: int, _size: int) -> Settings:
    """The settings in this file, parsed once for each state of the file: every run of a page asks for them."""
    text = path.read_text(encoding="utf-8")
    try:
        return settings_from(text)
    except UsageError as error:
        raise UsageError(f"The settings in '{path}' cannot be used. {error}") from error


def settings_from(text: str) -> Settings:
    """The settings in a YAML text; UsageError when anything in it is wrong."""
    try:
        content = yaml.load(text, _NoKeyTwice)  # noqa: S506  (a safe loader of our own)
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"It is not valid YAML{line}: {error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # also a day that no month has, and ten thousand brackets
        raise UsageError("It is not valid YAML: a character or a value in it is not one that YAML allows.") from error
    held = _mapping("The file", content)
    _check_keys("", held, KEYS)
    policy = held.get("policy")
    if policy is not None and policy not in POLICIES:
        raise UsageError(f"policy: {policy!r} is not a policy. Allowed: {', '.join(POLICIES)}.")
    must = _yes_no("questions_must_be_logged", held.get("questions_must_be_logged"))
    targets, steps = _by_indicator("targets", held, _target), _by_indicator("recalculations", held, _recalculations)
    return Settings(policy, must, targets, steps)


class _NoKeyTwice(yaml.SafeLoader):
    """Of two equal keys YAML silently keeps the last; here the second is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002  (as PyYAML has it)
        keys = [(key.value, key.start_mark) for key, _ in node.value]
        for number, (key, mark) in enumerate(keys):
            if key in [earlier for earlier, _ in keys[:number]]:
                raise yaml.MarkedYAMLError(problem=f"'{key}' is listed twice", problem_mark=mark)
        return super().construct_mapping(node, deep=deep)


def _yes_no(name: str, given: Any) -> bool:
    if given is not None and not isinstance(given, bool):
        raise UsageError(f"{name}: {given!r} is not true or false. Allowed: true, false.")
    return bool(given)


def _by_indicator(name: str, held: Mapping[Any, Any], read: Callable[[str, Any], Read]) -> tuple[tuple[str, Read], ...]:
    entries = _mapping(name, held.get(name)).items()
    return tuple(sorted((_indicator(name, key), read(str(key), value)) for key, value in entries))


def _target(name: str, value: Any) -> float:
    unit = indicator(name).unit
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < LARGEST:
        raise UsageError(f"targets.{name}: {value!r} is not a number. Allowed: {_legal_target(unit)}.")
    if (unit == "share" and not 0 <= value <= 1) or (unit != "points" and value < 0):
        raise UsageError(f"targets.{name}: {value!r} is out of range. Allowed: {_legal_target(unit)}.")
    return float(value)


def _legal_target(unit: str) -> str:
    return {"share": "a share from 0 to 1 (60 % is 0.6)", "points": "a number of points"}.get(unit, "a number from 0 on")


def _recalculations(name: str, listed: Any) -> tuple[Recalculation, ...]:
    where = f"recalculations.{name}"
    if not isinstance(listed, list):
        raise UsageError(f'{where}: a list is needed here, such as: - {{month: 2023-07, reason: "What changed in care"}}.')
    found = sorted((_recalculation(f"{where}[{number}]", entry) for number, entry in enumerate(listed, 1)), key=lambda step: step.month)
    for earlier, later in zip(found, found[1:], strict=False):
        if earlier.month == later.month:
            raise UsageError(f"{where}: {later.month} is listed twice. Allowed: one recalculation a month, with both reasons in one.")
    return tuple(found)


def _recalculation(where: str, entry: Any) -> Recalculation:
    held = _mapping(where, entry)
    _check_keys(f"{where}.", held, STEP_KEYS)
    month, reason = held.get("month"), held.get("reason")
    if not isinstance(month, str) or not MONTH.fullmatch(month):
        given = "it is missing" if month is None else f"{str(month)!r} is not a month"
        raise UsageError(f"{where}.month: {given}. Allowed: year and month alone, YYYY-MM, as 2023-07.")
    said = " ".join(reason.split()) if isinstance(reason, str) else ""
    if not 0 < len(said) <= LONGEST_REASON or not said.isprintable():
        raise UsageError(f"{where}.reason: a reason is needed. Allowed: text of 1 to {LONGEST_REASON} characters.")
    return Recalculation(month, said)


def _mapping(where: str, value: Any) -> Mapping[Any, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(f"{where}: lines of `key: value` are needed here.")
    return value


def _check_keys(where: str, held: Mapping[Any, Any], legal: tuple[str, ...]) -> None:
    for key in held:
        if key not in legal:
            raise UsageError(f"{where}{key}: there is no such setting. Allowed: {', '.join(legal)}.")


def _indicator(where: str, name: Any) -> str:
    if name in NAMES:
        return str(name)
    near = get_close_matches(str(name), NAMES)
    raise UsageError(f"{where}.{name}: there is no such indicator. {'Nearest' if near else 'Allowed'}: {', '.join(near or NAMES)}.")
