"""Who else is told the last line of the audit log: a file elsewhere, syslog, or a command of the clinic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synapse_analytics.errors import UsageError
from synapse_analytics.plain_yaml import shown
from synapse_analytics.settings.reading import check_keys, mapping, yes_no

KEYS = ("witness_file", "witness_syslog", "witness_command")


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The part `audit` of the settings: witnesses besides the file in the state folder of the account."""

    file: Path | None = None  # on another disk, or in a folder of another account
    syslog: bool = False
    command: tuple[str, ...] = ()  # a program and its arguments; it reads the last line as JSON

    def __bool__(self) -> bool:
        return self != Witnesses()


def witnesses(held: Mapping[Any, Any]) -> Witnesses:
    """The witnesses that the settings name."""
    audit = mapping("audit", held.get("audit"))
    check_keys("audit.", audit, KEYS)
    syslog = yes_no("audit.witness_syslog", audit.get("witness_syslog"))
    return Witnesses(_file(audit.get("witness_file")), syslog, _command(audit.get("witness_command")))


def _file(value: Any) -> Path | None:
    if value is None:
        return None
    if not isinstance(value, str) or not Path(value).is_absolute():
        raise UsageError(
            f"audit.witness_file: {shown(repr(value))} is not a whole path. Allowed: a path such as /mnt/other/synapse-audit.json."
        )
    return Path(value)


def _command(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    words = value if isinstance(value, list) and value else [None]
    if not all(isinstance(word, str) and word and "\0" not in word for word in words):
        raise UsageError(
            f"audit.witness_command: {shown(repr(value))} is not a command. Allowed: a list of a program and its arguments, "
            'such as ["/usr/local/bin/note-head", "--quiet"].'
        )
    return tuple(words)
