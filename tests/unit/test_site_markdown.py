"""The site reads lists and tables as GitHub does."""

from __future__ import annotations

import pytest

from tests.parted import parted


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Words:\n- one\n- two\n  more\n\nEnd.", "Words:\n\n- one\n- two\n  more\n\nEnd."),
        ("Words:\n1. one\n2. two", "Words:\n\n1. one\n2. two"),
        ("Words:\n| a |\n|---|\n| b |", "Words:\n\n| a |\n|---|\n| b |"),
        ("# Head\n- one", "# Head\n- one"),
        ("a word\n-3 is less", "a word\n-3 is less"),
    ],
)
def test_lists_and_tables_stand_apart(written: str, read: str) -> None:
    assert "\n".join(parted(written.split("\n"))) == read
