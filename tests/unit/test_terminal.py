"""Tables on a terminal that cannot write every letter."""

from __future__ import annotations

import io

import pytest

from synapse_analytics.terminal import Format, write_rows


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "Ältere Frauen"), ("ascii", r"\xc4ltere Frauen")])
def test_a_letter_that_the_terminal_has_not_is_an_escape(encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was called a fault of the program."""
    written = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", written)
    write_rows([{"name": "Ältere Frauen", "patients": 12}], Format.TABLE, "Cohorts of Äpfel")
    written.flush()
    told = written.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert shown in told
    assert "12" in told
