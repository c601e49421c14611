"""The two types that may leave: Released (an answer) and ReleasedRecords (rows). Nobody but the gate can make one.

An instance carries no state of its own: what it holds lies in a table private to this module, so that there is
nothing to forge by `object.__new__`, `__setattr__`, `dataclasses.replace`, copying or unpickling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar
from weakref import WeakKeyDictionary

from synapse_analytics.disclosure.policy import Row
from synapse_analytics.errors import NotAllowed

if TYPE_CHECKING:
    import pyarrow as pa

    from synapse_analytics.anonymity import Selection

_contents: WeakKeyDictionary[_Sealed, Any] = WeakKeyDictionary()


def _held(name: str) -> Any:
    """A read-only field whose value is held by the gate."""
    return property(lambda self: getattr(_content(self), name))


def _content(sealed: _Sealed) -> Any:
    try:
        return _contents[sealed]
    except (KeyError, TypeError):
        raise NotAllowed("This value was not released by the gate; ask an analysis for it.") from None


class _Sealed:
    """A handle to content that only the gate can put there."""

    __slots__ = ("__weakref__",)

    def __new__(cls, *_args: Any, **_fields: Any) -> Self:
        raise TypeError(f"{cls.__name__} is made by the gate only; ask an analysis for it.")

    def __init_subclass__(cls, **_options: Any) -> None:
        if cls.__module__ != __name__:
            raise TypeError("What the gate releases cannot be subclassed.")

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise TypeError(f"{type(self).__name__} cannot be pickled: only this process knows that it is genuine.")

    def __copy__(self) -> _Sealed:
        return self

    def __deepcopy__(self, _memo: Any) -> _Sealed:
        return self


class Released(_Sealed):
    """An answer that may be shown: tables of plain values, what was withheld, and what was asked."""

    __slots__ = ()
    name: str = _held("name")
    cohort: Any = _held("cohort")
    generation: str = _held("generation")
    policy: str = _held("policy")
    options: Mapping[str, Any] = _held("options")
    n: int | None = _held("n")  # patients; null when withheld
    episodes: int | None = _held("episodes")
    tables: Mapping[str, tuple[Row, ...]] = _held("tables")
    withheld: int = _held("withheld")  # cells
    refused: str | None = _held("refused")  # why nothing is shown
    notes: tuple[str, ...] = _held("notes")

    def __repr__(self) -> str:
        return f"<Released {self.name}: {', '.join(f'{name} ({len(rows)} rows)' for name, rows in self.tables.items()) or self.refused}>"


@dataclass(frozen=True, slots=True)
class _Answer:
    name: str
    cohort: Any
    generation: str
    policy: str
    options: Mapping[str, Any]
    n: int | None
    episodes: int | None
    tables: Mapping[str, tuple[Row, ...]]
    withheld: int
    refused: str | None = None
    notes: tuple[str, ...] = ()


AnySealed = TypeVar("AnySealed", bound=_Sealed)


def _seal(kind: type[AnySealed], content: Any) -> AnySealed:
    """Make a genuine instance; only modules of this package call this (kept by tests/unit/test_gate_guards.py)."""
    made = object.__new__(kind)
    _contents[made] = content
    return made


def check_released(value: Any) -> Released:
    """The value itself when the gate made it as an answer; NotAllowed for anything else."""
    if type(value) is not Released:
        raise NotAllowed(f"Only a Released answer may be shown or exported, not {type(value).__name__}.")
    _content(value)
    return value


class ReleasedRecords(_Sealed):
    """Rows that may leave by the export door; no figure and no page takes them."""

    __slots__ = ()
    question: Any = _held("question")  # what was asked: table, columns, cohort, generation, policy, purpose, user
    rows: pa.Table = _held("rows")
    counted: Selection = _held("counted")  # rows, patients, episodes, and blanked cells by column

    def __repr__(self) -> str:
        return f"<ReleasedRecords {self.question.table}: {self.rows.num_rows} rows>"


@dataclass(frozen=True, slots=True)
class _Rows:
    question: Any
    rows: pa.Table
    counted: Selection


class RecordsPreview(_Sealed):
    """A few rows as they would leave, beside what the whole export would hold; no figure and no file takes them."""

    __slots__ = ()
    question: Any = _held("question")
    rows: tuple[Row, ...] = _held("rows")
    counted: Selection = _held("counted")

    def __repr__(self) -> str:
        return f"<RecordsPreview {self.question.table}: {self.counted.rows} rows>"


@dataclass(frozen=True, slots=True)
class _Preview:
    question: Any
    rows: tuple[Row, ...]
    counted: Selection


def check_records(value: Any) -> ReleasedRecords:
    """The value itself when it came through the row door; NotAllowed for anything else."""
    if type(value) is not ReleasedRecords:
        raise NotAllowed(f"Only released records may be exported as rows, not {type(value).__name__}.")
    _content(value)
    return value
