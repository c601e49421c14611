"""The vectorised steps agree with the plain-Python twin for every combination of parameters."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synapse_analytics import vocabulary as v
from synapse_analytics.pathways import NO_END, UNTREATED, PathwayDefinition, build_steps, changes_over_steps, step_code
from synapse_analytics.pathways.numbering import codes_of, number_pathways
from synapse_analytics.pathways.scores import NO_SCORE
from tests.examples import tried
from tests.twins.pathways import Given, Step, pathway

CODES = v.codes(v.TREATMENTS)


@st.composite
def treatments(draw: st.DrawFn) -> Given:
    treatment = draw(st.sampled_from(v.TREATMENTS))
    start = draw(st.one_of(st.integers(-40, 120), st.integers(600, 760)))
    if treatment.kind == "procedure":
        return Given(treatment.code, start)
    return Given(treatment.code, start, draw(st.one_of(st.none(), st.integers(start, start + 90))))


definitions = st.builds(
    PathwayDefinition,
    unit=st.sampled_from(["treatment", "class", "stage"]),
    gap_collapse=st.sampled_from([0, 1, 30, 60, 90]),
    combination_overlap=st.sampled_from([0, 1, 7, 14, 30]),
    repeats=st.sampled_from(["changes", "first", "all"]),
    max_steps=st.integers(1, 7),
)
clinics = st.lists(st.tuples(st.integers(0, 900), st.lists(treatments(), max_size=10)), min_size=1, max_size=8)


def built(episodes: list[tuple[int, list[Given]]], definition: PathwayDefinition, order: list[int]) -> dict[int, list[Step]]:
    """The steps of the package, per episode, in the words of the twin."""
    steps = build_steps(*columns(episodes, order), definition)
    found: dict[int, list[Step]] = {}
    for row in zip(steps.episode, steps.step, steps.units, steps.times, steps.start_day, steps.end_day, strict=True):
        episode, step, units, times, start, end = (int(value) for value in row)
        found.setdefault(episode, [])
        assert step == len(found[episode]) + 1
        found[episode].append(Step(tuple(step_code(units, definition.unit).split("+")) if units else (), times, start, end))
    return found


def columns(episodes: list[tuple[int, list[Given]]], order: list[int]) -> list[np.ndarray]:
    rows = [(number * 3, one, follow_up_end) for number, (follow_up_end, given) in enumerate(episodes) for one in given]
    rows = [rows[k] for k in order if k < len(rows)] + [row for k, row in enumerate(rows) if k not in order]
    return [
        np.array([number for number, _, _ in rows], dtype=np.int32),
        np.array([CODES.index(one.treatment) for _, one, _ in rows], dtype=np.int16),
        np.array([one.start for _, one, _ in rows], dtype=np.int32),
        np.array([NO_END if one.end is None else one.end for _, one, _ in rows], dtype=np.int32),
        np.array([follow_up_end for _, _, follow_up_end in rows], dtype=np.int32),
    ]


def twin(episodes: list[tuple[int, list[Given]]], definition: PathwayDefinition) -> dict[int, list[Step]]:
    options = {"unit": definition.unit, "repeats": definition.repeats, "max_steps": definition.max_steps}
    days = {"gap": definition.gap_collapse, "overlap": definition.combination_overlap}
    found = {number * 3: pathway(given, end, **options, **days) for number, (end, given) in enumerate(episodes)}
    return {number: steps for number, steps in found.items() if steps}


@tried(120)
@given(episodes=clinics, definition=definitions, order=st.permutations(range(12)))
def test_steps_equal_the_twin(episodes: list, definition: PathwayDefinition, order: list[int]) -> None:
    assert built(episodes, definition, list(order)) == twin(episodes, definition)


@tried(40)
@given(episodes=clinics, definition=definitions)
def test_names_spell_the_steps(episodes: list, definition: PathwayDefinition) -> None:
    steps = build_steps(*columns(episodes, []), definition)
    episode, number, examples = number_pathways(steps)
    names = [(UNTREATED, "1"), *codes_of(steps, examples[1:].tolist(), definition)]
    expected = {
        key: ("|".join("+".join(step.units) or "more" for step in found), "|".join(str(step.times) for step in found))
        for key, found in twin(episodes, definition).items()
    }
    assert {int(key): names[k] for key, k in zip(episode, number, strict=True)} == expected
    assert len(set(names)) == len(names)
    assert 0 not in number


@tried(40)
@given(
    episodes=clinics,
    answers=st.dictionaries(st.tuples(st.integers(0, 7), st.integers(-80, 900)), st.integers(0, 10_000), max_size=40),
)
def test_change_over_a_step(episodes: list, answers: dict[tuple[int, int], int]) -> None:
    definition = PathwayDefinition(repeats="all")
    steps = build_steps(*columns(episodes, []), definition)
    asked = [np.array([key[0] * 3 for key in answers]), np.array([key[1] for key in answers]), np.array(list(answers.values()))]
    change = changes_over_steps(steps, *(column.astype(np.int32) for column in asked))
    row = 0
    for episode, found in sorted(twin(episodes, definition).items()):
        own = {day: value for (number, day), value in answers.items() if number * 3 == episode}
        for step, following in zip(found, [*found[1:], None], strict=True):
            latest = min(step.start + 180, following.start if following else 10_000)
            expected_before = [own[day] for day in sorted(own) if step.start - 60 <= day <= step.start]
            expected_after = [own[day] for day in sorted(own) if step.start + 14 <= day <= latest]
            both = expected_before and expected_after
            assert change[row] == (expected_after[-1] - expected_before[-1] if both else NO_SCORE)
            row += 1
