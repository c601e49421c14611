"""The reader of YAML that people write: what it reads means what it meant to PyYAML, and a file is read once for each state."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from synapse_analytics import plain_yaml, settings
from synapse_analytics.cohort import saved_file
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.plain_yaml import DEEPEST, LONGEST, LONGEST_NUMBER, MOST, NotPlain, as_text, as_written, once, plain, text_of

WORDS = st.text(alphabet="ab01789 -:,._~yesnofT+/\u00e9\U0001f4a9", max_size=8)
SINGLE = st.one_of(st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(allow_nan=False), st.dates(), WORDS)
VALUES = st.recursive(SINGLE, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=12)
SIGNS = "ab0179 -:,[]{}#'\"\n?|>%@`.~_+eTyesnou/\\"  # without what is refused: & * ! and the tab


class _Whole(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


@given(VALUES, st.booleans())
def test_what_is_written_is_read(values: Any, in_line: bool) -> None:
    text = yaml.dump(values, Dumper=_Whole, default_flow_style=in_line, allow_unicode=True)
    assert plain(text).values == yaml.safe_load(text) == values


@given(st.text(alphabet=SIGNS, max_size=24))
@example("month: 2023-07")
@example("a: [yes, no, on, off, 'yes', 2023-07-01, '2023-07-01', 1:30, 010, 0x1f, 1_000, .inf, ~]")
def test_a_text_means_what_it_meant(text: str) -> None:
    try:
        meant = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, OverflowError):
        return
    if "None:" not in repr(meant):  # a key that is nothing is now the text that stands there
        try:
            assert repr(plain(text).values) == repr(meant)
        except NotPlain as fault:  # of two equal keys PyYAML kept the last, and = it took for itself
            assert "is there twice" in fault.sentence or "something else" in fault.sentence  # noqa: PT017


def _fault(text: str) -> NotPlain:
    with pytest.raises(NotPlain) as refused:
        plain(text)
    return refused.value


def test_single_values_mean_what_their_reader_says() -> None:
    text = "a: [no, 'no', 099, 2026-06-01, ~, '', '~', null]"
    assert plain(text).values == {"a": [False, "no", "099", date(2026, 6, 1), None, "", "~", None]}
    assert plain(text, as_written).values == {"a": ["no", "no", "099", "2026-06-01", None, "", "~", None]}
    assert plain(text, as_text).values == {"a": ["no", "no", "099", "2026-06-01", "~", "", "~", "null"]}
    assert plain("~: a\nnull: b\nno: c", as_written).values == {"~": "a", "null": "b", "no": "c"}


def test_parts_know_their_line() -> None:
    assert plain("a:\n  - b\n  - c:\n      d\n").lines == {(): 1, ("a",): 1, ("a", 0): 2, ("a", 1): 3, ("a", 1, "c"): 3}


@pytest.mark.parametrize(
    ("most", "more"),
    [
        ("[" * DEEPEST + "x" + "]" * DEEPEST, "nested too deep"),
        ("x" * LONGEST, "characters"),
        ("7" * LONGEST_NUMBER, "characters"),
        (f"[{'x, ' * (MOST - 1)}]", "too many values"),
    ],
)
def test_the_most_is_read_and_no_more(most: str, more: str) -> None:
    plain(most)
    assert more in str(_fault(f"[{most}, x]" if "[" in most else f"{most}{most[0]}"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: b\nb: [", "Line 2: This is not valid YAML."),
        ("a: b\nc: \0", "Line 2: A sign that no text holds (U+0000) stands here."),
        ("a: 1\n--- \nb: 2", "Line 2: A second document begins here."),
        ("a: 1\n1: 2\n1.0: 3", "Line 3: The key '1.0' is there twice."),
        ("yes: 1\ntrue: 2", "Line 2: The key 'true' is there twice."),
        ("a: *b", "Line 1: A text here begins with *, which YAML takes for a reference. Put the text in quotes."),
        ("a: !!set {b}", "Line 1: A text here begins with !, which YAML takes for a type."),
        ("<<: {a: 1}", "Line 1: << means something else than this text in YAML."),
        ("a: 2023-02-30", "Line 1: There is no such number, day or time. Put it in quotes if it is a text."),
        ("? [a]\n: b", "Line 1: A key here is no single text."),
        ("? k\n: v\n? {a: b}\n: c", "Line 3: A key here is no single text."),
    ],
)
def test_a_fault_names_its_line(text: str, says: str) -> None:
    assert str(_fault(text)).startswith(says)


def test_a_file_is_text_with_or_without_a_mark(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"\xef\xbb\xbfpolicy: clinic\r\n")
    assert plain(text_of(file)).values == {"policy": "clinic"}
    file.write_bytes("policy: clinic".encode("utf-16"))
    with pytest.raises(NotPlain, match="Line 1: This is not UTF-8 text"):
        text_of(file)
    file.write_bytes(b"#" * (plain_yaml.LARGEST + 1))
    with pytest.raises(NotPlain, match="Allowed: at most 2,000,000 bytes"):
        text_of(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        settings.read_settings(tmp_path)


def test_a_fault_is_found_once_for_each_state_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = yaml.parse
    monkeypatch.setattr(yaml, "parse", lambda text, **named: parsed.append(text) or parse(text, **named))
    for name, read, fault in (
        ("settings.yaml", settings.read_settings, UsageError),
        ("cohorts.yaml", saved_file.saved_cohorts, StoreError),
    ):
        file = tmp_path / name
        file.write_text("a: [", encoding="utf-8")
        said = set()
        for _ in range(3):
            with pytest.raises(fault, match=f"{name}' cannot be used. Line 1: This is not valid YAML") as refused:
                read(tmp_path)
            said.add(str(refused.value))
        assert len(parsed) == len(said) == 1
        file.write_text("{}", encoding="utf-8")
        read(tmp_path)
        read(tmp_path)
        assert len(parsed) == 2
        parsed.clear()


def test_what_cannot_be_opened_is_tried_again(tmp_path: Path) -> None:
    tried: list[Path] = []

    def read(path: Path) -> str:
        tried.append(path)
        raise OSError("no disk")

    file = tmp_path / "a"
    file.touch()
    for _ in range(2):
        with pytest.raises(OSError, match="no disk"):
            once(file, read)
    assert len(tried) == 2
