"""Dependencies: each has a reason and a use, none is imported undeclared, pins satisfy pyproject.toml, licences are permissive."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from tests import audit
from tests import dependencies as d
from tests.dependencies import EXCEPTIONS, ONLY_IN_PYTHON, PAGE, ROOT, WHY, direct, is_permissive, licences, pins, uses

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-docs.txt")


def test_every_import_is_declared_and_every_dependency_imported() -> None:
    assert sorted(set(uses()) - set(direct())) == [], "imported, but only another package brings it: declare it in pyproject.toml"
    assert sorted(set(direct()) - set(uses())) == sorted(ONLY_IN_PYTHON), "declared, but no file of the product imports it"


def test_every_dependency_has_its_reason() -> None:
    assert sorted(WHY) == sorted(direct())


def test_the_page_names_every_package() -> None:
    """A package more or fewer, or another reason: `make weight`."""
    rows = dict(re.findall(r"^\| ([a-z0-9-]+) \|.*?([^|]*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    del rows["package"]
    everywhere = {pin.name for pin in pins() if not pin.marker}
    assert everywhere <= set(rows) <= {pin.name for pin in pins()}
    assert {name: rows[name].strip() for name in WHY} == WHY


@pytest.mark.parametrize("file", LOCKS)
def test_every_pin_has_hashes(file: str) -> None:
    assert pins(file)
    assert [pin.name for pin in pins(file) if not pin.sha256] == []


def test_pins_satisfy_what_pyproject_asks() -> None:
    found = {name: [pin.version for pin in pins() if pin.name == name] for name in direct()}
    assert [name for name, versions in found.items() if not versions] == []
    assert [(name, version) for name, versions in found.items() for version in versions if version not in direct()[name].specifier] == []


@pytest.mark.parametrize("file", LOCKS[1:])
def test_other_pins_are_those_of_the_runtime(file: str) -> None:
    """What is tested is what is installed for use."""
    ours = {(pin.name, pin.version) for pin in pins()}
    names = {pin.name for pin in pins()}
    assert [pin.name for pin in pins(file) if pin.name in names and (pin.name, pin.version) not in ours] == []


def test_licences_are_permissive() -> None:
    found = licences(extras=("psycopg", "psycopg-binary"))
    assert sorted(name for name, licence in found.items() if not is_permissive(licence)) == sorted(EXCEPTIONS)


@pytest.mark.parametrize(
    ("licence", "allowed"), [("MIT AND (BSD-3-Clause OR GPL-3.0-only)", True), ("MIT AND GPL-3.0-only", False), ("", False)]
)
def test_a_licence_is_read_whole(licence: str, allowed: bool) -> None:
    assert is_permissive(licence) is allowed


def test_a_pin_is_read() -> None:
    block = 'colorama==0.4.6 ; sys_platform == "win32" \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via\n    #   -c requirements.txt\n    #   click\n'
    assert d._pin(block) == d.Pin("colorama", "0.4.6", 'sys_platform == "win32"', ("aa", "bb"), ("click",))


@pytest.mark.parametrize("file", LOCKS[:2])
def test_first_lines_of_pins_are_a_command_that_renovate_reads(file: str) -> None:
    """It refuses options that it does not know, and those that take a value without an equals sign."""
    command = re.match(r"# .*\n#    uv pip compile (.*)\n", (ROOT / file).read_text(encoding="utf-8"))
    assert command
    options = {word.partition("=")[0] for word in command[1].split()}
    assert options <= {
        "pyproject.toml",
        "--universal",
        "--python-version",
        "--generate-hashes",
        "--group",
        "--constraints",
        "--output-file",
    }
    assert f"--output-file={file}" in command[1]


def test_renovate_reads_our_pins_and_holds_streamlit() -> None:
    settings = json.loads((ROOT / "renovate.json").read_text(encoding="utf-8"))
    (pattern,) = settings["pip-compile"]["managerFilePatterns"]
    assert [file for file in LOCKS if re.search(pattern.strip("/"), file)] == list(LOCKS[:2])
    (held,) = (rule for rule in settings["packageRules"] if rule["matchPackageNames"] == ["streamlit"])
    (pinned,) = (pin.version for pin in pins() if pin.name == "streamlit")
    assert pinned in SpecifierSet(held["allowedVersions"])
    assert "1.68.0" not in SpecifierSet(held["allowedVersions"])
    assert "1.68.0" not in direct()["streamlit"].specifier


BAD = {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
GOOD = {"name": "b", "version": "1", "vulns": []}
UNKNOWN = {"name": "c", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([GOOD], audit.NONE_KNOWN, "packages looked up: 1, known vulnerabilities: 0"),
        ([GOOD, BAD], audit.FOUND, "a 1: PYSEC-1, mended in 2"),
        ([UNKNOWN, BAD], audit.FOUND, "packages looked up: 1, known vulnerabilities: 1"),
        ([GOOD, UNKNOWN], audit.NOT_LOOKED_UP, "Not looked up: c."),
        ([UNKNOWN], audit.NOT_LOOKED_UP, "No package could be looked up."),
        ([], audit.NOT_LOOKED_UP, "No package could be looked up."),
    ],
)
def test_an_audit_that_asked_nobody_is_not_a_clean_one(packages: list[dict[str, Any]], code: int, said: str) -> None:
    found, lines = audit.verdict("requirements.txt", packages)
    assert found == code
    assert said in "\n".join(lines)
