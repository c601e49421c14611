"""The bits of `index_scores.flags`: expected and answered at each reference visit, and improved enough."""

from __future__ import annotations

import functools

from synapse_analytics import vocabulary as v

FOLLOW_UPS = v.VISITS[1:]


@functools.cache
def score_flags(instrument: str) -> tuple[str, ...]:
    """The facts about an instrument in the order of their bits.

    `expected_<visit>`, `answered_<visit>`, `able_<preset>` (the baseline can reach it), and `met_<preset>_<visit>`: answered,
    able and improved enough.
    """
    presets = v.presets_of(instrument)
    return (
        *(f"expected_{visit.code}" for visit in FOLLOW_UPS),
        *(f"answered_{visit.code}" for visit in FOLLOW_UPS),
        *(f"able_{preset.code}" for preset in presets),
        *(f"met_{preset.code}_{visit.code}" for preset in presets for visit in FOLLOW_UPS),
    )


def bit_of(instrument: str, name: str) -> int:
    """The number of the bit that holds a fact."""
    return score_flags(instrument).index(name)
