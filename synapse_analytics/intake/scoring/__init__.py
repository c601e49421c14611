"""From questionnaire items to scores: arrays in, arrays out. Nothing is imputed and nothing is clipped.

scored.py   what every score here answers with, and exact rounding
odi.py      ten items -> Oswestry Disability Index
eq5d.py     five levels, or a profile such as 21232 -> EQ-5D-5L index
scale.py    a score on another scale (millimetres, 0 to 1) -> the range of the instrument
stated.py   the score that the source states, beside the calculated one, and why they differ
"""
