"""The report as PDF, printed by a browser of this machine; the browser needs no network and no window."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from synapse_analytics.errors import UsageError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
SECONDS = 60  # to start and print; a browser that hangs is ended
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


def print_pdf(html: str, out: Path, browser: str) -> None:
    """Print a document that needs nothing else into a file; UsageError if the browser writes none."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(html, encoding="utf-8")
        asked = [
            browser,
            "--headless",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={out}",
        ]
        asked += ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # a browser refuses to shut root in
        try:
            done = subprocess.run([*asked, page.as_uri()], capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(f"{browser} did not print the report. Write it as .html and print it in a browser.") from error
    if done.returncode or not out.is_file() or not out.stat().st_size:
        raise UsageError(f"{browser} ended without a PDF. Write the report as .html and print it in a browser.")
