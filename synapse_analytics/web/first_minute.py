"""The page of a store without data: what this is, a sample to look around in, a way to load one's own, and three questions to start with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import streamlit as st

from synapse_analytics.errors import SynapseError
from synapse_analytics.places import PROGRAM, SAMPLE, page_file
from synapse_analytics.synthetic import PATIENTS, SEED, generate
from synapse_analytics.web.data import load_bundle, may_load, own_files, upload
from synapse_analytics.web.heading import readable
from synapse_analytics.web.parts import progress_bar
from synapse_analytics.web.plain import plain

WHAT = (
    "This dashboard shows what happened to a clinic's patients with buttock, back and leg pain: their diagnoses, their treatment from conservative care to "
    "injection and surgery, and how their pain and disability changed. It reads anonymised records of the clinic, and says with every number "
    "how many patients it rests on. Nothing leaves this computer."
)
SAMPLE_COMMANDS = f"{PROGRAM} load sample_data" if SAMPLE.is_dir() else f"{PROGRAM} generate sample\n{PROGRAM} load sample"
# What to start with: the question, the page that answers it, and the filters and choices it is asked with.
QUESTIONS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("What needs attention in our clinic?", "overview", {}),
    ("What happens to patients with spinal stenosis?", "pathways", {"diagnosis": "spinal_stenosis"}),
    ("How much less pain do patients have after a year?", "outcomes", {}),
)


def nothing_loaded(error: SynapseError) -> None:
    """What this is, and the ways to the first number."""
    readable()
    st.title("Welcome to Synapse Spine Outcomes", anchor=False)
    st.markdown(plain(WHAT))
    sample, own = st.columns(2, gap="medium")
    with sample, st.container(border=True, key="first_sample"):
        _sample()
    with own, st.container(border=True, key="first_own"):
        _own()
    if may_load():
        with st.container(border=True, key="first_files"):
            st.header("Or bring the files of your clinic as they are", anchor=False)
            own_files()
    st.caption(plain(error))


def _sample() -> None:
    st.header("Look at sample data", anchor=False)
    st.markdown(
        "2,000 made-up patients of a clinic with three sites. Loading takes a few seconds. You can replace the sample with your own data at any time."
    )
    if not may_load():
        _by_command(SAMPLE_COMMANDS)
        st.markdown("Then start with one of these:")
        for question, _, _ in QUESTIONS:
            st.markdown(f"- {plain(question)}")
        return
    if st.button("Load the sample", type="primary", icon=":material/play_arrow:", key="load_sample"):
        _load_and_open("overview", {})
    st.markdown("Or load it and start with a question:")
    with st.container(gap=None):
        pressed = [
            st.button(plain(question), type="tertiary", icon=":material/arrow_forward:", key=f"ask_{page}")
            for question, page, _ in QUESTIONS
        ]
    for is_pressed, (_, page, asked) in zip(pressed, QUESTIONS, strict=True):
        if is_pressed:
            _load_and_open(page, asked)


def _load_and_open(page: str, asked: Mapping[str, str]) -> None:
    with _sample_bundle() as sample:
        loaded = load_bundle(sample)
    if loaded:
        st.switch_page(page_file(page), query_params=dict(asked))
    st.rerun()  # the other card says why not


@contextmanager
def _sample_bundle() -> Iterator[Path]:
    """The sample of a checkout; what is installed makes the same one anew."""
    if SAMPLE.is_dir():
        yield SAMPLE
        return
    with TemporaryDirectory() as made:
        with progress_bar("Making patients") as progress:
            generate(Path(made), patients=PATIENTS, seed=SEED, progress=progress)
        yield Path(made)


def _own() -> None:
    st.header("Load your own data", anchor=False)
    described = f'The command "{PROGRAM} dictionary" describes every file and column.'
    st.markdown(plain(f"A bundle is a folder or a .zip file of CSV files, without names, record numbers or dates. {described}"))
    if may_load():
        upload()
    _by_command(f"{PROGRAM} load PATH/TO/YOUR/BUNDLE")


def _by_command(command: str) -> None:
    st.markdown("Or use the command line where the dashboard was started, and then reload this page:")
    st.code(command, language="bash")
