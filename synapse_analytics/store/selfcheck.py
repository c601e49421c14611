"""The check of a generation before it is published: it has the rows it should have, and its marts agree with each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from synapse_analytics import vocabulary as v
from synapse_analytics.anonymity import SMALLEST_CLASS
from synapse_analytics.errors import StoreError
from synapse_analytics.store.tables import BASE_TABLES, MARTS, anonymous_episodes
from synapse_analytics.store.workshop import Workshop

CELLS = tuple(column.name for column in anonymous_episodes.columns if not column.name.endswith("_key"))


def check_generation(workshop: Workshop, expected: Mapping[str, int]) -> dict[str, int]:
    """Rows per table; a fault of ours stops the load here, with the old generation still serving."""
    rows = _numbers(workshop, {table.name: _rows(table.name) for table in (*BASE_TABLES, *MARTS)})
    wrong = [name for name, n in expected.items() if rows[name] != n]
    if rows["episode_facts"] != rows["episodes"]:
        wrong.append("episode_facts")
    wrong += [fault for fault, n in _numbers(workshop, dict(_faults())).items() if n]
    if wrong:
        raise StoreError(
            f"The load was stopped, because its result failed the check: {', '.join(wrong)} wrong. The old data are still in use."
        )
    return rows


def _numbers(workshop: Workshop, queries: Mapping[str, str]) -> dict[str, int]:
    return workshop.fetch("SELECT " + ", ".join(f'{query} AS "{name}"' for name, query in queries.items())).to_pylist()[0]


def _faults() -> Iterator[tuple[str, str]]:
    """Counts of rows that must not exist."""
    for table in BASE_TABLES:
        for column in table.columns:
            if column.name.endswith("_key") and (table.name, column.name) != ("adverse_events", "treatment_key"):
                yield f"{table.name} without {column.name}", _rows(table.name, f"{column.name} IS NULL")
    episodes = _rows("episodes")
    yield "doubled episodes", f"{episodes} - (SELECT count(DISTINCT episode_key) FROM episode_facts)"
    yield "pathways without a name", _rows("episode_facts", "pathway NOT IN (SELECT pathway FROM pathway_names)")
    yield "first visits", f"{_rows('index_days', 'index_code = 0')} - {episodes}"
    yield "scores without a baseline", _rows("index_scores", "baseline IS NULL")
    yield "episodes that are not seen", f"{episodes} - {_rows('indicator_rows', 'index_code = 0')}"
    yield "episodes that cannot be exported", f"{episodes} - {_rows('anonymous_episodes')}"
    yield "combinations of too few patients", _rows(f"({_rare_combinations()})")
    yield "exported cells", _rows("anonymous_episodes a JOIN episode_facts f USING (episode_key)", _changed_cells())
    yield "exported cells of patients", _rows(f"({_mixed_patients()})")


def _rare_combinations() -> str:
    """Combinations of the exported cells that are shared by fewer than five patients, where there are five."""
    needed = f"least({SMALLEST_CLASS}, (SELECT count(DISTINCT patient_key) FROM anonymous_episodes))"
    return f"SELECT 1 FROM anonymous_episodes GROUP BY {', '.join(CELLS)} HAVING count(DISTINCT patient_key) < {needed}"


def _changed_cells() -> str:
    """True of an exported cell that is neither blank nor what the episode holds."""
    oldest = len(v.FIVE_YEAR_BANDS) - 1
    true = {name: f"f.{name}" for name in CELLS} | {"age_band": f"least(f.age_years // 5, {oldest})"}
    return " OR ".join(f"a.{name} <> {held}" for name, held in true.items())


def _mixed_patients() -> str:
    """Patients of whom one row shows the age band or the sex that another row blanks."""
    mixed = " OR ".join(f"count({cell}) NOT IN (0, count(*))" for cell in ("age_band", "sex"))
    return f"SELECT patient_key FROM anonymous_episodes GROUP BY patient_key HAVING {mixed}"


def _rows(source: str, condition: str = "TRUE") -> str:
    return f"(SELECT count(*) FROM {source} WHERE {condition})"
