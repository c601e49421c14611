"""Dependencies: each has a reason and a use, none is imported undeclared, pins satisfy pyproject.toml, licences are permissive."""

from __future__ import annotations

import re

import pytest

from tests import dependencies as d
from tests.dependencies import EXCEPTIONS, PAGE, WHY, direct, is_permissive, licences, pins, uses

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-docs.txt")


def test_every_import_is_declared_and_every_dependency_imported() -> None:
    assert sorted(set(uses()) - set(direct())) == [], "imported, but only another package brings it: declare it in pyproject.toml"
    assert sorted(set(direct()) - set(uses())) == [], "declared, but no file of the product imports it"


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
    assert [pin.name for pin in pins(file) if not pin.hashes] == []


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
    assert d._pin(block) == d.Pin("colorama", "0.4.6", 'sys_platform == "win32"', 2, ("click",))
