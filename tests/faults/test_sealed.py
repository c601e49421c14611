"""One edited byte of a manifest would change what every page says of its data: it is noticed, and said with a way on."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from synapse_analytics.errors import StoreError
from synapse_analytics.store import generations, list_generations, load, manifest, open_store, unusable_generations, use_generation
from synapse_analytics.store.manifest import file_sha256
from synapse_analytics.store.seal import SEAL, seal
from tests.faults.loading import check_of, episodes_served
from tests.made_once import made_once


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store of two data versions, of 3 and of 4 episodes, for copies."""
    return made_once(tmp_path_factory, "two", lambda folder: [load(check_of(n), f"duckdb:///{folder}") for n in (3, 4)])


@pytest.fixture
def store(two: Path, tmp_path: Path) -> Path:
    """A store of its own whose newer data version, of 4 episodes, is in use."""
    return shutil.copytree(two, tmp_path / "store")


def url(store: Path) -> str:
    return f"duckdb:///{store}"


def homes(store: Path) -> tuple[Path, Path]:
    """The folders of the data version in use and of the one before."""
    now, before = list_generations(url(store))
    assert now.current
    return store / "generations" / now.id, store / "generations" / before.id


def edited(home: Path, old: bytes, new: bytes) -> None:
    """Change the manifest as an editor would, one to one: the file keeps its length."""
    path = home / "manifest.json"
    before = path.read_bytes()
    assert before.count(old) >= 1
    path.chmod(0o600)
    path.write_bytes(before.replace(old, new, 1))


def unsealed(store: Path, *homes: Path) -> None:
    """As an earlier version of this program left it: no sha256 of a manifest, neither beside it nor in the pointer."""
    for home in homes:
        (home / SEAL).unlink()
    (store / "CURRENT").write_text((store / "CURRENT").read_text().split()[0] + "\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"data_until": "20', b'"data_until": "19'), (b'"synthetic": ', b'"synthetic":\t'), (b'"clinic": "', b'"clinic": "X"}')],
)
@pytest.mark.parametrize("kept_open", [True, False])
def test_an_edited_manifest_is_refused(kept_open: bool, old: bytes, new: bytes, store: Path) -> None:
    now, _before = homes(store)
    if kept_open:
        open_store(url(store))
    edited(now, old, new)
    for act in (lambda: open_store(url(store)), lambda: use_generation(now.name, url(store))):
        with pytest.raises(StoreError, match=r"sha256 differs.*Use another data version .*, or load the bundle again|cannot be read"):
            act()
    (fault,) = unusable_generations(url(store))
    assert now.name in fault


def test_a_manifest_that_was_not_edited_is_read_once(store: Path) -> None:
    """Every run of a page opens the store: it must not read and hash the file each time."""
    open_store(url(store))
    before = manifest._read.cache_info().misses
    open_store(url(store))
    assert manifest._read.cache_info().misses == before


def test_an_edited_one_that_is_not_in_use_cannot_come_into_use(store: Path) -> None:
    _now, before = homes(store)
    edited(before, b'"data_until": "20', b'"data_until": "19')
    with pytest.raises(StoreError, match="sha256 differs"):
        use_generation(before.name, url(store))
    assert episodes_served(url(store)) == 4


def test_the_pointer_notices_what_was_sealed_again(store: Path) -> None:
    now, before = homes(store)
    edited(now, b'"data_until": "20', b'"data_until": "19')
    seal(now, file_sha256(now / "manifest.json"))
    for act in (lambda: open_store(url(store)), lambda: use_generation(now.name, url(store))):
        with pytest.raises(StoreError, match="sha256 differs"):
            act()
    use_generation(before.name, url(store))
    assert episodes_served(url(store)) == 3


def test_the_seal_notices_what_the_pointer_does_not_say(store: Path) -> None:
    now, _before = homes(store)
    (store / "CURRENT").write_text(f"{now.name}\n")  # written by hand
    assert episodes_served(url(store)) == 4
    edited(now, b'"data_until": "20', b'"data_until": "19')
    with pytest.raises(StoreError, match="sha256 differs"):
        open_store(url(store))


def test_the_pointer_goes_with_the_data_version(store: Path) -> None:
    now, before = homes(store)
    for home, episodes in ((before, 3), (now, 4)):
        use_generation(home.name, url(store))
        assert (store / "CURRENT").read_text() == f"{home.name} {file_sha256(home / 'manifest.json')}\n"
        assert (home / SEAL).read_text() == f"{file_sha256(home / 'manifest.json')}  manifest.json\n"
        assert episodes_served(url(store)) == episodes


def test_a_store_of_an_earlier_program_goes_on_when_somebody_says_so(store: Path) -> None:
    now, before = homes(store)
    unsealed(store, now, before)
    assert homes(store) == (now, before)  # both are listed: the list must help to go on, and `make run` must not load the sample over them
    with pytest.raises(StoreError, match=f"`generations use {now.name}`"):
        open_store(url(store))
    use_generation(now.name, url(store))
    assert episodes_served(url(store)) == 4
    edited(now, b'"data_until": "20', b'"data_until": "19')
    with pytest.raises(StoreError, match="sha256 differs"):
        open_store(url(store))
    use_generation(before.name, url(store))
    assert episodes_served(url(store)) == 3


def test_a_disk_that_fails_while_it_is_sealed_changes_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, before = homes(store)
    unsealed(store, now, before)

    def full(*_paths: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", full)
        with pytest.raises(StoreError, match="still in use"):
            use_generation(before.name, url(store))
    assert generations.current_id(store) == now.name
    use_generation(before.name, url(store))
    assert episodes_served(url(store)) == 3
