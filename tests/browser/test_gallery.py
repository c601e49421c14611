"""The checks of the gallery see what is wrong with a page, and its stopwatch walks from opening to the answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.browsing import Browser as Visitor
from benchmarks.browsing import Marks
from gallery import stopwatch, views
from gallery.views import LOOKS, MOSTLY, WELCOME
from gallery.visiting import CHECKS, Window

pytestmark = [pytest.mark.browser]
CARD = '<div class="st-key-card_{}"><h2>{}</h2>{}</div>'
FEW = "<td>withheld</td>"
# A page as the dashboard makes it, as far as the stopwatch knows it.
OVERVIEW = f"""<!doctype html><body data-testid="stMain"><aside data-testid="stSidebar"><i data-testid="stButtonGroup"><button>Women</button></i></aside>
<ul class="sentences"><li>Two are better.</li></ul><div class="attention"><p>One tile</p></div><div class="overview"><table>
<tr data-code="one" onclick="drawn.innerHTML = '<svg class=main-svg><path/></svg>'"><td><button>One</button></td></tr>
<tr data-code="two"><td>Two</td></tr></table></div><div class="chart" id="drawn"></div><p style="height: 1200px">Much more</p>
<button onclick="link.click()">{stopwatch.REPORT}</button><a id="link" download="report.html" href="data:text/html,the%20report"></a>"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_page(viewport={"width": 800, "height": 600}) as opened:
        yield opened


def found(page: Page, html: str, before: str = "") -> dict[str, Any]:
    page.set_content(f'<div data-testid="stMain">{html}</div>')
    page.evaluate(before or "undefined")
    return dict(page.evaluate(CHECKS, MOSTLY))


def test_a_sound_page_has_no_problem(page: Page) -> None:
    table = f"<table><tbody><tr><td>1</td><td>2</td>{FEW}</tr></tbody></table>"
    hidden = '<span style="position: absolute; width: 1px; height: 1px; overflow: hidden; font-size: 4px">read out only</span>'
    wide = '<div style="overflow-x: auto; width: 400px"><p style="width: 3000px; text-align: right">at the end</p></div>'
    hidden += '<div style="width: 0; overflow: hidden; height: 90px; overflow-wrap: anywhere">folded filters</div>'
    seen = found(page, f"<p>Four words are here.</p>{CARD.format('a', 'A question', table)}{hidden}{wide}")
    assert seen.pop("withheld") == pytest.approx(1 / 12)
    assert not any(seen.values())


def test_small_text_and_what_sticks_out_is_seen(page: Page) -> None:
    drawn = '<svg viewBox="0 0 20 20" width="10" height="10" style="overflow: visible"><text font-size="12" y="10">scaled</text></svg>'
    out = '<p style="position: absolute; left: 790px; white-space: nowrap">sticks out</p>'
    seen = found(page, f'<p style="font-size: 8px">tiny</p>{drawn}{out}')
    assert seen["small"] == ["tiny", "scaled"]
    assert seen["beyond"][-1] == "sticks out"
    assert found(page, '<button style="position: absolute; left: 780px; width: 90px">Save</button>')["beyond"][-2:] == ["Save", "Save"]


def test_words_cut_off_by_their_chart_are_seen(page: Page) -> None:
    drawn = '<div class="chart"><svg class="main-svg" width="100" height="40" style="overflow: hidden"><text x="80" y="20">a long name</text></svg></div>'
    assert found(page, CARD.format("a", "A question", drawn))["beyond"] == ["a long name"]


def test_texts_that_cover_each_other_are_seen(page: Page) -> None:
    texts = '<text x="10" y="20">C01</text><text x="14" y="22">C02</text><text x="10" y="60">C03<tspan x="10">C04</tspan></text>'
    texts += '<text transform="rotate(40)">aslant</text><text transform="rotate(42)">aslant, too</text><text x="11" y="21">×</text>'
    drawn = f'<div class="chart"><svg class="main-svg" width="200" height="90">{texts}</svg></div>'
    assert found(page, CARD.format("a", "A question", drawn))["overlapping"] == ["C01 / C02"]


def test_a_broken_word_is_seen(page: Page) -> None:
    narrow = '<p style="width: 60px; overflow-wrap: anywhere">Completeness of self-reported values</p>'
    assert found(page, narrow)["broken"] == ["Completeness"]


