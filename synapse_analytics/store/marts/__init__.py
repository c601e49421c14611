"""The marts: narrow tables derived once per load, so that a page's question is one short statement.

follow_up -> indexes -> steps -> episode_facts -> the rest; each module holds statements and says which definition they follow.
"""

from __future__ import annotations

from synapse_analytics.store.marts.build import build_marts

__all__ = ["build_marts"]
