"""What an administrator copies: the unit of systemd and the recipe of a container; and what the server tells a service manager."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from synapse_analytics.web.stopping import tell_systemd

ROOT = Path(__file__).resolve().parents[2]
UNIT, RECIPE = ROOT / "docs" / "synapse-analytics.service", ROOT / "docs" / "Containerfile"
EXPOSED = 20  # tenths, of 100: more than this systemd would call exposed


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on this machine")
def test_systemd_accepts_the_unit_and_finds_it_closed(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    assert "/opt/synapse-analytics/.venv/bin/python" in text
    here.write_text(text.replace("/opt/synapse-analytics/.venv/bin/python", shutil.which("true") or ""), encoding="utf-8")
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", here], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSED}", here]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-200:] + found.stderr


def test_the_unit_restarts_what_crashed_and_gives_a_stop_its_time() -> None:
    told = dict(line.split("=", 1) for line in UNIT.read_text(encoding="utf-8").splitlines() if re.match(r"[A-Z]\w+=", line))
    assert (told["Type"], told["Restart"], told["StateDirectoryMode"]) == ("notify", "on-failure", "0700")
    assert int(told["TimeoutStopSec"]) > 5
    assert "-m synapse_analytics serve" in told["ExecStart"]


@pytest.mark.parametrize("abstract", [False, True])
def test_a_service_manager_is_told(abstract: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = f"@synapse-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{place[1:]}" if abstract else place)
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", place)
        tell_systemd("READY=1")
        assert manager.recv(100) == b"READY=1"
    tell_systemd("STOPPING=1")  # nobody is there any more: no fault
    monkeypatch.delenv("NOTIFY_SOCKET")
    tell_systemd("READY=1")


def test_the_recipe_takes_what_there_is_and_leaves_the_rest_outside() -> None:
    recipe, outside = RECIPE.read_text(encoding="utf-8"), (ROOT / ".containerignore").read_text(encoding="utf-8")
    taken = [word for line in re.findall(r"^COPY (?!--from)(.+)$", recipe, flags=re.MULTILINE) for word in line.split()[:-1]]
    assert taken
    for name in taken:
        assert (ROOT / name).exists()
        assert f"!{name}\n" in outside
    assert outside.count("!") == len(taken)
    assert (ROOT / ".dockerignore").read_text(encoding="utf-8") == outside
    assert "--require-hashes" in recipe
    assert recipe.rindex("USER 10001") > recipe.rindex("RUN ")
