"""What a page says of a fault that nobody expected: that it is the program's, and the number under which the server's log has it."""

from __future__ import annotations

import streamlit as st

from synapse_analytics.errors import SynapseError
from synapse_analytics.logs import number
from synapse_analytics.web.plain import plain

SENTENCE = (
    "A fault of the program stopped this page; a part of it is missing. Reload the page. If that does not help, tell whoever runs the "
    "dashboard this number: fault {number}. The log of the server has it, with the place in the program."
)


def show_fault(fault: Exception) -> bool:
    """Tell the person, in place of Streamlit's own words, which speak of another product; it has logged the fault by now."""
    if isinstance(fault, SynapseError):
        st.warning(plain(fault), icon=":material/info:")
    else:
        st.error(plain(SENTENCE.format(number=number(fault))), icon=":material/error:")
    return True
