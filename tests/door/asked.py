"""The dashboard without a network: requests as a server would hand them in, with every address and header that a test wants to forge."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

Given = TypeVar("Given")
HERE = "127.0.0.1:8501"
PATIENCE = 60.0


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The last header of this name; empty without one."""
        return dict(self.headers).get(name, "")

    def cookies(self) -> dict[str, str]:
        """The cookies it sets."""
        set_ = [value.split(";")[0].partition("=") for name, value in self.headers if name == "set-cookie"]
        return {name: value for name, _, value in set_}


@dataclass
class Asking:
    """One request: by default of this computer, with a matching Host, for a page."""

    path: str = "/"
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    host: str | None = HERE
    client: str = "127.0.0.1"
    server: str = "127.0.0.1"
    body: bytes = b""

    def scope(self, kind: str) -> dict[str, Any]:
        """As ASGI writes it."""
        path, _, query = self.path.partition("?")
        given = {"accept": "text/html"} | self.headers | ({"host": self.host} if self.host else {})
        return {
            "type": kind,
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.method,
            "scheme": "http" if kind == "http" else "ws",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
            "client": (self.client, 50_000),
            "server": (self.server, 8501),
            "subprotocols": ["streamlit"],
            "state": {},
        }


class Dashboard:
    """An ASGI application on a loop of its own."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def done(self, work: Coroutine[Any, Any, Given]) -> Given:
        """What a coroutine gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def ask(self, asking: Asking | str, cookies: Mapping[str, str] | None = None) -> Answer:
        """The answer to a request."""
        asking = Asking(asking) if isinstance(asking, str) else asking
        if cookies:
            asking.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return self.done(self._ask(asking))

    async def _ask(self, asking: Asking) -> Answer:
        sent: list[dict[str, Any]] = []
        bodies = iter([{"type": "http.request", "body": asking.body, "more_body": False}])
        answered: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

        async def receive() -> dict[str, Any]:
            return next(bodies, None) or await answered  # a browser waits for its answer

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(asking.scope("http"), receive, send)
        answered.cancel()
        start = next(message for message in sent if message["type"] == "http.response.start")
        body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        return Answer(start["status"], [(name.decode(), value.decode("latin-1")) for name, value in start["headers"]], body)

    @contextmanager
    def socket(self, asking: Asking) -> Iterator[Socket]:
        """A websocket, which may have been refused."""
        opened = Socket(self, asking)
        try:
            yield opened
        finally:
            opened.leave()

    @contextmanager
    def serving(self) -> Iterator[Dashboard]:
        """From the start of the server to its end."""
        asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        told: queue.Queue[str] = queue.Queue()

        async def receive() -> dict[str, Any]:
            return await asked.get()

        async def send(message: dict[str, Any]) -> None:
            told.put(message["type"])

        running = asyncio.run_coroutine_threadsafe(self.app({"type": "lifespan", "state": {}}, receive, send), self.loop)
        self.loop.call_soon_threadsafe(asked.put_nowait, {"type": "lifespan.startup"})
        assert told.get(timeout=PATIENCE) == "lifespan.startup.complete"
        try:
            yield self
        finally:
            self.loop.call_soon_threadsafe(asked.put_nowait, {"type": "lifespan.shutdown"})
            running.result(PATIENCE)
            self.done(_rest_cancelled())
            self.close()

    def close(self) -> None:
        """End its loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE)
        self.loop.close()


async def _rest_cancelled() -> None:
    """What Streamlit leaves behind when it stops; a server ends with it."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


class Socket:
    """One tab: what it says, and what it hears."""

    def __init__(self, dashboard: Dashboard, asking: Asking) -> None:
        self._dashboard = dashboard
        self._said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self._tell({"type": "websocket.connect"})
        self._running = asyncio.run_coroutine_threadsafe(
            dashboard.app(asking.scope("websocket"), self._said.get, self._hear), dashboard.loop
        )
        self.accepted = self.heard.get(timeout=PATIENCE)["type"] == "websocket.accept"

    async def _hear(self, message: dict[str, Any]) -> None:
        self.heard.put(message)

    def _tell(self, message: dict[str, Any]) -> None:
        self._dashboard.loop.call_soon_threadsafe(self._said.put_nowait, message)

    def say(self, message: BackMsg) -> None:
        """Send a message of a browser."""
        self._tell({"type": "websocket.receive", "bytes": message.SerializeToString()})

    def run(self, page: str = "", query: str = "", timeout: float = PATIENCE) -> list[ForwardMsg]:
        """Ask for a page; all that comes until it is finished, or until the socket is closed."""
        message = BackMsg()
        message.rerun_script.page_name, message.rerun_script.query_string = page, query
        self.say(message)
        return list(self._until_finished(timeout))

    def _until_finished(self, timeout: float) -> Iterator[ForwardMsg]:
        while True:
            heard = self.heard.get(timeout=timeout)
            if heard["type"] == "websocket.close":
                self.heard.put(heard)
                return
            message = ForwardMsg()
            message.ParseFromString(heard["bytes"])
            yield message
            if message.WhichOneof("type") == "script_finished" and message.script_finished in (
                ForwardMsg.ScriptFinishedStatus.FINISHED_SUCCESSFULLY,
                ForwardMsg.ScriptFinishedStatus.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
                return

    def closed(self, timeout: float = 10.0) -> bool:
        """True if the server closes it by then; what else it sends before is thrown away."""
        while True:
            try:
                if self.heard.get(timeout=timeout)["type"] == "websocket.close":
                    return True
            except queue.Empty:
                return False

    def leave(self) -> None:
        """Close the tab."""
        self._tell({"type": "websocket.disconnect", "code": 1001})
        self._running.result(PATIENCE)
