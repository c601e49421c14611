"""What one click was found to cost: when the page stood, what the browser did, and what went over the wire."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

WORK = {"script": "ScriptDuration", "style": "RecalcStyleDuration", "layout": "LayoutDuration", "all": "TaskDuration"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What went over the websocket: when (s, the clock of the browser), bytes, and the message of the server or of the browser."""

    at: float
    size: int
    message: ForwardMsg | None = None
    asked: BackMsg | None = None


@dataclass(frozen=True, slots=True)
class Clicked:
    """One click: ms until the page stood, ms until each part of it last changed, ms of work in the browser, and what was sent."""

    redrawn: float
    changed: Mapping[str, float]
    work: Mapping[str, float]
    frames: Sequence[Frame]

    def message(self, place: int) -> float:
        """From what the browser sent first to a message of the server, ms."""
        asked = next(frame.at for frame in self.frames if frame.asked is not None)
        return (self.received[place].at - asked) * 1000

    @property
    def received(self) -> Sequence[Frame]:
        """What the server sent."""
        return [frame for frame in self.frames if frame.message is not None]

    @property
    def reruns(self) -> list[BackMsg]:
        """What the browser sent to have the page computed anew."""
        return reruns(self.frames)


def reruns(frames: Sequence[Frame]) -> list[BackMsg]:
    """The messages with which a browser asks for a page."""
    return [frame.asked for frame in frames if frame.asked is not None and frame.asked.HasField("rerun_script")]


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def kind(message: ForwardMsg) -> str:
    """What a message carries: the kind of element or of block, or that of the message."""
    if message.WhichOneof("type") != "delta":
        return str(message.WhichOneof("type"))
    if message.delta.WhichOneof("type") == "new_element":
        return str(message.delta.new_element.WhichOneof("type"))
    return f"block {message.delta.add_block.WhichOneof('type') or ''}".strip()


def sent(clicks: Sequence[Clicked]) -> dict[str, tuple[float, float]]:
    """What the server sends for one click by its kind, the largest kind first: how often, and kB; means of the clicks."""
    many: Counter[str] = Counter()
    size: dict[str, float] = defaultdict(float)
    for frame in (frame for click in clicks for frame in click.received):
        name = kind(frame.message) if frame.message is not None else ""
        many[name] += 1
        size[name] += frame.size
    return {name: (many[name] / len(clicks), size[name] / len(clicks) / 1000) for name in sorted(size, key=lambda name: -size[name])}


def profile(clicks: Sequence[Clicked]) -> dict[str, Any]:
    """Where a click spends its time: medians in ms from the click on and of work in the browser, means of messages and kB."""
    by_kind = sent(clicks).values()
    return {
        "first_message": middle([click.message(0) for click in clicks]),
        "last_message": middle([click.message(-1) for click in clicks]),
        "last_change": middle([click.redrawn for click in clicks]),
        "work": {name: middle([click.work[name] for click in clicks]) for name in WORK},
        "messages": sum(many for many, _ in by_kind),
        "kB": sum(size for _, size in by_kind),
    }
