"""The settings and the policy are noted at a start where they are not those of the last one."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.access import local_person
from synapse_analytics.errors import StoreError, UsageError
from synapse_analytics.web.changes import note_settings

ANA = local_person("ana")


def noted(home: Path) -> list[tuple[str, str | None]]:
    return [(line.event, line.sha256 or line.detail.get("policy")) for line in audit.search(home)]


def test_only_changes_are_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "settings.yaml"
    for policy in ("clinic", "clinic", "publish"):
        monkeypatch.setenv("SYNAPSE_POLICY", policy)
        note_settings(tmp_path, ANA)
    assert noted(tmp_path) == [("policy_change", "clinic"), ("policy_change", "publish")]
    for text in ("questions_must_be_logged: true", "questions_must_be_logged: true", "policy: publish"):
        settings.write_text(text, encoding="utf-8")
        note_settings(tmp_path, ANA)
    digests = [sha256(text).hexdigest() for text in (b"questions_must_be_logged: true", b"policy: publish")]
    assert noted(tmp_path)[2:] == [("settings_change", digest) for digest in digests]
    settings.unlink()
    note_settings(tmp_path, ANA)
    note_settings(tmp_path, ANA)
    assert noted(tmp_path)[4:] == [("settings_change", None)]


def test_settings_that_cannot_be_used_are_noted_and_said(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("policy: open", encoding="utf-8")
    with pytest.raises(UsageError, match="'open' is not a policy"):
        note_settings(tmp_path, ANA)
    assert [event for event, _ in noted(tmp_path)] == ["settings_change"]


def test_a_log_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / audit.DATABASE).write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="in force all the same: the audit log"):
        note_settings(tmp_path, ANA)
