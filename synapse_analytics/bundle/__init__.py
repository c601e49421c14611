"""Bundles: reading and checking what a clinic hands over. A bundle is taken whole or refused with every reason."""

from synapse_analytics.bundle.check import check_bundle
from synapse_analytics.bundle.problems import Check, Place, Problem, Warning_
from synapse_analytics.bundle.rules import RULES, Rule

__all__ = ["RULES", "Check", "Place", "Problem", "Rule", "Warning_", "check_bundle"]
