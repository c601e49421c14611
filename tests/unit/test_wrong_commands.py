"""Every command with a wrong argument: one sentence that says what is wrong and what is legal, the documented exit code, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from synapse_analytics import audit
from tests.unit.test_command_line import Run, run

__all__ = ["run"]  # the fixture

LONG = "x" * 5_000
ANSWER, MINE, EXPORT = ("answer", "diagnosis_mix"), ("answer", "patients_like_mine"), ("export", "rows.zip", "--purpose", "for a test")
REPORT, COHORT = ("report", "report.html"), ("cohort",)
# The words of the command, its exit code, and what the sentence must say.
WRONG: tuple[tuple[tuple[str, ...], int, str], ...] = (
    *(((*ANSWER, "--option", f"{name}=1"), 1, f"diagnosis_mix has no option {name}. It has: by.")
      for name in ("name", "cohort", "clinic", "recall", "policy", "asker", "function", "self", "options", "given", "NAME", "b y", "\u0663")),
    ((*ANSWER, "--option", "by"), 1, "--option takes name=value; 'by' has no '='."),
    ((*ANSWER, "--option", "=1"), 1, "--option takes name=value; '=1' has no name."),
    ((*ANSWER, "--option", ""), 1, "--option takes name=value; '' has no '='."),
    ((*ANSWER, "--option", "by=sex", "--option", "by=site"), 1, "The option by is given twice: 'sex' and 'site'. Give it once."),
    ((*ANSWER, "--option", "by=shoe_size"), 1, "Option by cannot be 'shoe_size'. Allowed: diagnosis, sex,"),
    ((*ANSWER, "--option", "by=sex "), 1, "Option by cannot be 'sex '. Allowed:"),
    ((*ANSWER, "--option", f"by={LONG}"), 1, "Option by cannot be 'xxx"),
    *(((*MINE, "--option", f"age={text}"), 1, f"Option age cannot be '{text}'. Allowed: 0 to 90.")
      for text in ("1000", "-5", "abc", "nan", "inf", "1e400", "5e1", "1_0", "\u0665\u0660", "50 ", "+50", "0x10", "true")),
    ((*MINE, "--option", "width=\u0662"), 1, "Option width cannot be '\u0662'. Allowed: 0.5,"),
    (("answer", "pathways", "--option", "gap_collapse=31"), 1, "Option gap_collapse cannot be '31'. Allowed: 0, 7, 14, 30, 60, 90."),
    (("answer", "control_chart", "--option", "period=week"), 1, "Option period cannot be 'week'. Allowed: month, quarter"),
    (("answer", "compare_treatments", "--option", "a=nonsense"), 1, "Option a cannot be 'nonsense'. Allowed:"),
    (("answer", "no_such"), 1, "There is no analysis 'no_such'. There are:"),
    (("answer", ""), 1, "There is no analysis ''. There are:"),
    (("answer",), 1, "Missing argument 'name'."),
    ((*ANSWER, "--cohort", "shoe=1"), 1, "There is no filter 'shoe'."),
    ((*ANSWER, "--cohort", "diagnosis=gout"), 1, "Primary diagnosis: 'gout' is not known here"),
    ((*ANSWER, "--cohort", "site=S99"), 1, "Site: 'S99' is not known here"),
    ((*ANSWER, "--cohort", "clinician=pooled"), 1, "Clinician: 'pooled' is not known here"),
    ((*ANSWER, "--cohort", "age_from=\u0665\u0660"), 1, "Age from: '\u0665\u0660' is not known here"),
    ((*ANSWER, "--cohort", "%%%&&&=="), 1, "The cohort cannot be read."),
    ((*ANSWER, "--cohort", LONG), 1, "The cohort cannot be read."),
    ((*ANSWER, "--policy", "strict"), 1, "Unknown policy 'strict'. Allowed: clinic, publish."),
    ((*ANSWER, "--policy", "publish", "--option", "by=site"), 3, "does not allow a split by site. Allowed:"),
    ((*ANSWER, "--format", "xml"), 1, "'xml' is not one of 'table', 'json', 'csv'."),
    ((*ANSWER, "--table", "diagnoses"), 1, "--table says which table --out saves. Name the file too: --out FILE."),
    ((*ANSWER, "--out", "a.csv", "--table", "no_such"), 1, "has no table 'no_such'. It has: diagnoses."),
    *(((*ANSWER, "--out", name), 1, f"The name '{name}' does not say the format. Allowed endings: .csv, .xlsx, .parquet.")
      for name in ("answer", "folder", ".csv")),
    ((*ANSWER, "--out", "answer.txt"), 1, "There is no format 'txt'. Allowed endings: .csv, .xlsx, .parquet."),
    ((*ANSWER, "--out", ""), 1, "A path is empty. Name a file or a folder"),
    ((*ANSWER, "--out", "/dev/null/a.csv"), 1, "There is no folder '/dev/null'. Make it first,"),
    ((*ANSWER, "--out", "nowhere/a.csv"), 1, "There is no folder 'nowhere'. Make it first,"),
    (("export", "nowhere/rows.zip", "--purpose", "for a test"), 1, "There is no folder 'nowhere'. Make it first,"),
    (("report", "nowhere/report.html"), 1, "There is no folder 'nowhere'. Make it first,"),
    (("report", "/dev/full"), 1, "'/dev/full' is a device, not a file. Name a file, such as report.html."),
    ((*ANSWER, "--database", "mysql://x"), 1, "This database cannot be opened. Allowed: duckdb:///FOLDER"),
    ((*ANSWER, "--database", ""), 1, "This database cannot be opened. Allowed: duckdb:///FOLDER"),
    (("export", "rows.zip"), 1, "Missing option '--purpose'."),
    (("export", "rows.zip", "--purpose", " "), 1, "Say what the rows are for, in 3 to 300 characters"),
    (("export", "rows.zip", "--purpose", LONG), 1, "Say what the rows are for, in 3 to 300 characters"),
    (("export", "", "--purpose", "for a test"), 1, "A path is empty."),
    (("export", "folder", "--purpose", "for a test"), 1, "'folder' is a folder. Name the file to write"),
    ((*EXPORT, "--table", "doctors"), 1, "There is no export table 'doctors'. There are: patients,"),
    ((*EXPORT, "--columns", "name"), 1, "has no column name that may be exported. Allowed:"),
    ((*EXPORT, "--for", "pdf"), 1, "There is no format 'pdf'. Allowed: csv, excel, parquet, xlsx."),
    ((*EXPORT, "--cohort", "site=S99"), 1, "Site: 'S99' is not known here"),
    ((*EXPORT, "--cohort", "clinician=C01"), 3, "cannot be chosen by: Clinician (clinician)"),
    ((*EXPORT, "--policy", "publish"), 3, "Under the policy 'publish' no rows can be exported"),
    (COHORT, 1, "Which cohort? Allowed: 'QUERY'"),
    ((*COHORT, "shoe=1"), 1, "There is no filter 'shoe'."),
    ((*COHORT, "site=S99", "--save", "x"), 1, "Site: 'S99' is not known here"),
    ((*COHORT, "", "--save", ""), 1, "A saved cohort needs a name. Allowed: 1 to 60 characters"),
    ((*COHORT, "", "--save", LONG), 1, "A saved cohort needs a name. Allowed: 1 to 60 characters"),
    ((*COHORT, "--save", "x"), 1, "Which cohort? Allowed: 'QUERY'"),
    ((*COHORT, "--named", "no_such"), 1, "There is no saved cohort 'no_such'. Saved: none yet."),
    ((*COHORT, "age_from=60&age_to=50"), 1, "Age from 60 was after age to 50"),
    ((*REPORT, "--quarter", "2026-Q9"), 1, "'2026-Q9' is not a quarter. Write the year and the quarter, as 2026-Q3."),
    ((*REPORT, "--quarter", ""), 1, "'' is not a quarter."),
    ((*REPORT, "--quarter", "1900-Q1"), 1, "There are no data of 1900-Q1."),
    ((*REPORT, "--policy", "strict"), 1, "Unknown policy 'strict'. Allowed: clinic, publish."),
    ((*REPORT, "--cohort", "site=S99"), 1, "Site: 'S99' is not known here"),
    (("report", ""), 1, "A path is empty."),
    (("report", "folder"), 1, "'folder' is a folder. Name the file to write: folder/report.html."),
    (("check",), 1, "Missing argument 'bundle'."),
    (("check", ""), 1, "A path is empty."),
    (("check", "not_there"), 2, "Refused: 1 problem. Nothing was loaded."),
    (("load", ""), 1, "A path is empty."),
    (("load", "not_there"), 2, "There is no folder here, nor a zip file that can be read. 1 problem (not_a_bundle)."),
    (("load", "folder"), 2, "A file of the bundle is missing."),
    (("generate", ""), 1, "A path is empty."),
    (("generate", "g", "--truth", ""), 1, "A path is empty."),
    (("generate", "g", "--patients", "0"), 1, "'--patients': it should be greater than or equal to 1."),
    (("generate", "g", "--patients", "many"), 1, "'--patients': it should be a valid integer"),
    (("generate", "g", "--patients", "99999999999"), 1, "Patients cannot be 99,999,999,999. Allowed: 1 to 10000000."),
    (("generate", "g", "--patients", "5", "--seed", "-1"), 1, "Seed cannot be -1. Allowed: 0 to"),
    (("generate", "g", "--patients", "5", "--scenario", "x"), 1, "There is no scenario 'x'. Allowed: default,"),
    (("generations", "drop"), 1, "'drop' is not an action. Allowed: list, use ID, remove ID."),
    (("generations", "use"), 1, "Which data version? Name its id: generations use ID."),
    (("generations", "use", "../../etc"), 1, "There is no such data version. Allowed:"),
    (("generations", "list", "x"), 1, "'generations list' takes no ID; it was given 'x'."),
    (("answers", "x"), 1, "Got unexpected extra argument(s) (x)."),
    (("serve", "--port", "0"), 1, "'--port': it should be greater than or equal to 1."),
    (("serve", "--address", ""), 3, "The dashboard cannot be served on ''"),
    (("audit", "erase"), 1, "'erase' is not an action. Allowed: verify, list, questions, export, settle."),
    (("audit", "verify", "--user", "x"), 1, "'audit verify' does not take --user. Allowed with: audit list, audit questions."),
    (("audit", "questions", "--under", "0"), 1, "'--under': it should be greater than or equal to 1."),
    (("audit", "questions", "--since", "2026-13-01"), 1, "'2026-13-01' does not match the formats '%Y-%m-%d'."),
    (("no_such",), 1, "No such command 'no_such'."),
    (("--no-such",), 1, "No such option: --no-such"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def at_the_terminal(sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample data, an empty folder to stand in that holds a folder, and wide lines."""
    (tmp_path / "here" / "folder").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    monkeypatch.setenv("COLUMNS", "20000")
    monkeypatch.setattr(
        audit._batches, "write", lambda *_: None
    )  # the store is shared with other tests; commands hold on to `append` itself


@pytest.mark.parametrize(("words", "code", "said"), WRONG, ids=[" ".join(words)[:60] for words, _, _ in WRONG])
def test_a_wrong_argument_gets_a_sentence(run: Run, words: tuple[str, ...], code: int, said: str) -> None:
    stopped, out, told = run(*words)
    assert said in told
    assert stopped == code
    assert "Traceback" not in out + told
    assert LONG not in told
    assert [path.name for path in Path().rglob("*")] == ["folder"]
