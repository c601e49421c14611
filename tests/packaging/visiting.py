"""Every page of a dashboard, visited as a browser does: through the link that it prints, then over its websocket.

Needs nothing but what the program itself needs, so that it runs in any environment in which that is installed.
"""

from __future__ import annotations

import http.client
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 120.0  # seconds; a busy machine is slow, not broken
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


@contextmanager
def started(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A dashboard that runs from this folder; yields the link it prints, and its process, which ends then."""
    log = folder.parent / "server.log"
    with log.open("w", encoding="utf-8") as said:
        server = subprocess.Popen(command, cwd=folder, env=dict(environment), stdout=subprocess.PIPE, stderr=said, text=True)
    assert server.stdout is not None
    try:
        link = next((found[0] for line in server.stdout if (found := re.search(r"http://\S+token=\S+", line))), None)
        assert link, log.read_text(encoding="utf-8")
        yield link, server
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


def headings(link: str, pages: Sequence[str]) -> dict[str, str]:
    """The heading of each page once its script has run to its end; AssertionError for a page that failed."""
    address, cookie = _entered(link)
    places = {page: "" if page == pages[0] else page for page in pages}  # the first is at the address itself
    status = {page: _status(address, f"/{place}", cookie)[0] for page, place in places.items()}
    assert set(status.values()) == {200}, status
    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(
        stream, origin=Origin(address), additional_headers={"Cookie": cookie}, subprotocols=[Subprotocol("streamlit")], max_size=None
    ) as socket:
        return {page: _heading(socket, place) for page, place in places.items()}


def _entered(link: str) -> tuple[str, str]:
    asked = urlsplit(link)
    address = f"{asked.scheme}://{asked.netloc}"
    status, cookie = _status(address, f"{asked.path}?{asked.query}")
    assert status == 303, status
    return address, cookie


def _status(address: str, path: str, cookie: str = "") -> tuple[int, str]:
    browser = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        browser.request("GET", path, headers={"Accept": "text/html"} | ({"Cookie": cookie} if cookie else {}))
        answer = browser.getresponse()
        return answer.status, (answer.headers["Set-Cookie"] or "").partition(";")[0]
    finally:
        browser.close()


def _heading(socket: ClientConnection, page: str) -> str:
    message = BackMsg()
    message.rerun_script.page_name = page
    socket.send(message.SerializeToString())
    title = ""
    while True:
        heard = ForwardMsg()
        heard.ParseFromString(bytes(socket.recv(PATIENCE)))  # type: ignore[arg-type]
        kind = heard.WhichOneof("type")
        shown = heard.delta.new_element
        assert kind != "page_not_found", page
        assert shown.WhichOneof("type") != "exception", (page, shown.exception.type)
        if shown.heading.tag == "h1":
            title = shown.heading.body
        if kind == "script_finished" and heard.script_finished in ENDED:
            assert heard.script_finished != ForwardMsg.FINISHED_WITH_COMPILE_ERROR, page
            return title
