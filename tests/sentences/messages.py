"""What a person reads beside the pages: messages of errors and refusals, of the check of a bundle, the help of the command line, rare sentences."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from importlib import import_module

import typer
from typer.main import get_group

from synapse_analytics.__main__ import COMMANDS
from synapse_analytics.bundle.rules import RULES
from synapse_analytics.web.browser import ASSETS
from tests.house import ROOT, sources
from tests.sentences.seen import Text

HOLE = "\u2026"  # where something is filled in
PROSE = re.compile(r"[A-Za-z][a-z]+[,:;.]? (?:[a-z(]|\u2026)|\u2026 [a-z]{3,}")
NO_PROSE = re.compile(
    r"[{}<>=]|__|\b[A-Z]{4,} |\\[dwsb]|:nth|px\b|--[a-z]|data-|^[a-z_ ]+$|https?:|^[a-z_.*]+, |^(?:select|insert into|create table) "
    r"|\u2026 domain$|default-src|^(?:[\w/#.+-]+ ){14}(?!.*[.:])"
)  # SQL, styles, lists of codes
SCREENED = ("queries/", "store/marts/", "synthetic/", "estimates/", "counts/")  # SQL and sums
SPOKEN_BY_SCRIPTS = re.compile(r"'([A-Z][a-z]+ [^'\n]+)'")


def rules() -> list[Text]:
    """Every rule of the check of a bundle."""
    return [Text(rule.name, rule.sentence) for rule in RULES.values()]


def helps() -> Iterator[Text]:
    """The help of every command and of its options."""
    app = typer.Typer()
    for module, names in COMMANDS.items():
        commands = import_module(f"synapse_analytics.commands.{module}")
        for name in names:
            app.command(name=name)(getattr(commands, name.replace("-", "_")))
    for name, command in get_group(app).commands.items():
        yield Text(name, " ".join((command.help or "").split()))
        yield from (
            Text(name, f"{option.metavar or option.opts[0]}: {option.help}") for option in command.params if getattr(option, "help", None)
        )


def scripts() -> list[Text]:
    """What our scripts in the browser say."""
    files = sorted(path for path in ASSETS.glob("*.js") if not path.name.startswith("plotly"))
    return [Text(path.name, words) for path in files for words in SPOKEN_BY_SCRIPTS.findall(path.read_text(encoding="utf-8"))]


def in_code() -> Iterator[Text]:
    """Every text in the package that is written like a sentence, with a gap where something is filled in; the kind is the file."""
    for path in sources():
        place = path.relative_to(ROOT).as_posix().removeprefix("synapse_analytics/")
        if path.is_relative_to(ROOT / "synapse_analytics") and not place.startswith(SCREENED):
            yield from (Text(place, words) for words in literals(path.read_text(encoding="utf-8")))


def literals(code: str) -> list[str]:
    """The sentences in a piece of code, without its docstrings."""
    nodes = list(ast.walk(ast.parse(code)))
    parts = [part for node in nodes if isinstance(node, ast.JoinedStr) for part in ast.walk(node) if part is not node]
    skipped = {id(node) for node in (*parts, *(node.value for node in nodes if isinstance(node, ast.Expr)))}
    found = [_words(node) for node in nodes if isinstance(node, ast.JoinedStr | ast.Constant) and id(node) not in skipped]
    return list(dict.fromkeys(words for words in found if PROSE.search(words) and not NO_PROSE.search(words)))


def _words(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return " ".join("".join(part.value if isinstance(part, ast.Constant) else HOLE for part in node.values).split())  # type: ignore[misc]
    return " ".join(node.value.split()) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def unmet(messages: Iterable[Text], met: Iterable[str]) -> list[Text]:
    """The texts of which the beginning, or the longest part that stands as it is, was met nowhere."""
    seen = "\n".join(met).casefold()
    return [message for message in messages if _told(message.words) not in seen]


def _told(words: str) -> str:
    read = re.sub(r"[*`]|^- ", "", words).split(" - ")[0]
    return max(read.split(HOLE), key=len).strip(" _.:,")[:50].casefold()
