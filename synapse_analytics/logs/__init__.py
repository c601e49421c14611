"""What a process writes about itself: where a fault happened and of which kind, never a value of a patient.

The message of an exception may quote a cell ("Could not convert string ..."), and so may any line that a library logs. `install` stands
before every logger, present and future, whatever its handlers, and before all that Python writes about faults by itself:

- a line of our own loggers keeps its text; an exception among its values becomes its kind;
- a line of a library keeps its text only if the text stands in the library's code as a constant. Its values become their types,
  numbers too: an age is a value. Of every other line (an f-string, the text of an exception) the logger, its level and the place are left;
- an exception, its causes and the parts of a group become kinds and places: no message, no note, no line of code, no local. This holds
  for our own exceptions too: their messages are for the person who can mend the fault, may quote that person's file, and were told there.

Where such lines go, and how they look, is in `lines`. What no filter can see: a library that prints, and `extra` fields of a line, which only a formatter that names them would write.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sqlite3
import sys
import threading
import traceback
import warnings
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, TextIO

OURS = __name__.partition(".")[0]
FAULT = (
    "This is a fault of the program, not of your data. Report these lines: they say where it happened, and hold no value of your records."
)
NUMBER = "fault"  # of a line of the log: the number of the fault that it tells of
MOST_PLACES, MOST_FAULTS = 30, 20  # of one traceback, the innermost; of one chain of causes
_FOLDERS = ("site-packages/", f"{Path(__file__).resolve().parents[2].as_posix()}/", f"{Path(os.__file__).resolve().parent.as_posix()}/")
_handler: logging.Handler | None = None  # what all is written through; None: straight to stderr
_FIELD = re.compile(r"%(?:\((?P<name>[^)]*)\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<kind>[a-zA-Z%])")


def install() -> None:
    """Filter from now on all that this process logs, warns of, or says of faults nobody caught; harmless when done again."""
    logging.setLogRecordFactory(_record)
    logging.raiseExceptions = False  # else a handler that fails prints the values of its line
    sys.excepthook = _stopped
    sys.unraisablehook = lambda fault: _write(f"Ignored: {_told(fault.exc_type, fault.exc_value, fault.exc_traceback)}")
    threading.excepthook = _thread_stopped
    warnings.showwarning = _warned  # type: ignore[assignment]
    traceback.print_exception = _printed  # Streamlit prints so where its loop stops, and every `Formatter` formats so


def install_in_server() -> None:
    """Filter also what Streamlit prints of the faults of a page past every logger, with the rich library where that is installed."""
    install()
    from rich.text import Text  # noqa: PLC0415  (commands need neither)
    from rich.traceback import Traceback  # noqa: PLC0415

    def from_exception(_kind: Any, fault: BaseException, *_more: Any, **_options: Any) -> Text:
        return Text(reduced(fault))

    Traceback.from_exception = from_exception  # type: ignore[method-assign, assignment]


def through(handler: logging.Handler) -> None:
    """Write through this handler what would go to stderr."""
    global _handler  # noqa: PLW0603  (Python's own hooks, into which this goes, are as global)
    _handler = handler


def number(fault: BaseException) -> str:
    """Six digits to report a fault by: the same for what happens again at the same places, whatever the data."""
    return f"{int(hashlib.sha256(reduced(fault).encode()).hexdigest(), 16) % 1_000_000:06}"


def reduced(fault: BaseException) -> str:
    """An exception and what led to it as kinds and places, the outermost first."""
    return "\n".join(_lines(fault, set()))


def _record(name: str, level: int, file: str, line: int, text: Any, values: Any, exc_info: Any, *more: Any) -> logging.LogRecord:  # noqa: PLR0913, PLR0917  (logging calls it so)
    """The line of a log, without values; made in place of Python's own."""
    function, stack = (*more, None, None)[:2]
    frame = _frame(file, line, function)
    if name == OURS or name.startswith(f"{OURS}."):
        said = _own_text(text, values)
    elif frame is not None and isinstance(text, str) and text in frame.f_code.co_consts:
        said = _without_values(text, values)
    else:
        said = f"{name} logs {logging.getLevelName(level)} at {_place(file, line, function)}; its words may hold a value"
    record = logging.LogRecord(name, level, _file(file), line, said, (), None, function)
    fault = exc_info[1] if isinstance(exc_info, tuple) and len(exc_info) == 3 else None
    record.exc_text = reduced(fault) if isinstance(fault, BaseException) else None
    if isinstance(fault, BaseException):
        setattr(record, NUMBER, number(fault))
    record.stack_info = "\n".join(_places(reversed(list(traceback.walk_stack(frame))))) if stack and frame else None
    return record


