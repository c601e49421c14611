"""A release is the same bytes for the same tree, says what it stands on, and is refused in a sentence where it must not be."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

import synapse_analytics
from tests.packaging import release
from tests.packaging.building import ROOT, copied, wheel
from tests.packaging.licences import Part, listed, pinned
from tests.packaging.sbom import bill

DAY = date(2026, 12, 24)


def git(folder: Path, *words: str) -> None:
    """A command of git by nobody in particular."""
    subprocess.run(
        ["git", "-c", "user.name=lee", "-c", "user.email=lee@clinic.example", *words], cwd=folder, check=True, capture_output=True
    )


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with what a release reads, committed on main."""
    for name in (release.PACKAGE, release.CHANGELOG):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "As it is")
    return tmp_path


@pytest.mark.parametrize("version", ["1.2", "v1.2.3", "1.2.3rc1", "01.2.3", "", "1.2.3 ", "../1.2.3"])
def test_a_wrong_version_is_refused(version: str, tree: Path) -> None:
    with pytest.raises(release.Stop, match="is not a version. Allowed: three numbers"):
        release.legal(version, tree)


def test_a_version_comes_once_and_after_the_others(tree: Path) -> None:
    release.legal("9.0.0", tree)
    git(tree, "tag", "v9.0.0")
    with pytest.raises(release.Stop, match="There is a version 9.0.0 already"):
        release.legal("9.0.0", tree)
    with pytest.raises(release.Stop, match="comes before 9.0.0"):
        release.legal("8.10.0", tree)
    release.legal("10.0.0", tree)


def test_only_what_is_committed_on_main_is_released(tree: Path) -> None:
    release.clean(tree)
    (tree / "more.md").write_text("more", encoding="utf-8")
    with pytest.raises(release.Stop, match="1 files are not as they were committed, more.md among them"):
        release.clean(tree)
    (tree / "more.md").unlink()
    git(tree, "switch", "-qc", "other")
    with pytest.raises(release.Stop, match="on the branch main; this is other"):
        release.clean(tree)


def test_what_is_new_stands_under_the_version(tree: Path) -> None:
    (tree / release.CHANGELOG).write_text(
        "# Changelog\n\n## Unreleased\n- 2026-12-01 More.\n\n## 0.1.0 (2026-11-30)\n- First.\n", encoding="utf-8"
    )
    release.written(tree, "9.0.0", DAY)
    text = (tree / release.CHANGELOG).read_text(encoding="utf-8")
    assert text == "# Changelog\n\n## Unreleased\n\n## 9.0.0 (2026-12-24)\n- 2026-12-01 More.\n\n## 0.1.0 (2026-11-30)\n- First.\n"
    assert release.A_VERSION.findall((tree / release.PACKAGE).read_text(encoding="utf-8")) == ["9.0.0"]
    with pytest.raises(release.Stop, match="nothing under 'Unreleased'"):
        release.written(tree, "9.1.0", DAY)


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND 0BSD", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("LGPL-3.0-only", False),
        ("GPL-3.0-only", False),
        ("", False),
    ],
)
def test_a_licence_that_asks_for_more_stops_the_release(
    licence: str, is_allowed: bool, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Part("made-up", "1.0", licence, (), ())
    assert part.is_allowed == is_allowed
    monkeypatch.setattr(release, "pinned", lambda _tree: [part])
    monkeypatch.setattr(release, "sdist", lambda *_: pytest.skip("went on"))
    if not is_allowed:
        with pytest.raises(release.Stop, match=r"made-up \("):
            release.made(tree, tmp_path, "9.0.0", DAY)


def test_every_pinned_package_is_in_the_bill_with_its_licence(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"the wheel")
    parts = pinned(ROOT)
    names = [
        line.partition("==")[0].partition("[")[0]
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
        if "==" in line[:60]
    ]
    assert [part.name for part in parts] == [*names, "plotly.js"]
    assert [part.name for part in parts if not part.is_allowed] == []
    assert len(listed(parts).splitlines()) == len(parts)
    made = bill(parts, tmp_path / "a.whl", "9.0.0", 1_767_225_600)
    assert (made["bomFormat"], made["specVersion"], made["version"]) == ("CycloneDX", "1.6", 1)
    assert made["metadata"]["timestamp"] == "2026-01-01T00:00:00Z"
    refs = {component["bom-ref"] for component in made["components"]} | {made["metadata"]["component"]["bom-ref"]}
    assert len(refs) == len(parts) + 1
    assert all(component["licenses"] and component["version"] and component["type"] for component in made["components"])
    assert all(len(digest) == 64 for part in parts for digest in part.sha256)
    assert {part.name for part in parts if not part.sha256} == {"plotly.js"}
    asked = {entry["ref"]: entry["dependsOn"] for entry in made["dependencies"]}
    assert set(asked) == refs
    assert set().union(*asked.values()) == refs - {made["metadata"]["component"]["bom-ref"]}, (
        "everything is there because something asks for it"
    )


@pytest.mark.slow
def test_two_releases_are_the_same_bytes(tmp_path: Path) -> None:
    """Also from a tree that another umask wrote at another time; and the source distribution holds all that the wheel is built from."""
    pytest.importorskip("setuptools", "77", reason="`make test` installs what builds a wheel")
    version = synapse_analytics.__version__
    one, two = copied(tmp_path / "one"), copied(tmp_path / "another place")
    for path in two.rglob("*.py"):
        path.touch()
    first, second = release.made(one, tmp_path / "first", version, DAY), release.made(two, tmp_path / "second", version, DAY)
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.name for path in first if path.read_bytes() != (tmp_path / "second" / path.name).read_bytes()] == []
    sums = dict(line.split("  ")[::-1] for line in first[-1].read_text(encoding="utf-8").splitlines())
    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in first[:-1]}
    json.loads(first[2].read_text(encoding="utf-8"))
    direct = wheel(copied(tmp_path / "tree"), tmp_path / "direct", 1_798_070_400)
    assert direct.read_bytes() == first[1].read_bytes()
