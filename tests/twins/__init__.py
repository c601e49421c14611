"""Plain-Python twins: the definitions written down once more, slowly and readably, for tests to compare with."""
