"""`make pythons`: the wheel with its pinned requirements in each Python that pyproject.toml names and that is on this machine."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

from tests.packaging.building import ROOT, copied, wheel

NAMED = "Programming Language :: Python :: 3."
PLACES = ("~/.pyenv/versions/{}.*/bin/python", "/opt/python/{}/bin/python", "/usr/local/bin/python{}")


def supported() -> list[str]:
    """The versions of Python that pyproject.toml names, the oldest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [name.rpartition(" ")[2] for name in project["classifiers"] if name.startswith(NAMED)]


def interpreter(version: str) -> str | None:
    """Where this version is on the machine; None where it is not."""
    found = [
        shutil.which(f"python{version}"),
        *(path for place in PLACES for path in sorted(glob.glob(os.path.expanduser(place.format(version))))),
    ]
    return next((path for path in found if path and _runs(path, version)), None)


def _runs(path: str, version: str) -> bool:
    """Some names on the path are only places where a version could be chosen."""
    asked = subprocess.run([path, "-V"], capture_output=True, text=True, check=False)
    return asked.returncode == 0 and asked.stdout.startswith(f"Python {version}.")


def tried(python: str, made: Path, folder: Path) -> str:
    """Install the wheel with its pinned requirements in an environment of its own and try all of it; what the trial says."""
    subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True)
    inside = str(folder / "venv" / "bin" / "python")
    install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--require-hashes", "-r", str(ROOT / "requirements.txt")], check=True)
    subprocess.run([*install, "--no-deps", str(made)], check=True)
    # Without the checkout: what is tried has to be what is installed.
    shutil.copytree(ROOT / "tests" / "packaging", folder / "tests" / "packaging")
    done = subprocess.run(
        [inside, "-P", "-m", "tests.packaging.smoke"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else f"FAILED\n{done.stderr[-2000:]}"


def main(only: list[str]) -> int:
    """Try each version (or those that are named), and say of each how it went, or that it is not here."""
    failed = False
    with tempfile.TemporaryDirectory() as work:
        made = wheel(copied(Path(work) / "tree"), Path(work) / "dist")
        for version in only or supported():
            python, began = interpreter(version), time.monotonic()
            if python is None:
                print(f"Python {version}: not on this machine, not tried")  # noqa: T201  (this is what the command is for)
                continue
            (folder := Path(work) / version).mkdir()
            said = tried(python, made, folder)
            failed |= said.startswith("FAILED")
            print(f"Python {version} ({python}), {time.monotonic() - began:.0f} s: {said}", flush=True)  # noqa: T201
            shutil.rmtree(folder)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
