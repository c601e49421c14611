"""Streamlit reads Markdown: no text of a clinic, a file or an error reaches it but through `plain`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house import nodes, room_of, sources

# Methods of Streamlit whose first argument is read as Markdown.
READ_AS_MARKDOWN = frozenset(
    ["markdown", "caption", "info", "warning", "error", "success", "exception", "title", "header", "subheader", "metric", "toast", "progress", "expander", "popover", "button", "badge", "status",
     "download_button", "link_button", "form_submit_button", "checkbox", "toggle", "radio", "pills", "segmented_control", "selectbox", "multiselect", "text_input", "number_input", "slider", "file_uploader"]
)  # fmt: skip
READ_AS_ANYTHING = ("st.write",)
# What is written in this package itself and holds no text of anybody else.
OUR_OWN_WORDS = frozenset(
    {
        ("app.py", "heading_of(name)"),
        ("address.py", "name"),
        ("parts.py", "title"),
        ("parts.py", "markdown"),
        ("methods.py", "' '.join(body.split('\\n')[1:]).strip().replace('*', '\\\\*')"),
        ("methods.py", "name"),
        ("methods.py", "ATTENTION"),
        ("methods.py", "SIMULATED.read_text(encoding='utf-8')"),
        ("outcomes.py", "change"),
        ("outcomes.py", "row['band']"),
        ("choices.py", "label"),
        ("patients_like_mine.py", "label"),
        ("compare_treatments.py", "label"),
        ("taking.py", "label"),
        ("saved_cohorts.py", "label"),
        ("indicators.py", "theme.label"),
        ("overview.py", "words"),
        ("cohort_bar.py", "FILTERS[name].label"),
        ("cohort_bar.py", "used"),
        ("export.py", "names"),
        ("refusal.py", "_named(error)"),
        ("refusal.py", "WHY"),
        ("link.py", "listed"),  # lines that went through `plain` one by one
    }
)
SHOWING = [path for path in sources() if room_of(path) in {"web", "pages"}]


def unescaped(path: Path) -> list[tuple[str, str]]:
    """Texts that a file gives Streamlit to read as Markdown without writing them itself or passing them through `plain`."""
    calls = [node for node in nodes(path) if isinstance(node, ast.Call)]
    return [(path.name, ast.unparse(part)) for call in calls if call.args and _reads_markdown(call.func) for part in _parts(call.args[0])]


def _reads_markdown(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and (function.attr in READ_AS_MARKDOWN or ast.unparse(function) in READ_AS_ANYTHING)


def _parts(text: ast.expr) -> list[ast.expr]:
    """The parts of a text that are neither written out, nor numbers, nor made plain."""
    if isinstance(text, ast.JoinedStr):
        held = [value.value for value in text.values if isinstance(value, ast.FormattedValue) and not value.format_spec]
        return [part for value in held for part in _parts(value)]
    if isinstance(text, ast.IfExp):
        return [*_parts(text.body), *_parts(text.orelse)]
    if isinstance(text, ast.BoolOp):
        return [part for value in text.values for part in _parts(value)]
    is_plain = isinstance(text, ast.Call) and ast.unparse(text.func) in ("plain", "len", "min")
    return [] if is_plain or isinstance(text, ast.Constant) else [text]


@pytest.mark.parametrize("path", SHOWING, ids=lambda path: path.name)
def test_text_reaches_markdown_as_it_stands(path: Path) -> None:
    """A site called `__init__`, a clinic called `*a*` or an error that names a file is shown as written."""
    assert set(unescaped(path)) <= OUR_OWN_WORDS


def test_every_exception_is_used() -> None:
    used = {found for path in SHOWING for found in unescaped(path)}
    assert used >= OUR_OWN_WORDS


@pytest.mark.parametrize(
    "line", ["st.caption(text)", "st.info(f'To share it, drop {error}.')", "part.markdown(x or plain(y))", "st.write(x)"]
)
def test_unescaped_text_is_seen(tmp_path: Path, line: str) -> None:
    sabotaged = tmp_path / "sabotage.py"
    sabotaged.write_text(f"{line}\n", encoding="utf-8")
    assert unescaped(sabotaged)
