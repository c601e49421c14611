"""The browser's half of `make bench`: its peers draw our numbers, what is replayed is somebody else's, and what misses a target is told."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import pytest
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import peer_clicking
from benchmarks.browser_tables import section
from benchmarks.browser_targets import Browsed, missed_in_browser
from benchmarks.browsing import TOGGLED
from benchmarks.clicked import Clicked, Frame, profile
from benchmarks.document import DOCUMENT, USERS_PART, browser_document
from benchmarks.measure import ROOT
from benchmarks.met import PEOPLE, Met, held
from benchmarks.met import section as people_section
from benchmarks.recording import answering, pages
from benchmarks.replaying import FILTER, MARK, OPENING, PAGE, Click, Visit, as_sent_by
from benchmarks.serving import Server, started
from benchmarks.sessions import Rerun, Session, fault
from benchmarks.signed_in import ROLES, people
from benchmarks.users import ROUNDS, Crowd, Tabs
from benchmarks.web_peers import charts, mix
from benchmarks.workloads import USERS
from benchmarks.written import part_of, write_part
from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.access import Person, Role, may_see
from synapse_analytics.clinic import Clinic
from synapse_analytics.cohort import FILTERS, Cohort
from synapse_analytics.web.cohort_bar import MAIN, SHORT
from synapse_analytics.web.menu import MENU

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SHARES = ("n", "share", "low", "high")


@pytest.fixture(scope="module")
def episodes(sample_store: str, sample_clinic: Clinic) -> pd.DataFrame:
    return mix.read(Path(sample_store.removeprefix("duckdb:///")) / "generations" / sample_clinic.generation.id)


def test_peers_know_our_codes() -> None:
    assert [term.label for term in v.DIAGNOSES] == list(mix.DIAGNOSES)
    assert [term.label for term in v.SEXES] == list(mix.SEXES)
    assert [band.label for band in v.AGE_BANDS] == list(mix.BANDS)
    assert [band.high for band in v.AGE_BANDS[:-1]] == list(mix.LAST_AGE[:-1])


@pytest.mark.parametrize(("address", "sexes", "bands"), [("", [], []), ("sex=male&age_band=40-64", ["Men"], ["40-64"])])
def test_peers_draw_our_mix(sample_clinic: Clinic, episodes: pd.DataFrame, address: str, sexes: list[str], bands: list[str]) -> None:
    cohort, asked = Cohort.from_url(address)[0], mix.chosen(episodes, sexes, bands)
    ours = analyses.answer(sample_clinic, "diagnosis_mix", cohort).tables["diagnoses"]
    same(ours, mix.mix(asked).to_dict("records"))
    left = analyses.answer(sample_clinic, "attrition", cohort).tables["steps"][-1]
    assert mix.who(asked) == f"{left['patients']:,} patients, {left['episodes']:,} episodes"


def test_peers_draw_our_mix_by_age_and_sex(sample_clinic: Clinic, episodes: pd.DataFrame) -> None:
    ours = analyses.answer(sample_clinic, "diagnosis_mix", by="age_sex").tables["diagnoses"]
    for code, sex in (("female", "Women"), ("male", "Men")):
        theirs = mix.mix_by_age(episodes, sex)
        assert {row["group"] for row in ours if row["group"].endswith(f"_{code}")} == {f"{band}_{code}" for band in theirs["age_band"]}
        for band, rows in theirs.groupby("age_band", observed=True):
            same([row for row in ours if row["group"] == f"{band}_{code}"], rows.to_dict("records"))


def same(ours: Any, theirs: Any) -> None:
    """The same numbers, but for those that are withheld from ours."""
    labels = {term.code: term.label for term in v.DIAGNOSES}
    assert [labels[row["diagnosis"]] for row in ours] == [str(row["diagnosis"]) for row in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        for column in SHARES:
            assert mine[column] is None or other[column] == pytest.approx(mine[column], abs=1e-12)


def test_peers_draw_three_charts(episodes: pd.DataFrame) -> None:
    bars = charts.of_all(episodes).to_dict()["data"]
    assert list(bars[0]["y"]) == list(mix.DIAGNOSES)
    dots = charts.by_age(episodes, "Women").to_dict()["data"]
    assert len(dots) == mix.mix_by_age(episodes, "Women")["age_band"].nunique()
    assert charts.sexes_drawn([]) == ("Women", "Men")
    assert charts.sexes_drawn(["Men", "Other sex"]) == ("Men",)


def test_filters_that_are_clicked_are_buttons_here_and_with_the_peers() -> None:
    assert "sex" in MAIN
    assert "sex" in SHORT  # drawn as buttons, beside no other filter that is
    assert set(TOGGLED) <= {FILTERS["sex"].label_of(code) for code in FILTERS["sex"].legal}
    assert set(TOGGLED) <= set(mix.SEXES)
    chosen = [frozenset(label for label in TOGGLED if TOGGLED[:turn].count(label) % 2) for turn in range(1, len(TOGGLED) + 1)]
    assert len(set(chosen)) == len(chosen)  # each click asks of another cohort
    assert chosen[-1] == frozenset()


def test_peers_have_the_versions_that_we_pin() -> None:
    ours = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")
    wanted = (ROOT / "benchmarks" / "web_peers" / "plain_streamlit_requirements.txt").read_text(encoding="utf-8")
    lines = [line for line in wanted.splitlines() if not line.startswith("#")]
    assert lines
    assert all(re.search(rf"^{re.escape(line)} \\$", ours, re.MULTILINE) for line in lines)


def test_dash_that_cannot_be_installed_leaves_its_column_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(command: list[str], **_options: Any) -> None:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(peer_clicking, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(subprocess, "run", refused)
    peer_clicking.main("dash", "a folder that nobody reads")
    written = capsys.readouterr()
    assert written.out == "null\n"
    assert written.err.startswith("Dash cannot be installed, its column stays empty")


def test_pages_that_answer_are_clicked_through(sample_store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNAPSE_HOME", sample_store.removeprefix("duckdb:///"))
    assert set(pages()) - set(answering()) == {"data", "export", "methods", "audit_log"}


def test_somebody_else_sends_the_same_of_another_age() -> None:
    message = BackMsg()
    message.rerun_script.query_string = f"sex=female&age_from={MARK}"
    message.rerun_script.fragment_id = "page"
    message.rerun_script.cached_message_hashes.append("known")
    for name, text in (("age", str(MARK)), ("month", "12")):
        message.rerun_script.widget_states.widgets.add(id=name, string_value=text)
    message.rerun_script.widget_states.widgets.add(id="ages").double_array_value.data.extend([MARK, 90])
    sent = BackMsg.FromString(as_sent_by(message, 41)).rerun_script
    assert (sent.query_string, sent.fragment_id, list(sent.cached_message_hashes)) == ("sex=female&age_from=41", "page", [])
    assert [widget.string_value for widget in sent.widget_states.widgets[:2]] == ["41", "12"]
    assert list(sent.widget_states.widgets[2].double_array_value.data) == [41, 90]
    assert message.rerun_script.query_string.endswith(str(MARK))


def test_everybody_is_another_person_and_goes_round_the_pages_of_the_role() -> None:
    everybody = people(USERS)
    assert len({person.name for person in everybody}) == USERS
    assert {person.role for person in everybody} == set(ROLES) == set(ROUNDS)
    seen = [page for pages in ROUNDS.values() for page in pages]
    assert set(MENU) - set(seen) == {"audit_log"}  # of administrators
    assert all(may_see(Person("x", frozenset({Role(role)})), page) for role, pages in ROUNDS.items() for page in pages)


def test_a_round_begins_anywhere_and_comes_to_every_page() -> None:
    visits = [Visit(Click(OPENING, page, []), [Click(FILTER, page, []), Click(PAGE, after, [])]) for page, after in ("ab", "bc", "ca")]
    clicks = list(Tabs("", visits).clicks(1))
    assert [(click.kind, click.page) for click in clicks[:4]] == [(OPENING, "b"), (FILTER, "b"), (PAGE, "c"), (FILTER, "c")]
    assert len(clicks) == 1 + 2 * len(visits)


class Answering:
    """A server that gives the same answer to whatever it is told; the moments are a second apart."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers

    async def ask(self) -> Rerun:
        """What a session makes of it."""
        mine = Session(self)  # type: ignore[arg-type]
        self.heard = mine.heard
        return await mine.ask([BackMsg()], 41, "aged 41 or over")

    async def send(self, _message: bytes) -> None:
        for number, data in enumerate(self.answers):
            self.heard.put_nowait((float(number), data))


