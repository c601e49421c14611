"""anonymous_episodes: the cells by which somebody could be recognised in exported rows, blanked once for the whole generation."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from synapse_analytics import vocabulary as v
from synapse_analytics.anonymity import Units, blanks
from synapse_analytics.store.workshop import Workshop

OF_PATIENT = frozenset({"age_band", "sex"})  # the same in all episodes of a patient
LOWEST_AGES = np.array([band.low for band in v.FIVE_YEAR_BANDS])


def keep_anonymous_episodes(workshop: Workshop) -> None:
    """Write anonymous_episodes; of fewer than five patients every cell is blank."""
    found = workshop.fetch("SELECT patient_key, episode_key, age_years, sex, diagnosis, year, site FROM episode_facts ORDER BY episode_key")
    sites = found.column("site").combine_chunks().dictionary_encode()
    age_band = np.searchsorted(LOWEST_AGES, found.column("age_years").to_numpy(), side="right") - 1
    years = found.column("year").to_numpy()
    first_year = years.min(initial=9999)
    codes = {
        "age_band": age_band,
        "sex": found.column("sex").to_numpy(),
        "diagnosis": found.column("diagnosis").to_numpy(),
        "year": years - first_year,
        "site": sites.indices.to_numpy(),
    }
    blank = blanks(Units(found.column("patient_key").to_numpy(), codes, OF_PATIENT))
    codes["year"] += first_year
    cells = {name: pa.array(codes[name], mask=hidden) for name, hidden in blank.items() if name != "site"}
    site = pa.array(codes["site"], mask=blank["site"]) if len(found) else sites.indices
    cells["site"] = pa.DictionaryArray.from_arrays(site, sites.dictionary).cast(pa.string())
    keys = {name: found.column(name) for name in ("patient_key", "episode_key")}
    shuffled = pa.array(np.random.default_rng().permutation(len(found)))
    workshop.keep("anonymous_episodes", pa.table(keys | cells).take(shuffled))
