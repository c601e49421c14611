"""The report as PDF, printed by a browser of this machine; the browser needs no network and no window."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from synapse_analytics.errors import UsageError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
SECONDS = 60  # to start and print; a browser that hangs is ended
BEGIN, END = b"%PDF-", b"%%EOF"
INSTEAD = "Write the report as .html and print it in a browser."
NONE = (
    "A PDF is printed by a browser, and none was found on this machine (looked for: {}). "
    "Write the report as .html and print it to PDF in any browser: it has two sheets of A4."
)


def find_browser() -> str:
    """The first browser of this machine that can print to a file; UsageError if there is none."""
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if found is None:
        raise UsageError(NONE.format(", ".join(BROWSERS)))
    return found


def print_pdf(html: str, browser: str) -> bytes:
    """A document that needs nothing else as PDF; UsageError if the browser makes none that is whole."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page, made = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        asked = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={made}",
        ]
        asked += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # a browser refuses to shut root in
        _run([*asked, page.as_uri()])
        printed = made.read_bytes() if made.is_file() else b""
    if not printed.startswith(BEGIN) or END not in printed[-1024:]:
        raise UsageError(f"{browser} ended without a complete PDF. {INSTEAD}")
    return printed


def sheets(printed: bytes) -> int:
    """How many sheets a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", printed))


def _run(asked: list[str]) -> None:
    """Run the browser; one that hangs is ended with all that it started."""
    try:
        with subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as browser:  # noqa: S603
            try:
                browser.wait(SECONDS)
            except subprocess.TimeoutExpired as error:
                os.killpg(browser.pid, signal.SIGKILL)
                raise UsageError(f"{asked[0]} did not print the report within {SECONDS:g} seconds. {INSTEAD}") from error
    except OSError as error:
        raise UsageError(f"{asked[0]} cannot be started: {error.strerror}. {INSTEAD}") from error
