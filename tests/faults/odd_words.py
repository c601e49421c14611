"""One command with odd words for each number, always the same: every command, its options, and junk for each of them."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from typer.main import get_command

from synapse_analytics.__main__ import _application
from tests.faults.hostile_addresses import VALUES
from tests.faults.naughty import NAUGHTY

# What is typed where something is expected, and what would do more than read or write in the folder of the case.
ODD = (
    "", " ", "-", "--", ".", "folder", "nowhere/x.csv", "rows.zip", "out.csv", "report.html", "-1", "0", "1e9", "9" * 40, "NaN", "true",
    "2026-Q9", "2026-13-01", "clinic", "publish", "sex=female", "diagnosis_mix", "by=sex", "by=", "=", "duckdb:///", "duckdb:///nowhere", "postgresql://u:p@127.0.0.1:1/x", "sqlite:///x",
    "x" * 300, "x" * 5_000, "--help=1", "--no-such", "-rf", "\u0665", "é", "\U0001f9b4", "a\nb", "\x1b[31m", "%s%n", "{0}", "$(id)", "*",
)  # fmt: skip
NEVER = {
    "serve": ("--address", "no such address of this computer"),
    "demo": ("--patients", "none"),
}  # words that keep a command from starting a server


def commands() -> dict[str, Any]:
    """Every command as the library reads it."""
    group: Any = get_command(_application())
    return dict(group.commands)


def words(number: int, known: dict[str, Any]) -> list[str]:
    """The words of this number, without the name of the program."""
    random = Random(f"words {number}")
    name = list(known)[number % len(known)]
    options = [option for option in known[name].params if option.param_type_name == "option" and "--help" not in option.opts]
    arguments = [part for part in known[name].params if part.param_type_name == "argument"]
    given = [_odd(random) for part in arguments if random.random() < 0.9]
    for option in random.sample(options, min(len(options), random.choice((0, 1, 2, 3)))):
        given += [option.opts[0], *([] if option.is_flag else [_odd(random)])]
    if random.random() < 0.1:
        random.shuffle(given)
    return [name, *given, *NEVER.get(name, ())]


def _odd(random: Random) -> str:
    """Junk, but no way out of the folder of the case: a test may run as root, and a command writes where it is told to."""
    text = random.choice((random.choice(ODD), random.choice(ODD), random.choice(NAUGHTY), random.choice(VALUES))).replace("\0", "")
    return "folder" if text.startswith("/") or ".." in text else text


def folder(place: Path) -> Path:
    """An empty folder to stand in, which holds a folder."""
    (place / "folder").mkdir(parents=True)
    return place
