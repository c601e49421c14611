"""Figures: Released -> a Plotly figure as a plain dict {"data", "layout"}. Pure: no query, no mean, no streamlit.

theme.py   the two looks (light, dark), fonts, layout and the states that have nothing to draw
words.py   numbers and codes as people read them
marks.py   bars with intervals, lines with bands, panels, heat tables, flows
tiles.py   the indicator tiles of the overview as HTML with an inline sparkline
one file per page: overview, diagnoses, pathways, outcomes, data
"""
