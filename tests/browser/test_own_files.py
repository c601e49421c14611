"""An empty store, the files of a clinic and its mapping: a stranger drops both and looks at the dashboard; nobody's name is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.entering import links
from tests.browser.conftest import PATIENCE, ROOT, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
RAW = ROOT / "sample_data" / "raw"


def test_the_files_of_a_clinic_become_a_dashboard(chromium: Browser, tmp_path: Path) -> None:
    with served(str(tmp_path / "store"), tmp_path / "log"):
        page = chromium.new_page(viewport={"width": 1280, "height": 2400})
        page.set_default_timeout(PATIENCE)
        page.goto(links(tmp_path / "log")[-1])
        page.get_by_test_id("stFileUploader").filter(has_text="Files with records").locator("input").set_input_files(
            sorted((RAW / "clinic").iterdir())
        )
        expect(page.get_by_text("Answer 31 questions")).to_be_visible()
        page.get_by_text("Use a mapping from a file").click()
        page.get_by_test_id("stFileUploader").filter(has_text="Mapping").locator("input").set_input_files(RAW / "clinic.mapping.yaml")
        expect(page.get_by_text("1,930 rows were read: 1,901 kept")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Anonymise, check and load").click()
        expect(page.get_by_role("heading", level=1, name="Overview")).to_be_visible()
        expect(page.get_by_text("Made-up Spine Clinic").first).to_be_attached()
        expect(page.get_by_text("200 patients, 211 episodes").first).to_be_attached()
        page.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"example.com" not in stored  # the e-mail addresses of the register
