"""The lines of the server's own log: how much is written, as text or as JSON, and where to."""

from __future__ import annotations

import json
import logging
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import IO, Any

from synapse_analytics import logs
from synapse_analytics.errors import UsageError
from synapse_analytics.files import WITHOUT_WAITING

LEVELS, FORMATS = ("debug", "info", "warning", "error"), ("text", "json")
LEVEL, FORMAT, FILE = "SYNAPSE_LOG_LEVEL", "SYNAPSE_LOG_FORMAT", "SYNAPSE_LOG_FILE"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log shall be; without a file it goes to stderr."""

    level: str = "info"
    format: str = "text"
    file: Path | None = None

    def told(self) -> dict[str, str]:
        """The same for the environment of another process, whatever folder that works in."""
        return {LEVEL: self.level, FORMAT: self.format} | ({FILE: str(self.file.absolute())} if self.file else {})


def wanted(
    level: str | None = None, style: str | None = None, file: Path | None = None, *, environ: Mapping[str, str] = os.environ
) -> Wanted:
    """What options, else the environment, ask for; UsageError for what there is not."""
    named = file or environ.get(FILE)
    return Wanted(
        _one_of(f"--log-level or {LEVEL}", level or environ.get(LEVEL) or "info", LEVELS),
        _one_of(f"--log-format or {FORMAT}", style or environ.get(FORMAT) or "text", FORMATS),
        Path(named) if named else None,
    )


def _one_of(name: str, value: str, legal: tuple[str, ...]) -> str:
    if value.lower() not in legal:
        raise UsageError(f"{name}: there is no {value!r}. Allowed: {', '.join(legal)}.")
    return value.lower()


def handler(how: Wanted) -> logging.Handler:
    """Where the lines go; UsageError when the file cannot be written."""
    try:
        found: logging.Handler = _Private(how.file, encoding="utf-8") if how.file else logging.StreamHandler(sys.stderr)
    except OSError as error:
        raise UsageError(
            f"The log file '{how.file}' cannot be written: {error.strerror}. "
            f"Name a file in a folder that this account may write (--log-file or {FILE}), or none: then the log goes to stderr."
        ) from error
    found.setLevel(how.level.upper())
    found.setFormatter(_Json() if how.format == "json" else _Text())
    found.addFilter(_says_something)
    return found


def _says_something(record: logging.LogRecord) -> bool:
    """Uvicorn and websockets tell of every tab that is opened and closed; without the values, which are left out, these lines are all alike."""
    return record.levelno > logging.INFO or not record.pathname.startswith(("uvicorn/protocols/", "websockets/"))


class _Private(WatchedFileHandler):
    """A file that nobody else may read; one that was moved away (by logrotate) is begun anew."""

    def _open(self) -> IO[str]:  # type: ignore[override]
        opened = open(self.baseFilename, self.mode, encoding=self.encoding, opener=_begun)  # noqa: SIM115
        if hasattr(os, "fchmod") and stat.S_ISREG(os.fstat(opened.fileno()).st_mode):  # /dev/null is everybody's
            os.fchmod(opened.fileno(), 0o600)
        return opened

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; where its folder is gone the line is lost, and not the work that it tells of."""
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)


def _begun(path: str, flags: int) -> int:
    """The file, opened for its owner; a pipe that nobody reads is refused, where one would wait for ever."""
    return os.open(path, flags | WITHOUT_WAITING, 0o600)


class _Text(logging.Formatter):
    """`2026-11-29 12:50:48Z WARNING synapse_analytics.web: what happened`, and below it the places of a fault."""

    def format(self, record: logging.LogRecord) -> str:
        number = _fault(record)
        said = (
            f"{_moment(record):%Y-%m-%d %H:%M:%S}Z {record.levelname} {record.name}: {record.getMessage()}{number and f' (fault {number})'}"
        )
        return "\n".join(filter(None, [said, record.exc_text, record.stack_info]))


class _Json(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "time": _moment(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if number := _fault(record):
            said |= {"fault": number, "places": (record.exc_text or "").splitlines()}
        if record.stack_info:
            said["stack"] = record.stack_info.splitlines()
        return json.dumps(said, ensure_ascii=False)


def _fault(record: logging.LogRecord) -> str:
    """The number of the fault that a line tells of; empty without one."""
    return str(getattr(record, logs.NUMBER, ""))


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)
