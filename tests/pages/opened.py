"""Pages with everything open that waits for a click, so that a test sees all of them."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st


def open_everything(patch: pytest.MonkeyPatch) -> None:
    """Open what `parts.behind` keeps closed: these expanders, and no others, have their place in the address."""
    expander = st.expander

    def opened(label: str, expanded: bool = False, **options: Any) -> Any:  # noqa: FBT002  (as Streamlit has it)
        return expander(label, expanded or options.get("bind") == "query-params", **options)

    patch.setattr(st, "expander", opened)
