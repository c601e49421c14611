"""The opening tab of our page Diagnoses, written as a competent person writes it with other means: the same three charts, no gate.

One calculation and one set of figures serve both pages. They import nothing of ours: Dash runs in an environment of its own.
"""
