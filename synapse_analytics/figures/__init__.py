"""Figures: Released -> a Plotly figure as a plain dict {"data", "layout"}, or a table as {"html"}. Pure: no query, no mean, no streamlit.

theme.py   the two looks (light, dark), fonts, layout and the states that have nothing to draw
charts.py  bars of shares, and a line for each group: the drawings that most figures are
bar_table.py   a table with a bar or a shade in each cell, as HTML
marks.py   bars with intervals, lines with bands, points, panels, keys; gaps.py what is missing; labels.py names beside points
verdicts.py, arms.py   the colours of verdicts, and of the arms of a comparison
table.py   released rows as they are, as an HTML table; table_one.py the baseline table of a paper
overview; diagnoses, companions; pathways, flow; outcomes, improvement, changes, non_response, response;
compare_treatments, patients_like_mine; indicators, control_chart, funnel; data: the figures of each page
"""
