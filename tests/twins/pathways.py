"""The pathway of one episode, by the letter of the definitions (docs/methods.md).

Written from the definitions alone, one episode at a time, with sets and lists; it shares no code with the package.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from synapse_analytics import vocabulary as v


@dataclass(frozen=True)
class Given:
    """A treatment as recorded; `end` None = course still running, or a procedure."""

    treatment: str
    start: int
    end: int | None = None


@dataclass(frozen=True)
class Course:
    unit: str
    start: int
    end: int  # exclusive

    def contains(self, other: Course) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlap(self, other: Course) -> int:
        return min(self.end, other.end) - max(self.start, other.start)


@dataclass(frozen=True)
class Piece:
    units: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True)
class Step:
    units: tuple[str, ...]  # vocabulary order; () = more
    times: int
    start: int
    end: int


def pathway(given: list[Given], follow_up_end: int, *, unit: str, gap: int, overlap: int, repeats: str, max_steps: int) -> list[Step]:
    """The steps of one episode."""
    courses, procedures = _within_window(given, follow_up_end, unit)
    united = [course for name in sorted({c.unit for c in courses}) for course in _united([c for c in courses if c.unit == name], gap)]
    events = [(piece.start, 0, piece.units, piece.end) for piece in _pieces(united, overlap) if piece.start <= 730]
    events += [(day, 1, frozenset(name for name, on in procedures if on == day), day) for day in {on for _, on in procedures}]
    steps = [Step(_in_order(units, unit), 1, start, end) for start, _, units, end in sorted(events, key=lambda event: event[:2])]
    return _gathered(_repeated(steps, repeats), max_steps)


def _unit_of(code: str, unit: str) -> str:
    treatment = v.find(v.TREATMENTS, code)
    return {"treatment": treatment.code, "class": treatment.treatment_class, "stage": treatment.stage}[unit]


def _in_order(units: frozenset[str], unit: str) -> tuple[str, ...]:
    terms = {"treatment": v.TREATMENTS, "class": v.TREATMENT_CLASSES, "stage": v.STAGES}[unit]
    return tuple(term.code for term in terms if term.code in units)


def _within_window(given: list[Given], follow_up_end: int, unit: str) -> tuple[list[Course], list[tuple[str, int]]]:
    courses, procedures = [], []
    for one in given:
        if v.find(v.TREATMENTS, one.treatment).kind == "procedure":
            if 0 <= one.start <= 730:
                procedures.append((_unit_of(one.treatment, unit), one.start))
            continue
        end = max(one.start, follow_up_end) if one.end is None else one.end
        if one.start <= 730 and end >= 0:
            start = max(one.start, 0)
            courses.append(Course(_unit_of(one.treatment, unit), start, max(end, start + 1)))  # a course lasts a day at least
    return courses, procedures


def _united(courses: list[Course], gap: int) -> list[Course]:
    united: list[Course] = []
    for course in sorted(courses, key=lambda c: c.start):
        if united and course.start - united[-1].end <= gap:
            united[-1] = replace(united[-1], end=max(united[-1].end, course.end))
        else:
            united.append(course)
    return united


def _shortened(course: Course, others: list[Course], overlap: int) -> Course:
    ends = [course.end]
    for other in others:
        contained = course.contains(other) or other.contains(course)
        if other.start > course.start and 0 < course.overlap(other) < overlap and not contained:
            ends.append(other.start)
    return replace(course, end=min(ends))


def _pieces(courses: list[Course], overlap: int) -> list[Piece]:
    shortened = [(_shortened(course, courses, overlap), course) for course in courses]
    found: list[Piece] = []
    for group in _connected(shortened):
        found += _sweep(group, overlap)
    return found


def _connected(courses: list[tuple[Course, Course]]) -> list[list[tuple[Course, Course]]]:
    """Courses that overlap, directly or through others."""
    groups: list[list[tuple[Course, Course]]] = []
    for pair in courses:
        touching = [group for group in groups if any(pair[0].overlap(other[0]) > 0 for other in group)]
        groups = [group for group in groups if group not in touching] + [[pair, *(other for group in touching for other in group)]]
    return groups


def _sweep(group: list[tuple[Course, Course]], overlap: int) -> list[Piece]:
    days = sorted({day for course, _ in group for day in (course.start, course.end)})
    running = [
        (start, end, [original for course, original in group if course.start <= start and end <= course.end])
        for start, end in zip(days, days[1:], strict=False)
    ]
    pieces = [Piece(frozenset(course.unit for course in those), start, end) for start, end, those in running]
    if len(pieces) > 1 and _is_absorbed(running[0], running[1], overlap):
        pieces = [replace(pieces[1], start=pieces[0].start), *pieces[2:]]
    if len(pieces) > 1 and _is_absorbed(running[-1], running[-2], overlap):
        pieces = [*pieces[:-2], replace(pieces[-2], end=pieces[-1].end)]
    return pieces


def _is_absorbed(piece: tuple[int, int, list[Course]], combination: tuple[int, int, list[Course]], overlap: int) -> bool:
    start, end, alone = piece
    if len(alone) != 1 or end - start >= overlap:
        return False
    return not any(alone[0].contains(other) for other in combination[2] if other != alone[0])


def _repeated(steps: list[Step], repeats: str) -> list[Step]:
    kept: list[Step] = []
    for step in steps:
        if repeats == "changes" and kept and kept[-1].units == step.units:
            kept[-1] = replace(kept[-1], times=kept[-1].times + 1, end=step.end)
        elif repeats != "first" or step.units not in {other.units for other in kept}:
            kept.append(step)
    return kept


def _gathered(steps: list[Step], max_steps: int) -> list[Step]:
    tail = steps[max_steps:]
    return steps[:max_steps] + ([Step((), 1, tail[0].start, tail[-1].end)] if tail else [])
