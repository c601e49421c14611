"""Events of a REDCap project: visits of one episode or new referrals. One question is asked, and all rows follow from its answer."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from synapse_analytics.intake.draft import draft_mapping
from synapse_analytics.intake.mapping.leaves import changed, open_leaves
from synapse_analytics.intake.mapping.model import Mapping
from synapse_analytics.intake.mapping.reading import faults_of, open_questions, read_mapping
from synapse_analytics.intake.raw import RawTable
from synapse_analytics.intake.sources import read_source
from synapse_analytics.intake.sources.redcap_columns import arms_of
from synapse_analytics.intake.taking import taken
from tests.raw_tables import DAY_FIRST, mapping, raw_table, register, rule

RAW = Path(__file__).parents[2] / "sample_data" / "raw"
TOP = {("clinic",): "A clinic", ("data_until",): "2025-12", ("deidentified_by",): "a test"}


def test_one_answer_makes_episodes_of_the_events_of_a_project() -> None:
    tables = read_source(RAW / "redcap")
    drafted = draft_mapping(tables, source="redcap")
    assert (drafted.episode.is_, drafted.episode.id) == ("column", ("record_id", "redcap_event_name"))
    assert "'referral_1_arm_1', 'referral_2_arm_1'" in drafted.episode.why
    assert [leaf.ask.partition("?")[0] for leaf in open_leaves(drafted) if leaf.ask] == [
        "Is each event a new referral or a visit of the same one"
    ]
    assert "redcap_event_name" not in drafted.left_out["export.csv"], "the answer uses it"
    answered = changed(drafted, TOP | {("episode", "is"): "column"})
    assert open_questions(answered) == []
    found, _ = taken(tables, answered)
    known, _ = taken(tables, read_mapping(RAW / "redcap.mapping.yaml"))
    assert {name: len(frame) for name, frame in found.items()} == {name: len(frame) for name, frame in known.items()}
    pd.testing.assert_frame_equal(found["scores"], known["scores"])
    assert len(found["episodes"]) > len(found["patients"])


def drafted(names: list[str], form: str = "", **more: str) -> Mapping:
    """The draft of a project in which two patients have a diagnosis in each of these events."""
    lines = [f"{patient} {name} {form or '-'} M LCS 0{1 + number}-03-2024" for patient in "AB" for number, name in enumerate(names)]
    columns = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "sex", "diagnosis", "first_visit"]
    rows = [line.split() for line in lines]
    text = "\n".join(" ".join([*row, *(one.split()[number % len(names)] for one in more.values())]) for number, row in enumerate(rows))
    return draft_mapping([raw_table("export", f"{' '.join([*columns, *more])}\n{text}")], source="redcap")


@pytest.mark.parametrize("names", [["baseline_arm_1", "week_6_arm_1"], ["event_1_arm_1", "event_2_arm_1"]])
def test_of_events_whose_names_do_not_say_it_nothing_is_proposed(names: list[str]) -> None:
    episode = drafted(names).episode
    assert (episode.is_, episode.id) == ("?", ("record_id", "redcap_event_name"))
    assert episode.ask.startswith("Is each event a new referral or a visit of the same one?")


def test_a_visit_of_the_same_one_is_an_answer_that_needs_no_more() -> None:
    answered = changed(drafted(["week_0_arm_1", "week_6_arm_1"]), {("episode", "is"): "one_per_patient"})
    assert (answered.episode.is_, answered.episode.ask) == ("one_per_patient", "")
    assert not any("episode_id" in one.fields for one in answered.rows)


def test_arms_and_repeated_events_tell_episodes_apart() -> None:
    arms = drafted(["week_0_arm_1", "week_0_arm_2"], redcap_arm="1 2").episode
    assert (arms.is_, arms.id) == ("column", ("record_id", "redcap_arm"))
    assert "Is each arm a new referral" in arms.ask
    again = drafted(["referral_arm_1"] * 2, redcap_repeat_instance="1 2").episode
    assert (again.is_, again.id) == ("column", ("record_id", "redcap_event_name", "redcap_repeat_instance"))


def test_events_that_would_be_left_out_are_named_and_nothing_is_proposed() -> None:
    """Scores of a visit that is no referral would belong to none: whoever answers has to know."""
    text = "record_id redcap_event_name sex diagnosis first_visit odi\n"
    text += "\n".join(f"{one} referral_1 M LCS 05-03-2023 40\n{one} referral_2 M LCS 05-03-2024 50\n{one} week_6 - - - 30" for one in "AB")
    episode = draft_mapping([raw_table("export", text)], source="redcap").episode
    assert (episode.is_, episode.id) == ("?", ("record_id", "redcap_event_name"))
    assert "with column, the scores and treatments of 'week_6' are left out" in episode.why


def test_a_form_that_is_filled_for_each_referral_starts_an_episode_by_its_date() -> None:
    found = drafted(["all_arm_1"] * 2, "referral", redcap_repeat_instance="1 2").episode
    assert (found.is_, found.id) == ("referral", ())
    assert "'referral' is filled several times for a patient" in found.why
    assert found.ask.startswith("Is each time that this form was filled a new referral")


@pytest.mark.parametrize(
    ("events", "arms"),
    [
        (["week_0_arm_1", "week_6_arm_2"], ["1", "2"]),
        (["Week 0 (Arm 1: Main)", "Week 0 (Arm 2: Second problem)"], ["1", "2"]),
        (["week_0_arm_1", "week_6_arm_1"], None),
        (["week 0", None], None),
    ],
)
def test_the_arm_of_an_event(events: list[str | None], arms: list[str] | None) -> None:
    found = arms_of(pa.array(events, pa.string()))
    assert (found if found is None else found.to_pylist()) == arms


REGISTER = raw_table(
    "register",
    """
    mrn  event  sex  dob         first       dx
    001  a      M    01/02/1960  05/03/2023  PIVD
    001  b      M    01/02/1960  15/03/2024  LCS
    """,
)
BOTH = raw_table("answers", "mrn event on vas\n001 a 20/03/2024 7\n001 b 21/03/2024 3")
DATED = raw_table("answers", "mrn on vas\n001 20/03/2023 7\n001 21/03/2024 3")
ANSWERS = rule("answers", "scores", {"nrs_leg": "vas"}, patient_id="mrn", date={"from": "on", **DAY_FIRST})
EPISODES = {"is": "column", "id": ["mrn", "event"]}


def scores_of_episodes(answers: RawTable, rows: list[dict], **episode: object) -> list[tuple[str, float]]:
    """Event of the episode and value of each score."""
    frames, _ = taken([REGISTER, answers], mapping([*register(), *rows], episode=EPISODES | episode))
    names = frames["episodes"]["episode_id"].str.rpartition("\x1f")[2].to_numpy()
    return sorted(zip(names[frames["scores"]["episode"]], frames["scores"]["value"], strict=True))


def test_what_names_the_episode_is_said_once_for_all_rows() -> None:
    """The first answer was given late, on a day of the second episode: the event says to which one it belongs, not the date."""
    assert scores_of_episodes(BOTH, [ANSWERS]) == [("a", 7), ("b", 3)]


def test_a_table_without_these_columns_goes_by_its_dates_and_a_row_may_say_it_otherwise() -> None:
    assert scores_of_episodes(DATED, [ANSWERS]) == [("a", 7), ("b", 3)]
    own = {**ANSWERS, "fields": {**ANSWERS["fields"], "episode_id": {"from": ["mrn", "other"]}}}
    other = raw_table("answers", "mrn event other on vas\n001 a b 20/03/2024 7\n001 b a 21/03/2024 3")
    assert scores_of_episodes(other, [own]) == [("a", 3), ("b", 7)]


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        (["mrn", "evnt"], "episode, id: no table of `rows` has a column 'evnt'."),
        (["on", "event"], "episode, id: no table of `rows` has all of these columns."),
    ],
)
def test_columns_of_an_episode_that_are_not_there_are_a_fault(columns: list[str], sentence: str) -> None:
    how = mapping([*register(), ANSWERS], episode={"is": "column", "id": columns})
    faults = {fault.sentence: fault.advice for fault in faults_of(how, [REGISTER, DATED])}
    assert sentence in faults
    assert "evnt" not in sentence or "Did you mean 'event'?" in faults[sentence]
