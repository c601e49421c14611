"""The three charts in plain Streamlit: frames kept by cache_resource, filters in the sidebar, st.plotly_chart.

`streamlit run benchmarks/web_peers/plain_streamlit.py`; GENERATION names the folder of the base tables, PYTHONPATH the repository.
"""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import streamlit as st

from benchmarks.web_peers import charts
from benchmarks.web_peers.mix import BANDS, SEXES, chosen, read, who


@st.cache_resource
def episodes(folder: str) -> pd.DataFrame:
    """Every episode, read once for all visitors."""
    return read(Path(folder))


st.set_page_config(page_title="Diagnoses", layout="wide")
with st.sidebar:
    sexes = st.pills("Sex", SEXES, selection_mode="multi")
    bands = st.pills("Age band", BANDS, selection_mode="multi")
asked = chosen(episodes(os.environ["GENERATION"]), sexes, bands)
st.title("Diagnoses")
st.write(who(asked))
st.header("Which diagnoses do our patients have?")
st.plotly_chart(charts.of_all(asked), key="mix")
for sex in charts.sexes_drawn(sexes):
    st.header(f"{sex}: how do diagnoses differ by age?")
    st.plotly_chart(charts.by_age(asked, sex), key=f"mix_{sex}")
