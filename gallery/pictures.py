"""The ten pictures of README and of the pages for leaders, doctors, analysts, data officers and administrators: the sample, seen through one window."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from benchmarks.measure import ROOT
from gallery.clinics import SAMPLE, served
from gallery.views import Look
from gallery.visiting import TO_TOP, Window, windows

IMAGES = ROOT / "docs" / "images"
DESK, DARK, TELEPHONE = Look(1440, 900, "light"), Look(1440, 900, "dark"), Look(390, 844, "light")
WIDE = 1080  # px to which the picture of a desk is made smaller
QUALITY = 74


class Shot(NamedTuple):
    """A picture: its name, the page with filters and choices, the number of its tab, and the window."""

    name: str
    page: str
    query: str = ""
    tab: int = 0
    look: Look = DESK


SHOTS = (
    Shot("overview", "overview"),
    Shot("overview_telephone", "overview", look=TELEPHONE),
    Shot("diagnoses", "diagnoses"),
    Shot("pathways", "pathways", "?diagnosis=spinal_stenosis"),
    Shot("outcomes", "outcomes", "?outcome_by=highest_stage"),
    Shot("compare_treatments", "compare_treatments", "?a=physical_therapy&b=anti_inflammatory"),
    Shot("patients_like_mine", "patients_like_mine"),
    Shot("variation", "variation", "?indicator=pain_improvement_12_months", tab=1, look=DARK),
    Shot("export", "export"),
    Shot("data", "data", tab=1),
)


def pictures() -> int:
    """Make all ten anew and remove what is none of them; bytes of all together."""
    IMAGES.mkdir(exist_ok=True)
    for gone in set(IMAGES.iterdir()) - {_place(shot) for shot in SHOTS}:
        gone.unlink()
    looks = list(dict.fromkeys(shot.look for shot in SHOTS))
    with served(SAMPLE) as address, windows(address, looks) as opened:
        return sum(_taken(opened[looks.index(shot.look)], shot) for shot in SHOTS)


def _taken(window: Window, shot: Shot) -> int:
    """Photograph what stands in the window, without scrolling; bytes of the picture."""
    window.page.goto("about:blank")  # a session of its own: no filter of the picture before can be undone
    window.go(shot.page, shot.query)
    if shot.tab:
        window.choose_tab(shot.tab)
    window.page.evaluate(TO_TOP)
    with Image.open(io.BytesIO(window.page.screenshot())) as full:
        picture = full.convert("RGB")
    if picture.width > WIDE:
        picture = picture.resize((WIDE, round(picture.height * WIDE / picture.width)), Image.Resampling.LANCZOS)
    picture.save(_place(shot), "WEBP", quality=QUALITY, method=6)
    return _place(shot).stat().st_size


def _place(shot: Shot) -> Path:
    return IMAGES / f"{shot.name}.webp"
