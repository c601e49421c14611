"""Clinic: the one handle that is passed around. It holds engine, generation, policy, settings and the asker, and fetches statements.

Like a Released answer a handle carries no state of its own: what it holds lies in a table private to this module, so
that `replace`, `setattr` or a constructor cannot give it another policy. `under` makes a handle of the stricter one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from weakref import WeakKeyDictionary

from synapse_analytics.access import Person, local_person
from synapse_analytics.disclosure import POLICIES, Policy, check_policy
from synapse_analytics.errors import NotAllowed, UsageError
from synapse_analytics.settings import Settings, read_settings
from synapse_analytics.store import GenerationInfo, fetch_arrow, open_store, store_home

if TYPE_CHECKING:
    import pyarrow as pa
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class _Opened:
    """The fields behind a handle."""

    engine: sa.Engine
    generation: GenerationInfo
    policy: Policy
    home: Path | None = None  # of the store, where the audit log lies; None: as SYNAPSE_HOME says
    settings: Settings = Settings()  # frozen, so one may be shared
    asker: Person = local_person()


def _held(name: str, meaning: str) -> Any:
    """A read-only field of the handle."""
    return property(lambda self: getattr(_handles[self], name), doc=meaning)


class Clinic:
    """An engine over one generation, the policy under which it may answer, the settings of the clinic, and the asker."""

    __slots__ = ("__weakref__",)
    engine: sa.Engine = _held("engine", "the database of the generation")
    generation: GenerationInfo = _held("generation", "the generation that is loaded")
    policy: Policy = _held("policy", "one of the two policies of the gate")
    home: Path | None = _held("home", "the folder of the store; None: as SYNAPSE_HOME says")
    settings: Settings = _held("settings", "the settings of the clinic")
    asker: Person = _held("asker", "the person named in the audit log")

    def __new__(cls, *_args: Any, **_fields: Any) -> Clinic:
        raise TypeError("A clinic is opened by open_clinic().")

    def __reduce_ex__(self, _protocol: Any) -> NoReturn:
        raise TypeError("A clinic cannot be pickled; call open_clinic() where it is needed.")

    def under(self, policy: str | Policy) -> Clinic:
        """The same clinic under this policy; NotAllowed if it is weaker than that of this handle, UsageError if it is unknown."""
        wanted = policy_called(policy if isinstance(policy, str) else check_policy(policy).name)
        if _strictness(wanted) < _strictness(self.policy):
            raise NotAllowed(
                f"This clinic answers under the policy '{self.policy.name}'. The weaker policy '{wanted.name}' cannot be asked for."
            )
        return _handle(replace(_handles[self], policy=wanted))

    def arrow(self, statement: sa.Select | sa.CompoundSelect) -> pa.Table:
        """The rows of a statement as an Arrow table."""
        return fetch_arrow(self.engine, statement)

    def rows(self, statement: sa.Select | sa.CompoundSelect) -> list[dict[str, Any]]:
        """The rows of a small (aggregated) statement as dictionaries."""
        return self.arrow(statement).to_pylist()


_handles: WeakKeyDictionary[Clinic, _Opened] = WeakKeyDictionary()


def _handle(opened: _Opened) -> Clinic:
    made = object.__new__(Clinic)
    _handles[made] = opened
    return made


def policy_called(name: str) -> Policy:
    """The policy of this name; UsageError lists the two there are."""
    if name not in POLICIES:
        raise UsageError(f"Unknown policy '{name}'. Allowed: {', '.join(POLICIES)}.")
    return POLICIES[name]


def deployment_policy(settings: Settings) -> Policy:
    """The policy this deployment chose: the stricter one of SYNAPSE_POLICY and the settings file; `clinic` where neither names one."""
    named = [policy_called(name) for name in (os.environ.get("SYNAPSE_POLICY"), settings.policy) if name]
    return max(named, key=_strictness, default=POLICIES["clinic"])


def _strictness(policy: Policy) -> int:
    return list(POLICIES).index(policy.name)


def open_clinic(database: str | None = None, *, policy: str | None = None, asker: Person | None = None) -> Clinic:
    """Open the current generation of a store, by default the embedded one, under the policy of the deployment.

    `policy` may ask for the stricter one; NotAllowed for a weaker one. `asker` is the person the audit log names.
    """
    engine, info = open_store(database)
    home = store_home(database)
    settings = read_settings(home)
    opened = _handle(_Opened(engine, info, deployment_policy(settings), home, settings, asker or local_person()))
    return opened if policy is None else opened.under(policy)
