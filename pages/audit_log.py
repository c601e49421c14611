"""Audit log: who did and asked what; searched, verified and taken away (for admins only)."""

from synapse_analytics.web.audit_log import found, search, whole
from synapse_analytics.web.parts import say, section

say("Who did and asked what, and when. The log holds cohorts as codes, and counts; it holds no value of a patient. Times are UTC.")
found(search())
section("The whole log")
whole()
