"""The address of a source: a path, or the URL of a database whose password is never printed."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from synapse_analytics.errors import UsageError

PASSWORD = "SYNAPSE_SOURCE_PASSWORD"  # noqa: S105 - the name of the variable that holds it


def source_from(text: str) -> str | Path:
    """The path, or the whole URL of a database with the password of SYNAPSE_SOURCE_PASSWORD where it has none; UsageError otherwise."""
    if not text.strip():
        raise UsageError("The source is empty. Name a file, a folder or a .zip file, or the URL of a database.")
    if "://" not in text:
        return Path(text)
    url = _url(text)
    password = os.environ.get(PASSWORD)
    return (url.set(password=password) if password and url.password is None else url).render_as_string(hide_password=False)


def spoken_source(source: str | Path) -> str:
    """The source as it may be printed: a URL without its user, its password and whatever stands behind the question mark."""
    if isinstance(source, Path):
        return str(source)
    url = _url(source)
    return URL.create(url.drivername, host=url.host, port=url.port, database=url.database).render_as_string()


def _url(text: str) -> URL:
    """The parts of a URL; the library's own message would repeat the password."""
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        pass
    raise UsageError("The URL of the database cannot be read. Write it as postgresql+psycopg://USER@HOST/DATABASE.")
