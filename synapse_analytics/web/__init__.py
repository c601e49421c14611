"""The only Streamlit of the package: the router, the cohort bar, and how answers are asked for and shown.

app.py         the router; Streamlit runs this file (dashboard.py launches it)
frame.py       for every page: ask a question, show its answer as a card
choices.py     for every page: choices that live in the URL
parts.py       for every page: tabs, columns, headings, tables of declarations
indicators.py  for pages about indicators: choosing one, its control chart, its declaration
<page>.py      what serves one page; only that page imports it
address.py     what the URL holds, in codes
cohort_bar.py, saved_cohorts.py  the sidebar
heading.py     the sentence on top, banners and the states without patients
taking.py, refusal.py  what may be taken from a card, and what to drop where something may not be shared
session.py     the clinic, cohort and look of this run
security.py    headers and redirects around Streamlit
"""
