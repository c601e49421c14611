"""What holds for a whole made-up clinic: its scenario and its calendar."""

from __future__ import annotations

from dataclasses import dataclass

from synapse_analytics.synthetic.parameters import CHANGE_POINT_AT, Scenario
from synapse_analytics.synthetic.people import Calendar


@dataclass(frozen=True, slots=True)
class Setting:
    """The scenario and the months of first visits."""

    scenario: Scenario
    calendar: Calendar

    @property
    def change_month(self) -> int:
        """The month, counted from the first, from which the change point holds."""
        return int(len(self.calendar.starts) * CHANGE_POINT_AT)
