"""Comparing two treatments or strategies.

arms.py    the two arms of each comparison
study.py   the episodes of both arms, and what they are adjusted for (`_covariates`)
design.py  the covariates as the models take them
models.py  crude, adjusted and weighted differences
rows.py, rules.py   the tables of the answer, and the patients that each of their columns rests on
words.py   what is said with every answer, and why a comparison is refused
"""
