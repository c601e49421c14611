"""The columns of the tables of a comparison, with the patients of both arms that each rests on."""

from __future__ import annotations

from synapse_analytics.analyses.measures import N, counts_of, labels, mean_with_limits, medians_of, patients_of, share_of
from synapse_analytics.disclosure import Kind, Measure, TableRule


def rates(*names: str, of: str = "n") -> tuple[Measure, ...]:
    """Numbers that compare the arms: both have to hold enough patients of the count `of`."""
    a, b = (patients_of(f"{of}_{arm}") for arm in ("a", "b"))
    return tuple(Measure(name, Kind.RATE, a, part=b) for name in names)


ARM_COUNTS = counts_of("n_a", "n_b")
DIFFERENCE = rates("difference", "low", "high")
ESTIMATES = TableRule("estimates", (*labels("method"), *DIFFERENCE, *ARM_COUNTS))
BALANCE = TableRule("balance", (*labels("covariate"), *rates("smd_before", "smd_after"), *counts_of("recorded_a", "recorded_b")))
OVERLAP = TableRule("overlap", (*labels("arm", "from", "to"), N))
SUBGROUPS = TableRule(
    "subgroups",
    (*labels("subgroup"), *DIFFERENCE, *rates("interaction_p", of="fewest"), *labels("attribute"), *ARM_COUNTS),
)
TRAJECTORIES = TableRule("trajectories", (*labels("arm", "visit"), N, *mean_with_limits()))
# The start that both have by adjustment: a plain mean of all who are in the model, so it is as coarse as one.
START = TableRule(
    "mmrm",
    (
        *labels("visit"),
        *DIFFERENCE,
        *(
            Measure(f"{name}_{arm}", kind, patients_of("n_a"), part=patients_of("n_b"), reach="reach")
            for arm in ("a", "b")
            for name, kind in (("mean", Kind.MEAN), ("low", Kind.INTERVAL), ("high", Kind.INTERVAL))
        ),
        *ARM_COUNTS,
    ),
)
MEANS = ("mean_a", "low_a", "high_a", "mean_b", "low_b", "high_b")
MMRM = TableRule("mmrm", (*labels("visit"), *DIFFERENCE, *rates(*MEANS), *ARM_COUNTS))
# The patients that the shares of responders rest on: of the arm that has fewer of them.
FEWEST_IN_ARM, FEWEST_RESPONDERS, FEWEST_OTHERS = "fewest_in_arm", "fewest_responders", "fewest_others"
RESPONDERS = TableRule(
    "responders",
    (
        *labels("visit"),
        *(
            Measure(name, Kind.SHARE, FEWEST_IN_ARM, part=FEWEST_RESPONDERS, outside=FEWEST_OTHERS, reach="reach")
            for name in ("share_a", "share_b", "difference", "low", "high")
        ),
        *ARM_COUNTS,
    ),
)
SENSITIVITY = TableRule("sensitivity", (*labels("arm", "delta"), *DIFFERENCE))
FEWEST_OF_STEP = "fewest_of_step"  # patients: a sum is told only where each of its parts may be
FLOW = TableRule("flow", (*labels("step", "left_out"), Measure("n", Kind.COUNT, part=FEWEST_OF_STEP), *ARM_COUNTS))


def _of_arm(arm: str) -> tuple[Measure, ...]:
    """Who was expected at the horizon and answered, and who crossed over."""
    return (
        *counts_of(f"expected_{arm}", f"answered_{arm}"),
        share_of(f"answered_{arm}", f"expected_{arm}", f"completeness_{arm}"),
        share_of(f"crossed_{arm}", f"eligible_{arm}", f"crossover_{arm}"),
        *medians_of(f"start_day_{arm}", patients=patients_of(f"answered_{arm}")),
    )


QUALITY = TableRule(
    "quality",
    (
        *rates("ess_a", "ess_b", "e_value", "e_value_limit", of="answered"),
        *_of_arm("a"),
        *_of_arm("b"),
        *counts_of("both_arms"),
        *labels("verdict", "refused"),
    ),
)
