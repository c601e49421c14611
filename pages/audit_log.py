"""Audit log: who did and asked what; searched, verified and taken away (for admins only)."""

from synapse_analytics.web.audit_log import found, search, whole
from synapse_analytics.web.parts import say

say(
    "Who did and asked what, and when. The log holds which cohorts were asked about, how many patients they have, and the purpose that somebody "
    "wrote for an export; it holds no other value of a patient. Times are UTC."
)
whole()
found(search())
