"""The house in numbers and as a picture: `make house` prints how large rooms, files and functions are and which way imports go.

tests/test_architecture.py holds these numbers to their limits; `make docs` draws docs/architecture.svg from the same imports.
"""

from __future__ import annotations

import ast
import functools
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from html import escape
from pathlib import Path
from textwrap import wrap

ROOT = Path(__file__).resolve().parents[1]
NAME = "synapse_analytics"
# The rooms, downstream only: a module may import from rooms that stand before its own (or from its own), never from one that stands after.
ROOMS = (
    "errors",
    "files",
    "progress",
    "places",
    "terminal",
    "logs",
    "plain_yaml",
    "vocabulary",
    "indicators",
    "settings",
    "access",
    "audit",
    "bundle",
    "intake",
    "synthetic",
    "dictionary",
    "pathways",
    "anonymity",
    "store",
    "estimates",
    "disclosure",
    "clinic",
    "cohort",
    "remembered",
    "counts",
    "queries",
    "analyses",
    "findings",
    "figures",
    "exports",
    "web",
    "commands",
    "__main__",
)
LONGEST_FILE, MEDIAN_FILE = 350, 100  # lines
LONGEST_FUNCTION, MEDIAN_FUNCTION = 50, 6  # lines, of the whole function with its docstring


def sources(root: Path = ROOT) -> list[Path]:
    """Every file of the product: the package, the pages and the dashboard."""
    return [*package(root), *sorted((root / "pages").glob("*.py")), root / "dashboard.py"]


def package(root: Path = ROOT) -> list[Path]:
    """Every file of the package."""
    return sorted((root / NAME).rglob("*.py"))


def room_of(path: Path, root: Path = ROOT) -> str:
    """The room a file stands in; of a page `pages`."""
    parts = path.relative_to(root).with_suffix("").parts
    return parts[1] if parts[0] == NAME and len(parts) > 1 else parts[0]


@functools.cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a file's syntax tree, the module first. Rules of many tests read the same files: each is parsed once."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@functools.cache
def imported(path: Path) -> frozenset[str]:
    """Full names that a file imports at run time; imports for type checking alone do not count."""
    unread = {id(node) for block in nodes(path) if _is_for_types(block) for node in ast.walk(block)}
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import) and id(node) not in unread:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and id(node) not in unread:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(names)


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def rooms_read(path: Path) -> set[str]:
    """The rooms of the package that a file imports from."""
    parts = (name.split(".") for name in imported(path))
    return {part[1] for part in parts if part[0] == NAME and len(part) > 1} & set(ROOMS)


def backward_imports(path: Path, root: Path = ROOT) -> set[str]:
    """The rooms that a file imports from although they stand after its own."""
    room = room_of(path, root)
    return {other for other in rooms_read(path) if ROOMS.index(other) > ROOMS.index(room)} if room in ROOMS else set()


def room_imports() -> dict[str, set[str]]:
    """For every room the rooms it imports from, itself left out."""
    found: dict[str, set[str]] = {room: set() for room in ROOMS}
    for path in package():
        if room_of(path) in found:
            found[room_of(path)] |= rooms_read(path) - {room_of(path)}
    return found