def test_a_table_that_has_to_be_scrolled_is_seen(page: Page) -> None:
    table = '<div role="region" aria-label="The table" style="overflow-x: auto"><table style="width: 900px"><tbody><tr><td>1</td></tr></tbody></table></div>'
    assert found(page, table)["sideways"] == ["The table"]


def test_what_is_mostly_withheld_is_seen(page: Page) -> None:
    table = f"<table><tbody><tr><td>1</td>{FEW}{FEW}</tr></tbody></table>"
    cards = CARD.format("a", "A table", table) + CARD.format("b", "A sentence", "<p>Too few patients.</p>")
    seen = found(page, f'{cards}<div data-testid="stAlert">Too few patients match.</div>')
    assert seen["hidden"] == ["A table", "A sentence", "Too few patients match."]


@pytest.mark.parametrize(
    ("trace", "empty"),
    [
        ("{x: [1], y: [2]}", False),
        ("{x: [1, 2], y: [null, null]}", True),
        ("{x: [], y: []}", True),
        ("{x: [1], y: [2], visible: 'legendonly'}", True),
        ("{type: 'sankey', link: {value: [3]}}", False),
    ],
)
def test_a_chart_without_points_is_seen(page: Page, trace: str, *, empty: bool) -> None:
    drawn = CARD.format("a", "A chart", '<div class="js-plotly-plot">axes</div>')
    seen = found(page, drawn, f"document.querySelector('.js-plotly-plot')._fullData = [{trace}]")
    assert seen["empty"] == (["A chart"] if empty else [])


# A page with tabs of which the second is in the address when it is open, that fails once and has a chart below the screen.
TABBED = """<!doctype html><link rel="icon" href="data:,"><body data-testid="stApp" data-test-script-state="notRunning"><main data-testid="stMain"><h1>Welcome</h1>
<button role="tab">One</button><button role="tab" onclick="history.replaceState(null, '', '?some_tab=Two')">Two</button>
<div class="st-key-behind_more"><details><summary>More</summary><p>Told when asked</p></details></div><p style="height: 1500px">Much</p></main><script>throw new Error('it failed')</script>"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def offered(folder: Path, html: str) -> Iterator[str]:
    """The address at which a page of ours is served."""
    (folder / "index.html").write_text(html, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def overview(tmp_path: Path) -> Iterator[str]:
    with offered(tmp_path, OVERVIEW) as address:
        yield address


def test_a_window_finds_tabs_and_errors_and_takes_whole_pages(chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PICTURES", tmp_path)
    with chromium.new_page() as opened, offered(tmp_path, TABBED) as address:
        window = Window(opened, LOOKS[0], address)
        window.go(WELCOME)
        seen = [window.photograph("empty", place) for place in window.places(WELCOME)]
    assert [(view.place.tab, view.place.address) for view in seen] == [("One", "/"), ("One, opened", "/"), ("Two", "/?some_tab=Two")]
    assert [view.problems.errors[:1] for view in seen] == [("it failed",), (), ()]
    with Image.open(seen[2].picture) as picture:
        assert picture.width == 1440
        assert 1500 < picture.height < 1700


def test_stopwatch_walks_the_way(chromium: Browser, overview: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopwatch, "ROUNDS", 1)
    monkeypatch.setattr(stopwatch, "LATER", 0)
    with chromium.new_context(viewport={"width": 1440, "height": 900}) as context:
        opening, row, report = stopwatch.way(Visitor(context, overview, Marks("button", ".busy")))
    assert opening.remark == "without scrolling: 1 of 1 sentences, 1 of 1 tiles, 2 of 2 rows"
    assert (row.clicks, row.remark) == (1, "without scrolling")
    assert report.remark == "0 kB"
    assert all(step.seconds is not None and 0 < step.seconds < 60 for step in (opening, row, report))


def test_stopwatch_says_what_it_does_not_find(chromium: Browser, overview: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopwatch, "ROUNDS", 1)
    monkeypatch.setattr(stopwatch, "PATIENCE", 300)
    monkeypatch.setattr(stopwatch, "ROWS", ".gone tr")
    monkeypatch.setattr(stopwatch, "REPORT", "Another report")
    with chromium.new_context() as context:
        steps = stopwatch.way(Visitor(context, overview, Marks("button", ".busy")))
    assert [step.seconds for step in steps] == [None, None, None]
    assert "Timeout 300ms exceeded" in steps[0].remark
