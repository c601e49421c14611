"""Four people walk their day through nginx with TLS, in Chromium, signed in with an OpenID Connect provider."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Download, Page, expect

from synapse_analytics.synthetic import generate
from synapse_analytics.web.menu import MENU
from tests.browser.steps import violations
from tests.door.processes import Ports, get
from tests.door.visitors import visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def menu(page: Page) -> list[str]:
    """The pages that the menu offers."""
    words = page.get_by_test_id("stTopNavLink").all_inner_texts()
    return [word.split("\n")[-1] for word in words]


def of_leadership() -> list[str]:
    """The menu of somebody who looks at results only."""
    return [entry.word for name, entry in MENU.items() if name not in ("compare_treatments", "patients_like_mine", "audit_log")]


def saved(page: Page, button: str) -> Download:
    """What a button gives to save."""
    with page.expect_download() as given:
        page.get_by_role("button", name=button).click()
    return given.value


def test_leadership(signed_in_server: str, chromium: Browser) -> None:
    """Overview, a filter, the report; nothing about treatments compared, not by the menu and not by its address."""
    with visiting(chromium, signed_in_server, "leadership") as leader:
        page = leader.sign_in()
        leader.arrive(page, "Overview")
        assert menu(page) == of_leadership()
        page.get_by_role("button", name="Women").click()
        expect(page.locator(".st-key-cohort_sentence")).to_contain_text("Women")
        leader.settle(page)
        leader.photograph(page)
        assert "sex=female" in page.url
        report = saved(page, "Report for use inside the clinic")
        assert b"leadership@clinic.example" in Path(report.path()).read_bytes()
        cookies = {one["name"]: one for one in leader.window.cookies(signed_in_server)}
        assert set(cookies) == {"__Host-synapse_session", "_streamlit_xsrf"}
        assert all(one["secure"] and one["sameSite"] == "Lax" for one in cookies.values())
        assert cookies["__Host-synapse_session"]["httpOnly"]
        page.goto(f"{signed_in_server}/compare_treatments")
        expect(page.get_by_text("You may not compare treatments")).to_be_visible()
        leader.arrive(page, "Compare treatments")
        expect(page.locator("[class*=st-key-card_]")).to_have_count(0)


def test_doctor(signed_in_server: str, chromium: Browser) -> None:
    """A link of a colleague survives the sign-in; treatments compared, and patients like the one who sits there."""
    with visiting(chromium, signed_in_server, "doctor", dark=True) as doctor:
        page = doctor.sign_in("/outcomes?diagnosis=spinal_stenosis")
        doctor.arrive(page, "Outcomes")
        expect(page).to_have_url(f"{signed_in_server}/outcomes?diagnosis=spinal_stenosis")
        expect(page.locator(".st-key-cohort_sentence")).to_contain_text("spinal stenosis")
        page.get_by_test_id("stTopNavLink").filter(has_text="Compare").click()
        doctor.arrive(page, "Compare treatments")
        page.get_by_test_id("stTopNavLink").filter(has_text="Similar").click()
        doctor.arrive(page, "Patients like mine")


def test_analyst(signed_in_server: str, chromium: Browser) -> None:
    """The outcomes first; then rows for a purpose, in a zip that opens."""
    with visiting(chromium, signed_in_server, "analyst") as analyst:
        page = analyst.sign_in()
        analyst.arrive(page, "Outcomes")
        page.get_by_test_id("stTopNavLink").filter(has_text="Export").click()
        analyst.arrive(page, "Export")
        page.get_by_label("Purpose").fill("a day of an analyst")
        page.get_by_label("Purpose").press("Enter")
        expect(page.get_by_text(re.compile(r"will have [\d,]+ rows of"))).to_be_visible()
        page.get_by_role("button", name="Prepare the file").click()
        analyst.photograph(page)
        given = saved(page, "Save the zip")
        with zipfile.ZipFile(io.BytesIO(Path(given.path()).read_bytes())) as opened:
            assert {"data.csv", "manifest.json"} <= set(opened.namelist())


def test_admin_loads_a_bundle_and_goes_back(signed_in_server: str, chromium: Browser, tmp_path: Path) -> None:
    """A bundle comes through nginx, is put into use, and the data version of before is taken back."""
    generate(tmp_path / "bundle", patients=300, seed=3)
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as packed:
        for path in (tmp_path / "bundle").iterdir():
            packed.write(path, path.name)
    with visiting(chromium, signed_in_server, "admin") as admin:
        page = admin.sign_in()
        admin.arrive(page, "Data")
        page.get_by_test_id("stFileUploader").locator("input").set_input_files(tmp_path / "bundle.zip")
        page.get_by_role("button", name="Check and load").click()
        expect(page.get_by_text("Loaded as data version")).to_be_visible()
        admin.settle(page)
        admin.photograph(page)
        page.get_by_test_id("stTopNavLink").filter(has_text="Overview").click()
        expect(page.locator(".st-key-cohort_sentence")).to_contain_text("300 patients")
        page.get_by_test_id("stTopNavLink").filter(has_text="Data").click()
        admin.arrive(page, "Data")
        admin.settle(page)  # a click on a button that is being drawn anew is lost
        page.get_by_role("button", name="Use this version").click()
        expect(page.get_by_role("row", name="patients.csv 2,000")).to_be_visible()
        admin.settle(page)
        admin.photograph(page)


def test_admin_reads_the_audit_log(signed_in_server: str, chromium: Browser) -> None:
    """Who came and what they did is found, the log is whole, and it can be taken away."""
    with visiting(chromium, signed_in_server, "admin", dark=True) as admin:
        page = admin.sign_in("/audit_log")
        admin.arrive(page, "Audit log")
        page.get_by_label("Person", exact=True).fill("admin@clinic.example")
        page.get_by_label("Person", exact=True).press("Enter")
        rows = page.locator("table tbody tr")
        expect(rows.first).to_contain_text("admin@clinic.example")
        expect(rows.filter(has_text="signed in").first).to_be_visible()
        admin.settle(page)
        page.get_by_role("button", name="Verify").click()
        expect(page.get_by_text("The log is complete and unchanged")).to_be_visible()
        admin.photograph(page)
        lines = Path(saved(page, "Download as JSON lines").path()).read_text(encoding="utf-8").splitlines()
        assert {"start", "sign_in"} <= {json.loads(line)["event"] for line in lines}


def test_signing_out_in_one_tab_ends_the_others(signed_in_server: str, chromium: Browser) -> None:
    """The other tab makes way for the sign-in page by itself, and the way back in the browser shows nothing."""
    with visiting(chromium, signed_in_server, "leadership", dark=True) as leader:
        page = leader.sign_in()
        leader.arrive(page, "Overview")
        other = leader.tab()
        other.goto(f"{signed_in_server}/outcomes")
        leader.arrive(other, "Outcomes")
        page.get_by_role("button", name="leadership@clinic.example").click()
        leader.photograph(page)
        page.get_by_role("button", name="Sign out").click()
        expect(other.get_by_role("heading", name="Sign in to Synapse Spine Outcomes")).to_be_visible()
        leader.photograph(other)
        page.wait_for_url(re.compile("/end_session"))
        page.get_by_role("button", name="End session").click()  # of the provider, which ends its own as well
        expect(page.get_by_role("heading", name="You have signed out")).to_be_visible()
        leader.photograph(page)
        assert "__Host-synapse_session" not in {one["name"] for one in leader.window.cookies(signed_in_server)}
        other.goto(f"{signed_in_server}/methods")
        other.go_back()
        expect(other.get_by_role("heading", name="Sign in to Synapse Spine Outcomes")).to_be_visible()


def test_somebody_without_a_role_is_told_so(signed_in_server: str, chromium: Browser) -> None:
    with visiting(chromium, signed_in_server, "nobody") as stranger:
        page = stranger.sign_in()
        expect(page.get_by_role("heading", name="You have no access yet")).to_be_visible()
        assert not violations(page)
        stranger.photograph(page)
        assert "__Host-synapse_session" not in {one["name"] for one in stranger.window.cookies(signed_in_server)}


def test_a_stranger_gets_a_page_without_data_and_every_header(signed_in_server: str, ports: Ports) -> None:
    answer = get(ports.tls, "/outcomes?diagnosis=spinal_stenosis", tls=True, headers={"Accept": "text/html"})
    assert answer.status == 401
    assert b"Sign in" in answer.body
    assert "set-cookie" not in answer.headers
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["server"] == "nginx"
    elsewhere = get(ports.dashboard, "/", headers={"Host": f"localhost:{ports.tls}", "X-Forwarded-For": "10.0.0.1"})
    assert elsewhere.status in (401, 403)
