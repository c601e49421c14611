"""Overview: what needs attention, and since when? Sentences, then one table of all indicators; a row opens its chart."""

from synapse_analytics.web import frame
from synapse_analytics.web.overview import board, report_button, summary

seen = frame.slow("overview")
summary(seen)
board(seen)
report_button(seen)
