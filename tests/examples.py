"""How much is tried: few drawn examples and always the same in the ordinary run, many new ones in the deep run (`make deep`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

DEEP = bool(os.environ.get("SYNAPSE_DEEP"))
TIMES = 10  # as many examples in the deep run
SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]  # fixtures here are read only, and stores take long to ask

settings.register_profile("ordinary", max_examples=30, derandomize=True, deadline=None, suppress_health_check=SHARED)
settings.register_profile("deep", max_examples=30 * TIMES, deadline=None, suppress_health_check=SHARED)
settings.load_profile("deep" if DEEP else "ordinary")


def tried(examples: int) -> settings:
    """So many examples where one of them costs more, or less, than usual."""
    return settings(max_examples=examples * (TIMES if DEEP else 1))
