"""Whole numbers known to lie between limits, and which of them add up: every sum narrows what it joins, until nothing moves."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

MOST = 10**9


@dataclass
class Sums:
    """Numbers by key with their limits, and sums over them.

    Bounds are narrowed sum by sum (interval propagation). That is never wrong; a cleverer solver could narrow a little more.
    """

    low: dict[Hashable, int] = field(default_factory=dict)
    high: dict[Hashable, int] = field(default_factory=dict)
    sums: list[tuple[Hashable, tuple[Hashable, ...]]] = field(default_factory=list)
    contradictions: int = 0  # sums that cannot be: the stranger's assumption does not hold there
    _of: dict[Hashable, list[int]] = field(default_factory=dict)

    def know(self, key: Hashable, low: int, high: int) -> None:
        """Two things known of one number hold both; what contradicts is left out."""
        lowest, highest = max(low, self.low.get(key, 0)), min(high, self.high.get(key, MOST))
        if lowest > highest:
            self.contradictions += 1
            return
        self.low[key], self.high[key] = lowest, highest

    def add_up(self, total: Hashable, parts: Sequence[Hashable]) -> None:
        """The parts make the total."""
        for key in (total, *parts):
            self.know(key, 0, MOST)
            self._of.setdefault(key, []).append(len(self.sums))
        self.sums.append((total, tuple(parts)))

    def narrow(self) -> None:
        """Use every sum until nothing moves."""
        waiting = deque(range(len(self.sums)))
        there = set(waiting)
        broken: set[int] = set()
        while waiting:
            number = waiting.popleft()
            there.discard(number)
            if number in broken:
                continue
            changed = self._use(*self.sums[number])
            if changed is None:
                broken.add(number)
                self.contradictions += 1
                continue
            for other in {other for key in changed for other in self._of[key]} - there - {number}:
                waiting.append(other)
                there.add(other)

    def _use(self, total: Hashable, parts: tuple[Hashable, ...]) -> list[Hashable] | None:
        """Narrow the numbers of one sum; which of them moved, or None if it cannot hold."""
        low, high = self.low, self.high
        lows, highs = sum(low[part] for part in parts), sum(high[part] for part in parts)
        new = {total: (max(low[total], lows), min(high[total], highs))}
        least, most = new[total]
        for part in parts:
            bounds = (max(low[part], least - (highs - high[part])), min(high[part], most - (lows - low[part])))
            if part in new:  # a part that stands twice
                continue
            new[part] = bounds
        if any(first > last for first, last in new.values()):
            return None
        moved = [key for key, bounds in new.items() if bounds != (low[key], high[key])]
        for key in moved:
            low[key], high[key] = new[key]
        return moved
