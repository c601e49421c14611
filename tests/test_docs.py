"""The documentation is held to the code: nothing public is undocumented, nothing documented is gone."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from gallery.pictures import IMAGES, SHOTS
from synapse_analytics.__main__ import COMMANDS
from synapse_analytics.analyses import answers
from synapse_analytics.clinic import Clinic
from tests.generate_docs import generated

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_generated_pages_are_current(sample_clinic: Clinic) -> None:
    stale = [name for name, text in generated(sample_clinic).items() if (ROOT / "docs" / name).read_text(encoding="utf-8") != text]
    assert not stale, "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if "://" not in target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_headings(page: Path) -> None:
    """`methods.md#pathways` and `#sexes` name a heading of that page, as GitHub and the site write its anchor."""
    links = re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    assert [(to, anchor) for to, anchor in links if anchor not in _anchors(page.parent / to if to else page)] == []


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("reader", ["leaders", "doctors", "analysts", "data_officers", "administrators"])
def test_a_page_for_each_reader_is_short(reader: str) -> None:
    text = (ROOT / "docs" / f"for_{reader}.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    assert "\n## What it cannot" in text
    assert f"docs/for_{reader}.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_site_names_every_page() -> None:
    """The navigation of `make site` has every page of docs/, and once."""
    project = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"[\w/]+\.md", str(project["nav"]))
    assert sorted(named) == sorted(path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md"))
    assert project["theme"]["font"] is False, "no font from another server"


def test_pictures_of_documents() -> None:
    """`make screenshots` makes ten pictures, each is shown to a reader, and they are small enough for a repository."""
    made = {f"{shot.name}.webp" for shot in SHOTS}
    texts = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert len(made) == 10
    assert {path.name for path in IMAGES.iterdir()} == made == set(re.findall(r"images/(\w+\.webp)\)", texts))
    assert sum(path.stat().st_size for path in IMAGES.iterdir()) < 1_000_000


def test_commands_in_docs_exist() -> None:
    names = {name for group in COMMANDS.values() for name in group}
    for page in PAGES:
        used = re.findall(r"python -m synapse_analytics ([\w-]+)", page.read_text(encoding="utf-8"))
        assert set(used) <= names, page.name


def test_places_in_the_code_exist() -> None:
    """`queries/outcomes.py:visit_values` in developers.md is a name at the top of that file of the package, or of the tree."""
    text = (ROOT / "docs" / "developers.md").read_text(encoding="utf-8")
    places = re.findall(r"`([\w/]+\.py):(\w+)`", text)
    assert len(places) > 10
    for file, name in places:
        path = next(folder / file for folder in (ROOT / "synapse_analytics", ROOT) if (folder / file).exists())
        assert re.search(rf"^(    )?(def |class )?{name}\b", path.read_text(encoding="utf-8"), re.MULTILINE), (file, name)


def test_number_from_file_to_pixel(sample_store: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The walk in developers.md prints what its comments say."""
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "developers.md").read_text(encoding="utf-8"), re.DOTALL)
    (walk,) = (block for block in blocks if "open_clinic(" in block)
    exec(walk, {})  # noqa: S102  (our own page)
    assert capsys.readouterr().out.splitlines() == re.findall(r"^print\(.*\)  # (.*)$", walk, re.MULTILINE)


def test_python_for_analysts_runs(sample_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "for_analysts.md").read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  (our own page)
    assert len(names["frame"]) == len(names["answer"].tables["visits"]) > 0


def test_every_command_is_named() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert [name for group in COMMANDS.values() for name in group if name not in changelog] == []


def test_every_answer_is_documented() -> None:
    methods = (ROOT / "docs" / "methods.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^### (\w+)$", methods, re.MULTILINE)) == set(answers())


def test_decisions_are_numbered() -> None:
    numbers = [int(n) for n in re.findall(r"^## (\d+)\b", (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8"), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    wanted = {word for page in PAGES for word in re.findall(r"`make ([\w-]+)", page.read_text(encoding="utf-8"))}
    assert [word for word in wanted if f"\n{word}:" not in makefile] == []
