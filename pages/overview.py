"""Overview: what needs attention, and since when? Sentences, then one table of all indicators; a row opens its chart."""

from synapse_analytics.web import frame
from synapse_analytics.web.overview import board, reports, summary, units

seen = frame.slow("overview")
place = summary(seen)
board(seen)
reports(seen)
units(seen, place)
