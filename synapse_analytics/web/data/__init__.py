"""The page Data: what is loaded and loading a bundle (loading.py), and a clinic's own files (clinic_files.py, clinic_held.py, clinic_mapping.py)."""

from __future__ import annotations

from synapse_analytics.web.data.loading import facts, generations, load_bundle, may_load, upload, warnings

__all__ = ["facts", "generations", "load_bundle", "may_load", "own_files", "upload", "warnings"]


def own_files() -> None:
    """The clinic's own files; what reads them is imported when somebody opens this part, as every start of the server would wait for it."""
    from synapse_analytics.web.data.clinic_files import own_files as part  # noqa: PLC0415 - see above

    part()
