"""Overview: are we getting better, or is it noise? One tile per indicator, and the control chart of one of them."""

from synapse_analytics.figures import control_chart
from synapse_analytics.indicators import OVERVIEW, indicator
from synapse_analytics.web import frame

seen = frame.ask("overview")
frame.verdicts(frame.tiles(seen), frame.slow("indicators", theme="overview"))
name = frame.choose("indicator", "Control chart", OVERVIEW, "pain_improvement_12_months", write=lambda name: indicator(name).title)
answer = frame.course(name)
frame.show(control_chart.control_chart, answer, table="points", key="control_chart")
frame.definition(answer)
frame.report_button(seen)
