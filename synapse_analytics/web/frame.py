"""What pages may use: ask a question, show its answer, choose options that live in the URL.

A page asks and shows; it sees no rows, no SQL and no colours. Answers are cached by generation, policy, settings, cohort and options.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from synapse_analytics import analyses
from synapse_analytics import vocabulary as v
from synapse_analytics.cohort import Cohort, legal_groupings
from synapse_analytics.cohort.groups import grouping
from synapse_analytics.disclosure import Released
from synapse_analytics.figures import table as tables
from synapse_analytics.figures import table_one as one
from synapse_analytics.findings.table_one import TABLE_ONE
from synapse_analytics.web import address, leadership, taking
from synapse_analytics.web import methods_text as words
from synapse_analytics.web import pathway_table as pathway_table_
from synapse_analytics.web.care_cards import comparison, nearness, pain_now, particular
from synapse_analytics.web.choices import choose, choose_indicator, choose_period, switch
from synapse_analytics.web.exporting import cohort_forms, form
from synapse_analytics.web.leadership import case_mix_note, declared_indicators, definition, report_button, tiles, verdicts
from synapse_analytics.web.loading import generations, upload
from synapse_analytics.web.panels import answer_entry, bands, facts, listed, policy_in_force, section, text, treatments, warnings
from synapse_analytics.web.plain import plain
from synapse_analytics.web.session import clinic, cohort, look

__all__ = [
    "allowed_splits", "answer_entry", "ask", "bands", "asked_scores", "case_mix_note", "choose", "choose_indicator", "chosen_pathway", "cohort", "cohort_forms", "columns", "course", "drawer", "export_form",
    "declared_indicators", "definition", "facts", "generations", "instrument", "listed", "pathway_table", "policy_in_force", "regression_note", "report_button", "save", "say", "section", "show",
    "slow", "split", "switch", "table_one", "tabs", "text", "tiles", "treatments", "upload", "words", "everybody", "verdict_table", "verdicts", "warnings", "comparison",
    "nearness", "pain_now", "particular", "pathway_parameters", "rows",
]  # fmt: skip

Draw = Callable[..., dict[str, Any]]
KEPT = 512  # answers; each holds aggregates only
BARE = {"displaylogo": False, "displayModeBar": False}  # pictures are taken where they carry a stamp
REPEATS = {"changes": "United, shown as x2", "first": "Only the first", "all": "Each one"}
NOTHING = ""  # the code of "do not split"
SAID_ABOVE = ("compare_treatments", "patients_like_mine")  # their notes stand once, on the first card of the page


def ask(name: str, *, of: Cohort | None = None, policy: str | None = None, **options: Any) -> Released:
    """The answer to a question about the cohort of this run (or about `of`), under the policy of this run or a stricter one."""
    asked, handle = of or cohort(), clinic() if policy is None else clinic().under(policy)
    given = tuple(sorted(options.items()))
    under = (handle.generation.id, handle.policy.name, handle.settings.digest)
    key = (under, name, asked.url(), given)
    return analyses.answer(handle, name, asked, lambda compute: _kept(key, _compute=compute), **options)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _kept(key: tuple[Any, ...], *, _compute: Callable[[], Released]) -> Released:
    """Who asks is not in the key: the answer is the same for everybody, and the question is logged outside."""
    del key
    return _compute()


def show(
    draw: Draw, released: Released, *, table: str | None = None, key: str | None = None, filters: str | None = None, **options: Any
) -> None:
    """A card: question, answer, chart, what was withheld, and on demand the numbers as a table and as a file.

    `table` names the released table behind the chart; `filters` the cohort field that a click on the chart narrows.
    """
    name = key or f"{released.name}_{draw.__name__}"
    figure = draw(released, look(), **options)
    shared = figure["layout"]
    heading = shared.pop("title")
    with st.container(border=True, key=f"card_{name}"):
        st.markdown(f"## {plain(heading['text'])}")
        if figure["data"]:
            st.markdown(plain(heading["subtitle"]["text"]))
            _chart(figure, name, filters)
            if table is not None:
                _small_print(released, table)
            _take(released, name, table, options.get("by", released.options.get("by")), partial(draw, **options))
        else:
            st.info(plain(heading["subtitle"]["text"]))


def _chart(figure: dict[str, Any], name: str, filters: str | None) -> None:
    alt = figure["layout"].pop("meta")["alt"]
    if filters is None:
        st.plotly_chart(figure, key=name, theme=None, config=BARE, alt=alt)
        return
    figure["layout"].pop("dragmode")  # Streamlit's own mode is the one in which clicks select
    st.plotly_chart(figure, key=name, theme=None, config=BARE, alt=alt, on_select=lambda: _narrow(name, filters), selection_mode="points")


def _narrow(chart: str, field: str) -> None:
    """A click on a bar adds its code to the filter, or takes it out again; what the browser sends is checked."""
    points = st.session_state[chart]["selection"]["points"]
    clicked = {code for point in points for code in _codes(point.get("customdata"))}
    have = set(getattr(cohort(), field))
    legal = address.FILTERS[field].legal
    address.write(field, [code for code in legal if (code in have) ^ (code in clicked)])


def _codes(customdata: Any) -> list[str]:
    return [customdata] if isinstance(customdata, str) else list(customdata or ())


def _small_print(released: Released, table: str | None) -> None:
    parts = [] if released.name in SAID_ABOVE else list(released.notes)
    rows_ = released.tables.get(table or "", ())
    hidden = sum(len(row["withheld"]) for row in rows_) if table else released.withheld
    if hidden:
        cells = "1 number of its table is" if hidden == 1 else f"{hidden:,} numbers of its table are"  # the chart may draw none of them
        parts.insert(0, f"{cells} withheld: too few patients.")
    if parts:
        st.caption(plain(" ".join(parts)))


def _take(released: Released, name: str, table: str | None, by: str | None = None, draw: Draw | None = None) -> None:
    """The drawer in which numbers and picture are taken away, for use inside the clinic or to share."""
    again = partial(ask, released.name, of=released.cohort, policy="publish", **released.options)
    taking.drawer(taking.Card(name, released, again, table, by, draw))


def rows(released: Released, table: str, *, by: str | None = None, caption: str = "") -> None:
    """The rows of a released table with labels, numbers on the right."""
    st.html(tables.table(released.tables.get(table, ()), look(), by=by, caption=caption or table.replace("_", " ")))


def save(released: Released, table: str, key: str, text: str = "") -> None:
    """A drawer in which a released table can be saved, where no card shows it, under a sentence that says what it holds."""
    if text:
        say(text)
    _take(released, key, table, released.options.get("by"))


def allowed_splits() -> tuple[str, ...]:
    """What the policy in force allows to split by."""
    return legal_groupings(clinic().policy.name)


def split(name: str = "by", label: str = "Compare by", default: str | None = None, *, offer: Sequence[str] | None = None) -> str | None:
    """The choice of an attribute to split by, of those the policy allows."""
    legal = [by for by in allowed_splits() if offer is None or by in offer]
    return (
        choose(name, label, [NOTHING, *legal], default or NOTHING, write=lambda by: "Nothing" if by == NOTHING else grouping(by).label)
        or None
    )


def instrument(name: str = "instrument") -> str:
    """The choice of a score."""
    return choose(name, "Score", v.codes(v.INSTRUMENTS), clinic().generation.headline, write=lambda code: v.find(v.INSTRUMENTS, code).label)


def asked_scores() -> tuple[str, str, str | None]:
    """The three choices of every outcome: the score, from when time is counted, and what to split by."""
    one, two, three = columns(3)
    with one:
        score = instrument()
    with two:
        starts = ("first_visit", *v.codes(v.TREATMENTS))
        index = choose(
            "index",
            "Time since",
            starts,
            "first_visit",
            write=lambda code: "First visit" if code == "first_visit" else f"Start: {v.find(v.TREATMENTS, code).label}",
        )
    with three:
        by = split("outcome_by", "Compare by")
    return score, index, by


def drawer(label: str) -> Any:
    """A part that is closed until somebody wants it."""
    return st.expander(label, icon=":material/tune:")


def say(text: str) -> None:
    """A quiet sentence."""
    st.caption(plain(text))


def slow(name: str, **options: Any) -> Released:
    """Ask what may take seconds: the page stands, a skeleton holds the place, and a line says what is being done."""
    with st.spinner("Working it out for this cohort ..."):
        return ask(name, **options)


def regression_note(released: Released) -> None:
    """Warn of regression to the mean where the cohort was chosen by its baseline, and say how large it would be."""
    for row in released.tables.get("regression_to_the_mean", ()):
        if row["expected_change"] is not None:
            change = f"{row['expected_change']:+.1f}".replace("-", "\u2212")
            st.info(
                f"This cohort was chosen by its score at the first visit (band {row['band']}). Part of the change is regression to the mean: "
                f"about {change} points would be expected without any effect.",
                icon=":material/info:",
            )


def pathway_parameters(units: Mapping[str, str]) -> dict[str, Any]:
    """How a pathway is read; in the URL, so that a link shows the same."""
    with drawer("How pathways are read"):
        one, two, three = columns(3)
        with one:
            unit = choose("unit", "A step is a", tuple(units), "class", write=units.__getitem__)
            repeats = choose("repeats", "Repeated steps", tuple(REPEATS), "changes", write=REPEATS.__getitem__)
        with two:
            gap = choose("gap_collapse", "Courses are one when at most so many days apart", (0, 7, 14, 30, 60, 90), 30)
            steps = choose("max_steps", "Steps told apart", tuple(range(1, 13)), 6)
        with three:
            overlap = choose("combination_overlap", "Days of overlap that make a combined step", (0, 7, 14, 30, 60, 90), 14)
    return {"unit": unit, "gap_collapse": gap, "combination_overlap": overlap, "repeats": repeats, "max_steps": steps}


def tabs(name: str, labels: Mapping[str, Callable[[], None]]) -> None:
    """Tabs of which only the open one is computed; which one is open is in the URL."""
    for part, fill in zip(st.tabs(list(labels), key=name, on_change="rerun", bind="query-params"), labels.values(), strict=True):
        if part.open:
            with part:
                fill()


def columns(count: int) -> Iterator[Any]:
    """Columns to put choices in, side by side."""
    return iter(st.columns(count))


def table_one(released: Released) -> None:
    """The baseline table of a paper, with the standardised differences."""
    with st.container(border=True, key="card_table_one"):
        st.markdown(f"## {TABLE_ONE.question}")
        st.markdown(TABLE_ONE.answer)
        st.html(one.table_one(released, look()))
        _small_print(released, "baseline_table")
        _take(released, "table_one", "baseline_table", released.options.get("by"))


def course(name: str) -> Released:
    """The control chart of an indicator, by the period by which it is judged or by the one that is chosen."""
    answer = slow("control_chart", indicator=name)
    chosen = choose_period(str(answer.tables["summary"][0]["judged_by"]))
    return answer if chosen is None else slow("control_chart", indicator=name, period=chosen)


def chosen_pathway(released: Released) -> tuple[str, ...]:
    """The pathway that is followed, chosen in the list, in the table or by the URL."""
    return pathway_table_.chosen(released)


def pathway_table(released: Released) -> None:
    """The table of pathways; selecting a row follows it."""
    with st.container(border=True, key="card_pathway_table"):
        st.markdown("## Which pathways are there?")
        st.markdown("One row for each pathway and how it ended, the most frequent first. Select a row to follow that pathway.")
        pathway_table_.table(released)
        _small_print(released, "pathways")
        _take(released, "pathways", "pathways")


def verdict_table(released: Released) -> None:
    """Every indicator with value, target and what its control chart says."""
    with st.container(border=True, key="card_indicators"):
        leadership.verdict_table(released)
        _take(released, "indicators", "indicators")


def export_form() -> None:
    """The export of the rows of this cohort."""
    form()


def everybody() -> Cohort:
    """Everybody who is loaded, whatever the filters say."""
    return Cohort()
