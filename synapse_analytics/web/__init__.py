"""The only Streamlit of the package: the router, the cohort bar, and how answers are asked for and shown.

app.py         the router; Streamlit runs this file (dashboard.py launches it)
menu.py        the pages, their words in the menu and their headings
frame.py       for every page: ask a question, show its answer as a card
choices.py     for every page: choices that live in the URL
parts.py       for every page: tabs, columns, headings, tables of declarations
indicators.py  for pages about indicators: choosing one, its control chart, its declaration
<page>.py      what serves one page; only that page imports it; nearest.py the way out of a refused comparison
address.py     what the URL holds, in codes
cohort_bar.py, saved_cohorts.py  the sidebar
heading.py     the line above every page, the note below it, and the states without patients
cohort_row.py, undo.py  the cohort in a sentence, its filters as chips, and the way back
first_minute.py  the page of a store without data
style.py, document.py  how the frame looks, and the document a browser loads first
taking.py, refusal.py  what may be taken from a card, and what to drop where something may not be shared
permitted.py, leaving.py  asked again whenever something is shown, done or taken away, and logged before it leaves
audit_words.py  a line of the audit log as people read it
session.py     the clinic, cohort and look of this run
security.py    headers and redirects around Streamlit
server.py, health.py, stopping.py  what stands around the router in the server, what it tells of itself, and how it ends
faults_shown.py, logged.py  what a page says of a fault that nobody expected, and the log that has it
"""
