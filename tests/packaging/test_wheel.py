"""The wheel has all that the program needs and nothing else, and what is installed from it serves every page from any folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import synapse_analytics
from synapse_analytics import places
from synapse_analytics.web.menu import MENU, heading_of
from tests.door.processes import free_ports
from tests.house import sources
from tests.made_once import made_once
from tests.packaging.building import ROOT, copied, wheel
from tests.packaging.visiting import headings, started

# How the part of Plotly is made; a wheel has what comes of it, and its licence beside ours.
NOT_NEEDED = {f"synapse_analytics/web/browser/{name}" for name in ("README.md", "package.json", "traces.js", "LICENSE.plotly.txt")}
SERVED = "synapse_analytics/served/"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the files as they are now."""
    pytest.importorskip("setuptools", "77", reason="`make test` installs what builds a wheel")
    tree = tmp_path_factory.mktemp("tree")
    folder = made_once(tmp_path_factory, "wheel", lambda folder: wheel(copied(tree), folder))
    (made,) = folder.iterdir()
    return made


def names(made: Path) -> set[str]:
    """The files of a wheel without what describes it."""
    return {name for name in zipfile.ZipFile(made).namelist() if ".dist-info/" not in name}


def test_the_wheel_has_the_package_and_what_is_served(built: Path, tmp_path: Path) -> None:
    tree = copied(tmp_path)
    kept = [*(tree / "synapse_analytics").rglob("*"), *(tree / "pages").glob("*.py")]
    package = {path.relative_to(tree).as_posix() for path in kept if path.is_file()} - NOT_NEEDED
    top = {name for name in package if name.startswith("pages/")} | {"dashboard.py", ".streamlit/config.toml"}
    found = {name for name in names(built) if not name.startswith(f"{SERVED}docs/")}
    assert found == {name for name in package if not name.startswith("pages/")} | {SERVED + name for name in top}


def test_the_wheel_has_every_document_that_is_named(built: Path) -> None:
    named = {name for path in sources() for name in re.findall(r"document\([\"']([\w.]+)[\"']\)", path.read_text(encoding="utf-8"))}
    assert named
    held = {name.removeprefix(f"{SERVED}docs/") for name in names(built) if name.startswith(f"{SERVED}docs/")}
    assert named <= held
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    assert {f"docs/{name}" for name in held} | {".streamlit/config.toml"} == set(settings["synapse_analytics.served"])


def test_no_document_of_the_wheel_leads_to_one_that_it_has_not(built: Path) -> None:
    with zipfile.ZipFile(built) as packed:
        documents = {name: packed.read(name).decode("utf-8") for name in names(built) if name.startswith(f"{SERVED}docs/")}
    led = {f"{SERVED}docs/{to}" for text in documents.values() for to in re.findall(r"\]\(([\w.-]+)(?:#[\w-]*)?\)", text)}
    assert f"{SERVED}docs/operations.md" in led
    assert led <= set(documents)


def test_the_wheel_says_what_it_is(built: Path) -> None:
    with zipfile.ZipFile(built) as packed:
        (metadata,) = (name for name in packed.namelist() if name.endswith(".dist-info/METADATA"))
        said = Parser().parsestr(packed.read(metadata).decode("utf-8"))
        texts = [name.rpartition("/")[2] for name in packed.namelist() if "/licenses/" in name]
    assert (said["Name"], said["Version"], said["License-Expression"]) == (
        "synapse-analytics",
        synapse_analytics.__version__,
        "Apache-2.0 AND MIT",
    )
    assert said["Description-Content-Type"] == "text/markdown"
    assert "make run" in str(said.get_payload())
    oldest = str(said["Requires-Python"]).removeprefix(">=")
    assert f"Programming Language :: Python :: {oldest}" in (said.get_all("Classifier") or [])
    assert texts == ["LICENSE", "LICENSE.plotly.txt"]


@pytest.mark.slow
def test_every_page_is_served_from_any_folder(built: Path, sample_store: str, tmp_path: Path) -> None:
    """Installed where nobody may write, in a folder whose name has a space; started in an empty one; with settings that would lay it open."""
    site, empty, account = (tmp_path / name for name in ("pr\u00fcf site", "empty", "account"))
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-compile",
        "--disable-pip-version-check",
        "--target",
        str(site),
        str(built),
    ]
    subprocess.run(install, check=True, capture_output=True)
    empty.mkdir()
    (account / ".streamlit").mkdir(parents=True)
    (account / ".streamlit" / "config.toml").write_text(
        '[client]\nshowErrorDetails = "full"\n[server]\nheadless = false\n', encoding="utf-8"
    )
    for path in [*site.rglob("*"), site, empty]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    told = {"PYTHONPATH": str(site), "SYNAPSE_HOME": sample_store.removeprefix("duckdb:///"), "HOME": str(account)}
    command = [sys.executable, "-m", "synapse_analytics", "serve", "--port", str(free_ports().dashboard)]
    with started(command, empty, os.environ | told) as (link, _):
        assert headings(link, list(MENU)) == {name: heading_of(name) for name in MENU}
    for path in [site, *site.rglob("*"), empty]:
        path.chmod(0o755)


def test_a_checkout_is_no_wheel() -> None:
    assert not places.IS_INSTALLED
    assert (places.TOP, places.PROGRAM) == (ROOT, "python -m synapse_analytics")
    assert places.document("sign_in.md") == "docs/sign_in.md"
    assert all(places.page_file(name).is_file() for name in MENU)
