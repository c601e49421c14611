"""`demo` shows made-up patients to a stranger: made and loaded once, in a folder of their own, served on a free port, opened where there is a window."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics.commands import demo
from synapse_analytics.store import list_generations
from tests.door.processes import free_ports
from tests.packaging.visiting import headings, started
from tests.unit.test_command_line import Run, run

__all__ = ["run"]
ROOT = Path(__file__).resolve().parents[2]
Served = list[tuple[int, dict[str, str], bool]]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Served:
    """What would have been served: port, environment, and whether the browser opens. The account is one without data."""
    calls: Served = []
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d\u00e4ta of mine"))
    monkeypatch.setenv("SYNAPSE_SETTINGS", "settings-of-the-clinic.yaml")
    monkeypatch.setattr(demo, "_served", lambda port, environment, opens: calls.append((port, dict(environment), opens)) or 0)
    return calls


def test_the_first_time_it_makes_the_patients_and_then_finds_them(run: Run, served: Served, tmp_path: Path) -> None:
    code, out, err = run("demo", "--patients", "40", "--no-browser")
    home = tmp_path / "d\u00e4ta of mine" / "synapse-analytics" / "demo"
    said = " ".join(err.split())
    assert (code, out) == (0, "")
    assert all(words in said for words in ("none of them exists", "40 patients are made", "`load BUNDLE`", "delete the folder"))
    ((_, environment, opens),) = served
    assert (environment["SYNAPSE_HOME"], opens) == (str(home), False)
    assert "SYNAPSE_SETTINGS" not in environment
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    (loaded,) = list_generations(f"duckdb:///{home}")
    assert (loaded.synthetic, loaded.rows["patients"]) == (True, 40)
    assert "are made and loaded" not in run("demo")[2]
    assert list_generations(f"duckdb:///{home}") == [loaded]
    assert all(
        path.resolve().is_relative_to(home) for path in tmp_path.rglob("*.json")
    )  # the witness of its log, too: one folder to delete


def test_the_data_of_a_clinic_are_no_demonstration(run: Run, served: Served, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Real:
        synthetic = False

    monkeypatch.setattr("synapse_analytics.store.generations.open_generation", lambda folder: (folder, Real()))
    code, _, err = run("demo", "--home", tmp_path)
    assert (code, served) == (1, [])
    assert "holds the data of a clinic" in " ".join(err.split())


def test_a_load_that_fails_serves_nothing(run: Run, served: Served, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run("demo", "--home", tmp_path / "file", "--patients", "1")[0] != 0
    assert served == []


def test_a_port_that_is_used_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        port = used.getsockname()[1]
        monkeypatch.setattr(demo, "PORTS", range(port, port + 20))
        assert demo.free_port() in range(port + 1, port + 20)


@pytest.mark.parametrize(
    ("system", "environment", "expected"),
    [
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data"),
        ("linux", {"XDG_DATA_HOME": "not/absolute"}, "/home/lee/.local/share"),
        ("darwin", {}, "/home/lee/Library/Application Support"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local"),
    ],
)
def test_the_folder_is_where_the_system_keeps_data(
    system: str, environment: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/lee", **environment}.items():
        monkeypatch.setenv(name, value)
    assert demo.account_folder() == Path(expected) / "synapse-analytics" / "demo"


def test_a_window_opens_at_the_link_alone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    opened: list[str] = []
    monkeypatch.setattr(demo.webbrowser, "open", lambda link: opened.append(link) or True)
    monkeypatch.setattr(demo.signal, "signal", lambda *_: None)
    link = "http://127.0.0.1:8600/?token=abc"
    monkeypatch.setattr(demo, "COMMAND", (sys.executable, "-c", f"print('Open this link, it works once: {link}'); print('{link}2')"))
    assert demo._served(8600, os.environ, opens=True) == 0
    assert opened == [link]
    assert demo._served(8600, os.environ, opens=False) == 0
    assert opened == [link]
    assert capsys.readouterr().out.count(f"{link}\n") == 2
    assert [demo.has_display(given) for given in ({}, {"DISPLAY": ":0"}, {"WAYLAND_DISPLAY": "wayland-0"})] == [False, True, True]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_it_ends_with_its_server(tmp_path: Path) -> None:
    ports = f"from synapse_analytics.commands import demo; demo.PORTS = range({free_ports().dashboard}, 65535)"
    program = f"{ports}; from synapse_analytics.__main__ import main; main()"
    (tmp_path / "empty").mkdir(mode=0o555)
    told: dict[str, Any] = {"XDG_DATA_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    with started(
        [sys.executable, "-P", "-c", program, "demo", "--patients", "20", "--no-browser"], tmp_path / "empty", os.environ | told
    ) as (link, shown):
        assert headings(link, ["overview"]) == {"overview": "Overview"}
        shown.send_signal(signal.SIGINT)
        assert shown.wait(20) == 0
        with pytest.raises(ConnectionRefusedError):
            headings(link, ["overview"])
