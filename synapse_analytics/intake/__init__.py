"""From a clinic's own files to a bundle: nothing is guessed silently, every row is accounted for, and no identity comes along.

The way of the data:

sources/      files, folders, zips, databases -> RawTable (every cell as text, with its place)
draft/        RawTables -> a proposed mapping in which every guess says why, and what is not certain is asked
mapping/      the mapping: one YAML file that people read (model.py, fields.py), checked (reading.py), written (writing.py)
concepts/     sets of SNOMED CT, ICD-10, RxNorm, ATC, CPT, OPCS and LOINC codes for the closed lists
values.py     one text -> a number, a code, or what is wrong with it; dates.py -> a date
scoring/      questionnaire items -> scores
records.py    the rules of the mapping on RawTables -> records of each file of the bundle, still with ids and dates;
              columns.py one field of many rows, boxes.py columns of yes and no, bmi.py from weight and height, questionnaires.py a score of many rows
episodes.py   what an episode is and which records belong to it; days.py day 0, and all dates as days; duplicates.py rows that say the same;
              finish.py the last rules; nearest.py of several measures of a patient the one nearest to day 0; taking.py all of this
disguise.py   ids -> surrogates, the link table; written.py the files of the bundle
ledger.py     what became of every row while the work runs; accounted.py, account.py the same for people;
              identities.py what columns that are left out hold of people; labels.py names as they may be shown; report.py as HTML and JSON
anonymise.py  the whole way, from a source and a mapping to a checked bundle
address.py    the path or the URL of a source, whose password is never printed; without_values.py a fault nobody expected, told without its values
faults.py     what is wrong with the source or the mapping, where, and what to write; values are masked
"""

SECRET_FILE = "surrogates.key"  # noqa: S105 - in the folder of the store: what surrogates are made with, so that they stay the same
