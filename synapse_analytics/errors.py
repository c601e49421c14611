"""The one family of exceptions; messages are for people and never hold a patient's value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SynapseError(Exception):
    """A fault a person can act on: what is wrong, where, what is legal, what to do."""

    exit_code = 1


class BundleRefused(SynapseError):
    """The input was refused; nothing was loaded. `check` holds the problems when a bundle was checked."""

    exit_code = 2

    def __init__(self, message: str, check: Any = None) -> None:
        super().__init__(message)
        self.check = check


class NotAllowed(SynapseError):
    """The role or the policy in force does not permit this. `drop` names the filters and options without which it would be permitted."""

    exit_code = 3

    def __init__(self, message: str, *, drop: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.drop = tuple(drop)


class UnsafeAnswer(NotAllowed):
    """An analysis made an answer that breaks the policy, so the gate kept it: a fault of this product, not of whoever asked."""


class UsageError(SynapseError):
    """A wrong name, option or value was asked for; the message lists the legal ones."""


class StoreError(SynapseError):
    """The store cannot be read or written as asked; the message says how to mend it."""


class NothingLoaded(StoreError):
    """The store is empty: no bundle was loaded yet."""
