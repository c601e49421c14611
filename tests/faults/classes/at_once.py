"""Several who change or read a store at once: each gets the whole of one data version, and none is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from synapse_analytics.clinic import open_clinic
from synapse_analytics.errors import SynapseError
from synapse_analytics.store import list_generations, load_bundle, remove_generation, use_generation
from tests.faults.counted import End, Faults, Inject
from tests.faults.kept import asked, copy, forget, kept, left_behind, unsound, url, which
from tests.faults.program import ended, go, started


def _commands(folder: Path) -> Inject:
    """Two or three loads, each in a process of its own: those that come second are told, or wait."""
    home = folder / "home"

    def inject(number: int) -> End:
        copy(home)
        names = ("first", "third", "third")[: 2 + number % 2]
        loads = [(name, started(("load", kept().bundles[name], "--database", url(home)))) for name in names]
        go(*(process for _name, process in loads))
        done = [(name, ended(process)) for name, process in loads]
        loaded = [name for name, end in done if end.code == 0]
        for _name, end in done:
            if end.code and not end.is_sentence("Another load is under way"):
                return End(f"exit code {end.code}: {end.said[-300:]}")
        return End(_served(home, {*loaded}, 3))

    return inject


def _threads(folder: Path) -> Inject:
    """Loads of one process, which nothing keeps apart, while data versions are put into use and removed."""
    home = folder / "home"

    def inject(number: int) -> End:
        copy(home)
        errors: list[Exception] = []
        loads = [_beside(errors, load_bundle, kept().bundles[name], url(home)) for name in ("first", "third")[: 1 + number % 2]]
        changes = 0
        while any(load.is_alive() for load in loads):
            with suppress(SynapseError):  # the one in use cannot be removed
                act = remove_generation if changes % 4 == 3 else use_generation
                act(kept().versions["first" if changes % 2 else "second"], url(home))
            changes += 1
        if errors:
            return End(f"a load failed: {errors[0]}")
        found = [info.rows["patients"] for info in list_generations(url(home))]
        if any(kept().rows[name] not in found for name in ("first", "third")[: 1 + number % 2]):
            return End("a data version that was loaded is not there", lost=1)
        return End(_served(home, {"first", "second", "third"}, None))

    return inject


def _beside(errors: list[Exception], work: Callable[..., object], *given: object) -> threading.Thread:
    def run() -> None:
        try:
            work(*given)
        except Exception as error:  # noqa: BLE001 - whatever it is
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _served(home: Path, names: set[str], count: int | None) -> str:
    if (found := which(home)) not in names:
        return f"answers are those of {found}"
    if count is not None and len(list_generations(url(home))) != count:
        return f"there are {len(list_generations(url(home)))} data versions, not {count}"
    return unsound(home) or left_behind(home)


def _reading(folder: Path) -> Inject:
    """Three who ask all the time while another data version is published."""
    home = folder / "home"

    def inject(_number: int) -> End:
        forget()
        copy(home)
        errors: list[Exception] = []
        seen: set[str] = set()
        done = threading.Event()

        def read() -> None:
            while not done.is_set():
                seen.add(asked(open_clinic(url(home))))

        readers = [_beside(errors, read) for _ in range(3)]
        load_bundle(kept().bundles["third"], url(home))
        done.set()
        for reader in readers:
            reader.join()
        known = {kept().answers[name] for name in ("second", "third")}
        return End(
            f"a question failed: {errors[0]}"
            if errors
            else "a mixture of two data versions"
            if seen - known
            else _served(home, {"third"}, 3)
        )

    return inject


CLASSES = (
    Faults(
        "two or three loads at once, in processes of their own",
        "One is loaded; the others are told since when another is under way, or loaded after it.",
        10,
        1,
        _commands,
    ),
    Faults("data versions put into use and removed during loads", "Every data version that was loaded is there, whole, and one of them serves.", 10, 1, _threads),
    Faults("questions while a data version is published", "Each answer is that of one data version, never a mixture.", 10, 1, _reading),
)  # fmt: skip
