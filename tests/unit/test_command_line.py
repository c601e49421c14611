"""The command line: exit codes, machine formats, and nothing but data on stdout."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from synapse_analytics import audit
from synapse_analytics.__main__ import main
from synapse_analytics.audit import chain
from synapse_analytics.audit.entries import Entry
from synapse_analytics.store import list_generations
from tests.conftest import SAMPLE

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; gives exit code, stdout and stderr."""

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["synapse-analytics", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            main()
        written = capsys.readouterr()
        return int(stopped.value.code or 0), written.out, written.err

    return command


def damaged(folder: Path, file: str, change: Callable[[bytes], bytes]) -> Path:
    """A copy of the sample bundle with one file changed and no sha256 in the manifest to give it away."""
    bundle = folder / "bundle"
    shutil.copytree(SAMPLE, bundle, ignore=shutil.ignore_patterns("README.md"))
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    manifest.pop("files", None)
    (bundle / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (bundle / file).write_bytes(change((bundle / file).read_bytes()))
    return bundle


def field_set(column: str, value: str, row: int = 3) -> Callable[[bytes], bytes]:
    """Set one field of one data row (1 = first) of a plain CSV."""

    def change(raw: bytes) -> bytes:
        lines = raw.decode("utf-8").split("\n")
        cells = lines[row].rstrip("\r").split(",")
        cells[lines[0].rstrip("\r").split(",").index(column)] = value
        lines[row] = ",".join(cells)
        return "\n".join(lines).encode("utf-8")

    return change


def first_odi_101(raw: bytes) -> bytes:
    lines = raw.decode("utf-8").split("\n")
    row = next(number for number, line in enumerate(lines) if ",odi," in line)
    return field_set("value", "101", row)(raw)


def with_column(name: str, value: str) -> Callable[[bytes], bytes]:
    def change(raw: bytes) -> bytes:
        lines = raw.decode("utf-8").rstrip("\n").split("\n")
        return "\n".join([f"{lines[0]},{name}", *(f"{line},{value}" for line in lines[1:]), ""]).encode("utf-8")

    return change


def row_set(text: str, row: int = 3) -> Callable[[bytes], bytes]:
    """Put one character string before a data row, which shifts or breaks it."""

    def change(raw: bytes) -> bytes:
        lines = raw.split(b"\n")
        lines[row] = text.encode("latin-1") + lines[row]
        return b"\n".join(lines)

    return change


REFUSED: dict[str, tuple[str, Callable[[bytes], bytes], str, str]] = {
    # case: file, damage, column (or "" where the line as a whole is wrong), the value that must not be printed
    "a shifted row": ("patients.csv", row_set("x7531x,"), "", "x7531x"),
    "a stray quote": ("patients.csv", row_set('q7531"q'), "", "q7531"),
    "a Latin-1 file": ("episodes.csv", row_set("M\xfcller"), "", "ller"),
    "an orphan score": ("scores.csv", field_set("episode_id", "NOBODY7531"), "episode_id", "NOBODY7531"),
    "odi 101": ("scores.csv", first_odi_101, "value", ""),
    "a phone number in a code column": ("patients.csv", field_set("sex", "9876543210"), "sex", "9876543210"),
    "a date_of_birth column": ("patients.csv", with_column("date_of_birth", "1961-05-07"), "date_of_birth", "1961-05-07"),
    "an age of 93": ("patients.csv", field_set("age_years", "93"), "age_years", ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_check_names_the_place(case: str, run: Run, tmp_path: Path) -> None:
    file, change, column, secret = REFUSED[case]
    code, out, _ = run("check", damaged(tmp_path, file, change), "--format", "json")
    report = json.loads(out)
    places = [(p["file"], bool(p["line"]), p["column"] or "", bool(p["rule"])) for p in report["problems"]]
    assert code == 2
    assert report["accepted"] is False
    assert (file, True, column, True) in places if column else any(p[:2] == (file, True) for p in places)
    assert not secret or secret not in out


@pytest.mark.parametrize("case", REFUSED)
def test_old_generation_serves_after_refusal(case: str, run: Run, tmp_path: Path, sample_store: str) -> None:
    file, change, _, secret = REFUSED[case]
    before = [g.id for g in list_generations(sample_store)]
    code, out, err = run("load", damaged(tmp_path, file, change), "--database", sample_store)
    assert code == 2
    assert not secret or secret not in out + err
    assert [g.id for g in list_generations(sample_store)] == before
    assert run("answer", "diagnosis_mix", "--database", sample_store, "--format", "json")[0] == 0


def test_accepted_bundle_exits_zero(run: Run) -> None:
    code, out, _ = run("check", SAMPLE, "--format", "json")
    report = json.loads(out)
    assert (code, report["accepted"], report["problems"]) == (0, True, [])
    assert report["rows"]["patients.csv"] == 2000


def test_load_publishes_and_logs(run: Run, tmp_path: Path) -> None:
    database = f"duckdb:///{tmp_path / 'store'}"
    code, out, _ = run("load", SAMPLE, "--database", database)
    assert code == 0
    assert list_generations(database)[0].id in out
    code, _, err = run("audit", "verify", "--database", database)
    assert (code, "complete and unchanged" in err) == (0, True)


def test_answers_are_listed(run: Run) -> None:
    code, out, _ = run("answers", "--format", "json")
    listed = {entry["name"]: entry for entry in json.loads(out)}
    assert code == 0
    assert {"overview", "diagnosis_mix", "pathways", "score_over_time", "responders", "attrition"} <= set(listed)
    assert all(entry["question"] for entry in listed.values())


@pytest.mark.slow
def test_every_answer_is_json(run: Run, sample_store: str) -> None:
    for entry in json.loads(run("answers", "--format", "json")[1]):
        code, out, _ = run("answer", entry["name"], "--database", sample_store, "--format", "json")
        document = json.loads(out)
        assert code == 0, entry["name"]
        assert {"name", "cohort", "generation", "policy", "options", "n", "withheld", "tables"} <= set(document), entry["name"]


def test_answer_as_csv_reads_back(run: Run, sample_store: str) -> None:
    _, out, _ = run("answer", "diagnosis_mix", "--database", sample_store, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert sum(int(row["n"]) for row in rows) >= 2000


def test_tiny_cohort_exits_three(run: Run, sample_store: str) -> None:
    cohort = "diagnosis=other_spinal&sex=male&site=S02"  # three patients
    code, out, err = run("answer", "diagnosis_mix", "--cohort", cohort, "--database", sample_store, "--format", "json")
    document = json.loads(out)
    assert (code, document["n"], any(document["tables"].values())) == (3, None, False)
    assert "fewer than 5" in err.lower()


@pytest.mark.parametrize(
    "arguments",
    [
        ("answer", "nothing_like_this"),
        ("answer", "diagnosis_mix", "--option", "by=shoe_size"),
        ("answer", "diagnosis_mix", "--option", "by"),
        ("answer", "diagnosis_mix", "--cohort", "diagnosis=measles"),
        ("answer",),
        ("generations", "use"),
        ("generations", "fly"),
        ("nonsense",),
        ("check",),
    ],
)
def test_wrong_usage_exits_one(arguments: tuple[str, ...], run: Run, sample_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert err.strip()


def test_cohort_is_saved_and_opened(run: Run, sample_store: str, tmp_path: Path) -> None:
    shutil.copytree(Path(sample_store.removeprefix("duckdb:///")), tmp_path / "store")
    at = ("--database", f"duckdb:///{tmp_path / 'store'}")
    assert run("cohort", "--saved", *at)[:2] == (0, "Saved cohorts: nothing to show.\n")
    code, _, err = run("cohort", "sex=female", "--save", "Women", *at)
    assert (code, err) == (0, "Saved as 'Women'.\n")
    code, out, err = run("cohort", "sex=male", "--save", "Women", *at)
    assert (code, out) == (1, "")
    assert "There is already a saved cohort 'Women'" in err
    (listed,) = json.loads(run("cohort", "--saved", *at, "--format", "json")[1])
    assert (listed["name"], listed["sentence"], listed["url"]) == ("Women", "Women", "sex=female")
    opened = json.loads(run("cohort", "--named", "Women", *at, "--format", "json")[1])
    assert opened["url"] == "sex=female"
    assert opened["attrition"]
    assert opened["since"].endswith(" patients. Nothing has changed since.")
    assert "Nearest: Women" in run("cohort", "--named", "Woman", *at)[2]


@pytest.mark.parametrize("which", [(), ("sex=female", "--saved"), ("--saved", "--named", "a"), ("--save", "a"), ("--saved", "--save", "a")])
def test_cohort_is_named_in_one_way(run: Run, sample_store: str, which: tuple[str, ...]) -> None:
    code, out, err = run("cohort", *which, "--database", sample_store)
    assert (code, out) == (1, "")
    assert "Which cohort? Allowed: 'QUERY', 'QUERY --save NAME'" in err


def test_cohort_shows_its_forms(run: Run, sample_store: str) -> None:
    code, out, _ = run("cohort", "sex=female&diagnosis=spinal_stenosis", "--database", sample_store, "--format", "json")
    shown = json.loads(out)
    assert code == 0
    assert shown["url"] == "diagnosis=spinal_stenosis&sex=female"
    assert shown["python"].startswith("Cohort(")
    assert shown["attrition"][0]["filter"] == "all"


def test_serve_refuses_other_addresses(run: Run) -> None:
    code, _, err = run("serve", "--address", "0.0.0.0")  # noqa: S104 - that it is refused is the test
    assert code == 3
    assert "sign-in" in err


def test_dictionary_lists_every_column(run: Run) -> None:
    code, out, _ = run("dictionary", "--format", "json")
    assert code == 0
    assert any("age_years" in row.values() for row in json.loads(out))


def test_generate_is_reproducible(run: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("generate", tmp_path / name, "--patients", "50", "--seed", "3")[0] == 0
    assert (tmp_path / "one" / "scores.csv").read_bytes() == (tmp_path / "two" / "scores.csv").read_bytes()


@pytest.mark.slow
def test_what_was_done_is_said_when_the_log_fails(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data are loaded by the time the log is written: to say that nothing was done would make people load again."""
    database = f"duckdb:///{tmp_path / 'store'}"

    write = chain.write

    def no_space(folder: Path, entries: Sequence[Entry]) -> None:
        if any(entry["event"] == audit.Event.PUBLISH for entry in entries):
            raise OSError(28, "No space left on device")
        write(folder, entries)

    monkeypatch.setattr(chain, "write", no_space)
    code, _, err = run("load", SAMPLE, "--database", database)
    (loaded,) = list_generations(database)
    assert code == 1
    assert f"Data version {loaded.id} was loaded and is in use: the audit log" in " ".join(err.split())
    assert "No space left" in err


def test_a_file_in_the_way_is_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("generate", tmp_path / "file" / "bundle", "--patients", "5")
    assert code == 1
    assert err.strip().startswith("The system refused to read or write")


@pytest.mark.parametrize("place", [".", "not/there/rows.zip"])
def test_an_export_that_cannot_be_put_is_not_logged(place: str, run: Run, sample_store: str, tmp_path: Path) -> None:
    home = Path(sample_store.removeprefix("duckdb:///"))
    asked = len(list(audit.lines(home, audit.Event.EXPORT_ASKED)))
    code, _, err = run("export", tmp_path / place, "--purpose", "a test", "--database", sample_store)
    assert code == 1
    assert "folder" in err
    assert len(list(audit.lines(home, audit.Event.EXPORT_ASKED))) == asked


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cohort", "treatment=discectomy"], "cannot be chosen by: Treatment received (treatment)"),
        (["--cohort", "month_from=2020-02"], "month_from must be a January"),
        (["--cohort", "age_band=18-39"], "age_from=20, age_to=39"),
        (["--table", "patients", "--cohort", "site=S01"], "cannot be chosen by: Site (site)"),
        (["--cohort", "age_to=4"], "fewer than 5 patients"),
        (["--policy", "publish"], "no rows can be exported"),
    ],
)
def test_an_export_that_is_not_allowed_says_why(run: Run, sample_store: str, tmp_path: Path, arguments: list[str], said: str) -> None:
    code, out, err = run("export", tmp_path / "rows.zip", "--purpose", "a test", "--database", sample_store, *arguments)
    assert (code, out) == (3, "")
    assert said in " ".join(err.split())
    assert not list(tmp_path.glob("rows*"))


def test_an_export_says_what_it_wrote(run: Run, sample_store: str, tmp_path: Path) -> None:
    cohort = "sex=female&site=S01&month_from=2021-01&month_to=2022-12"
    code, _, err = run("export", tmp_path / "rows.zip", "--purpose", "a test", "--cohort", cohort, "--database", sample_store)
    assert code == 0
    assert "rows were left out, because a value that a filter asks for is blank there" in " ".join(err.split())


@pytest.mark.slow
def test_damaged_generations_are_named(run: Run, tmp_path: Path) -> None:
    database = f"duckdb:///{tmp_path / 'store'}"
    run("load", SAMPLE, "--database", database)
    (loaded,) = list_generations(database)
    manifest = tmp_path / "store" / "generations" / loaded.id / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text("{")
    code, out, err = run("generations", "--database", database)
    assert code == 0
    assert loaded.id not in out
    assert loaded.id in err.replace("\n", "")


def test_a_broken_log_is_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "audit.sqlite").write_bytes(b"not a database" * 100)
    (tmp_path / "audit.key").write_bytes(b"k" * 32)
    for action in ("verify", "export"):
        code, _, err = run("audit", action, "--database", f"duckdb:///{tmp_path}")
        assert code == 1
        assert "cannot be read" in " ".join(err.split())


@pytest.mark.parametrize("manifest", [None, '{"synthetic": false}', "nonsense"])
def test_records_are_never_written_over(manifest: str | None, run: Run, tmp_path: Path) -> None:
    (tmp_path / "scores.csv").write_text("records of a clinic")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    code, _, err = run("generate", tmp_path, "--patients", "5")
    assert code == 1
    assert "Name another folder" in " ".join(err.split())
    assert (tmp_path / "scores.csv").read_text() == "records of a clinic"
    assert not (tmp_path / "patients.csv").exists()


@pytest.mark.parametrize("name", ["patients.parquet", "manifest.json"])
def test_no_form_of_records_is_written_over(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / name).write_text('{"synthetic": false}')
    assert run("generate", tmp_path, "--patients", "5")[0] == 1
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_truth_replaces_a_truth_only(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("mine")
    code, _, err = run("generate", tmp_path / "bundle", "--patients", "5", "--truth", tmp_path / "mine.json")
    assert (code, (tmp_path / "mine.json").read_text()) == (1, "mine")
    assert "Name another file" in " ".join(err.split())
    for _again in range(2):
        assert run("generate", tmp_path / "bundle", "--patients", "5", "--truth", tmp_path / "truth.json")[0] == 0


def test_a_made_up_bundle_may_be_made_anew(run: Run, tmp_path: Path) -> None:
    for patients in ("5", "6"):
        assert run("generate", tmp_path / "bundle", "--patients", patients)[0] == 0
    assert len((tmp_path / "bundle" / "patients.csv").read_text().splitlines()) == 7


def test_a_port_that_cannot_be_is_refused(run: Run) -> None:
    code, _, err = run("serve", "--port", "99999999")
    assert code == 1
    assert "65535" in err
