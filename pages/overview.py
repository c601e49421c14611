"""Overview: are we getting better, or is it noise? One tile per indicator, and the control chart of one of them."""

from synapse_analytics.figures import control_chart
from synapse_analytics.indicators import OVERVIEW
from synapse_analytics.web import frame
from synapse_analytics.web.indicators import choose_among, course, definition
from synapse_analytics.web.overview import report_button, tiles

seen = frame.ask("overview")
tiles(seen, frame.slow("indicators", theme="overview"))
answer = course(choose_among(OVERVIEW))
frame.show(control_chart.control_chart, answer, table="points", key="control_chart")
definition(answer)
report_button(seen)
