"""The settings file: what is set is used, and whatever is wrong is refused with file, key, fault and what is legal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from synapse_analytics import settings
from synapse_analytics.clinic import deployment_policy, open_clinic
from synapse_analytics.disclosure import POLICIES
from synapse_analytics.errors import UsageError
from synapse_analytics.settings import Recalculation, Settings, read_settings, settings_from

WHOLE = """
policy: publish
questions_must_be_logged: true
targets:
  pain_responders_12_months: 0.6
  median_wait: 21
  pain_improvement_12_months: -1.5
recalculations:
  pain_improvement_12_months:
    - {month: 2024-02, reason: "A second physiotherapist"}
    - {month: 2023-07, reason: "New pathway for
        herniated discs"}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "settings.yaml").write_text(text, encoding="utf-8")
    return folder


def test_everything_can_be_set(tmp_path: Path) -> None:
    found = read_settings(written(tmp_path, WHOLE))
    assert found.policy == "publish"
    assert found.questions_must_be_logged is True
    assert found.target("pain_responders_12_months") == 0.6
    assert found.target("median_wait") == 21
    assert found.target("odi_improvement_3_months") is None
    assert found.recalculations("pain_improvement_12_months") == (
        Recalculation("2023-07", "New pathway for herniated discs"),
        Recalculation("2024-02", "A second physiotherapist"),
    )
    assert found.recalculations("median_wait") == ()


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "targets:\n", "policy:\ntargets: {}\n"])
def test_nothing_need_be_set(tmp_path: Path, text: str) -> None:
    assert read_settings(tmp_path) == Settings()
    assert read_settings(written(tmp_path, text)) == Settings()
    assert Settings().digest == ""


def test_digest_follows_the_content() -> None:
    found = settings_from(WHOLE)
    assert len(found.digest) == 12
    assert hash(found) == hash(settings_from(WHOLE + "# a comment changes nothing\n"))
    assert found.digest == settings_from(WHOLE + "# a comment changes nothing\n").digest
    assert found.digest != settings_from(WHOLE.replace("0.6", "0.7")).digest


def test_the_log_does_not_change_an_answer() -> None:
    assert settings_from("questions_must_be_logged: true").digest == ""
    assert settings_from(WHOLE).digest == settings_from(WHOLE.replace("logged: true", "logged: false")).digest


WRONG = [
    ("targets: [", "Line 1: This is not valid YAML"),
    ("targets: \x07", r"Line 1: A sign that no text holds \(U\+0007\)"),
    ("recalculations: {median_wait: [{month: 2023-13-01, reason: x}]}", "Line 1: There is no such number, day or time"),
    ("targets: " + "[" * 20_000, "Line 1: Here lists and keys are nested too deep. Allowed: at most 20 levels"),
    ("- policy", "The file: lines of `key: value` are needed here"),
    ("colour: red", r"colour: there is no such setting. Allowed: policy, questions_must_be_logged, targets, recalculations"),
    ("policy: open", "policy: 'open' is not a policy. Allowed: clinic, publish"),
    ("questions_must_be_logged: 1", "questions_must_be_logged: 1 is not true or false. Allowed: true, false"),
    ("questions_must_be_logged: 'no'", "'no' is not true or false. Allowed: true, false"),
    ("policy: [clinic]", "policy: .* is not a policy"),
    ("policy: clinic\npolicy: publish", "Line 2: The key 'policy' is there twice"),
    ("targets: 3", "targets: lines of `key: value` are needed here"),
    ("targets: {pain_responders_12_month: 0.6}", "no such indicator. Nearest: .*pain_responders_12_months"),
    ("targets: {zzz: 0.6}", "targets.zzz: there is no such indicator. Allowed: patients_seen, "),
    ("targets: {pain_responders_12_months: 60}", r"60 is out of range. Allowed: a share from 0 to 1 \(60 % is 0.6\)"),
    ("targets: {pain_responders_12_months: -0.1}", "out of range"),
    ("targets: {median_wait: -3}", "out of range. Allowed: a number from 0 on"),
    ("targets: {median_wait: soon}", "targets.median_wait: 'soon' is not a number"),
    ("targets: {median_wait: yes}", "True is not a number"),
    ("targets: {median_wait: .nan}", "nan is not a number"),
    ("targets: {pain_improvement_3_months: .inf}", "inf is not a number. Allowed: a number of points"),
    (f"targets: {{median_wait: 1{'0' * 400}}}", "Line 1: This number has 401 characters. Allowed: at most 60"),
    ("recalculations: {median_waits: []}", "no such indicator. Nearest: median_wait"),
    ("recalculations: {median_wait: 2023-07}", "recalculations.median_wait: a list is needed here"),
    ("recalculations: {median_wait: [2023-07]}", r"median_wait\[1\]: lines of `key: value` are needed here"),
    ("recalculations: {median_wait: [{month: 2023-07, why: x}]}", r"median_wait\[1\].why: .* Allowed: month, reason"),
    ("recalculations: {median_wait: [{reason: x}]}", r"\[1\].month: it is missing. Allowed: .*YYYY-MM"),
    ("recalculations: {median_wait: [{month: 2023-07-01, reason: x}]}", "'2023-07-01' is not a month. Allowed: .* as 2023-07"),
    ("recalculations: {median_wait: [{month: 2023-13, reason: x}]}", "'2023-13' is not a month"),
    ("recalculations: {median_wait: [{month: 202307, reason: x}]}", "'202307' is not a month"),
    ("recalculations: {median_wait: [{month: 2023-07}]}", r"\[1\].reason: a reason is needed"),
    ("recalculations: {median_wait: [{month: 2023-07, reason: '  '}]}", "a reason is needed"),
    (f"recalculations: {{median_wait: [{{month: 2023-07, reason: {'x' * 201}}}]}}", "1 to 200 characters"),
    (
        "recalculations: {median_wait: [{month: 2023-07, reason: a}, {month: 2023-08, reason: b}, {month: 2023-07, reason: c}]}",
        "median_wait: 2023-07 is listed twice",
    ),
]


