"""A pytest plugin that puts one fault into one module as it is imported; no file is changed, so that several may run at once."""

from __future__ import annotations

import os
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType

from tests.mutation.mutants import ROOT, planted

PATH, _, NUMBER = os.environ["SYNAPSE_MUTANT"].rpartition(":")
FILE = ROOT / PATH


class Faulty(SourceFileLoader):
    """Compiles the module with its fault."""

    def get_code(self, fullname: str) -> CodeType:
        del fullname
        return compile(planted(FILE, int(NUMBER)), str(FILE), "exec")


class Finder(MetaPathFinder):
    """Finds the one module."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        del target
        spec = PathFinder.find_spec(fullname, path)  # type: ignore[arg-type]
        if spec is None or spec.origin is None or Path(spec.origin) != FILE:
            return None
        spec.loader = Faulty(fullname, spec.origin)
        return spec


sys.meta_path.insert(0, Finder())
