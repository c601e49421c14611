"""Readers of the sources of a clinic: each gives RawTables in which every cell is text."""
