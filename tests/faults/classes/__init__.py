"""Every class of faults, in the order of docs/faults.md: one module for what befalls the store, one for what people hand in, and so on."""

from __future__ import annotations

from tests.faults.classes import bundles, damaged, disk, input_addresses, input_bundles, killed
from tests.faults.counted import Faults

CLASSES: tuple[Faults, ...] = (
    *killed.CLASSES,
    *disk.CLASSES,
    *damaged.CLASSES,
    *bundles.CLASSES,
    *input_bundles.CLASSES,
    *input_addresses.CLASSES,
)
