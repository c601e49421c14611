"""Calendar months of later events, in whole-number arithmetic that every engine does alike.

Only the month of a first visit is known; the month of an event on a later day is that of the 15th of it plus the days.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from synapse_analytics.store.functions import int_div

Whole = sa.ColumnElement[Any]
MIDDLE = 14  # days from the first of a month to the 15th
FOUR_CENTURIES = 146_097  # days


def month_of_event(first_month: Whole, day: Whole) -> Whole:
    """Month (year * 12 + month - 1) of the 15th of `first_month` plus `day` days.

    Days are counted in years that begin in March, so that the leap day is the last (the usual "days from civil").
    """
    march_month = first_month - 2
    year, month = int_div(march_month, 12), march_month % 12
    days = year * 365 + int_div(year, 4) - int_div(year, 100) + int_div(year, 400) + int_div(month * 153 + 2, 5) + MIDDLE + day
    era = int_div(days, FOUR_CENTURIES)
    rest = days % FOUR_CENTURIES
    years = int_div(rest - int_div(rest, 1460) + int_div(rest, 36_524) - int_div(rest, 146_096), 365)
    day_of_year = rest - (years * 365 + int_div(years, 4) - int_div(years, 100))
    return (era * 400 + years) * 12 + int_div(day_of_year * 5 + 2, 153) + 2
