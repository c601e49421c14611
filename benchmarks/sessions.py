"""One person's websocket to the server: messages of a browser are sent, and what the server makes of them is timed and looked at."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect  # a dependency of Streamlit
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from benchmarks.replaying import as_sent_by

LONGEST = 30.0  # s after which a rerun is given up
SAID = 120  # letters of a sentence of the page that are told
CALM = 0.3  # s without another message after which a page that is computed stays so: one run may ask for another
ENDED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


@dataclass(frozen=True, slots=True)
class Rerun:
    """What the server made of a click: seconds from the first message of the browser to the end of the run, and what went wrong."""

    seconds: float
    error: str = ""


@dataclass
class Session:
    """The connection, and what came over it with the moment at which it did."""

    socket: ClientConnection
    patience: float | None = None  # s; without it LONGEST
    heard: asyncio.Queue[tuple[float, bytes]] = field(default_factory=asyncio.Queue)

    async def listen(self) -> None:
        """Take what comes at once, so that the moment is right."""
        async for data in self.socket:
            self.heard.put_nowait((time.perf_counter(), data if isinstance(data, bytes) else data.encode()))

    async def ask(self, messages: Sequence[BackMsg], age: int, names: str | None = None) -> Rerun:
        """Send the messages of a click one after the other. A page that does not say `names`, its cohort, is wrong, too."""
        seconds: float = 0
        said: list[bytes] = []
        try:
            for message in messages:
                while not self.heard.empty():
                    self.heard.get_nowait()  # late messages of the run before
                start = time.perf_counter()
                await self.socket.send(as_sent_by(message, age))
                end, parts = await self._answer()
                seconds, said = seconds + end - start, [*said, *parts]
        except (TimeoutError, OSError, ConnectionClosed) as broken:
            return Rerun(LONGEST, type(broken).__name__)
        named = names is None or any(names.encode() in part for part in said)
        return Rerun(seconds, next(filter(None, map(fault, said)), "" if named else "the page does not name its cohort"))

    async def _answer(self) -> tuple[float, list[bytes]]:
        """When the last run ended, and everything that was said until then."""
        said: list[bytes] = []
        end: float | None = None
        while True:
            try:
                at, data = await asyncio.wait_for(self.heard.get(), (self.patience or LONGEST) if end is None else CALM)
            except TimeoutError:
                if end is None:
                    raise
                return end, said
            said.append(data)
            message = read(data)
            if message.WhichOneof("type") == "script_finished" and message.script_finished in ENDED:
                end = at
            elif message.WhichOneof("type") == "new_session":
                end = None  # one more run


def read(data: bytes) -> ForwardMsg:
    """A message of the server."""
    message = ForwardMsg()
    message.ParseFromString(data)
    return message


def fault(data: bytes) -> str:
    """What a message says went wrong; nothing where all is well."""
    message = read(data)
    kind = message.WhichOneof("type")
    if kind == "delta":
        return _shown(message.delta.new_element)
    if kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
        return "does not compile"
    return "page not found" if kind == "page_not_found" else ""


def _shown(element: Element) -> str:
    """What is wrong with something that a page shows: a fault of the program, or a sentence that something failed."""
    if element.WhichOneof("type") == "exception":
        return element.exception.type or "exception"
    alarming = element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR
    return f"the page says: {element.alert.body[:SAID]}" if alarming else ""


@asynccontextmanager
async def session(address: str, cookie: str = "") -> AsyncIterator[Session]:
    """Connect as the browser of somebody does who holds this cookie."""
    stream = address.replace("http", "ws", 1) + "/_stcore/stream"
    mine = {"Cookie": cookie} if cookie else {}
    async with connect(
        stream, origin=Origin(address), additional_headers=mine, subprotocols=[Subprotocol("streamlit")], max_size=None
    ) as socket:
        opened = Session(socket)
        listening = asyncio.create_task(opened.listen())
        try:
            yield opened
        finally:
            listening.cancel()
