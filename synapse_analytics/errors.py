"""The one family of exceptions. Messages are for people and never hold a patient's value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SynapseError(Exception):
    """A fault that a person can mend; the message says what is wrong, where, and what is legal or to be done."""

    exit_code = 1


class BundleRefused(SynapseError):
    """The bundle was refused and nothing was loaded; `check` holds its problems when it could be checked."""

    exit_code = 2

    def __init__(self, message: str, check: Any = None) -> None:
        super().__init__(message)
        self.check = check


class IntakeRefused(SynapseError):
    """A clinic's own files, or the mapping of them, cannot be used as they are; nothing was written. `faults` says where and what to do."""

    exit_code = 2

    def __init__(self, message: str, faults: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class NotAllowed(SynapseError):
    """The user's role or the policy does not permit this; `drop` names the filters and options without which it would be permitted."""

    exit_code = 3

    def __init__(self, message: str, *, drop: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.drop = tuple(drop)


class UnsafeAnswer(NotAllowed):
    """The gate held back an answer that breaks the policy: a fault of this product, not of the person who asked."""


class UsageError(SynapseError):
    """A name, option or value is wrong; the message lists the legal ones."""


class StoreError(SynapseError):
    """The store cannot be read or written; the message says how to mend it."""


class NothingLoaded(StoreError):
    """The store is empty, as no bundle was loaded yet."""
