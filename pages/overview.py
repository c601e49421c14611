"""Overview: are we getting better? One tile per indicator, and each indicator quarter by quarter."""

from synapse_analytics.vocabulary.indicators import INDICATORS, OVERVIEW
from synapse_analytics.figures import overview
from synapse_analytics.web import frame

TITLES = {indicator.name: indicator.title for indicator in INDICATORS if indicator.name in OVERVIEW}

answer = frame.ask("overview")
frame.tiles(answer, TITLES)
name = frame.choose("indicator", "Quarter by quarter", tuple(TITLES), "pain_improvement_12_months", write=TITLES.get)
declared = next(indicator for indicator in INDICATORS if indicator.name == name)
frame.show(overview.by_quarter, answer, table="quarters", key="by_quarter", name=name, label=declared.title, direction=declared.direction)
frame.say(f"{declared.question} Counted: {declared.numerator}. Of: {declared.denominator}.")