def cycle() -> list[str]:
    """Modules that import each other in a circle; empty where there is no circle."""
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in package()}
    graph = {name: {_module(read, modules) for read in imported(path)} - {"", name} for name, path in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _module(name: str, modules: dict[str, Path]) -> str:
    """The module that an imported name is of: the longest part of it that is a file."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the package, where it stands and how many lines it has."""

    lines: int
    place: str


def functions() -> list[Function]:
    """Every function of the package, the longest first."""
    found = [
        Function((node.end_lineno or node.lineno) - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.name}")
        for path in package()
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return sorted(found, key=lambda function: -function.lines)


def file_lines() -> dict[Path, int]:
    """The lines of every file of the package, the largest first."""
    counted = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in package()}
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def numbers() -> Iterator[str]:
    """The house in lines of text: rooms, files, functions, imports, and the largest of each."""
    files, known = file_lines(), functions()
    rooms: Counter[str] = Counter()
    for path, lines in files.items():
        rooms[room_of(path)] += lines
    read = room_imports()
    back = sum(bool(backward_imports(path)) for path in package())
    yield f"lines      {sum(files.values()):,} in {len(files)} files of {len(read)} rooms"
    yield f"files      median {statistics.median(files.values()):.0f} (at most {MEDIAN_FILE}), largest {max(files.values())} ({LONGEST_FILE})"
    lengths = [function.lines for function in known]
    yield f"functions  {len(known):,}: median {statistics.median(lengths):.0f} ({MEDIAN_FUNCTION}), longest {max(lengths)} ({LONGEST_FUNCTION})"
    yield f"imports    {sum(len(rooms) for rooms in read.values())} between rooms, {back} back; {'1 cycle or more' if cycle() else '0 cycles'}"
    yield f"rooms      {', '.join(f'{room} {lines:,}' for room, lines in rooms.most_common())}"
    yield "largest files"
    yield from (f"  {lines:4} {path.relative_to(ROOT)}" for path, lines in list(files.items())[:5])
    yield "longest functions"
    yield from (f"  {function.lines:4} {function.place}" for function in known[:10])


WIDE, TALL, GAP, RISE = 172, 74, 16, 46  # px of a room, between two rooms, between two floors


def picture() -> str:
    """The rooms as boxes and their imports as lines, drawn from the imports: what a room stands on is above it."""
    read = {room: others for room, others in room_imports().items() if room != "__main__"}
    floors = _floors(read)
    width = max(len(floor) for floor in floors) * (WIDE + GAP) + GAP
    height = len(floors) * (TALL + RISE) + GAP
    place = {}
    for level, floor in enumerate(floors):
        left = (width - len(floor) * (WIDE + GAP) + GAP) / 2
        place |= {room: (left + number * (WIDE + GAP), GAP + level * (TALL + RISE)) for number, room in enumerate(floor)}
    lines = [_way(place[other], place[room]) for room, others in read.items() for other in sorted(_direct(read, others), key=ROOMS.index)]
    boxes = [_box(room, place[room], _purpose().get(room, "")) for room in read]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" role="img" '
        'aria-label="The rooms of the package from top to bottom, as their imports go">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *lines, *boxes, "</svg>", ""])


def _floors(read: dict[str, set[str]]) -> list[list[str]]:
    """The rooms by floor: a room stands one floor below the lowest of those it imports from."""
    level: dict[str, int] = {}
    for room, others in read.items():  # in the order of ROOMS, so that the floors of the others are known
        level[room] = 1 + max((level[other] for other in others), default=-1)
    return [[room for room in read if level[room] == number] for number in range(max(level.values()) + 1)]


def _direct(read: dict[str, set[str]], others: set[str]) -> set[str]:
    """The rooms that are not reached through another one already: the picture has a line for these alone."""
    return {room for room in others if not any(_reaches(read, other, room) for other in others - {room})}


def _reaches(read: dict[str, set[str]], start: str, goal: str) -> bool:
    return goal in read[start] or any(_reaches(read, room, goal) for room in read[start])


def _purpose() -> dict[str, str]:
    """What each room is for, as the map of the package says it."""
    text = ast.get_docstring(ast.parse((ROOT / NAME / "__init__.py").read_text(encoding="utf-8"))) or ""
    found = {}
    for line in text.splitlines():
        names, _, purpose = line.partition("  ")
        for name in names.split():
            room = name.removesuffix("/").removesuffix(".py")
            if room in ROOMS and purpose:
                found[room] = purpose.strip()
    return found


def _way(above: tuple[float, float], below: tuple[float, float]) -> str:
    x1, y1, x2, y2 = above[0] + WIDE / 2, above[1] + TALL, below[0] + WIDE / 2, below[1]
    middle = (y1 + y2) / 2
    return f'<path d="M{x1:.0f} {y1:.0f}C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}" fill="none" stroke="#8a95a1" stroke-width="1.3"/>'


def _box(room: str, at: tuple[float, float], purpose: str) -> str:
    x, y = at
    lines = wrap(purpose, 32, max_lines=3, placeholder=" \u2026")
    words = "".join(
        f'<text x="{x + 8:.0f}" y="{y + 33 + 13 * number:.0f}" font-size="10" fill="#52606d">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    body = f'<rect x="{x:.0f}" y="{y:.0f}" width="{WIDE}" height="{TALL}" rx="6" fill="#f5f8fa" stroke="#1f6fa8"/>'
    return f'{body}<text x="{x + 8:.0f}" y="{y + 18:.0f}" font-size="13" font-weight="700" fill="#1c2733">{room}</text>{words}'


if __name__ == "__main__":
    print("\n".join(numbers()))  # noqa: T201  (this is what the command is for)
