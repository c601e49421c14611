"""A server as a process of its own, and the pages that are open there, without a browser."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from synapse_analytics import audit

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 5.0  # seconds from the signal to the end
SERVE = ("-m", "synapse_analytics", "serve", "--port", "{port}")


@contextmanager
def a_server(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server with a store of its own, which hears HUP even where the tests were started by nohup."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = os.environ | {"SYNAPSE_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT), "FORWARDED_ALLOW_IPS": "none"}
    told["SYNAPSE_LOG_FORMAT"] = "json"
    command = [sys.executable, *(word.format(port=port) for word in words)]
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with (folder / f"stderr{port}").open("w", encoding="utf-8") as said:
        started = subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.PIPE, stderr=said, text=True)
    signal.signal(signal.SIGHUP, before)
    assert started.stdout is not None
    try:
        yield started, port
    finally:
        started.kill()
        started.wait()
        started.stdout.close()


def cookie_of(server: subprocess.Popen[str]) -> str:
    """The session of somebody who follows the link that the server prints."""
    assert server.stdout is not None
    asked = urlsplit(next(line for line in server.stdout if "token=" in line).split()[-1])
    with closing(HTTPConnection("127.0.0.1", asked.port, timeout=60)) as browser:
        browser.request("GET", f"{asked.path}?{asked.query}", headers={"Accept": "text/html"})
        return browser.getresponse().headers["Set-Cookie"].partition(";")[0]


@contextmanager
def tab(port: int, cookie: str, query: str = "") -> Iterator[ClientConnection]:
    """An open page that has begun to draw, whose browser does not answer when the server takes its leave."""
    headers, protocol = {"Cookie": cookie}, [Subprotocol("streamlit")]
    place = f"ws://127.0.0.1:{port}/_stcore/stream"
    with connect(
        place,
        origin=Origin(f"http://127.0.0.1:{port}"),
        additional_headers=headers,
        subprotocols=protocol,
        close_timeout=0,
        open_timeout=60,
        max_size=None,
    ) as opened:
        ask(opened, query)
        opened.recv(60)
        yield opened


def ask(opened: ClientConnection, query: str = "") -> None:
    """Have the page run, as a click does."""
    asks = BackMsg()
    asks.rerun_script.query_string = query
    opened.send(asks.SerializeToString())


def shown(opened: ClientConnection) -> str:
    """What the page shows when its run has ended, as text."""
    said = ""
    while True:
        message = ForwardMsg()
        message.ParseFromString(bytes(opened.recv(60)))  # type: ignore[arg-type]
        said += str(message.delta.new_element)
        if message.WhichOneof("type") == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return said


def ended(server: subprocess.Popen[str], name: str) -> int:
    """How the server ended; it raises if that took too long."""
    server.send_signal(getattr(signal, name))
    return server.wait(PATIENCE)


def events_of_a_quiet(folder: Path) -> list[str]:
    """Nothing but lines of the log came on stderr, no fault among them, and the last of the audit log is the stop; all events of it."""
    said = "".join(path.read_text(encoding="utf-8") for path in folder.glob("stderr*"))
    heard = [json.loads(line) for line in said.splitlines() if line.startswith("{")]  # beside the sentence of `serve`
    assert "synapse_analytics.web" in [line["logger"] for line in heard]
    assert not [line for line in heard if line["level"] not in ("info", "warning")]
    assert not [word for word in ("Traceback", "Error", "leaked", "nanobind", " in _", ".py:") if word in said], said
    events = [str(line["event"]) for line in audit.lines(folder / "home")]
    assert events[-1] == audit.Event.STOP
    return events
