"""The types that may leave: Released (an answer), ReleasedRecords (rows) and a preview of rows. Only the gate can make one.

An instance carries no state of its own: its fields lie in a table private to this module, so that there is
nothing to forge by `object.__new__`, `__setattr__`, `dataclasses.replace`, copying or unpickling.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar
from weakref import WeakKeyDictionary

from synapse_analytics.disclosure.policy import Row
from synapse_analytics.errors import NotAllowed

if TYPE_CHECKING:
    import pyarrow as pa

    from synapse_analytics.anonymity import Selection

_contents: WeakKeyDictionary[_Sealed, Mapping[str, Any]] = WeakKeyDictionary()


def _held(name: str) -> Any:
    """A read-only field whose value is held by the gate."""
    return property(lambda self: _content(self)[name])


def _content(sealed: _Sealed) -> Mapping[str, Any]:
    try:
        return _contents[sealed]
    except (KeyError, TypeError):
        raise NotAllowed("This value was not released by the gate; ask an analysis for it.") from None


class _Sealed:
    """A handle to fields that only the gate can fill."""

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
    """An answer that may be shown: the question, tables of plain values, and how many cells were withheld."""

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


AnySealed = TypeVar("AnySealed", bound=_Sealed)


def _seal(kind: type[AnySealed], **fields: Any) -> AnySealed:
    """Make a genuine instance; only modules of this package call this (kept by tests/unit/test_gate_guards.py)."""
    assert fields.keys() == kind.__annotations__.keys(), "every field is given, and no other"
    made = object.__new__(kind)
    _contents[made] = fields
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
    question: Any = _held("question")  # a RowQuestion
    rows: pa.Table = _held("rows")
    counted: Selection = _held("counted")  # rows, patients, episodes, and blanked cells by column

    def __repr__(self) -> str:
        return f"<ReleasedRecords {self.question.table}: {self.rows.num_rows} rows>"


class RecordsPreview(_Sealed):
    """A few rows as they would leave, beside the counts of the whole export; no figure and no file takes them."""

    __slots__ = ()
    question: Any = _held("question")
    rows: tuple[Row, ...] = _held("rows")
    counted: Selection = _held("counted")

    def __repr__(self) -> str:
        return f"<RecordsPreview {self.question.table}: {self.counted.rows} rows>"


def check_records(value: Any) -> ReleasedRecords:
    """The value itself when `release_records` made it; NotAllowed for anything else."""
    if type(value) is not ReleasedRecords:
        raise NotAllowed(f"Only released records may be exported as rows, not {type(value).__name__}.")
    _content(value)
    return value
