"""What the gate is told about the tables of a comparison."""

from __future__ import annotations

from synapse_analytics.analyses.shares import label
from synapse_analytics.disclosure import Kind, Measure, TableRule

A, B = "patients_a", "patients_b"


def rate(name: str) -> Measure:
    """A number that compares the arms: both have to be large enough."""
    return Measure(name, Kind.RATE, A, part=B)


ARM_COUNTS = (Measure("n_a", Kind.COUNT, A), Measure("n_b", Kind.COUNT, B))
DIFFERENCE = (rate("difference"), rate("low"), rate("high"))
ESTIMATES = TableRule("estimates", (label("method"), *DIFFERENCE, *ARM_COUNTS))
RECORDED = tuple(Measure(f"recorded_{arm}", Kind.COUNT, f"recorded_patients_{arm}") for arm in ("a", "b"))
BALANCE = TableRule("balance", (label("covariate"), rate("smd_before"), rate("smd_after"), *RECORDED))
OVERLAP = TableRule("overlap", (label("arm"), label("from"), label("to"), Measure("n", Kind.COUNT)))
SUBGROUPS = TableRule(
    "subgroups",
    (label("subgroup"), *DIFFERENCE, Measure("interaction_p", Kind.RATE, "fewest_a", part="fewest_b"), label("attribute"), *ARM_COUNTS),
)
TRAJECTORIES = TableRule(
    "trajectories",
    (
        label("arm"),
        label("visit"),
        Measure("n", Kind.COUNT),
        Measure("mean", Kind.MEAN, reach="reach"),
        Measure("low", Kind.INTERVAL, reach="reach"),
        Measure("high", Kind.INTERVAL, reach="reach"),
    ),
)
MMRM = TableRule("mmrm", (label("visit"), *DIFFERENCE, rate("mean_a"), rate("mean_b"), *ARM_COUNTS))
SENSITIVITY = TableRule("sensitivity", (label("arm"), label("delta"), *DIFFERENCE))


FLOW = TableRule("flow", (label("step"), label("left_out"), *ARM_COUNTS))


def _of_arm(arm: str) -> tuple[Measure, ...]:
    """Who was expected at the horizon and answered, and who crossed over."""
    expected = f"expected_patients_{arm}"
    return (
        Measure(f"expected_{arm}", Kind.COUNT, expected),
        Measure(f"answered_{arm}", Kind.COUNT, f"patients_{arm}"),
        Measure(
            f"completeness_{arm}",
            Kind.SHARE,
            expected,
            part=f"patients_{arm}",
            outside=f"unanswered_patients_{arm}",
            count=f"answered_{arm}",
            of=f"expected_{arm}",
        ),
        Measure(
            f"crossover_{arm}",
            Kind.SHARE,
            f"eligible_patients_{arm}",
            part=f"crossed_patients_{arm}",
            outside=f"loyal_patients_{arm}",
            count=f"crossed_{arm}",
            of=f"eligible_{arm}",
        ),
        Measure(f"start_day_{arm}", Kind.MEDIAN, f"patients_{arm}"),
    )


QUALITY = TableRule(
    "quality",
    (
        *(rate(name) for name in ("ess_a", "ess_b", "e_value", "e_value_limit")),
        *_of_arm("a"),
        *_of_arm("b"),
        Measure("both_arms", Kind.COUNT, "both_patients"),
        label("verdict"),
        label("refused"),
    ),
)
