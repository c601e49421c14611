"""Asked, then done, then finished: what cannot be logged has not happened, and how a deed ended is in the log."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.audit import Event
from synapse_analytics.errors import StoreError

ANA = local_person("ana")


def events(home: Path) -> list[str]:
    return [line["event"] for line in audit.lines(home)]


def test_the_first_line_is_there_before_the_deed_and_the_last_after_it(tmp_path: Path) -> None:
    seen = []
    with audit.deed(Event.GENERATION_USE_ASKED, ANA, home=tmp_path) as deed:
        seen += events(tmp_path)
        deed.ends(Event.GENERATION_USED, done="It is used")
    assert seen == ["generation_use_asked"]
    assert events(tmp_path) == ["generation_use_asked", "generation_used"]


def test_what_cannot_be_asked_is_not_done(tmp_path: Path) -> None:
    (tmp_path / audit.DATABASE).mkdir()
    done = []
    with (
        pytest.raises(StoreError, match="^Nothing was loaded: the audit log"),
        audit.deed(Event.LOAD_ASKED, ANA, home=tmp_path, so_far="Nothing was loaded"),
    ):
        done.append("it")
    assert done == []


def test_a_last_line_that_cannot_be_written_says_what_is_done(tmp_path: Path) -> None:
    def load() -> None:
        with audit.deed(Event.LOAD_ASKED, ANA, home=tmp_path) as deed:
            shutil.move(tmp_path / audit.KEY, tmp_path / "elsewhere")
            deed.ends(Event.PUBLISH, done="Data version 7 is in use")

    with pytest.raises(StoreError, match="^Data version 7 is in use: the audit log"):
        load()
    shutil.move(tmp_path / "elsewhere", tmp_path / audit.KEY)
    assert events(tmp_path) == ["load_asked"]  # not aborted: it was done


@pytest.mark.parametrize(
    ("fault", "asked", "last"),
    [
        (ValueError, False, "load_aborted"),
        (KeyboardInterrupt, False, "load_aborted"),
        (ValueError, True, "load_aborted"),
        (KeyboardInterrupt, True, "publish_asked"),  # the pointer may have moved already: the next start looks
    ],
)
def test_a_deed_that_is_stopped_says_so(fault: type[BaseException], asked: bool, last: str, tmp_path: Path) -> None:
    def load() -> None:
        with audit.deed(Event.LOAD_ASKED, ANA, home=tmp_path) as deed:
            if asked:
                deed.asks(Event.PUBLISH_ASKED)
            raise fault("Mrs Doe, 34")

    with pytest.raises(fault):
        load()
    assert events(tmp_path)[-1] == last
    assert "Doe" not in "".join(audit.export(tmp_path))
