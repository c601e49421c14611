"""Reads and checks the bundles that a clinic hands over. A bundle is taken whole, or refused with every reason.

schema.py   what is legal: the columns of each file; legal.py the same in words; rules.py every rule with its sentence for people
check.py    the whole check; problems.py what it found, with every value masked; explained.py the same in words
source.py, manifest.py, header.py   the files of a folder or zip, what the manifest says, the columns of a file
csv_file.py, lines.py, blocks.py; parquet.py   from bytes to columns of text
gatherer.py, values.py, cells.py    from columns of text to stored values; cells.py judges one text
identity.py   numbers, addresses, dates and names that identify a person; disguises.py such values used as ids or codes;
              names_as_codes.py, column_shapes.py, column_names.py what only a whole column gives away
ids.py, semantics.py, plausibility.py   keys and references, rules between values, oddities that are counted only
"""

from synapse_analytics.bundle.check import check_bundle
from synapse_analytics.bundle.explained import explained, warned
from synapse_analytics.bundle.problems import Check, Problem
from synapse_analytics.bundle.rules import RULES

__all__ = ["RULES", "Check", "Problem", "check_bundle", "explained", "warned"]