@pytest.mark.parametrize(("text", "complaint"), WRONG)
def test_wrong_settings_are_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as refused:
        read_settings(written(tmp_path, text))
    assert str(tmp_path / "settings.yaml") in str(refused.value)


def test_unreadable_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_bytes(b"\n\npolicy: \xff")
    with pytest.raises(UsageError, match="Line 3: This is not UTF-8 text. Save the file as UTF-8"):
        read_settings(tmp_path)
    (tmp_path / "settings.yaml").unlink()
    (tmp_path / "settings.yaml").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        read_settings(tmp_path)


def test_named_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "policy: clinic")
    named = tmp_path / "elsewhere.yaml"
    monkeypatch.setenv("SYNAPSE_SETTINGS", str(named))
    with pytest.raises(UsageError, match=r"elsewhere.yaml', which is not there"):
        read_settings(tmp_path)
    named.write_text("policy: publish", encoding="utf-8")
    assert read_settings(tmp_path).policy == "publish"


def test_file_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    monkeypatch.setattr(settings, "settings_from", lambda text: parsed.append(text) or Settings())
    home = written(tmp_path, "policy: clinic")
    read_settings(home)
    read_settings(home)
    assert len(parsed) == 1
    os.utime(home / "settings.yaml", ns=(0, 0))
    read_settings(home)
    assert len(parsed) == 2


def test_policies_are_those_of_the_gate() -> None:
    assert tuple(POLICIES) == settings.POLICIES


def test_the_stricter_policy_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    publish = Settings(policy="publish")
    assert deployment_policy(Settings()).name == "clinic"
    assert deployment_policy(publish).name == "publish"
    monkeypatch.setenv("SYNAPSE_POLICY", "clinic")
    assert deployment_policy(publish).name == "publish"
    monkeypatch.setenv("SYNAPSE_POLICY", "publish")
    assert deployment_policy(Settings(policy="clinic")).name == "publish"
    monkeypatch.setenv("SYNAPSE_POLICY", "none")
    with pytest.raises(UsageError, match="Allowed: clinic, publish"):
        deployment_policy(publish)


def test_clinic_holds_its_settings(sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_clinic(sample_store).settings == Settings()
    monkeypatch.setenv("SYNAPSE_SETTINGS", str(written(tmp_path, WHOLE) / "settings.yaml"))
    clinic = open_clinic(sample_store)
    assert clinic.policy.name == "publish"
    assert clinic.settings.target("median_wait") == 21
