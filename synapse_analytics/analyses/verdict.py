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
    beware = f" Provisional limits: only {found.limits.in_force} {words}{since}." if found.limits.trial else ""
    gap = next((missing[place] for place in reversed(spc.cutting_gaps(found)) if place in missing), None) if missing else None
    beware += f" Runs and trends stop at {gap}, for which no value is shown." if gap else ""
    marked = [place for place, rule in enumerate(found.rules) if rule and place >= start]
    if not marked:
        return f"Within usual variation, by {period}.{beware}"
    said = _said(found, marked[-1], labels, words)
    if marked[-1] < len(found.rules) - 1:
        return f"Now within usual variation, by {period}; earlier {said}.{beware}"
    other = [place for place in marked if found.meanings[place] != found.meanings[marked[-1]]]
    before = f"; before that {_said(found, other[-1], labels, words)}{_meant(found.meanings[other[-1]])}" if other else ""
    return f"{said[:1].upper()}{said[1:]}{_meant(found.state)}, by {period}{before}.{beware}"


def _meant(meaning: str | None) -> str:
    """What a mark means to the clinic, in brackets; a change that is neither better nor worse has said all there is."""
    return f" ({meaning})" if meaning in (spc.Meaning.IMPROVEMENT, spc.Meaning.CONCERN) else ""


def _said(found: spc.Variation, place: int, labels: Sequence[str], words: str) -> str:
    """The mark of one point in words; of the last point as what lasts, of an earlier one as what was."""
    mark, here = spc.signal(found, place), labels[place]
    if mark.rule is spc.Rule.OUTSIDE:
        return f"outside the limits in {here}"
    if mark.rule is spc.Rule.TWO_OF_THREE:
        return f"2 of 3 {words} close to a limit, up to {here}"
    if mark.rule is spc.Rule.TREND:
        return f"{'rising' if mark.upwards else 'falling'} for {mark.length} {words} in a row, up to {here}"
    first = labels[place - mark.length + 1]
    side = f"{'higher' if mark.upwards else 'lower'} than usual"
    return f"{side} {f'since {first}' if place == len(found.rules) - 1 else f'from {first} to {here}'}"
