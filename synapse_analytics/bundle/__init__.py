"""Reads and checks the bundles that a clinic hands over. A bundle is taken whole, or refused with every reason."""

from synapse_analytics.bundle.check import check_bundle
from synapse_analytics.bundle.problems import Check, Problem
from synapse_analytics.bundle.rules import RULES

__all__ = ["RULES", "Check", "Problem", "check_bundle"]
