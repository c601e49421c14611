"""Mutated exports of a clinic: each is refused in words, or every row of it is accounted for; no identifier is found in anything that comes out."""

from __future__ import annotations

import json
import logging
import shutil
from io import StringIO
from pathlib import Path

from synapse_analytics.bundle import check_bundle
from tests.faults.counted import SURVIVED, End, Faults, Inject
from tests.faults.inside import Ended, at_home, command, not_words
from tests.faults.intake_samples import Drawn
from tests.faults.mutated import mutated
from tests.faults.planted import found_in

EXPECTED = (
    "The files are refused with exit code 2 and a sentence and nothing is written, or they become a bundle in which every row is kept, "
    "merged or dropped with its reason; no identifier stands in any file or message."
)
DONE, REFUSED = 0, 2


def _prepare(folder: Path) -> Inject:
    def inject(number: int) -> End:
        drawn, case = mutated(number), folder / "case"
        shutil.rmtree(case, ignore_errors=True)
        source, mapping = handed_in(drawn, case / "in")
        place, home = case / "out", case / "home"
        place.mkdir()
        logged = StringIO()
        told = logging.StreamHandler(logged)
        logging.getLogger().addHandler(told)
        try:
            with at_home(home) as patch:
                end = command(
                    patch, "anonymise", source, "--mapping", mapping, "--out", place / "bundle", "--report", place / "report.html"
                )
                wrong = judged(end, place)
                draft = command(patch, "draft-mapping", source, "--out", place / "draft.yaml")
        finally:
            logging.getLogger().removeHandler(told)
        if wrong.wrong or draft.code not in {DONE, REFUSED}:
            return wrong if wrong.wrong else End(f"draft-mapping: exit code {draft.code}: {draft.err[:200]}")
        said = "\n".join([end.out, end.err, draft.out, draft.err, logged.getvalue()]).encode("utf-8", "replace")
        written = {path.name: path.read_bytes() for below in (place, home) for path in below.rglob("*") if path.is_file()}
        leaks = [name for name, content in {**written, "(said)": said}.items() if found_in(content, drawn.secrets)]
        return End(f"an identifier is in {leaks[0]}") if leaks else SURVIVED

    return inject


def handed_in(drawn: Drawn, folder: Path) -> tuple[Path, Path]:
    """The files as a clinic hands them in, and the mapping."""
    for name, content in drawn.files.items():
        path = folder / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder / "source").mkdir(parents=True, exist_ok=True)
    mapping = folder / "mapping.yaml"
    mapping.write_text(drawn.mapping, encoding="utf-8")
    return folder / "source" / drawn.source, mapping


def judged(end: Ended, place: Path) -> End:
    """Whether the files became a bundle of which every row is accounted for, or were refused in words, and then nothing was written."""
    if end.code not in {DONE, REFUSED}:
        return End(f"exit code {end.code}: {end.err[:200]}")
    if end.code == REFUSED:
        return End("refused, but something is written") if list(place.iterdir()) else End(not_words(end.err))
    account = json.loads((place / "report.json").read_text(encoding="utf-8"))
    lost = sum(abs(one["read"] - one["kept"] - one["merged"] - sum(one["dropped"].values())) for one in account["tables"])
    if lost:
        return End("not every row is accounted for", lost)
    if {path.name for path in place.iterdir()} != {"bundle", "report.html", "report.json"}:
        return End("another file is written")
    return SURVIVED if check_bundle(place / "bundle").accepted else End("the bundle is none that can be loaded")


CLASSES = (Faults("mutated files of a clinic's own", EXPECTED, 500, 4, _prepare),)
