"""The verdict of a control chart in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from synapse_analytics.estimates import control_charts as spc


def verdict(found: spc.Variation, labels: Sequence[str], period: str = "month", missing: Mapping[int, str] | None = None) -> str:
    """The chart in one sentence, from the last point; where that is usual, the latest mark since the limits began is recalled.

    `labels` name the points ("2024-03"), `period` the length of time of each (month, quarter ...). Trial limits are said to be
    so. `missing` names the periods without a point by the place of the point after them: if they end a run or a trend, that is said.
    """
    start, words = found.limits.last_start, f"{period}s"
    since = f" since {labels[start]}" if start else ""
    if found.state == "too few":
        return f"Too few {words}{since}."
    beware = f" Trial limits: only {found.limits.in_force} {words}{since}." if found.limits.trial else ""
    gap = next((missing[place] for place in reversed(spc.cutting_gaps(found)) if place in missing), None) if missing else None
    beware += f" No run or trend is followed over {gap}, for which there is no point." if gap else ""
    marked = [place for place, rule in enumerate(found.rules) if rule and place >= start]
    if not marked:
        return f"Within its usual variation, by {period}.{beware}"
    said = _said(found, marked[-1], labels, words)
    if marked[-1] < len(found.rules) - 1:
        return f"Within its usual variation now, by {period}; {said}.{beware}"
    other = [place for place in marked if found.meanings[place] != found.meanings[marked[-1]]]
    before = f"; before that {_said(found, other[-1], labels, words)}: {found.meanings[other[-1]]}" if other else ""
    return f"{said[:1].upper()}{said[1:]}: {found.state}, by {period}{before}.{beware}"


def _said(found: spc.Variation, place: int, labels: Sequence[str], words: str) -> str:
    """The mark of one point in words; of the last point as what lasts, of an earlier one as what was."""
    mark, here = spc.signal(found, place), labels[place]
    if mark.rule is spc.Rule.OUTSIDE:
        return f"outside its limits in {here}"
    if mark.rule is spc.Rule.TWO_OF_THREE:
        return f"2 of 3 {words} close to a limit, last {here}"
    if mark.rule is spc.Rule.TREND:
        return f"{'rising' if mark.upwards else 'falling'} for {mark.length} {words}, last {here}"
    first = labels[place - mark.length + 1]
    side = f"{'above' if mark.upwards else 'below'} its {found.limits.middle}"
    return f"{mark.length} {words} {side} {f'since {first}' if place == len(found.rules) - 1 else f'from {first} to {here}'}"
