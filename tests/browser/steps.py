"""What every journey does: go to an address, wait until it stands, ask axe what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from synapse_analytics.web.menu import heading_of

OpenPage = Callable[..., Page]
# What the framework itself leaves behind, by rule; everything else fails.
OF_THE_FRAMEWORK = ("empty-table-header", "svg-img-alt", "presentation-role-conflict")
# As the back button does it: Streamlit shows what the address says.
GO = "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }"
# A chart that lies far from the screen is drawn when somebody comes near or prints.
SETTLED = """() => dispatchEvent(new Event('beforeprint'))
    && document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid=stSkeleton]')
    && [...document.querySelectorAll('[class*=stBidiComponent]')].every(part => part.closest('.st-key-look') || part.querySelector('.main-svg, .rows table, .linked *, .actions, .take .buttons'))
    && [...document.querySelectorAll('.take img')].every(picture => picture.naturalWidth)
    && document.getAnimations().every(animation => animation.playState !== 'running')"""


def visit(page: Page, address: str) -> None:
    """Open the address as a link in an empty page; in one that shows the dashboard, go there without loading all of it again."""
    if page.url == "about:blank":
        page.goto(address)
        _arrive(page, address)
        return
    if _name(page.url) == _name(address):  # what is open on a page stays open while nobody leaves it
        _go(page, "/methods" if _name(address) != "methods" else "/data")
    _go(page, address)


def _go(page: Page, address: str) -> None:
    page.evaluate(GO, address)
    _arrive(page, address)


def _arrive(page: Page, address: str) -> None:
    """Wait for the title of the page: it comes with the new run, and until then the old page stands and looks settled."""
    title = heading_of(_name(address))
    expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_have_text(title)
    settle(page)


def _name(address: str) -> str:
    return urlsplit(address).path.strip("/") or "overview"


def settle(page: Page) -> None:
    """The script has ended, nothing is a skeleton any more, every chart is drawn and nothing fades in."""
    page.wait_for_function(SETTLED)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def violations(page: Page, *allowed: str) -> dict[str, list[str]]:
    """What axe finds by the rules that are not allowed to be broken."""
    options = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in allowed}}
    found = Axe().run(page, options=options).response["violations"]
    return {rule["id"]: [node["html"][:160] for node in rule["nodes"]][:3] for rule in found}
