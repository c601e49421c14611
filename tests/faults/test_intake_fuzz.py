"""Mutated exports of a clinic: each is refused in words, or every row of it is accounted for; no identifier is found in anything that comes out."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from synapse_analytics.bundle import check_bundle
from tests.examples import DEEP
from tests.faults.intake_samples import Drawn
from tests.faults.mutated import mutated
from tests.faults.planted import found_in
from tests.unit.test_command_line import Run, run

__all__ = ["run"]  # the fixture
INPUTS = 500 if DEEP else 24
DONE, REFUSED = 0, 2


@pytest.mark.parametrize("number", range(INPUTS))
def test_a_mutated_input_is_refused_or_accounted_for(
    number: int, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", str(tmp_path / "home"))
    drawn = mutated(number)
    source, mapping = handed_in(drawn, tmp_path / "in")
    place = tmp_path / "out"
    place.mkdir()
    with caplog.at_level(logging.DEBUG):
        code, out, err = run("anonymise", source, "--mapping", mapping, "--out", place / "bundle", "--report", place / "report.html")
        accepted = judged(code, err, place, drawn)
        drafted = run("draft-mapping", source, "--out", place / "draft.yaml")
    assert drafted[0] in {DONE, REFUSED}, (drawn.done, drafted)
    said = "\n".join([out, err, *drafted[1:], caplog.text]).encode("utf-8", "replace")
    written = {path.name: path.read_bytes() for folder in (place, tmp_path / "home") for path in folder.rglob("*") if path.is_file()}
    leaks = {name: leaked for name, content in {**written, "(said)": said}.items() if (leaked := found_in(content, drawn.secrets))}
    assert not leaks, (drawn.done, accepted)


def handed_in(drawn: Drawn, folder: Path) -> tuple[Path, Path]:
    """The files as a clinic hands them in, and the mapping."""
    for name, content in drawn.files.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "source").mkdir(parents=True, exist_ok=True)
    mapping = folder / "mapping.yaml"
    mapping.write_text(drawn.mapping, encoding="utf-8")
    return folder / "source" / drawn.source, mapping


def judged(code: int, err: str, place: Path, drawn: Drawn) -> bool:
    """True if the input became a bundle of which every row is accounted for; False if it was refused in words, and nothing was written."""
    assert code in {DONE, REFUSED}, (drawn.done, err)
    assert "Traceback" not in err
    if code == REFUSED:
        assert not list(place.iterdir()), drawn.done
        assert is_words(err), (drawn.done, err)
        return False
    account = json.loads((place / "report.json").read_text(encoding="utf-8"))
    assert {path.name for path in place.iterdir()} == {"bundle", "report.html", "report.json"}
    for table in account["tables"]:
        assert table["read"] == table["kept"] + table["merged"] + sum(table["dropped"].values()), (drawn.done, table)
    assert check_bundle(place / "bundle").accepted
    return True


def is_words(message: str) -> bool:
    """True for a sentence and what to do; never the name of an exception or a library's words."""
    return len(message.split()) > 5 and not any(word in message for word in ("Error", "pyarrow", "pandas", "object at 0x", "Exception"))
