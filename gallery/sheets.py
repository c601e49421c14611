"""A contact sheet for every page and tab: a row for each clinic, and in it five looks, small enough for a repository."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from gallery.clinics import CLINICS
from gallery.views import ON_SHEETS, View

WIDTHS = {1440: 600, 1024: 430, 390: 210}  # px on the sheet, by those of the window
ROW, GAP, LABEL, FADE = 660, 12, 24, 70  # px: the tallest picture, between pictures, words above a row, the end of one that is cut
PAPER, INK, EDGE = (232, 235, 238), (40, 48, 56), (150, 158, 166)
LARGEST, ALL = 115_000, 2_900_000  # bytes of one sheet, and of all together
QUALITIES = (72, 60, 50, 42, 34, 27, 20, 14)
NARROWEST = 1_000  # px of a sheet that is made smaller to be a small file


def sheet(views: Sequence[View], place: Path, limit: int = LARGEST) -> int:
    """Write the sheet of one page or tab as WebP of at most `limit` bytes where that is possible; how many bytes it has."""
    rows = [
        _row(clinic, [view for view in views if view.clinic == clinic])
        for clinic in CLINICS
        if any(view.clinic == clinic for view in views)
    ]
    picture = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)), PAPER)
    top = 0
    for row in rows:
        picture.paste(row, (0, top))
        top += row.height
    data = _encoded(picture, limit)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return len(data)


def limit_of(count: int) -> int:
    """How many bytes a sheet may have, so that `count` of them stay small together."""
    return min(LARGEST, ALL // max(count, 1))


def _row(clinic: str, views: Sequence[View]) -> Image.Image:
    pictures = {view.look: _small(view.picture) for view in views if view.look in ON_SHEETS}
    height = max(picture.height for picture in pictures.values())
    row = Image.new("RGB", (sum(WIDTHS[look.width] + GAP for look in ON_SHEETS) + GAP, height + LABEL + GAP), PAPER)
    pen, left = ImageDraw.Draw(row), GAP
    for number, look in enumerate(ON_SHEETS):
        words = f"{CLINICS[clinic][0].upper()}{CLINICS[clinic][1:]}: {look.name}" if number == 0 else look.name
        pen.text((left, 4), words, fill=INK, font=ImageFont.load_default(14))
        if look in pictures:
            row.paste(pictures[look], (left, LABEL))
            pen.rectangle((left - 1, LABEL - 1, left + WIDTHS[look.width], LABEL + pictures[look].height), outline=EDGE)
        left += WIDTHS[look.width] + GAP
    return row


def _small(path: Path) -> Image.Image:
    """A picture as wide as it stands on a sheet; one that is too tall is cut and fades out."""
    with Image.open(path) as full:
        width = WIDTHS[full.width]
        scale = width / full.width
        kept = full.convert("RGB").crop((0, 0, full.width, min(full.height, round(ROW / scale))))
        small = kept.resize((width, round(kept.height * scale)), Image.Resampling.LANCZOS)
        if kept.height < full.height:
            fade = Image.linear_gradient("L").resize((width, FADE))
            small.paste(Image.new("RGB", (width, FADE), PAPER), (0, small.height - FADE), fade)
    return small


def _encoded(picture: Image.Image, limit: int) -> bytes:
    """The best quality that is small enough, found by halving; where none is, that of a smaller picture."""
    best, low, high = _webp(picture, QUALITIES[-1]), 0, len(QUALITIES) - 1
    if len(best) > limit and picture.width > NARROWEST:
        return _encoded(picture.resize((round(picture.width * 0.85), round(picture.height * 0.85)), Image.Resampling.LANCZOS), limit)
    while low < high:
        middle = (low + high) // 2
        data = _webp(picture, QUALITIES[middle])
        if len(data) <= limit:
            best, high = data, middle
        else:
            low = middle + 1
    return best


def _webp(picture: Image.Image, quality: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=quality, method=5)
    return written.getvalue()
