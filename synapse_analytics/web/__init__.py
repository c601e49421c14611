"""The only Streamlit of the package: the router, the cohort bar, and how answers are asked for and shown.

app.py         the router; Streamlit runs this file (dashboard.py launches it)
frame.py       what pages may use: ask, show, choose, tabs, tiles
address.py     what the URL holds, in codes
cohort_bar.py  the filters of the sidebar
heading.py     the sentence on top, banners and the states without patients
session.py     the clinic, cohort and look of this run
security.py    headers and redirects around Streamlit
"""
