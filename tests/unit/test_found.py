"""The log and the pointer are compared: a data version that the log did not put into use is found at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics import audit, store
from synapse_analytics.audit import Event
from synapse_analytics.store import found as found_module
from synapse_analytics.store.found import audit_pointer
from tests.unit.test_command_line import Run, run

__all__ = ["run"]


@pytest.fixture
def small(run: Run, tmp_path: Path) -> Path:
    """A bundle of twenty patients."""
    assert run("generate", tmp_path / "small", "--patients", "20")[0] == 0
    return tmp_path / "small"


def database(tmp_path: Path) -> str:
    return f"duckdb:///{tmp_path / 'store'}"


def found(tmp_path: Path) -> list[tuple[str, bool]]:
    lines = audit.search(tmp_path / "store", event=Event.GENERATION_FOUND)
    return [(line.detail["generation"], line.detail["asked"]) for line in lines]


class Killed(BaseException):
    """The process ends here."""


def kill_at(event: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the process end before this line is written."""
    append = audit.append

    def dying(what: Event, *arguments: object, **named: object) -> None:
        if what is event:
            raise Killed
        append(what, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(audit, "append", dying)


@pytest.mark.parametrize("next_command", ["load", "generations", "function"])
def test_a_load_that_is_killed_at_the_pointer_is_found(
    next_command: str, run: Run, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        kill_at(Event.PUBLISH, patch)
        with pytest.raises(Killed):
            run("load", small, "--database", database(tmp_path))
    (in_use,) = store.list_generations(database(tmp_path))
    assert audit.search(tmp_path / "store")[-1].event == "publish_asked"
    if next_command == "load":
        assert run("load", small, "--database", database(tmp_path))[0] == 0
    elif next_command == "generations":
        assert run("generations", "use", in_use.id, "--database", database(tmp_path))[0] == 0
    else:
        audit_pointer(database(tmp_path))
        audit_pointer(database(tmp_path))  # said once
    assert found(tmp_path) == [(in_use.id, True)]
    assert audit.verify(tmp_path / "store").problem is None


def test_a_load_that_ran_to_its_end_is_not_found(run: Run, small: Path, tmp_path: Path) -> None:
    audit_pointer(database(tmp_path))
    assert not (tmp_path / "store").exists()
    for _ in range(2):
        assert run("load", small, "--database", database(tmp_path))[0] == 0
        audit_pointer(database(tmp_path))
    assert found(tmp_path) == []


def test_a_data_version_that_nobody_asked_for_is_a_problem(run: Run, small: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("load", small, "--database", database(tmp_path))[0] == 0
    earlier = store.list_generations(database(tmp_path))[1].id
    store.use_generation(earlier, database(tmp_path))  # past the log
    audit_pointer(database(tmp_path))
    assert found(tmp_path) == [(earlier, False)]
    assert f"data version {earlier} came into use and nobody asked for it" in (audit.verify(tmp_path / "store").problem or "")
    audit.settle("a test", audit.ITSELF, tmp_path / "store")
    assert audit.verify(tmp_path / "store").problem is None


def test_only_lines_about_data_versions_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start must not read years of questions: it takes seconds."""
    asked: list[tuple[Event, ...]] = []
    monkeypatch.setattr(found_module, "current_id", lambda _store: "g1")
    monkeypatch.setattr(audit, "lines", lambda _home, *events, **_order: asked.append(events) or iter(()))
    monkeypatch.setattr(audit, "append", lambda *_arguments, **_named: None)
    audit_pointer(database(tmp_path))
    assert set(asked[0]) == {*found_module.IN_USE, *found_module.ASKED}
