"""The command line and the Python that a drawer shows: executed, they give the numbers of the table they were shown under."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics import analyses, exports, open_clinic
from synapse_analytics.__main__ import main
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import Cohort
from synapse_analytics.disclosure import Released
from synapse_analytics.exports import again
from tests.made_once import made_once
from tests.odd_codes import CLINICIANS, SITES, odd_clinic

WOMEN = Cohort(sex=("female",), month_from="2022-01", month_to="2022-12", diagnosis=("spinal_stenosis",))
INSIDE_ONLY = {"patients_like_mine", "funnel", "units_outside"}  # never asked under `publish`
UNDEFINED = {("better_or_worse", "eq_vas"), ("responders", "eq_vas")}  # no change of it is called important
PROGRAM = again.PROGRAM.split()
OF_THE_DAY = ("# Date", "# Use")  # lines of a file that say when and by whom it was made


def python_gives(code: str) -> dict[str, Any]:
    """The names after the shown Python has run."""
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  (it is what the test is about)
    return names


def command_gives(command: str, folder: Path, patch: pytest.MonkeyPatch) -> list[str]:
    """The lines of the file that the shown command saves, run where it is pasted into a shell."""
    words = shlex.split(command)
    assert words[: len(PROGRAM)] == PROGRAM
    patch.setattr("sys.argv", ["synapse-analytics", *words[len(PROGRAM) :]])
    patch.chdir(folder)
    with pytest.raises(SystemExit) as stopped:
        main()
    assert not stopped.value.code
    return lines((folder / words[-1]).read_bytes())


def lines(file: bytes) -> list[str]:
    return [line for line in file.decode().splitlines() if not line.startswith(OF_THE_DAY)]


def check(clinic: Clinic, released: Released, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Both ways give the numbers of the answer, and the command saves the file that the button saves."""
    for table in list(released.tables)[:1]:
        names = python_gives(exports.python_code(released, table))
        assert names["answer"].tables == released.tables
        assert (names["answer"].policy, names["answer"].options) == (released.policy, released.options)
        assert names["table"].equals(exports.as_frame(released, table))
        saved = command_gives(exports.command_line(released, table), folder, patch)
        assert saved == lines(exports.table_bytes(released, table, clinic))


def asked() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every answer under both policies with its options as they are, and with each option as it is not by default."""
    for name, entry in analyses.answers().items():
        if name not in INSIDE_ONLY:
            yield "publish", name, {}
        yield "clinic", name, {}
        for option in entry.options:
            other = [value for value in option.legal or () if value != option.default]
            for value in dict.fromkeys([*other[:1], *other[-1:]]):
                if (name, value) not in UNDEFINED:
                    yield "clinic", name, {option.name: value}


@pytest.mark.parametrize(("policy", "name", "options"), list(asked()), ids=str)
def test_every_answer_is_given_again(
    sample_clinic: Clinic, policy: str, name: str, options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = sample_clinic.under(policy)
    monkeypatch.setenv("SYNAPSE_HOME", str(handle.home))
    released = analyses.answer(handle, name, Cohort() if policy == "clinic" else WOMEN, **options)
    check(handle, released, tmp_path, monkeypatch)


def test_a_cohort_of_odd_codes_is_given_again(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = made_once(tmp_path_factory, "odd", odd_clinic) / "store"
    monkeypatch.setenv("SYNAPSE_HOME", str(store))
    clinic = open_clinic()
    for cohort in (Cohort(site=SITES), Cohort(clinician=CLINICIANS), Cohort(site=("-2e3",)), Cohort(site=("_a_", "NA"), sex=("male",))):
        check(clinic, analyses.diagnosis_mix(clinic, cohort, by="site"), tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "word",
    [
        "plain",
        "a b",
        "a&b=c",
        "'",
        '"',
        "$HOME",
        "`id`",
        "a;b",
        "a|b",
        "*",
        "~",
        "#",
        "\\",
        "a\nb",
        "!!",
        "",
        "--option",
        "(",
        "ä",
        "%41",
        "x=$(id)",
    ],
)
def test_a_shell_reads_a_word_as_it_is(word: str) -> None:
    quoted = again._quoted(word)
    assert shlex.split(quoted) == [word]
    said = subprocess.run(["/bin/sh", "-c", f"printf %s {quoted}"], capture_output=True, text=True, check=True).stdout
    assert said == word


def test_options_that_are_as_they_are_by_default_are_not_written(sample_clinic: Clinic) -> None:
    mix = analyses.diagnosis_mix(sample_clinic, Cohort())
    assert exports.command_line(mix, "diagnoses") == (
        "python -m synapse_analytics answer diagnosis_mix --table diagnoses --out diagnosis_mix-diagnoses-everybody-inside.csv"
    )
    split = exports.command_line(analyses.diagnosis_mix(sample_clinic.under("publish"), Cohort(sex=("female",)), by="year"), "diagnoses")
    assert "--cohort sex=female --option by=year --policy publish --table diagnoses" in split
    alone = analyses.symptoms(sample_clinic, Cohort(), by=None)
    assert "--option by= --table" in exports.command_line(alone, "symptoms"), "what is split by default may be asked for unsplit"
