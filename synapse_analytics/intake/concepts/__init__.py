"""What the words and codes of clinics mean in our closed lists: one YAML file for each list, which a clinic can copy and edit.

shape.py    the shape of a file, and what is wrong with one
text.py     how words, codes and the names of code systems are compared
concepts.py a set of concepts: the exact meaning of a text, or the nearest one

A code that nobody has verified is only ever suggested; it never decides what a row means.
"""

from synapse_analytics.intake.concepts.concepts import ConceptSet, load

__all__ = ["ConceptSet", "load"]
