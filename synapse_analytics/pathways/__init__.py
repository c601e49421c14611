"""Treatment pathways: from single treatments to the steps of an episode. Pure numpy: no database, no files.

The definition of a pathway (docs/methods.md) in code: (a) `units`, (b) and (c) `courses`, (d) `sweep`,
(e) and (f) `steps`; `names` gives every distinct pathway a number and its codes (`medication|discectomy`).
Its words for people are made by `pathway` in findings/words.py.
"""

from synapse_analytics.pathways.definition import MORE, NO_END, UNTREATED, PathwayDefinition, step_code, unit_terms
from synapse_analytics.pathways.scores import changes_over_steps
from synapse_analytics.pathways.steps import Steps, build_steps

__all__ = [
    "MORE",
    "NO_END",
    "UNTREATED",
    "PathwayDefinition",
    "Steps",
    "build_steps",
    "changes_over_steps",
    "step_code",
    "unit_terms",
]
