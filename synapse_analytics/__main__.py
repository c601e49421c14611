"""The command line: `python -m synapse_analytics COMMAND` (also `synapse-analytics`).

Exit codes: 0 done, 2 input refused, 3 not allowed or withheld as a whole, 1 fault or wrong usage.
"""

from __future__ import annotations

import importlib
import re
import sys
from typing import Annotated

import typer
from typer.main import get_command

from synapse_analytics import __version__, logs
from synapse_analytics.errors import SynapseError
from synapse_analytics.places import PROGRAM
from synapse_analytics.terminal import note

# A command's module is imported when it is asked for, so that `check` does not wait for the statistics.
COMMANDS = {
    "bundles": ("check", "load", "generate", "generations"),
    "questions": ("answers", "answer", "export", "dictionary"),
    "cohorts": ("cohort",),
    "reports": ("report",),
    "service": ("serve",),
    "demo": ("demo",),
    "auditing": ("audit",),
    "store": ("store",),
    "intake": ("draft-mapping", "anonymise"),
}
LONGEST = 200  # letters of one word
A_PASSWORD = re.compile(r"[^\s(']*:/+\S*(?:@|password=)[^\s)']*")  # a URL that holds one, or may


def _say_version(is_asked: bool) -> None:  # noqa: FBT001  (Typer calls it so)
    if is_asked:
        typer.echo(f"synapse-analytics {__version__}")
        raise typer.Exit


def _application() -> typer.Typer:
    app = typer.Typer(
        help="Outcomes of spine care from anonymised records.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback()(_without_command)
    wanted = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    for module, names in COMMANDS.items():
        if wanted in names or wanted not in sum(COMMANDS.values(), ()):
            commands = importlib.import_module(f"synapse_analytics.commands.{module}")
            for name in names:
                app.command(name=name)(getattr(commands, name.replace("-", "_")))
    return app


_IsAsked = Annotated[bool, typer.Option("--version", is_eager=True, callback=_say_version, help="print the version")]


def _without_command(_is_asked: _IsAsked = False) -> None:  # noqa: FBT002  (how a flag is declared)
    """Without this Typer runs a module's only command unnamed, and reads its name as an argument."""


def _shortened(message: str) -> str:
    """The message without passwords and with very long words cut: a wrong value or a path is repeated only so that people recognise it."""
    return re.sub(rf"(\S{{{LONGEST // 2}}})\S{{{LONGEST // 2},}}", r"\1...", A_PASSWORD.sub("(a URL with a password)", message))


def _sentence(message: str) -> str:
    """A message of the library that reads the command line, as a sentence."""
    text = _shortened(message).replace("Value error, ", "").replace("Input should", "it should").strip()
    return text if not text or text.endswith((".", "?")) or "\n" in text else f"{text}."


def main() -> None:
    """Run a command; every fault that a person can act on becomes one sentence and an exit code, every other one a place without values."""
    logs.install()
    try:
        # Not the application itself: that puts its own hook, which prints messages and code, in place of ours.
        sys.exit(get_command(_application())(standalone_mode=False) or 0)
    except SynapseError as error:
        note(_shortened(str(error)))
        sys.exit(error.exit_code)
    except OSError as fault:  # a full or unreadable disk, a closed pipe
        where = f" '{_shortened(str(fault.filename))}'" if fault.filename else ""
        note(f"The system refused to read or write{where}: {fault.strerror or type(fault).__name__}.")
        sys.exit(1)
    except typer.TyperException as error:
        note(f"{_sentence(error.format_message())} See: {PROGRAM} --help")
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        note("Stopped.")
        sys.exit(1)


if __name__ == "__main__":
    main()
