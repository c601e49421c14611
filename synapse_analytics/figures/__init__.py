"""Figures: Released -> a Plotly figure as a plain dict {"data", "layout"}. Pure: no query, no mean, no streamlit.

theme.py   the two looks (light, dark), fonts, layout and the states that have nothing to draw
charts.py  bars of shares, and a line for each group: the two drawings that most figures are
marks.py   bars with intervals, lines with bands, panels, heat tables, flows
table.py, table_one.py   released rows as HTML tables
overview; diagnoses, companions; pathways, flow; outcomes, improvement, changes, non_response; data: the figures of each page
"""
