"""Markdown for `make site` as GitHub reads it: a list or a table may follow a paragraph without an empty line between them."""

from __future__ import annotations

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from tests.parted import parted

AFTER_FENCES = 20  # code is put away before (25), so that none of it is changed


class _Parted(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return list(parted(lines))


class AsGitHub(Extension):
    """The extension that zensical.toml names."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (as the library has it)
        """Read lists and tables as GitHub does."""
        md.preprocessors.register(_Parted(md), "parted", AFTER_FENCES)


def makeExtension(**options: object) -> AsGitHub:  # noqa: N802 (as the library has it)
    """What the library calls to have the extension."""
    return AsGitHub(**options)
