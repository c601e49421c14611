"""What each indicator is made of: its family and the names of its counts there (queries.families)."""

from __future__ import annotations

from dataclasses import dataclass

from synapse_analytics.vocabulary.indicators import PROCEDURES


@dataclass(frozen=True, slots=True)
class Source:
    """`n` is its denominator, `hit` and `miss` split it; completeness is `top` of `of`; `sums` names what is added up."""

    family: str
    n: str
    hit: str = ""
    miss: str = ""
    top: str = ""
    of: str = ""
    sums: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that has to be counted for it."""
        return tuple(name for name in dict.fromkeys((self.n, self.hit, self.miss, self.top, self.of, self.sums)) if name)


def _scores(theme: str) -> dict[str, Source]:
    """Improvement and responder share of pain and ODI at 3 and 12 months."""
    middle = "" if theme == "first_visit" else f"_{theme}"
    found = {}
    for code in ("pain", "odi"):
        for months in (3, 12):
            stem = f"{code}_{months}"
            answered = {"top": f"{stem}_n", "of": f"{stem}_expected"}
            found[f"{code}_improvement{middle}_{months}_months"] = Source(theme, f"{stem}_n", sums=f"{stem}_change", **answered)
            found[f"{code}_responders{middle}_{months}_months"] = _preset(theme, stem, stem)
    return found


def _preset(theme: str, stem: str, prefix: str) -> Source:
    return Source(theme, f"{prefix}_able", f"{prefix}_hit", f"{prefix}_miss", f"{stem}_n", f"{stem}_expected")


def _event(family: str, stem: str, *, watched: bool = False, sums: str = "") -> Source:
    seen = {"top": f"{stem}_watched", "of": f"{stem}_n"} if watched else {}
    return Source(family, f"{stem}_n", f"{stem}_hit", f"{stem}_miss", sums=sums, **seen)


def _completeness(months: int) -> Source:
    stem = f"pain_{months}"
    return Source("first_visit", f"{stem}_expected", f"{stem}_n", f"{stem}_missing", f"{stem}_n", f"{stem}_expected")


SOURCES: dict[str, Source] = {
    "patients_seen": Source("first_visit", "seen"),
    **{name: source for theme in ("first_visit", "conservative_only", *PROCEDURES) for name, source in _scores(theme).items()},
    "good_state_12_months": _preset("first_visit", "odi_12", "odi_12_good"),
    "success_discectomy_12_months": _preset("discectomy", "odi_12", "odi_12_twenty"),
    "success_laminectomy_12_months": _preset("laminectomy", "odi_12", "odi_12_third"),
    "surgery_within_12_months": Source("first_visit", "surgery_n", "surgery_hit", "surgery_miss", "year_watched", "year_n"),
    "conservative_care_first": _event("escalated", "stepped"),
    "conservative_care_before_injection": _event("injected", "stepped"),
    "conservative_care_before_surgery": _event("operated", "stepped"),
    "surgery_without_clear_reason": _event("operated", "reason"),
    "complications_within_90_days": _event("operated", "complications_90", watched=True),
    "adverse_events_per_100_operations": _event("operated", "complications_90", watched=True, sums="adverse_events"),
    "reoperation_within_90_days": _event("operated", "reoperation_90", watched=True),
    "reoperation_within_12_months": _event("operated", "reoperation_365", watched=True),
    "median_wait": Source("first_visit", "treated"),
    "investigation_yield": _event("first_visit", "investigated"),
    "follow_up_completeness_3_months": _completeness(3),
    "follow_up_completeness_12_months": _completeness(12),
}
# Of a cumulative incidence charts and funnels count the plain share of those whose window is surely over.
PLAIN: dict[str, Source] = {"surgery_within_12_months": _event("first_visit", "year", watched=True)}
# What cannot be told from no rows at all: a file that was not delivered is not a year without complications.
NEEDS = {
    "complications_within_90_days": "adverse_events",
    "adverse_events_per_100_operations": "adverse_events",
    "surgery_without_clear_reason": "symptoms",
    "investigation_yield": "investigations",
}


def plain(name: str) -> Source:
    """The counts that charts and funnels use."""
    return PLAIN.get(name, SOURCES[name])
