"""Comparing two treatments or strategies.

arms.py    the two arms of each comparison; pairs.py which pairs can be compared, from counts alone
study.py   the episodes of both arms, and what they are adjusted for (`_covariates`)
design.py  the covariates as the models take them
models.py  crude, adjusted and weighted differences; responders.py the weighted shares that improved
rows.py, flow.py, rules.py   the tables of the answer, and the patients that each of their columns rests on
words.py   what is said with every answer, and why a comparison is refused
"""