def _frame(file: str, line: int, function: str | None) -> FrameType | None:
    """The frame that logs."""
    frame: FrameType | None = sys._getframe(2)
    while frame and (frame.f_lineno, frame.f_code.co_name, frame.f_code.co_filename) != (line, function, file):
        frame = frame.f_back
    return frame


def _own_text(text: Any, values: Any) -> str:
    """A text of ours with its values; it is we who answer for them."""
    kept = tuple(_kind(value) if isinstance(value, BaseException) else value for value in values or ())
    with suppress(Exception):
        return logging.LogRecord(OURS, 0, "", 0, _kind(text) if isinstance(text, BaseException) else text, kept, None).getMessage()
    return _without_values(str(text), values)


def _without_values(text: str, values: Any) -> str:
    """A text with the types of its values."""
    if not values:
        return text
    named = values[0] if isinstance(values[0], Mapping) else {}
    in_turn = iter(values)

    def shown(field: re.Match[str]) -> str:
        if field["kind"] == "%":
            return "%"
        return f"<{type(named.get(field['name']) if field['name'] else next(in_turn, None)).__name__}>"

    return _FIELD.sub(shown, text)


def _lines(fault: BaseException, seen: set[int], indent: str = "") -> Iterator[str]:
    seen.add(id(fault))
    yield indent + _kind(fault)
    yield from (f"{indent}  {place}" for place in _places(traceback.walk_tb(fault.__traceback__)))
    for part in fault.exceptions if isinstance(fault, BaseExceptionGroup) else ():
        if id(part) not in seen and len(seen) < MOST_FAULTS:
            yield from _lines(part, seen, f"{indent}  | ")
    cause = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    if cause is not None and id(cause) not in seen and len(seen) < MOST_FAULTS:
        yield f"{indent}which came of"
        yield from _lines(cause, seen, indent)


def _kind(fault: BaseException) -> str:
    """The type of an exception, and what the system calls the fault, which knows no values."""
    kind = type(fault)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(fault, OSError) and isinstance(fault.errno, int):
        return f"{name} ({os.strerror(fault.errno)})"
    if isinstance(fault, sqlite3.Error) and isinstance(getattr(fault, "sqlite_errorname", None), str):
        return f"{name} ({fault.sqlite_errorname})"
    return name


def _places(frames: Iterator[tuple[FrameType, int]]) -> Iterator[str]:
    """The places of a traceback or a stack; of very many those at its end."""
    kept = deque(enumerate(frames), maxlen=MOST_PLACES)
    if kept and kept[0][0]:
        yield f"({kept[0][0]} places before)"
    yield from (_place(frame.f_code.co_filename, line, frame.f_code.co_name) for _, (frame, line) in kept)


def _place(file: str, line: int, function: str | None) -> str:
    return f"{_file(file)}:{line} in {function}"


@cache
def _file(path: str) -> str:
    """The path of a module inside our package or its library: a folder of the machine may be named after a person."""
    plain = path.replace("\\", "/")
    for folder in _FOLDERS:
        _, found, inside = plain.rpartition(folder)
        if found:
            return inside
    return plain.rpartition("/")[2]


def _told(kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> str:
    """A fault as Python hands it to a hook."""
    if fault is not None:
        return reduced(fault.with_traceback(trace))
    return kind.__name__ if kind else "a fault without a name"


def _stopped(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    _write("Stopped." if issubclass(kind, KeyboardInterrupt) else f"{FAULT}\n{_told(kind, fault, trace)}")


def _thread_stopped(fault: threading.ExceptHookArgs) -> None:
    if not issubclass(fault.exc_type, SystemExit):
        _write(f"A thread stopped: {_told(fault.exc_type, fault.exc_value, fault.exc_traceback)}")


def _warned(_message: Warning | str, category: type[Warning], filename: str, lineno: int, file: TextIO | None = None, *_code: Any) -> None:
    _write(f"{category.__name__} at {_file(filename)}:{lineno}", file)


def _printed(kind: Any, /, value: Any = None, tb: Any = None, limit: Any = None, file: Any = None, chain: Any = True) -> None:  # noqa: FBT002, PLR0913, PLR0917
    """In place of `traceback.print_exception`, which takes an exception, or its type, itself and its traceback."""
    del limit, chain
    fault = kind if isinstance(kind, BaseException) else value
    _write(_told(type(fault), fault, tb or getattr(fault, "__traceback__", None)), file)


def _write(text: str, into: TextIO | None = None) -> None:
    """Write to stderr, if there is one; there is nobody to tell that this failed."""
    with suppress(Exception):
        if _handler is not None and into in (None, sys.stderr):
            _handler.handle(logging.LogRecord(OURS, logging.ERROR, "", 0, text, (), None))
            return
        stream = into or sys.stderr
        stream.write(f"{text}\n")
        stream.flush()
