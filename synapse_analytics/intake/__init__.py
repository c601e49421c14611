"""From a clinic's own files to a bundle: nothing is guessed silently, every row is accounted for, and no identity comes along.

The way of the data:

sources/      files, folders, zips, databases -> RawTable (every cell as text, with its place)
draft/        RawTables -> a proposed mapping in which every guess says why, and what is not certain is asked
mapping/      the mapping: one YAML file that people read (model.py, fields.py), checked (reading.py), written (writing.py)
concepts/     sets of SNOMED CT, ICD-10, RxNorm, ATC, CPT, OPCS and LOINC codes for the closed lists
values.py     one text -> a date, a number, a code, or what is wrong with it; columns.py the same for a whole column
scoring/      questionnaire items -> scores
records.py    the rules of the mapping on RawTables -> records of each file of the bundle, still with ids and dates
episodes.py   what an episode is and which day is day 0: dates -> days
disguise.py   ids -> surrogates, ages top-coded, the link table
account.py    every row: kept, merged or dropped by reason; report.py the same as HTML and JSON
anonymise.py  the whole way, from a source and a mapping to a checked bundle
faults.py     what is wrong with the source or the mapping, where, and what to write; values are masked
"""
