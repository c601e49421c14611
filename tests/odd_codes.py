"""A clinic whose sites, clinicians, name and saved cohorts are called what a computer may take for something else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from synapse_analytics import vocabulary as v
from synapse_analytics.clinic import Clinic, open_clinic
from synapse_analytics.store import load_bundle
from tests.builders import write_bundle

# What `check` lets in as a code is of letters, digits, - and _: Markdown's emphasis, reserved words, numbers, formulas.
SITES = ("__init__", "_a_", "NA", "1e5", "all", "-2e3")
CLINICIANS = ("pooled", "not_recorded", "all", "e", "__init__", "_-x-_", "1e5", "true", "other")
SMALL = ("few", "untreated")  # so few patients each that a funnel puts them together
# What a person may write as a name: everything that Markdown, Streamlit, HTML, Plotly or a spreadsheet reads as something else.
MARKUP = "*a* __init__ `c` <b>d</b> $x$ $y$ :smile: :red[x] :red :material/home: :streamlit: [x](y) # h | p ~~s~~ -- -> &amp; {{x}} %{y} \\_ >= 1"
STARTS = ("- item", "1. x", "# h", "> q", "+ a", "=1+1", "a <br> b", "1) x", "---", "true", "12:30", "www.clinic.in", "*a*", ":smile:")
Rows = Sequence[Mapping[str, Any]]


def files(patients: int = 264) -> dict[str, Rows]:
    """The rows of the clinic; each site and clinician has many patients but the SMALL clinicians, who have four each."""
    draw = Random(3)
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in ("patients", "episodes", "treatments", "scores")}
    for number in range(patients):
        episode, few = f"E{number}", number < 4 * len(SMALL)
        made["patients"].append({"patient_id": f"P{number}", "sex": draw.choice(("female", "male")), "age_years": draw.randint(30, 70)})
        made["episodes"].append(
            {
                "episode_id": episode,
                "patient_id": f"P{number}",
                "first_visit_month": f"202{draw.randint(1, 2)}-{draw.randint(1, 12):02d}",
                "site": SITES[number % len(SITES)],
                "clinician": SMALL[number % len(SMALL)] if few else CLINICIANS[number % len(CLINICIANS)],
                "diagnosis": draw.choice(v.codes(v.DIAGNOSES)[:3]),
                "status": "open",
            }
        )
        given = draw.choice(("physical_therapy", "anti_inflammatory", "discectomy"))
        made["treatments"].append({"episode_id": episode, "treatment": given, "start_day": draw.randint(0, 60)})
        for day, low in ((0, 5), (90, 2), (365, 1)):
            made["scores"].append({"episode_id": episode, "day": day, "instrument": "nrs_pain", "value": draw.randint(low, low + 4)})
            made["scores"].append({"episode_id": episode, "day": day, "instrument": "odi", "value": 8 * draw.randint(low, low + 4)})
    return made


def odd_clinic(folder: Path, *, name: str = MARKUP, policy: str = "clinic") -> Clinic:
    """The clinic, loaded into a store below `folder`."""
    bundle = write_bundle(folder / "bundle", **files())
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    (bundle / "manifest.json").write_text(json.dumps(manifest | {"clinic": name}), encoding="utf-8")
    database = f"duckdb:///{folder / 'store'}"
    load_bundle(bundle, database)
    return open_clinic(database, policy=policy)
