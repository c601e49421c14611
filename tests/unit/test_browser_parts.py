"""The host of the charts and the document that loads it: what the browser fetches is there, and is what our figures were checked against."""

from __future__ import annotations

import asyncio
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from synapse_analytics.web import browser, document, security

PLOTLY_OF_PYTHON = Path(str(find_spec("plotly").origin)).parent / "package_data" / "plotly.min.js"  # type: ignore[union-attr]


def test_plotly_is_the_version_that_figures_are_checked_for() -> None:
    checked = re.search(r"plotly\.js v([\d.]+)", PLOTLY_OF_PYTHON.read_text(encoding="utf-8")[:200])
    assert checked
    assert f"plotly-{checked[1]}.js" == browser.PLOTLY
    for part in ("assets/charts.js", "package.json", "README.md"):
        assert browser.PLOTLY in (browser.HERE / part).read_text(encoding="utf-8")


def test_one_plotly_lies_there() -> None:
    assert len(list(browser.ASSETS.glob("plotly-*.js"))) == 1


def test_every_part_that_a_page_draws_is_named_in_the_head() -> None:
    page = document.document().decode()
    early = re.findall(r'<link rel="modulepreload" crossorigin href="\./static/js/([\w.-]+)"', page)
    for part in document.PARTS:
        assert any(name.startswith(f"{part}.") for name in early), part
    assert len(early) == len(set(early))
    assert [name for name in early if not (document.SCRIPTS / name).exists()] == []
    assert all(f".{browser.OFFERED}{script}" in page for script in ("charts.js", "early.js", browser.PLOTLY))


def answered(path: str, kind: str = "text/html; charset=utf-8", status: int = 200) -> tuple[dict[bytes, bytes], bytes]:
    """Headers and body that a browser gets where Streamlit answers with a text in two pieces."""
    sent: list[dict[str, Any]] = []
    asked: list[bytes] = []

    async def streamlit(scope: Any, _receive: Any, send: Any) -> None:
        asked.extend(name for name, _ in scope["headers"])
        headers = [(b"content-type", kind.encode()), (b"content-length", b"8"), (b"etag", b"x")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"text", "more_body": True})
        await send({"type": "http.response.body", "body": b"text"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    conditions = [(b"range", b"bytes=0-9"), (b"if-none-match", b"x"), (b"if-modified-since", b"x")]
    scope = {"type": "http", "path": path, "client": ("127.0.0.1", 50_000), "headers": [(b"host", b"127.0.0.1"), *conditions]}
    asyncio.run(security.Hardening(document.Documented(streamlit))(scope, None, send))  # type: ignore[arg-type]
    assert (b"range" in asked) == path.startswith(document.OTHERS)  # of the document there is only the whole
    return dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


@pytest.mark.parametrize(("address", "beside"), [("/", True), ("/outcomes", True), ("/data", False), ("/methods/", False)])
def test_a_page_is_our_document(address: str, beside: bool) -> None:
    """Place for the filters is kept only where they come."""
    headers, body = answered(address)
    assert body == document.document(beside)
    assert (document.KEPT_BESIDE.encode() in body) == beside
    assert b"@media print" in body
    assert headers[b"content-length"] == str(len(body)).encode()
    assert headers[b"cache-control"] == b"no-store"
    assert b"etag" not in headers
    assert headers[b"content-security-policy"] == security.policy().encode()


@pytest.mark.parametrize(("address", "kind"), [("/media/report.html", "text/html"), ("/outcomes", "application/json")])
def test_everything_else_is_left_as_it_is(address: str, kind: str) -> None:
    headers, body = answered(address, kind)
    assert body == b"texttext"
    assert headers[b"content-length"] == b"8"


def test_an_address_that_streamlit_would_not_read_opens_no_page() -> None:
    """It would show everybody to whoever asked for women."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/outcomes", "headers": [], "query_string": b"sex=female" + b"&a=1" * document.MOST}
    asyncio.run(document.Documented(None)(scope, None, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 414
    assert b"Allowed: 1,000 values in one link." in sent[1]["body"]
    assert not document.is_too_long(b"sex=female" + b"&a=1" * (document.MOST - 1))


def test_a_missing_page_is_left_as_it_is() -> None:
    assert answered("/outcomes", status=404)[1] == b"texttext"


def test_a_file_with_its_version_in_its_name_is_kept() -> None:
    def kept(path: str, status: int = 200) -> bool:
        return answered(path, "text/javascript", status)[0].get(b"cache-control") == security.KEEP.encode()

    assert kept(f"{browser.OFFERED}{browser.PLOTLY}")
    assert not kept(f"{browser.OFFERED}charts.js")
    assert not kept(f"{browser.OFFERED}{browser.PLOTLY}", 404)
    assert not kept(f"/x/{browser.PLOTLY}")


def test_only_what_a_browser_needs_is_offered() -> None:
    assert {path.suffix for path in browser.ASSETS.iterdir()} == {".js", ".css"}


@pytest.mark.parametrize(("sent", "codes"), [(["a", 5, "b"], ["a", "b"]), (5, []), (None, []), ({"a": 1}, [])])
def test_codes_of_a_click_are_texts(sent: Any, codes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser.st, "session_state", {"chart": {browser.CLICKED: sent}})
    assert browser.clicked("chart") == codes
