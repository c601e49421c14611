"""Commands with wrong words, odd words, and files of YAML and JSON that a reader may choke on."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.hostile_yaml import HOSTILE, HOSTILE_JSON
from tests.faults.inside import Ended, at_home, command, drawn_home, not_words
from tests.faults.odd_words import commands, folder, words
from tests.faults.test_hostile_yaml import READERS, SECONDS, ended, test_hostile_manifest_of_a_bundle_is_a_problem_at_once
from tests.unit.test_wrong_commands import LONG, WRONG

CODES = {0, 1, 2, 3}
SAID = (
    "The command ends with the exit code 1, 2 or 3 that the documents name and a sentence that says what is legal; nothing else is written."
)
DONE_OR_SAID = (
    "The command does what the words mean, or ends with an exit code and a sentence; what it writes moves no cursor and sets no colour."
)
READ = "The file is read, or refused in a sentence that names it, within a second of work."
PAIRS = [(reader, name) for reader in READERS for name in HOSTILE]


def _wrong(place: Path) -> Inject:
    home = Path(shutil.copytree(drawn_home(), place / "home"))

    def inject(number: int) -> End:
        typed, code, said = WRONG[number]
        here = folder(place / f"{number}")
        with at_home(home) as patch:
            patch.chdir(here)
            end = command(patch, *typed)
        if end.code != code or said not in end.err:
            return End(f"exit code {end.code}: {end.err[:200]}")
        if LONG in end.err or [path.name for path in here.rglob("*")] != ["folder"]:
            return End("a word of 5,000 letters is repeated, or something is written")
        return _judged(end)

    return inject


def _odd(place: Path) -> Inject:
    home, known = Path(shutil.copytree(drawn_home(), place / "home")), commands()

    def inject(number: int) -> End:
        with at_home(home) as patch:
            patch.chdir(folder(place / f"{number}"))
            return _judged(command(patch, *words(number, known)))

    return inject


def _judged(end: Ended) -> End:
    if end.code not in CODES:
        return End(f"exit code {end.code}")
    if odd := [letter for letter in end.out + end.err if letter < " " and letter not in "\n\t"]:
        return End(f"the sign {odd[0]!r} is written to the terminal")
    return End(not_words(end.err)) if end.code else SURVIVED


def _files(place: Path) -> Inject:
    def inject(number: int) -> End:
        if number >= len(PAIRS):
            test_hostile_manifest_of_a_bundle_is_a_problem_at_once(list(HOSTILE_JSON)[number - len(PAIRS)])
            return SURVIVED
        reader, name = PAIRS[number]
        begin = time.thread_time()  # what other threads of a long run do is no work of the reader
        said = ended(reader, HOSTILE[name], place)
        if time.thread_time() - begin > SECONDS:
            return End(f"{reader}, {name}: it takes too long")
        return (
            SURVIVED
            if said.replace("\n", "").isprintable()
            else End(f"{reader}, {name}: the refusal is no text, or does not name the file")
        )

    return inject


CLASSES = (
    Faults("wrong commands", SAID, len(WRONG), 8, _wrong),
    Faults("odd words for every command", DONE_OR_SAID, 200, 15, _odd),
    Faults("hostile files of YAML and JSON", READ, len(PAIRS) + len(HOSTILE_JSON), 15, _files),
)
