"""A column outside the schema: the file is refused for it, and its values are judged all the same, since they may identify people."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from synapse_analytics.bundle.identity import identity_rule, is_name
from synapse_analytics.bundle.values import AadhaarWatch, CellFault, rows_of

_JUDGED = 20_000  # distinct texts of all extra columns of a file together; the file is refused anyway


class ExtraColumn:
    """Judges each distinct text of one of the extra `columns` of a file; `label` is its name, fit to print."""

    def __init__(self, label: str, columns: int) -> None:
        self.label = label
        self._most = _JUDGED // columns
        self.aadhaar = AadhaarWatch()
        self._seen: dict[str, str] = {}

    def faults(self, texts: pa.DictionaryArray) -> list[CellFault]:
        """The texts of one block that look like identifiers of people."""
        distinct = texts.dictionary.to_pylist()
        rules = [self._rule(text) for text in distinct]
        codes = np.asarray(pc.fill_null(texts.indices, len(rules)).to_numpy(zero_copy_only=False))
        bad = [i for i, rule in enumerate(rules) if rule]
        return [CellFault(rules[i], distinct[i], "", rows) for i, rows in rows_of(codes, bad, len(rules))]

    def _rule(self, text: str) -> str:
        rule = self._seen.get(text)
        if rule is None:
            if len(self._seen) >= self._most:
                return ""
            self.aadhaar.see(text)
            formula = "formula_cell" if text[:1] in "=@\t" else ""
            rule = self._seen[text] = formula or identity_rule(text) or ("identity_name" if is_name(text) else "")
        return rule
