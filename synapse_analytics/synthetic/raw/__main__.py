"""`python -m synapse_analytics.synthetic.raw OUT`: the four exports, made anew byte for byte."""

from __future__ import annotations

import sys
from pathlib import Path

from synapse_analytics.synthetic.raw import write_raw

write_raw(Path(sys.argv[1]))
