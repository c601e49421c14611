"""methods."""

from synapse_analytics.web import frame

frame.cohort()
