"""Audit log: who did and asked what; searched, verified and taken away (for admins only)."""

from synapse_analytics.web.audit_log import download, found, search, verify
from synapse_analytics.web.parts import columns, say

say("Who did and asked what, and when. The log holds cohorts as codes, and counts; it holds no value of a patient. Times are UTC.")
sought = search()
found(sought)
left, middle, *_ = columns(4)
with left:
    verify()
with middle:
    download()
