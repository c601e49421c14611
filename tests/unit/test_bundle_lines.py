"""The strict pass over the bytes agrees with a state machine that reads one character after the other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics.bundle.blocks import cut_blocks
from synapse_analytics.bundle.lines import inspect_block
from synapse_analytics.bundle.problems import Report
from synapse_analytics.bundle.rows import Rows

HEADER = b"id,day,value"
COLUMNS = 3
LINES = st.text(alphabet='a",\r ', max_size=12)


def twin_verdict(line: str) -> str | None:
    """What is wrong with one line, read as RFC 4180 says, one character at a time."""
    if line in {"", "\r"}:
        return "blank_line"
    line = line.removesuffix("\r")
    if "\r" in line:
        return "stray_carriage_return"
    fields, stray, state = read_fields(line)
    if stray:
        return "stray_quote"
    if state == "quoted":
        return "unclosed_quote"
    return None if fields == COLUMNS else "short_row" if fields < COLUMNS else "long_row"


def read_fields(line: str) -> tuple[int, bool, str]:
    """(fields, whether a quote stands where it may not, the last state)."""
    state, fields, stray = "start", 1, False
    for c in line:
        if state == "quoted":
            state = "closed" if c == '"' else "quoted"
        elif c == '"':
            stray |= state == "plain"
            state = "quoted"
        elif c == ",":
            fields, state = fields + 1, "start"
        else:
            stray |= state == "closed"
            state = "plain"
    return fields, stray, state


@given(st.lists(LINES, min_size=1, max_size=8))
def test_vectors_agree_with_state_machine(lines: list[str]) -> None:
    block = "".join(f"{line}\n" for line in lines).encode()
    seen = inspect_block(block, COLUMNS, HEADER)
    found = {int(number): fault.rule for fault in seen.faults for number in fault.lines}
    wanted = {number: rule for number, line in enumerate(lines) if (rule := twin_verdict(line))}
    wanted_stray = {n for n, rule in wanted.items() if rule == "stray_quote"}
    assert {n: r for n, r in found.items() if n not in wanted_stray} == {n: r for n, r in wanted.items() if n not in wanted_stray}
    assert {found.get(n) for n in wanted_stray} <= {"stray_quote"}
    assert seen.good == "".join(f"{line}\n" for number, line in enumerate(lines) if number not in wanted).encode()
    assert seen.lines == len(lines)


@given(st.lists(st.sampled_from(["a,1,2", "a,1", ""]), min_size=1, max_size=30))
def test_kept_rows_know_their_number(lines: list[str]) -> None:
    rows = Rows("scores.csv", Report())
    for start in range(0, len(lines), 7):
        seen = inspect_block("".join(f"{line}\n" for line in lines[start : start + 7]).encode(), COLUMNS, HEADER)
        rows.add(seen.lines, seen.broken, list(seen.text.values()))
    wanted = [number + 1 for number, line in enumerate(lines) if line == "a,1,2"]
    assert rows.numbers(np.arange(rows.kept)).tolist() == wanted


def test_clean_block_is_left_alone() -> None:
    block = b"a,1,2\r\nb,2,3\n"
    assert inspect_block(block, COLUMNS, HEADER).good is block


def test_each_line_has_one_fault() -> None:
    seen = inspect_block(b'a\0,\xff"\n', COLUMNS, HEADER)
    assert [fault.rule for fault in seen.faults] == ["nul_byte"]


def test_repeated_header_after_a_mark() -> None:
    seen = inspect_block(b"a,1,2\n\xef\xbb\xbf" + HEADER + b"\r\n", COLUMNS, HEADER)
    assert [(fault.rule, fault.lines.tolist()) for fault in seen.faults] == [("repeated_header", [1])]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_blocks_hold_whole_lines(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("synapse_analytics.bundle.blocks.BLOCK_BYTES", size)
    blocks = list(cut_blocks(io.BytesIO(b"b,2\nc,3\nd,4"), b"a,1\n", None))
    assert b"".join(blocks) == b"a,1\nb,2\nc,3\nd,4\n"
    assert all(block.endswith(b"\n") for block in blocks)
