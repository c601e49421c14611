"""What is read only after a deed: every button of a page pressed, every text asked for written, a bundle handed in that is refused."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import open_page
from tests.sentences.seen import Text, texts_of

PURPOSE = "An audit of the sample"
FAULTS = {  # of a file of the sample, each a text in it and what stands there instead
    "patients.csv": [("female", "f"), ("age_years", "ages"), ("P0001,", "Asha Rao,")],
    "scores.csv": [("nrs_pain", "pain"), ("odi", "ODI"), (",0,", ",zero,")],
    "episodes.csv": [("2021-", "21/"), ("spinal_stenosis", "stenosis")],
}


def deeds(page: str, state: dict[str, str]) -> Iterator[Text]:
    """What a page says after each of its buttons, and after each button that the first one brings."""
    first = _ready(page, state)
    for key in _buttons(first):
        at = _press(_ready(page, state), key)
        yield from texts_of(at)
        for later in _buttons(at) - _buttons(first):
            yield from texts_of(_press(at, later))


def _ready(page: str, state: dict[str, str]) -> AppTest:
    at = open_page(page, **state)
    empty = [box for box in at.main.get("text_input") if box.key == "export_purpose" and not box.value]
    return empty[0].set_value(PURPOSE).run() if empty else at


def _buttons(at: AppTest) -> set[str]:
    """What identifies the buttons of a page that can be pressed, and not those beside it."""
    beside = {button.id for button in at.sidebar.get("button")}
    return {button.id for button in at.button if button.id not in beside and not button.proto.disabled}


def _press(at: AppTest, identity: str) -> AppTest:
    found = [button for button in at.button if button.id == identity]
    return found[0].click().run() if found else at


def handed_in(sample: Path) -> Iterator[Text]:
    """What the page Data says of a bundle with many faults, and of a file that is no bundle."""
    for content in (_faulty(sample), b"no zip"):
        at = open_page("data")
        before = _buttons(at)
        at.file_uploader(key="bundle_upload").upload("bundle.zip", content, "application/zip").run()
        (load,) = _buttons(at) - before
        yield from texts_of(_press(at, load))


def _faulty(sample: Path) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as bundle:
        for path in sorted(sample.iterdir()):
            with bundle.open(path.name, "w") as place, path.open("rb") as given:
                if path.name not in FAULTS:
                    shutil.copyfileobj(given, place)
                    continue
                text = path.read_text(encoding="utf-8")
                for right, wrong in FAULTS[path.name]:
                    text = text.replace(right, wrong, 40)
                place.write(text.encode())
    return written.getvalue()
