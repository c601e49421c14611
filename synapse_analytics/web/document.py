"""The document that a browser loads first: Streamlit's own, with what every page needs named in its head.

Streamlit asks for the parts of a page when the first of them is to be drawn, one after the other. Named in the head they
are fetched and compiled while Streamlit itself starts, so that nothing is drawn late and nothing is moved by it.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.state.query_params import CLIENT_STATE_QUERY_STRING_MAX_FIELDS as MOST
from streamlit.runtime.state.query_params import CLIENT_STATE_QUERY_STRING_MAX_LENGTH as LONGEST

from synapse_analytics.web import browser
from synapse_analytics.web.door.pages import page
from synapse_analytics.web.menu import WITHOUT_COHORT
from synapse_analytics.web.style import STYLE

PRODUCT = "Synapse Spine Outcomes"  # until the page has said its name
STATIC = Path(streamlit.__file__).parent / "static"
SCRIPTS = STATIC / "static" / "js"
PARTS = (
    "Multiselect",
    "TextInput",
    "ButtonGroup",
    "Selectbox",
    "Slider",
    "NumberInput",
    "Button",
    "Radio",
    "Html",
    "purify.es",
    "BidiComponent",
)  # on every page
IMPORTED = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
OTHERS = ("/media/", "/_stcore/", "/static/", "/component/", "/api/")  # below these no document is; a download may be HTML too
# The sidebar comes with the first message of the server (or never, where there is nothing to filter: then a title comes), and what stands in
# a piece of HTML or in a choice comes a moment after it. Until then their place is kept, or all that stands beside or below them would move.
# What is never to be seen (web/address.py) never takes a place.
KEPT_BESIDE = """<style>
@media (min-width: 768px) {[data-testid=stAppViewContainer]:not(:has([data-testid=stSidebar], h1)) > div {margin-left: 300px}}
</style>"""
KEPT = """<style>
[class*=st-key-address], [class*=st-key-address] *, [data-testid=stLayoutWrapper]:has(> [class*=st-key-address]) {display: none !important}
[data-testid=stMainBlockContainer] {max-width: initial !important}
[data-testid=stSkeleton] {height: 68px !important}
.st-key-head_line [data-testid=stSkeleton], .st-key-foot [data-testid=stSkeleton] {height: 20px !important; width: 60% !important}
.st-key-cohort_row [data-testid=stSkeleton] {height: 28px !important; width: 90px !important}
.st-key-clear_all [data-testid=stSkeleton], .st-key-undo [data-testid=stSkeleton] {width: 44px !important}
[data-testid=stSidebar] .st-key-pick_sex:not(:has(button:nth-of-type(2):last-of-type)) {min-height: 96px}
.st-key-cohort_row, .st-key-cohort_sentence {min-height: 28px}
</style>"""


TOO_LONG = (
    f"Nothing of it can be read, and nothing is shown. Allowed: {MOST:,} values in one link. "
    "Ask whoever sent it to copy the address of the page again, or open the dashboard without it and choose the filters there."
)


@cache
def document(beside: bool = True) -> bytes:  # noqa: FBT001, FBT002 - a page with filters beside it, as most are
    """The document; made once, from the files of the Streamlit that is installed."""
    streamlits = (STATIC / "index.html").read_text(encoding="utf-8").replace("<title>Streamlit</title>", f"<title>{PRODUCT}</title>")
    named = set(re.findall(r"\./static/js/([\w.-]+\.js)", streamlits))
    early = [f"./static/js/{name}" for name in sorted(_with_imports(*PARTS) - named)]
    early += [f".{browser.OFFERED}{script}" for script in ("charts.js", "telephone.js", browser.PLOTLY)]
    links = "".join(f'<link rel="modulepreload" crossorigin href="{address}">' for address in early)
    reads = f'<script type="module" async crossorigin src=".{browser.OFFERED}early.js"></script>'
    kept = KEPT + KEPT_BESIDE if beside else KEPT
    return streamlits.replace("</head>", f"{links}{reads}{kept}{STYLE}</head>").encode()


def _with_imports(*parts: str) -> set[str]:
    """The files of these parts of Streamlit, and all that they import."""
    waiting = [path.name for part in parts for path in SCRIPTS.glob(f"{part}.*.js")]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += IMPORTED.findall((SCRIPTS / name).read_text(encoding="utf-8"))
    return found


def is_too_long(query: bytes) -> bool:
    """True where Streamlit would read nothing of an address, and would show everybody to who asked for a few."""
    return len(query) > LONGEST or query.count(b"&") >= MOST


class Documented:
    """ASGI middleware: where Streamlit answers with its document, ours is sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look at the answer where it may be the document."""
        if scope["type"] != "http" or scope["path"].startswith(OTHERS):
            await self.app(scope, receive, send)
            return
        if is_too_long(scope.get("query_string", b"")):
            await page(414, "This link is too long", TOO_LONG)(scope, receive, send)
            return
        whole = [(name, value) for name, value in scope["headers"] if name != b"range" and not name.startswith(b"if-")]
        await self.app({**scope, "headers": whole}, receive, _Replacing(send, document(scope["path"].strip("/") not in WITHOUT_COHORT)))


class _Replacing:
    """Sends our document instead of one that comes; anything else goes through."""

    def __init__(self, send: Send, ours: bytes) -> None:
        self.send, self.ours, self.replaces = send, ours, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            told = MutableHeaders(scope=message)
            self.replaces = message["status"] == 200 and told.get("content-type", "").startswith("text/html")
            if self.replaces:
                told.update({"content-length": str(len(self.ours)), "cache-control": "no-store"})
                for name in ("content-encoding", "etag", "last-modified"):
                    del told[name]
        elif self.replaces:
            if message.get("more_body"):
                return
            message = {"type": "http.response.body", "body": self.ours}
        await self.send(message)
