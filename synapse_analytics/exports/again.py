"""How the numbers of a released table are had again: the command line and the Python that give them, ready to be copied.

Both ask the question of the answer itself: its cohort, its options as they are in force, and its policy. Options that are as they
are by default are not written. The same numbers come as long as the same data are in use.
"""

from __future__ import annotations

import re
import shlex
from typing import Any

from synapse_analytics import analyses
from synapse_analytics.disclosure import PUBLISH, Released, check_released
from synapse_analytics.exports.answers import file_name
from synapse_analytics.places import PROGRAM

BARE = re.compile(r"[A-Za-z0-9_./=:,+-]+")  # what no shell reads as anything else
SAFE_IN_QUOTES = re.compile(r"[A-Za-z0-9_./=:,+&%@ -]+")  # in double quotes, which every shell knows


def command_line(released: Released, table: str) -> str:
    """The command that saves the same table as a CSV file."""
    answer = check_released(released)
    words = ["answer", answer.name]
    if answer.cohort.url():
        words += ["--cohort", answer.cohort.url()]
    for name, value in unusual_options(answer).items():
        words += ["--option", f"{name}={'' if value is None else value}"]
    if answer.policy == PUBLISH.name:
        words += ["--policy", answer.policy]
    words += ["--table", table, "--out", file_name(answer, table)]
    return " ".join([PROGRAM, *map(_quoted, words)])


def python_code(released: Released, table: str) -> str:
    """The Python that gives the same table as a pandas DataFrame, in the name `table`."""
    answer = check_released(released)
    policy = f"policy={answer.policy!r}" if answer.policy == PUBLISH.name else ""
    options = "".join(f", {name}={value!r}" for name, value in unusual_options(answer).items())
    lines = [
        "from synapse_analytics import Cohort, analyses, open_clinic",
        "from synapse_analytics.exports import as_frame",
        "",
        f"clinic = open_clinic({policy})",
        f"cohort = {answer.cohort.python()}",
        f"answer = analyses.{answer.name}(clinic, cohort{options})",
        f"table = as_frame(answer, {table!r})",
    ]
    return "\n".join(lines)


def unusual_options(answer: Released) -> dict[str, Any]:
    """The options in force that are not as they are by default."""
    usual = {option.name: option.default for option in analyses.answers()[answer.name].options}
    return {name: value for name, value in answer.options.items() if value != usual[name]}


def _quoted(word: str) -> str:
    """A word as every shell reads it; what may mean something inside double quotes is quoted as POSIX has it."""
    if BARE.fullmatch(word):
        return word
    return f'"{word}"' if SAFE_IN_QUOTES.fullmatch(word) else shlex.quote(word)
