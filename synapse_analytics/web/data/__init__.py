"""The page Data: what is loaded and loading a bundle (loading.py), and a clinic's own files (own_files.py, own_mapping.py)."""

from synapse_analytics.web.data.loading import facts, generations, load_bundle, may_load, upload, warnings

__all__ = ["facts", "generations", "load_bundle", "may_load", "upload", "warnings"]
