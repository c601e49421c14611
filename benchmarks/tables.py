"""The tables of docs/benchmarks.md, in Markdown."""

from __future__ import annotations

from benchmarks.results import Result, spread
from benchmarks.workloads import LOADING_MEGABYTES, LOADING_SECONDS, SERVING_MEGABYTES, SINGLE, page_target

PARTS_OF_SPREAD = ("everyone", "median", "worst")
LAST = ("statements", "kB of SQL", "peak MB")


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, numbers to the right."""
    lines = ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def whole(number: float | None) -> str:
    """A number without decimals; nothing where there is none."""
    return "" if number is None else f"{number:,.0f}"


def _last(result: Result, page: str, tab: str) -> tuple[str, str, str]:
    found = result.pages[page][tab]
    return str(found["statements"]), f"{found['bytes'] / 1000:.1f}", whole(result.touring["pages"][page][tab])


def opening_tables(results: list[Result]) -> str:
    """What each page asks when it opens, a table for each size."""
    header = ["page", *PARTS_OF_SPREAD, "target", *LAST]
    parts = []
    for result in results:
        rows = []
        for page, tabs in result.pages.items():
            times = [*map(whole, spread(result.opening(page)["times"])), whole(page_target(page, result.patients))]
            rows.append([page, *times, *_last(result, page, next(iter(tabs)))])
        parts.append(f"### {result.patients:,} patients\n{table(header, rows)}")
    return "\n\n".join(parts)


def tab_table(results: list[Result]) -> str:
    """Milliseconds of every tab with which no page opens; statements, SQL and memory as at the largest size."""
    header = ["page: tab", *(f"{r.patients:,}: {part}" for r in results for part in PARTS_OF_SPREAD[:2]), *LAST]
    rows = []
    for page, tabs in results[-1].pages.items():
        for tab in list(tabs)[1:]:
            times = [whole(part) for r in results for part in spread(r.pages[page][tab]["times"])[:2]]
            rows.append([f"{page}: {tab}", *times, *_last(results[-1], page, tab)])
    return table(header, rows)


def single_table(results: list[Result]) -> str:
    """Milliseconds of single answers for everyone, with their targets."""
    header = ["answer", *(cell for r in results for cell in (f"{r.patients:,}", "target"))]
    rows = [
        [label, *(cell for r in results for cell in (f"{r.single[label]:,.1f}", whole(targets.get(r.patients))))]
        for label, (_, _, targets) in SINGLE.items()
    ]
    return table(header, rows)


def peer_table(results: list[Result]) -> str:
    """Milliseconds of the same numbers for everyone: ours, raw DuckDB SQL and plain pandas on the same rows, and the ratios."""
    header = ["question", "patients", "ours", "raw DuckDB SQL", "ours / SQL", "pandas", "ours / pandas"]
    rows = []
    for question in results[0].peers["duckdb"]["times"]:
        for r in results:
            ours, raw, frame = r.ours(question), *(r.peers[kind]["times"][question] for kind in ("duckdb", "pandas"))
            rows.append([question, whole(r.patients), whole(ours), whole(raw), f"{ours / raw:.2f}x", whole(frame), f"{ours / frame:.2f}x"])
    return table(header, rows)


def memory_table(results: list[Result]) -> str:
    """Peak megabytes of a process that serves every page and tab, beside the peers."""
    header = ["patients", "ours, every page and tab twice", "target", "raw DuckDB, five questions", "pandas, five questions"]
    rows = [
        [whole(r.patients), whole(r.touring["megabytes"]), whole(SERVING_MEGABYTES)]
        + [whole(r.peers[kind]["megabytes"]) for kind in ("duckdb", "pandas")]
        for r in results
    ]
    return table(header, rows)


def load_table(results: list[Result]) -> str:
    """Seconds and megabytes of check and load, beside DuckDB reading the same files without checks."""
    header = [
        "patients",
        "rows",
        "check s",
        "build s",
        "total s",
        "target",
        "peak MB",
        "target",
        "DuckDB unchecked s",
        "ratio",
        "generate s",
    ]
    rows = []
    for r in results:
        part, plain = r.loading, r.loading["plain"]["seconds"]
        seconds = [f"{part['check']:.1f}", f"{part['build']:.1f}", f"{r.load_seconds:.1f}", whole(LOADING_SECONDS.get(r.patients))]
        memory = [whole(part["megabytes"]), whole(LOADING_MEGABYTES.get(r.patients))]
        rest = [f"{plain:.1f}", f"{r.load_seconds / plain:.1f}x", f"{r.generated:.1f}"]
        rows.append([whole(r.patients), whole(part["rows"]), *seconds, *memory, *rest])
    return table(header, rows)


def export_table(results: list[Result]) -> str:
    """Seconds of the row export of all episodes."""
    rows = [[whole(r.patients), whole(r.exports["rows"]), f"{r.exports['seconds']:.1f}", f"{r.exports['copy']:.1f}"] for r in results]
    return table(["patients", "rows", "k-anonymous CSV zip s", "DuckDB COPY of the raw rows s"], rows)
