"""What stands in an ODS: whether it is whole, how large the used area of its sheets is, and cells in error."""

from __future__ import annotations

from typing import IO
from xml.parsers import expat


class NotWholeError(Exception):
    """The content is no whole XML; the reader of workbooks would wait for its end for ever."""


class OdsContent:
    """Walks through the content of an ODS once."""

    def __init__(self) -> None:
        self.rows = self.columns = 0  # last used row and column of any sheet
        self.errors: dict[str, list[tuple[int, int]]] = {}  # by name of sheet: row and column
        self._sheet = ""
        self._row = self._column = self._rows_here = 0

    def walk(self, content: IO[bytes]) -> OdsContent:
        """Reads all of it; raises NotWholeError when it is no whole XML."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.ParseFile(content)
        except (expat.ExpatError, ValueError):
            raise NotWholeError from None
        return self

    def _refuse(self, *_: object) -> None:
        raise NotWholeError

    def _start(self, name: str, about: dict[str, str]) -> None:
        if name == "table:table":
            self._row = self._rows_here = 0
            self._sheet = about.get("table:name", "")
        elif name == "table:table-row":
            self._row += self._rows_here
            self._rows_here, self._column = int(about.get("table:number-rows-repeated", "1")), 0
        elif name in {"table:table-cell", "table:covered-table-cell"}:
            self._column += int(about.get("table:number-columns-repeated", "1"))
            if "office:value-type" in about:
                self.columns = max(self.columns, self._column)
                self.rows = max(self.rows, self._row + self._rows_here)
            if about.get("calcext:value-type") == "error":
                self.errors.setdefault(self._sheet, []).append((self._row + 1, self._column))
