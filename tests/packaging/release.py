"""`make release VERSION=x.y.z`: what is given to others, in dist/. It changes the version and the changelog here, and sends nothing anywhere."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

from tests.packaging.building import ROOT, copied, sdist, unpacked, wheel
from tests.packaging.licences import listed, pinned
from tests.packaging.sbom import bill

PACKAGE, CHANGELOG = "synapse_analytics/__init__.py", "CHANGELOG.md"
UNRELEASED = "## Unreleased\n"
A_VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


class Stop(Exception):
    """Why there is no release, in a sentence."""


def legal(version: str, root: Path) -> None:
    """Stop unless this version may come next."""
    if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", version):
        raise Stop(f"'{version}' is not a version. Allowed: three numbers with points between them, such as 0.2.0.")
    known = re.findall(r"^## (\d+\.\d+\.\d+)", (root / CHANGELOG).read_text(encoding="utf-8"), re.MULTILINE)
    known += [tag.removeprefix("v") for tag in _git(root, "tag", "--list", "v*").split()]
    if version in known:
        raise Stop(f"There is a version {version} already. Name the next one.")
    (now,) = A_VERSION.findall((root / PACKAGE).read_text(encoding="utf-8"))
    newest = max([now, *known], key=_numbers)
    if _numbers(version) < _numbers(newest):
        raise Stop(f"{version} comes before {newest}, which there is. Name a later one.")


def clean(root: Path) -> None:
    """Stop unless what would be released is what is committed on main."""
    branch = _git(root, "branch", "--show-current").strip()
    if branch != "main":
        raise Stop(f"A release is made on the branch main; this is {branch or 'no branch'}. git switch main, then again.")
    if changed := _git(root, "status", "--porcelain").splitlines():
        raise Stop(
            f"{len(changed)} files are not as they were committed, {changed[0][3:]} among them. Commit them or put them back, then again."
        )


def written(tree: Path, version: str, day: date) -> None:
    """The version and the changelog of a tree, as the release has them."""
    changes = (tree / CHANGELOG).read_text(encoding="utf-8")
    if not re.search(rf"{UNRELEASED}+\s*- ", changes):
        raise Stop(f"{CHANGELOG} has nothing under 'Unreleased'. Say there what users get, then again.")
    (tree / CHANGELOG).write_text(changes.replace(UNRELEASED, f"{UNRELEASED}\n## {version} ({day})\n", 1), encoding="utf-8")
    package = (tree / PACKAGE).read_text(encoding="utf-8")
    (tree / PACKAGE).write_text(A_VERSION.sub(f'__version__ = "{version}"', package), encoding="utf-8")


def made(tree: Path, out: Path, version: str, day: date) -> list[Path]:
    """Source distribution, the wheel that is built from it, bill of materials, licences and sums: the same bytes for the same tree and day."""
    epoch = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    parts = pinned(tree)
    if wrong := [f"{part.name} ({part.licence or 'none named'})" for part in parts if not part.is_allowed]:
        raise Stop(
            f"The licence of these packages is unknown or asks for too much: {', '.join(wrong)}. tests/packaging/licences.py has those that are allowed."
        )
    source = sdist(tree, out, epoch)
    with tempfile.TemporaryDirectory() as folder:
        files = [source, wheel(unpacked(source, Path(folder)), out, epoch)]
    texts = {"sbom.cdx.json": json.dumps(bill(parts, files[1], version, epoch), indent=2) + "\n", "licences.txt": listed(parts)}
    for name, text in texts.items():
        files.append(out / f"synapse_analytics-{version}-{name}")
        files[-1].write_text(text, encoding="utf-8")
    (out / "SHA256SUMS").write_text(
        "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files), encoding="utf-8"
    )
    return [*files, out / "SHA256SUMS"]


def release(version: str, root: Path, *, is_dry: bool) -> None:
    """Make the release in dist/; a dry one leaves nothing behind."""
    legal(version, root)
    clean(root)
    if subprocess.run(["make", "check"], cwd=root, check=False).returncode:
        raise Stop("`make check` is not green. Mend what it names, then again.")
    day = datetime.now(UTC).date()
    with tempfile.TemporaryDirectory() as work:
        tree = copied(Path(work) / "tree", root)
        written(tree, version, day)
        for path in made(tree, Path(work) / "dist" if is_dry else root / "dist", version, day):
            say(f"{path.stat().st_size:>10,} {path.name}")
    if is_dry:
        say("A dry run: nothing was changed, and nothing is left.")
        return
    written(root, version, day)
    say(
        f"All of it is in dist/. Nothing was sent. Next: git commit -am 'Version {version}', git tag v{version}, and hand on what is in dist/."
    )


def say(text: str) -> None:
    """A line for the person who releases."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True).stdout


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make release", description=__doc__)
    parser.add_argument("version")
    parser.add_argument("--dry-run", action="store_true", help="try all of it, change nothing")
    asked = parser.parse_args()
    try:
        release(asked.version, ROOT, is_dry=asked.dry_run)
    except Stop as why:
        say(str(why))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