def finished(status: Any, text: str = "") -> list[bytes]:
    """The last messages of a run."""
    words, end = ForwardMsg(), ForwardMsg()
    words.delta.new_element.markdown.body = text
    end.script_finished = status
    return [words.SerializeToString(), end.SerializeToString()]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rerun]:
    """What a session makes of these messages, without much patience."""
    monkeypatch.setattr("benchmarks.sessions.CALM", 0.01)
    monkeypatch.setattr("benchmarks.sessions.LONGEST", 0.1)
    return lambda *answers: asyncio.run(Answering(*answers).ask())


def test_a_rerun_ends_with_its_last_run(asked: Callable[..., Rerun]) -> None:
    early = finished(ForwardMsg.FINISHED_EARLY_FOR_RERUN, "aged 41 or over")
    one = finished(ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
    new = ForwardMsg()
    new.new_session.SetInParent()
    two = [new.SerializeToString(), *finished(ForwardMsg.FINISHED_SUCCESSFULLY)]
    short, long = asked(*early, *one), asked(*early, *one, *two)
    assert (short.error, long.error) == ("", "")
    assert long.seconds - short.seconds == pytest.approx(len(two), abs=0.5)


def test_what_goes_wrong_is_told(asked: Callable[..., Rerun]) -> None:
    wrong = ForwardMsg()
    wrong.delta.new_element.exception.type = "ValueError"
    assert fault(wrong.SerializeToString()) == "ValueError"
    done = finished(ForwardMsg.FINISHED_SUCCESSFULLY, "aged 41 or over")
    assert asked(wrong.SerializeToString(), *done).error == "ValueError"
    other = finished(ForwardMsg.FINISHED_SUCCESSFULLY, "aged 40 or over")
    assert asked(*other).error == "the page does not name its cohort"
    assert asked().error == "TimeoutError"
    broken = finished(ForwardMsg.FINISHED_WITH_COMPILE_ERROR, "aged 41 or over")
    assert asked(*broken).error == "does not compile"


def test_a_sentence_that_something_failed_is_an_error() -> None:
    wrong = ForwardMsg()
    wrong.delta.new_element.alert.body = "The data cannot be read."
    assert fault(wrong.SerializeToString()) == ""
    wrong.delta.new_element.alert.format = Alert.ERROR
    assert fault(wrong.SerializeToString()) == "the page says: The data cannot be read."


def met(ms: float, error: str = "", rise: float = 0.0) -> Met:
    """Ten minutes in which every click took so many ms, and the server grew by so many MB a minute."""
    found = Met(worked=0.2, memory=[(second, 300 + rise * second / 60) for second in range(0, 601, 5)])
    found.saw(Click(OPENING, "overview", []), Rerun(ms / 1000), shared=True)
    found.saw(Click(FILTER, "overview", []), Rerun(ms / 1000, error), shared=False)
    return found


def test_people_are_counted_together() -> None:
    text = people_section({PEOPLE: met(250), "plain Streamlit": met(900)}, "2 people", "--minutes 10")
    assert "| all clicks | 2 | 250 | 250 | 250 | 250 | 300 |" in text
    assert "| overview | 2 | 250 |" in text
    assert "| plain Streamlit: filter | 1 | 900 |" in text
    assert "Errors: 0. The target is met. For each click the server takes 100 ms of a processor." in text
    assert "Errors: 1 (overview: TimeoutError (1)). The target is missed." in people_section({PEOPLE: met(400, "TimeoutError")}, "", "")


def test_memory_that_grows_is_not_flat() -> None:
    assert held(met(1, rise=1).memory).endswith("+1.0 MB a minute, +1.6% in all: flat (rule: less than 5%).")
    assert "310 MB after 10 min" in held(met(1, rise=1).memory)
    assert "not flat" in held(met(1, rise=6).memory)


def test_what_is_closed_under_somebody_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_given: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr("benchmarks.users.session", refused)
    monkeypatch.setattr("benchmarks.users.THINKING", (0.0, 0.001))
    found = Met()
    web = httpx.AsyncClient()  # takes longer to make than they stay
    here = Crowd(Server("http://127.0.0.1:1", 0), time.monotonic() + 0.05, found, web)
    asyncio.run(here.person(1, Tabs("", [])))
    assert set(found.errors) == {"ConnectionRefusedError"}


def test_a_part_of_a_document_is_written_in_its_place(tmp_path: Path) -> None:
    place = tmp_path / "page.md"
    place.write_text("# Page\n<!-- a: written by a command -->\nold\n<!-- a: end -->\nby hand\n", encoding="utf-8")
    write_part(place, "a", "new")
    assert place.read_text(encoding="utf-8").splitlines()[2:] == ["new", "<!-- a: end -->", "by hand"]
    assert part_of(place.read_text(encoding="utf-8"), "a") == "new"
    with pytest.raises(ValueError, match="there is no place for this part"):
        write_part(place, "b", "new")
    assert "<!-- people: end -->" in DOCUMENT.read_text(encoding="utf-8")
    assert USERS_PART == "people"


def test_what_a_server_says_is_there_when_something_went_wrong() -> None:
    with started(lambda port: [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"], "README.md") as server:
        assert "GET /README.md" in server.last_words()  # said as an error would be
        assert server.worked() > 0


def test_memory_is_that_of_the_processes() -> None:
    here = Server("", os.getpgid(0))
    assert here.megabytes() > 20
    assert here.worked() > 0


def test_a_click_is_taken_apart() -> None:
    message = ForwardMsg()
    message.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
    frames = [Frame(9.99, 1, message=ForwardMsg()), Frame(10.0, 5, asked=BackMsg()), Frame(10.1, 2_000, message)]
    found = profile([Clicked(150.0, {}, dict.fromkeys(("script", "style", "layout", "all"), 3.0), frames)])
    assert found["last_message"] == pytest.approx(100)
    assert (found["last_change"], found["messages"], found["kB"], found["work"]["script"]) == (150.0, 2, 2.001, 3.0)


def browsed(ms: float, patients: int = 100_000) -> Browsed:
    """A result in which everything on a page of the browser takes so many ms."""
    work = dict.fromkeys(("script", "style", "layout", "all"), ms)
    parts = dict.fromkeys(("first_message", "last_message", "last_change"), ms) | {"work": work, "messages": 100, "kB": 40.0}
    page = {
        "first": ms,
        "shift": 0.02,
        "filter": ms,
        "known": ms,
        "option": ms,
        "tab": None,
        "profile": parts,
        "tall": {"first": ms, "filter": ms},
    }
    peers: dict[str, dict[str, float] | None] = {kind: {"first": 1_000.0, "filter": 400.0} for kind in ("streamlit", "dash")}
    return Browsed(patients, dict.fromkeys(("overview", "diagnoses", "pathways", "variation"), page), peers)


def test_a_missed_target_of_the_browser_is_told() -> None:
    assert missed_in_browser([browsed(190.0)]) == []
    slow = [line.partition(" at 100,000")[0] for line in missed_in_browser([browsed(310.0)])]
    options = [f"- {page}: option" for page in ("overview", "diagnoses", "pathways", "variation")]
    assert set(slow) == {"- overview: filter click", "- diagnoses: filter click", *options}
    assert any(line.endswith("target 0.5x, measured 0.70x") for line in missed_in_browser([browsed(280.0, patients=1_000_000)]))
    moved = browsed(100.0)
    moved.clicking["variation"] = moved.clicking["variation"] | {"shift": 0.3}
    assert [line.partition(": target")[2] for line in missed_in_browser([moved])] == [" under 0.1, measured 0.30"]


def test_document_of_the_browser() -> None:
    text = browser_document([browsed(1_600.0)], "make bench")
    assert "| diagnoses | 1,600 | 0.02 | 1,600 | 300 | 1,600 | 1,600 |  |" in text
    assert "| filter click | 100,000 | 1,600 | 400 | 4.00x | 400 | 4.00x | 1.0x Dash |" in text
    assert "- variation: first page at 100,000 patients: target 1,500 ms, measured 1,600 ms" in text
    without = replace(browsed(1.0), web_peers={"streamlit": None, "dash": None})
    assert "| filter click | 100,000 | 1 |  |  |  |  | 1.0x Dash |" in section([without])
    assert missed_in_browser([without]) == []
