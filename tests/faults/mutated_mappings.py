"""What people do to a mapping: words that do not belong, lists for texts, aliases, open questions, half of a file."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import yaml

from tests.faults.intake_samples import Drawn
from tests.faults.planted import PLANTED

Change = Callable[[Random, list[str]], None]
_BROKEN = (
    "unknown: 1", "  fields: 7", "rows: {}", "episode: []", "a: &a [1]", "b: *a", "!!python/object:os.system x", "\tkey: x", "? [1, 2]", "x: 'open",
    "source: omop", "data_until: ?", "data_until: 2025-13", "day_zero: ?", "same_day: last", "conflicts: first", "no_closing_date: open",
    "files: {}", "left_out: {}", "clinic:", "clinic: [a]", "format: synapse-mapping/2", "{", "- 1", "%YAML 9", "---\nmore: 1",
)  # fmt: skip
_SWAPS = (
    ("codes:", "code:"), ("from:", "form:"), ("format: ", "format: month/"), ("day/month/year", "month/day/year"), ("year-month-day", "excel"),
    ("missing:", "missing: [1, "), ("coded: 0-5", "coded: 1-6"), ("scale: [0, 100]", "scale: [100, 0]"), ("value: ", "value: {a: 1}"),
    ("split: ", "split: ''"), ("refuse", "leave_out"), ("is: column", "is: gap"), ("is: column", "is: one_per_patient"), ("is: column", "is: '?'"),
    ("into: scores", "into: patients"), ("into: episodes", "into: treatments"), ("unit: weeks", "unit: years"), ("day_zero", "day_zero: ?\n#"),
    ("herniated_disc", "?"), ("open", "opened"), ("male", "Male"), ("episode_id: ", "episode_id: [patient_id, "), ("where: {", "unless: {"),
    (": yes", ": maybe"), ("data_until: 2025-12", "data_until: 2021-12"), ("data_until: 2025-12", "data_until: 1821-12"),
)  # fmt: skip


def _lost_line(random: Random, lines: list[str]) -> None:
    del lines[random.randrange(len(lines))]


def _more_line(random: Random, lines: list[str]) -> None:
    place = random.choice((0, len(lines), random.randrange(len(lines))))
    indent = " " * random.choice((0, 2, 4, 6))
    lines.insert(place, f"{indent}{random.choice(_BROKEN)}")


def _swapped(random: Random, lines: list[str]) -> None:
    old, new = random.choice(_SWAPS)
    times = random.choice((1, 99))
    for place, line in enumerate(lines):
        if old in line and times:
            lines[place], times = line.replace(old, new), times - 1


def _planted(random: Random, lines: list[str]) -> None:
    """An identifier of a patient that somebody wrote in."""
    one = random.choice(PLANTED)
    place = next((place for place, line in enumerate(lines) if "fields:" in line and random.random() < 0.3), len(lines) - 1)
    lines.insert(place, random.choice((f"# {one}", f'    why: "{one}"')))


def _half(random: Random, lines: list[str]) -> None:
    del lines[random.randrange(len(lines)) :]


CHANGES: tuple[Change, ...] = (_lost_line, _more_line, _swapped, _swapped, _planted, _half)


def change_mapping(random: Random, drawn: Drawn) -> None:
    """One change to the mapping."""
    change = random.choice(CHANGES)
    drawn.done.append(change.__name__.strip("_"))
    lines = drawn.mapping.splitlines() or [""]
    change(random, lines)
    drawn.mapping = "\n".join(lines) + "\n"


def lenient(drawn: Drawn) -> None:
    """A mapping that leaves out what cannot be read."""
    drawn.done.append("lenient")
    document = yaml.load(drawn.mapping, Loader=yaml.BaseLoader)  # noqa: S506 - every word as it is written, and nothing else
    document |= {"same_day": "first", "conflicts": "first", "no_closing_date": "open"}
    for rule in document["rows"]:
        for part in ("fields", "scores"):
            rule[part] = {name: _lenient(one) for name, one in rule.get(part, {}).items()}
    drawn.mapping = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


def _lenient(rule: Any) -> dict[str, Any]:
    return (dict(rule) if isinstance(rule, dict) else {"from": rule}) | {"otherwise": "leave_out"}
