"""Somebody who may write the folder of the audit log changes it: it is found, it can be settled, and the next is found again."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.faults.counted import End, Faults, Inject
from tests.faults.tampering import TAMPERINGS, begun, tampered


def _tampering(folder: Path) -> Inject:
    def inject(number: int) -> End:
        for name in ("log", "state"):
            shutil.rmtree(folder / name, ignore_errors=True)
        return End(tampered(list(TAMPERINGS)[number], begun(folder / "log")))

    return inject


CLASSES = (  # each case is a test of its own, too: test_audit_tampering.py
    Faults(
        "tamperings of the audit log",
        "`audit verify` names what was done, one more line does not cover it up, and `audit settle` goes on with the reason in the log.",
        len(TAMPERINGS),
        2,
        _tampering,
    ),
)
