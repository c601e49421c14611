"""The standing attack: what a stranger who sees only released answers can find out about a few patients.

clinics.py      small clinics whose truth is known, and what was handed to the gate
asking.py       many cohorts, answers and options
desk.py         asks once and keeps what was released and what is true
ledger.py       the shown counts as intervals, and which of them add up
solver.py       narrows intervals that add up
totals.py       which rows of a table make a total
direct.py, subtraction.py, cohorts.py, scores.py, curves.py   one attack each
report.py       the table and the sentences
"""
